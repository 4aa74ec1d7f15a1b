"""What becomes of messages: whom they reach, what follows from them, and that order, repeats and faults do no harm."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as facts
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import ReviewThread
from tformance.facts.records import RepositoryPage
from tformance.sources.github import payload as told
from tformance.sources.github.tests.examples import examples, first
from tformance.sync import inbox
from tformance.sync.models import Scope, SyncStep, Wanted, WebhookDelivery, WebhookEndpoint
from tformance.sync.tests.posted import deliver, follow, make_endpoint

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(slug="acme", name="Acme")


@pytest.fixture
def endpoint(team: Team) -> WebhookEndpoint:
    return make_endpoint(team)


@pytest.fixture
def opened() -> dict[str, Any]:
    return first("pull_request", "opened")


def state(delivery: WebhookDelivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.note


def wanted(team: Team) -> dict[str, tuple[str, timedelta]]:
    """Pull request to why it is to be read and in how long."""
    with tenant(team.pk):
        rows = Wanted.objects.filter(stream="pull_requests")
        return {each.item: (each.why, each.due_at - now()) for each in rows}


def pulls(team: Team) -> list[PullRequest]:
    with tenant(team.pk):
        return list(PullRequest.objects.order_by("number"))


def asked(team: Team) -> set[str]:
    with tenant(team.pk):
        return set(SyncStep.objects.values_list("stream", flat=True))


def test_a_pull_request_is_there_at_once_and_read_whole_soon(
    team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]
) -> None:
    follow(team, endpoint, opened["repository"])
    delivery = deliver(endpoint, "pull_request", opened)
    assert inbox.drain() == 1
    assert state(delivery) == ("applied", "")
    [pull] = pulls(team)
    assert (pull.title, pull.state, pull.is_complete) == (opened["pull_request"]["title"], "open", False)
    assert wanted(team) == {opened["pull_request"]["node_id"]: ("webhook", timedelta(seconds=30))}


def test_a_merged_one_is_read_now(team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]) -> None:
    follow(team, endpoint, opened["repository"])
    deliver(endpoint, "pull_request", opened)
    inbox.drain()
    deliver(endpoint, "pull_request", merged(opened))
    inbox.drain()
    assert wanted(team) == {opened["pull_request"]["node_id"]: ("merged", timedelta(0))}
    assert [pull.state for pull in pulls(team)] == ["merged"]


def merged(opened: dict[str, Any]) -> dict[str, Any]:
    at = "2026-03-02T11:00:00Z"
    change = {"state": "closed", "merged_at": at, "closed_at": at, "updated_at": at, "merge_commit_sha": "c" * 40}
    return opened | {"action": "closed", "pull_request": opened["pull_request"] | change}


def test_order_and_repeats_do_not_matter(team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]) -> None:
    follow(team, endpoint, opened["repository"])
    renamed = opened | {"action": "edited"}
    renamed["pull_request"] = opened["pull_request"] | {"title": "Better", "updated_at": "2026-03-02T10:00:00Z"}
    expected: set[tuple[str, str]] = set()
    for attempt in range(4):
        told_ones = [opened, renamed, merged(opened) | {"attempt": attempt}] * 2
        random.Random(attempt).shuffle(told_ones)
        for message in told_ones:
            deliver(endpoint, "pull_request", message)
            inbox.drain()
        expected |= {(pull.title, pull.state) for pull in pulls(team)}
    assert expected == {(opened["pull_request"]["title"], "merged")}


def test_a_message_reaches_only_who_follows_through_its_own_endpoint(
    team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]
) -> None:
    """Whoever holds another endpoint's secret can forge what they like: it concerns nobody here."""
    other = Team.objects.create(slug="other", name="Other")
    follow(team, endpoint, opened["repository"])
    forged = deliver(make_endpoint(other), "pull_request", merged(opened))
    inbox.drain()
    assert state(forged) == ("ignored", inbox.NOBODY)
    assert pulls(team) == []
    assert wanted(team) == {}


def test_every_team_that_follows_through_the_endpoint_has_it(
    team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]
) -> None:
    other, by_token = (Team.objects.create(slug=name, name=name) for name in ("other", "by-token"))
    for each, through in ((team, endpoint), (other, endpoint), (by_token, None)):
        follow(each, through, opened["repository"])
    deliver(endpoint, "pull_request", opened)
    inbox.drain()
    assert [len(pulls(each)) for each in (team, other, by_token)] == [1, 1, 0]


def test_what_nobody_follows_any_more_is_kept_with_the_reason(
    team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]
) -> None:
    scope = follow(team, endpoint, opened["repository"])
    with tenant(team.pk):
        Scope.objects.filter(pk=scope.pk).update(is_tracked=False)
    delivery = deliver(endpoint, "pull_request", opened)
    inbox.drain()
    assert state(delivery) == ("ignored", inbox.NOBODY)
    assert delivery.body is not None


def test_since_when_a_thread_is_resolved_is_kept_until_it_is_read_as_resolved(
    team: Team, endpoint: WebhookEndpoint, clock: time_machine.Traveller
) -> None:
    payload = first("pull_request_review_thread", "resolved") | {"updated_at": "2026-03-02T11:30:00Z"}
    follow(team, endpoint, payload["repository"])
    delivery = deliver(endpoint, "pull_request_review_thread", payload)
    inbox.drain()
    assert state(delivery) == ("received", "The thread it is about was not read since.")
    assert wanted(team) == {payload["pull_request"]["node_id"]: ("webhook", timedelta(0))}
    write_thread(team, payload, is_resolved=False, read_at=NOON - timedelta(hours=1))  # it was on its way before
    clock.shift(timedelta(minutes=1))
    inbox.drain()
    assert state(delivery)[0] == "received"
    write_thread(team, payload, is_resolved=True, read_at=now())
    assert resolved_at(team) is None
    clock.shift(timedelta(minutes=3))
    inbox.drain()
    assert state(delivery) == ("applied", "")
    assert resolved_at(team) == datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    write_thread(team, payload, is_resolved=True, read_at=now())
    assert resolved_at(team) == datetime(2026, 3, 2, 11, 30, tzinfo=UTC)


def test_a_thread_that_is_open_again_has_no_such_instant(
    team: Team, endpoint: WebhookEndpoint, clock: time_machine.Traveller
) -> None:
    payload = first("pull_request_review_thread", "resolved") | {"updated_at": "2026-03-02T11:30:00Z"}
    follow(team, endpoint, payload["repository"])
    write_thread(team, payload, is_resolved=False, read_at=NOON)
    delivery = deliver(endpoint, "pull_request_review_thread", payload)
    inbox.drain()
    assert state(delivery) == ("applied", "")
    assert resolved_at(team) is None


def write_thread(team: Team, payload: dict[str, Any], *, is_resolved: bool, read_at: datetime) -> None:
    """As a reading of the whole pull request tells it: without the instant."""
    known = facts.thread(1, node_id=payload["thread"]["node_id"], is_resolved=is_resolved)
    there = payload["pull_request"]
    pull = facts.pull_request(there["number"], node_id=there["node_id"], threads=facts.whole([known]))
    pull = replace(pull, provider_id=there["id"])
    facts.write(team, RepositoryPage(told.repository(payload["repository"]), read_at, (pull,)))


def resolved_at(team: Team) -> datetime | None:
    with tenant(team.pk):
        found: datetime | None = ReviewThread.objects.get().resolved_at
        return found


@pytest.mark.parametrize("is_of_a_fork", [False, True])
def test_a_check_leads_to_its_pull_request_by_number_or_by_commit(
    team: Team, endpoint: WebhookEndpoint, is_of_a_fork: bool
) -> None:
    payload = first("check_run", "completed")
    follow(team, endpoint, payload["repository"])
    run = payload["check_run"]
    number = 7 if is_of_a_fork else run["pull_requests"][0]["number"]
    run["pull_requests"] = [] if is_of_a_fork else run["pull_requests"]
    write_pull(team, payload, number=number, head_sha=run["head_sha"] if is_of_a_fork else "f" * 40)
    deliver(endpoint, "check_run", payload)
    inbox.drain()
    assert wanted(team) == {"PR_node": ("webhook", timedelta(seconds=30))}


def write_pull(team: Team, payload: dict[str, Any], number: int, **fields: Any) -> None:
    pull = facts.pull_request(number, node_id="PR_node", **fields)
    facts.write(team, RepositoryPage(told.repository(payload["repository"]), NOON - timedelta(hours=1), (pull,)))


def test_an_earlier_commit_of_a_pull_request_leads_to_it_too(team: Team, endpoint: WebhookEndpoint) -> None:
    payload = first("status")
    follow(team, endpoint, payload["repository"])
    commit = facts.commit(1, sha=payload["sha"])
    write_pull(team, payload, number=7, head_sha="f" * 40, commits=facts.whole([commit]))
    deliver(endpoint, "status", payload)
    inbox.drain()
    assert list(wanted(team)) == ["PR_node"]


def test_a_push_leads_to_the_open_pull_requests_of_its_branch(team: Team, endpoint: WebhookEndpoint) -> None:
    payload = first("push") | {"ref": "refs/heads/topic", "before": "a" * 40, "after": "b" * 40}
    follow(team, endpoint, payload["repository"])
    write_pull(team, payload, number=7, head_ref="topic", state="open", merged_at=None, closed_at=None)
    deliver(endpoint, "push", payload)
    inbox.drain()
    assert list(wanted(team)) == ["PR_node"]


def test_a_number_that_is_not_stored_makes_the_list_be_read(team: Team, endpoint: WebhookEndpoint) -> None:
    payload = first("check_run", "completed")
    follow(team, endpoint, payload["repository"])
    deliver(endpoint, "check_run", payload)
    inbox.drain()
    assert wanted(team) == {}
    assert asked(team) == {"pull_requests"}


@pytest.mark.parametrize(
    ("event", "action", "stream"),
    [
        ("deployment", "created", "deployments"),
        ("deployment_status", "created", "deployments"),
        ("release", "published", "releases"),
        ("repository", "renamed", "repository"),
        ("repository", "transferred", "repository"),
    ],
)
def test_what_changed_is_asked_for(team: Team, endpoint: WebhookEndpoint, event: str, action: str, stream: str) -> None:
    payload = first(event, action)
    follow(team, endpoint, payload["repository"])
    delivery = deliver(endpoint, event, payload)
    inbox.drain()
    assert state(delivery) == ("applied", "")
    assert asked(team) == {stream}


def test_what_nobody_has_heard_of_is_loud(team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]) -> None:
    follow(team, endpoint, opened["repository"])
    strange = deliver(endpoint, "moon_phase", {"action": "full"})
    new = deliver(endpoint, "pull_request", opened | {"action": "teleported"})
    inbox.drain()
    assert state(strange)[0] == state(new)[0] == "unknown"
    assert len(pulls(team)) == 1
    summary = inbox.summary(team.pk)
    assert [(each.event, each.action, each.state) for each in summary.troubles] == [
        ("pull_request", "teleported", "unknown"),
        ("moon_phase", "full", "unknown"),
    ]
    assert "teleported" in summary.troubles[0].note


def test_how_messages_come_in_is_told_to_the_endpoints_own_team(
    team: Team, endpoint: WebhookEndpoint, clock: time_machine.Traveller
) -> None:
    deliver(endpoint, "star", {"action": "created"})
    inbox.drain()
    clock.shift(timedelta(days=2))
    deliver(endpoint, "star", {"action": "created"})
    inbox.drain()
    deliver(endpoint, "star", {"action": "created"})
    summary = inbox.summary(team.pk)
    assert (summary.endpoints, summary.waiting, summary.last_at) == (1, 1, now())
    assert [(each.event, each.state, each.day, each.week) for each in summary.tallies] == [
        ("star", "ignored", 1, 2),
        ("star", "received", 1, 1),
    ]
    other = Team.objects.create(slug="other", name="Other")
    assert inbox.summary(other.pk) == inbox.Summary(0, None, 0, (), ())


def test_a_message_that_fails_is_tried_again_and_then_kept_as_failed(
    team: Team, endpoint: WebhookEndpoint, clock: time_machine.Traveller
) -> None:
    delivery = deliver(endpoint, "star", {"action": "created"})
    WebhookDelivery.objects.update(body=b"sealed with a lost key")
    waits = []
    while state(delivery)[0] == "received":
        assert inbox.drain() == 1
        assert inbox.drain() == 0
        delivery.refresh_from_db()
        waits.append(delivery.not_before)
        clock.shift(timedelta(hours=2))
    assert len(waits) == 5
    assert state(delivery)[0] == "failed"
    assert "cannot be read" in delivery.note


def test_one_bad_message_holds_up_no_other(team: Team, endpoint: WebhookEndpoint, opened: dict[str, Any]) -> None:
    follow(team, endpoint, opened["repository"])
    bad = first("pull_request_review", "submitted") | {"repository": opened["repository"]}
    bad["pull_request"]["node_id"] = "x" * 1000  # no column holds it
    spoiled, fine = deliver(endpoint, "pull_request_review", bad), deliver(endpoint, "pull_request", opened)
    inbox.drain()
    assert state(fine) == ("applied", "")
    assert state(spoiled)[0] == "received"
    assert "DataError" in state(spoiled)[1]
    assert len(pulls(team)) == 1


def test_what_a_dead_worker_took_is_taken_again_after_a_minute(
    team: Team, endpoint: WebhookEndpoint, clock: time_machine.Traveller
) -> None:
    delivery = deliver(endpoint, "star", {"action": "created"})
    WebhookDelivery.objects.update(not_before=now() + inbox.HOLD, attempts=1)
    assert inbox.drain() == 0
    clock.shift(inbox.HOLD)
    assert inbox.drain() == 1
    assert state(delivery)[0] == "ignored"


def test_what_was_sent_is_dropped_after_a_month(
    team: Team, endpoint: WebhookEndpoint, clock: time_machine.Traveller
) -> None:
    old = deliver(endpoint, "star", {"action": "created"})
    inbox.drain()
    clock.shift(timedelta(days=31))
    young = deliver(endpoint, "star", {"action": "created"})
    assert inbox.drop_bodies() == 1
    assert inbox.drop_bodies() == 0
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.body, old.state) == (None, "ignored")
    assert young.body is not None


def test_every_example_goes_through_the_door_and_ends_well(team: Team, endpoint: WebhookEndpoint) -> None:
    followed: set[int] = set()
    for example in examples():
        repository = example.payload.get("repository")
        if repository and "node_id" in repository and repository["id"] not in followed:
            followed.add(repository["id"])
            follow(team, endpoint, repository | {"full_name": f"acme/{repository['id']}"})
        deliver(endpoint, example.event, example.payload)
    assert inbox.drain() == len(examples())
    found = WebhookDelivery.objects.values_list("event", "state", "note")
    bad = [row for row in found if row[1] not in ("applied", "ignored") and row[0] != "pull_request_review_thread"]
    assert bad == []
    assert all(note for _, ended, note in found if ended == "ignored")
