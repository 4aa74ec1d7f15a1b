"""Fifty recorded pull requests by history, message, REST and single reading: the same rows, and what was recorded."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections as databases
from pytest_django import DjangoDbBlocker

from conftest import copy_afresh
from tests.journeys import recorded, road
from tests.journeys.test_one_row import differences, roots
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as facts
from tformance.facts.models.pull_request import PullRequest
from tformance.sources.github import payload
from tformance.sync import inbox
from tformance.sync.models import Route, WebhookDelivery
from tformance.sync.tasks import fetch_pr_complete_data_task
from tformance.sync.tests.posted import deliver, make_endpoint

pytestmark = pytest.mark.skipif(not recorded.FOLDER.exists(), reason="recorded payloads are not on this machine")

Rows = dict[str, list[str]]
# What only the object of a single pull request has; lists, which were recorded, leave it out.
OF_A_WHOLE_ONE: dict[str, Any] = {"merged_by": None, "additions": 0, "deletions": 0, "changed_files": 0}


@dataclass
class Read:
    """The rows by each way."""

    history: Rows
    told: Rows
    told_and_read: Rows
    single: Rows
    rest: Rows


@pytest.fixture(scope="module")
def read(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Read]:
    folder = tmp_path_factory.mktemp("recorded")
    recorded.write(folder)
    with django_db_blocker.unblock():
        with road.local_github(folder) as github:
            calm, _ = road.connect("calm", github)
            road.read_all(calm)
            told, _ = road.connect("told", github)
            road.read_all(told)
            forget_and_be_told(told)
            by_messages = road.rows(told)
            road.read_all(told)
            yield Read(road.rows(calm), by_messages, road.rows(told), each_alone(calm), by_rest())
        databases.close_all()
    copy_afresh()


def whole_ones() -> list[dict[str, Any]]:
    return [pull | OF_A_WHOLE_ONE for pull in recorded.pulls()]


def forget_and_be_told(team: Team) -> None:
    """Each pull request comes back by a message to the public address."""
    with tenant(team.pk):
        PullRequest.everything.all().delete()
    endpoint = make_endpoint(team)
    Route.objects.filter(team_id=team.pk).update(endpoint=endpoint)
    for pull in whole_ones():
        deliver(
            endpoint, "pull_request", {"action": "edited", "pull_request": pull, "repository": pull["base"]["repo"]}
        )
    inbox.drain()
    assert WebhookDelivery.objects.filter(endpoint=endpoint).exclude(state="applied").count() == 0


def each_alone(team: Team) -> Rows:
    with tenant(team.pk):
        known = list(PullRequest.objects.values_list("pk", flat=True))
    for pull in known:
        answer = fetch_pr_complete_data_task(pull, team.pk)
        assert (answer["missing"], answer["errors"]) == ([], [])
        assert answer["requests"] <= 2
    return road.rows(team)


def by_rest() -> Rows:
    team = Team.objects.create(slug="by-rest", name="by rest")
    for pull in whole_ones():
        page = payload.page({"pull_request": pull, "repository": pull["base"]["repo"]})
        assert page is not None
        facts.write(team, page)
    return road.rows(team)


def test_every_way_ends_in_the_rows_of_the_history(read: Read) -> None:
    assert differences(read.told_and_read, read.history) == {}
    assert differences(read.single, read.history) == {}


def test_a_message_and_rest_tell_the_pull_request_itself_as_graphql_does(read: Read) -> None:
    assert roots(read.told) == roots(read.history)
    assert roots(read.rest) == roots(read.history)


def test_the_rows_say_what_was_recorded(read: Read) -> None:
    rows = {row["number"]: row for row in map(json.loads, read.history["PullRequest"])}
    for said in recorded.pulls():
        row = rows[said["number"]]
        assert (row["provider_id"], row["title"], row["body"]) == (said["id"], said["title"], said["body"] or "")
        assert row["state"] == ("merged" if said["merged_at"] else said["state"])
        for name, stamp in (("pr_created_at", "created_at"), ("merged_at", "merged_at"), ("closed_at", "closed_at")):
            assert (row[name] or "")[:19].replace(" ", "T") == (said[stamp] or "").removesuffix("Z")
        assert (row["head_sha"], row["base_ref"]) == (said["head"]["sha"], said["base"]["ref"])
    assert rows.keys() == {said["number"] for said in recorded.pulls()}


def test_reviews_commits_and_comments_are_those_that_were_recorded(read: Read) -> None:
    known = {pull["number"] for pull in recorded.pulls()}
    children = {kind: [row for number, row in rows if number in known] for kind, rows in recorded.children().items()}
    states = Counter(json.loads(row)["state"] for row in read.history["PRReview"])
    assert states == Counter(row["state"].lower() for row in children["reviews"])
    assert len(read.history["PRCommit"]) == len(children["commits"]) > 50
    assert len(read.history["PRComment"]) == len(children["comments"]) > 50
    assert len(read.history["ReviewThread"]) == len(children["review_threads"]) > 5
