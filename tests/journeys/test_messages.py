"""GitHub's own example messages posted to the address that GitHub knows: whole, damaged, by nobody, and with more in them.

Each does what it should do, or is ignored or loud with a reason; none is answered with a fault, and none ends as one.
"""

import hashlib
import hmac
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as facts
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.records import RepositoryPage
from tformance.sources.github import payload as told
from tformance.sources.github import webhook
from tformance.sources.github.tests.examples import Example, changed, examples, first, paths
from tformance.sync import inbox, messages
from tformance.sync.models import Connection, Scope, SyncStep, Wanted, WebhookDelivery, WebhookEndpoint
from tformance.sync.tests.posted import SECRET, follow, make_endpoint, route

Payload = dict[str, Any]
Wishes = frozenset[tuple[str, str, str]]  # stream, item, why

OURS: Final = [each for each in examples() if each.event in webhook.READERS]
KINDS: Final = list({str(each): each for each in OURS}.values())
EVENTS: Final = list({each.event: each for each in OURS}.values())
ACTORS: Final = ("user", "sender", "author", "creator", "merged_by", "pusher", "requester", "committer", "actor")
STORED: Final = "PR_stored"  # the pull request that a message may mean by number, commit or branch
STREAMS: Final = {"deployment": "deployments", "deployment_status": "deployments", "release": "releases"}
ids = itertools.count()


@pytest.fixture
def team(db: None) -> Iterator[Team]:
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False):
        yield Team.objects.create(slug="acme", name="Acme")


@pytest.fixture
def endpoint(team: Team) -> WebhookEndpoint:
    return make_endpoint(team)


def post(endpoint: WebhookEndpoint, event: str, body: bytes, name: str = "", signed: bytes | None = None) -> int:
    """To the public address; returns the status of the answer."""
    signature = hmac.new(SECRET.encode(), body if signed is None else signed, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Event": event}
    headers["X-GitHub-Delivery"] = name or f"message-{next(ids)}"
    address = f"/hooks/github/{endpoint.pk}/"
    return Client(enforce_csrf_checks=True).post(address, body, "application/json", headers=headers).status_code


@dataclass(frozen=True)
class Effect:
    """What became of a message: why which items are read, what is asked for, and what stands in the list at once."""

    state: str
    note: str
    wanted: Wishes
    streams: frozenset[str]
    listed: tuple[tuple[str, str, str, str], ...]


def effect(team: Team, endpoint: WebhookEndpoint, example: Example, event: str = "") -> Effect:
    """Of one message about what the team follows; all of it is forgotten afterwards."""
    with transaction.atomic():
        follow_what_it_is_about(team, endpoint, example.payload)
        assert post(endpoint, event or example.event, json.dumps(example.payload).encode()) == 202
        assert inbox.drain() == 1
        found = seen(team)
        transaction.set_rollback(True)
    return found


def seen(team: Team) -> Effect:
    delivery = WebhookDelivery.objects.latest("pk")
    with tenant(team.pk):
        pulls = PullRequest.objects.exclude(node_id=STORED).order_by("number")
        return Effect(
            delivery.state,
            delivery.note,
            frozenset(Wanted.objects.values_list("stream", "item", "why")),
            frozenset(SyncStep.objects.values_list("stream", flat=True)),
            tuple(pulls.values_list("node_id", "title", "state", "author__login")),
        )


def follow_what_it_is_about(team: Team, endpoint: WebhookEndpoint, payload: Payload) -> None:
    """The repository and the organisation, with one pull request that was read before."""
    subject = numbered(payload.get("repository"))
    repository = first("pull_request", "opened")["repository"] | {"id": subject, "full_name": "acme/shop"}
    scope = follow(team, endpoint, repository)
    number, sha, branch = meant(payload)
    pull = facts.open_pull_request(number, node_id=STORED, head_sha=sha, head_ref=branch)
    facts.write(team, RepositoryPage(told.repository(repository), now() - timedelta(days=1), (pull,)))
    with tenant(team.pk):
        organization = Scope.objects.create(
            team=team,
            connection=Connection.objects.get(pk=scope.connection_id),
            kind=Scope.Kind.ORGANIZATION,
            name="acme",
            watermarks={"members": now().isoformat()},
        )
    route(organization, endpoint, numbered(payload.get("organization")))


def numbered(found: Any) -> int:
    number = found.get("id") if isinstance(found, dict) else None
    return number if isinstance(number, int) else 1


def meant(payload: Payload) -> tuple[int, str, str]:
    """Number, head and branch of the pull request that a message may be about without naming its id."""
    check = payload.get("check_run") or payload.get("check_suite") or {}
    group = re.search(r"/pr-(\d+)-", str((payload.get("merge_group") or {}).get("head_ref")))
    numbers = [pull["number"] for pull in check.get("pull_requests") or ()]
    numbers += [payload["issue"]["number"]] if payload.get("issue") else []
    numbers += [int(group[1])] if group else []
    sha = check.get("head_sha") or payload.get("sha") or "f" * 40
    return [*numbers, 4_711][0], sha, str(payload.get("ref")).removeprefix("refs/heads/")


@pytest.mark.parametrize("example", OURS, ids=str)
def test_every_example_does_what_it_should_or_says_why_not(
    team: Team, endpoint: WebhookEndpoint, example: Example
) -> None:
    found = effect(team, endpoint, example)
    pulls = {(item, why) for stream, item, why in found.wanted if stream == "pull_requests"}
    assert pulls == wishes_of(example)
    assert found.streams == streams_of(example)
    if example.event == "pull_request":
        whole = example.payload["pull_request"]
        state = "merged" if whole["merged_at"] else whole["state"]
        assert [each[:3] for each in found.listed] == [(whole["node_id"], whole["title"], state)]
    if pulls or found.streams:
        ended = ("received", messages.THREAD_NOT_READ) if is_resolution(example) else ("applied", "")
        assert (found.state, found.note) == ended
    else:
        assert found.state == "ignored"
        assert found.note


def is_resolution(example: Example) -> bool:
    return example.event == "pull_request_review_thread" and example.payload["action"] == "resolved"


def wishes_of(example: Example) -> set[tuple[str, str]]:
    """Which pull request is to be read again, and why."""
    event, payload = example
    if pull := payload.get("pull_request"):
        is_merge = event == "pull_request" and payload["action"] == "closed" and pull["merged_at"]
        return {(pull["node_id"], "merged" if is_merge else "webhook")}
    by_something_else = {
        "check_run": payload.get("action") != "requested_action",
        "check_suite": True,
        "status": True,
        "merge_group": True,
        "push": str(payload.get("ref")).startswith("refs/heads/"),
        "issue_comment": "pull_request" in payload.get("issue", {}),
    }
    return {(STORED, "webhook")} if by_something_else.get(event) else set()


def streams_of(example: Example) -> set[str]:
    """What is asked for changes."""
    event, payload = example
    if event == "repository":
        return set() if payload["action"] == "created" else {"repository"}
    if event in ("organization", "member", "membership", "team"):
        return {"members"} if payload.get("organization") else set()
    return {STREAMS[event]} if event in STREAMS else set()


@pytest.mark.parametrize("example", KINDS, ids=str)
def test_done_by_nobody_and_with_fields_nobody_knows_the_effect_is_the_same(
    team: Team, endpoint: WebhookEndpoint, example: Example
) -> None:
    plain = effect(team, endpoint, example)
    assert effect(team, endpoint, Example(example.event, with_more(example.payload))) == plain
    by_nobody = effect(team, endpoint, Example(example.event, without_actors(example.payload)))
    anonymous = tuple((item, title, state, "ghost") for item, title, state, _ in plain.listed)
    assert by_nobody == replace(plain, listed=anonymous)


def with_more(value: Any) -> Any:
    if isinstance(value, list):
        return [with_more(each) for each in value]
    if isinstance(value, dict):
        return {key: with_more(each) for key, each in value.items()} | {"brand_new": {"of": [None, "a\0b", 2**70]}}
    return value


def without_actors(value: Any) -> Any:
    if isinstance(value, list):
        return [without_actors(each) for each in value]
    if isinstance(value, dict):
        return {key: None if key in ACTORS else without_actors(each) for key, each in value.items()}
    return value


@pytest.mark.parametrize("example", EVENTS, ids=lambda each: each.event)
def test_with_any_field_missing_or_another_it_is_taken_up_or_says_why_not(
    team: Team, endpoint: WebhookEndpoint, example: Example
) -> None:
    follow_what_it_is_about(team, endpoint, example.payload)
    shallow = [path for path in paths(example.payload) if len(path) <= 2]
    for path in shallow:
        for damaged in (changed(example.payload, path), changed(example.payload, path, None)):
            assert post(endpoint, example.event, json.dumps(damaged).encode()) == 202
    strange = [changed(example.payload, path, {"a": [1]}) for path in shallow]
    assert {post(endpoint, example.event, json.dumps(each).encode()) for each in strange} == {202}
    assert inbox.drain(seconds=60) == 3 * len(shallow)
    ended = Counter(WebhookDelivery.objects.values_list("state", flat=True))
    waiting = WebhookDelivery.objects.filter(state="received").exclude(note=messages.THREAD_NOT_READ)
    assert list(waiting.values_list("note", flat=True)) == []
    assert ended.keys() <= {"applied", "ignored", "unknown", "received"}
    explained = WebhookDelivery.objects.filter(state__in=("ignored", "unknown"))
    assert not explained.filter(note="").exists()


def test_an_action_nobody_knows_is_loud_and_its_pull_request_is_read_again(
    team: Team, endpoint: WebhookEndpoint
) -> None:
    for example in EVENTS:
        found = effect(team, endpoint, Example(example.event, example.payload | {"action": "teleported"}))
        assert found.state in ("unknown", "ignored", "received")
        assert "teleported" in found.note or found.state != "unknown"
    pull = Example("pull_request", first("pull_request", "closed") | {"action": "teleported"})
    assert [item for _, item, _ in effect(team, endpoint, pull).wanted] == [pull.payload["pull_request"]["node_id"]]


def test_a_message_that_is_replayed_does_nothing_twice(team: Team, endpoint: WebhookEndpoint) -> None:
    """The signature covers the body alone: it opens no other body, and the same one again is the same news."""
    example = Example("pull_request", first("pull_request", "opened"))
    body = json.dumps(example.payload).encode()
    follow_what_it_is_about(team, endpoint, example.payload)
    assert post(endpoint, "pull_request", body, name="the-first") == 202
    inbox.drain()
    once = replace(seen(team), state="", note="")
    assert post(endpoint, "pull_request", body, name="the-first") == 200
    assert inbox.drain() == 0
    forged = json.dumps(example.payload | {"number": 99}).encode()
    assert post(endpoint, "pull_request", forged, signed=body) == 401
    assert WebhookDelivery.objects.count() == 1
    for event in ("pull_request", "pull_request_review", "moon_phase"):
        assert post(endpoint, event, body) == 202
    inbox.drain()
    assert replace(seen(team), state="", note="") == once
