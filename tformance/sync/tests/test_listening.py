"""Who takes messages up: workers in the middle of a turn, too, and nobody waits because of an earlier message."""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings

from tformance.accounts.models import Team
from tformance.core.clock import now
from tformance.sources.github.tests.examples import first
from tformance.sync import inbox, intake, run, turns
from tformance.sync.models import WebhookDelivery, WebhookEndpoint
from tformance.sync.tests.conftest import lane_of, make_connection
from tformance.sync.tests.posted import deliver, follow, make_endpoint
from tformance.sync.tests.toy import Provider


@pytest.fixture
def endpoint(team: Team) -> WebhookEndpoint:
    return make_endpoint(team)


@pytest.fixture
def opened() -> dict[str, Any]:
    return first("pull_request", "opened")


def test_messages_are_taken_up_between_the_pages_of_a_reading(
    team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any], provider: Provider
) -> None:
    """Every worker may be in the middle of a long turn."""
    follow(team, endpoint, opened["repository"])
    toys = make_connection(team, "toys/one")
    seen: list[str] = []

    def told_on_the_way(provider: Provider) -> None:
        if provider.requests >= 3 and not WebhookDelivery.objects.exists():
            deliver(endpoint, "pull_request", opened)
            WebhookDelivery.objects.update(received_at=now() - inbox.SOON)
            time.sleep(turns.LISTEN_SECONDS)
        seen.extend(WebhookDelivery.objects.values_list("state", flat=True))

    provider.before_translation = told_on_the_way
    run.look_at_lane(lane_of(toys).pk)
    assert seen[0] == "received"
    assert seen.count("received") <= provider.page_size
    assert seen.count("applied") > provider.page_size  # the turn was not over


def test_a_new_message_is_announced_although_an_earlier_one_waits_to_be_tried_again(
    team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any], clock: time_machine.Traveller
) -> None:
    payload = first("pull_request_review_thread", "resolved")
    follow(team, endpoint, payload["repository"])
    deliver(endpoint, "pull_request_review_thread", payload)
    inbox.drain()
    clock.shift(timedelta(minutes=1))
    time.sleep(intake.QUIET_SECONDS)
    forget_hints()
    deliver(endpoint, "pull_request", opened)
    assert forget_hints() == 2
    deliver(endpoint, "pull_request", opened)
    assert forget_hints() == 0  # whoever comes a second later finds this one too


def forget_hints() -> int:
    """How many were sent."""
    with current_app.connection_for_write() as broker:
        return int(broker.default_channel.queue_purge(settings.CELERY_TASK_DEFAULT_QUEUE))
