"""What is played is seen by the next read and told to the hooks, in order and consistently."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tformance.sandbox.server import Sandbox
from tformance.sandbox.tests.conftest import Client, Receiver, receiving, running

PULL = """query($id: ID!) { node(id: $id) { ... on PullRequest { state merged mergedAt updatedAt headRefOid isDraft title
  mergeCommit { oid } reviews(last: 1) { nodes { state } } commits(last: 1) { totalCount nodes { commit { oid
  statusCheckRollup { state } } } } comments(last: 1) { totalCount } timelineItems(last: 1) { totalCount } } } }"""
NEWEST = """query($o: String!, $n: String!) { repository(owner: $o, name: $n) { nameWithOwner isArchived
  pullRequests(first: 5, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { id updatedAt state } }
  deployments(last: 1) { nodes { commitOid latestStatus { state } } } } }"""
Play = tuple[Sandbox, Client, Receiver]


@pytest.fixture
def play(folder: Path) -> Iterator[Play]:
    with receiving() as receiver, running(folder, hooks=[(receiver.url, "secret")]) as (sandbox, client):
        yield sandbox, client, receiver


def do(client: Client, action: str, expected: int = 200, **asked: Any) -> dict[str, Any]:
    body = json.dumps({"action": action, **asked}).encode()
    status, _, text = client.send("POST", "/_sandbox/do", body)
    assert status == expected, text
    found: dict[str, Any] = json.loads(text)
    return found


def merge(client: Client, **asked: Any) -> list[dict[str, Any]]:
    status, _, text = client.send("POST", "/_sandbox/merge", json.dumps(asked).encode())
    assert status == 200, text
    found: list[dict[str, Any]] = json.loads(text)["merged"]
    return found


def seen(client: Client, key: str) -> dict[str, Any]:
    node: dict[str, Any] = client.query(PULL, id=key)[1]["data"]["node"]
    return node


def test_a_merge_is_seen_at_once_and_told_in_githubs_order(play: Play) -> None:
    _, client, receiver = play
    (done,) = merge(client, pull_requests=1)
    pull = seen(client, done["id"])
    assert (pull["state"], pull["mergedAt"]) == ("MERGED", done["merged_at"])
    assert pull["mergeCommit"]["oid"]
    assert pull["reviews"]["nodes"][0]["state"] == "APPROVED"
    assert pull["commits"]["nodes"][0]["commit"]["statusCheckRollup"]["state"] == "SUCCESS"
    owner, name = done["repository"].split("/")
    newest = client.query(NEWEST, o=owner, n=name)[1]["data"]["repository"]["pullRequests"]["nodes"][0]
    assert (newest["id"], newest["state"]) == (done["id"], "MERGED")
    told = receiver.wait(len(done["deliveries"]))
    names = [event for event, _, headers in told if headers["X-GitHub-Delivery"] in done["deliveries"]]
    assert [names[0], names[-2], names[-1]] == ["pull_request_review", "push", "pull_request"]
    assert {"check_run", "check_suite"} <= set(names)


def test_when_none_is_open_new_ones_are_made(play: Play) -> None:
    _, client, receiver = play
    first = merge(client, pull_requests=60)
    assert len({row["id"] for row in first}) == 60
    new = [row for row in first if row["id"].startswith("PR_kwLI")]
    assert new
    assert seen(client, new[0]["id"])["commits"]["totalCount"] == 1
    expected = sum(len(row["deliveries"]) for row in first) + len(new)
    assert sum(
        event == "pull_request" and body["action"] == "opened" for event, body, _ in receiver.wait(expected)
    ) == len(new)


def test_ten_merges_a_second_are_sustained_while_others_read(play: Play) -> None:
    _, client, receiver = play
    stop, reads = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            reads.append(client.query(NEWEST, o="meridian-works", n="api")[0])
            time.sleep(0.02)

    reader = threading.Thread(target=read)
    reader.start()
    started = time.monotonic()
    done = merge(client, pull_requests=30, per_second=10)
    seconds = time.monotonic() - started
    stop.set()
    reader.join()
    assert len(done) == 30
    assert seconds < 6
    assert reads
    assert set(reads) == {200}
    receiver.wait(sum(len(row["deliveries"]) for row in done))


def _open(client: Client) -> str:
    key: str = do(client, "open_pull_request")["id"]
    return key


def test_pull_request_situations_show_and_are_told(play: Play) -> None:
    _, client, receiver = play
    key = _open(client)
    assert do(client, "convert_to_draft", id=key)
    assert seen(client, key)["isDraft"]
    do(client, "ready_for_review", id=key)
    do(client, "label", id=key, label="urgent")
    do(client, "edit_title", id=key, title="Another name")
    assert seen(client, key)["title"] == "Another name"
    pushed = do(client, "force_push", id=key)
    pull = seen(client, key)
    assert (pull["headRefOid"], pull["commits"]["totalCount"]) == (pushed["after"], 1)
    review = do(client, "review", id=key, state="APPROVED")["review"]
    do(client, "dismiss_review", id=key, review=review)
    assert seen(client, key)["reviews"]["nodes"][0]["state"] == "DISMISSED"
    comment = do(client, "late_comment", id=key)["comment"]
    do(client, "delete_comment", id=key, comment=comment)
    assert seen(client, key)["comments"]["totalCount"] == 0
    before = seen(client, key)["updatedAt"]
    do(client, "late_check", id=key, conclusion="failure")
    after = seen(client, key)
    assert after["updatedAt"] == before
    assert after["commits"]["nodes"][0]["commit"]["statusCheckRollup"]["state"] == "FAILURE"
    do(client, "close_pull_request", id=key)
    do(client, "reopen_pull_request", id=key)
    told = [(event, body.get("action")) for event, body, _ in receiver.wait(14)]
    assert told == [
        *(("pull_request", each) for each in ("opened", "converted_to_draft", "ready_for_review", "labeled", "edited")),
        ("pull_request", "synchronize"),
        ("pull_request_review", "submitted"),
        ("pull_request_review", "dismissed"),
        ("issue_comment", "created"),
        ("issue_comment", "deleted"),
        ("check_run", "completed"),
        ("check_suite", "completed"),
        ("pull_request", "closed"),
        ("pull_request", "reopened"),
    ]
    do(client, "delete_pull_request", id=key)
    assert client.query(PULL, id=key)[1]["data"]["node"] is None


def test_a_resolved_thread_is_told_with_its_comments(play: Play) -> None:
    sandbox, client, receiver = play
    data = sandbox.data
    key = next(k for k in data.pull_ids() if any(not t.get("is_resolved") for t in data.children("review_threads", k)))
    thread = next(t for t in data.children("review_threads", key) if not t.get("is_resolved"))
    do(client, "resolve_thread", id=key, thread=thread["id"])
    event, body, _ = receiver.wait(1)[0]
    assert (event, body["action"], body["thread"]["node_id"]) == (
        "pull_request_review_thread",
        "resolved",
        thread["id"],
    )
    assert data.row("review_threads", str(thread["id"]))["is_resolved"] is True


def test_repositories_are_renamed_moved_archived_and_deleted(play: Play) -> None:
    sandbox, client, receiver = play
    row = next(iter(sandbox.data.repositories.values()))
    owner, name = row["name_with_owner"].split("/")
    do(client, "rename_repository", repository=f"{owner}/{name}", to="renamed")
    assert client.get(f"/repos/{owner}/{name}")[0] == 301
    assert client.query(NEWEST, o=owner, n=name)[1]["data"]["repository"]["nameWithOwner"] == f"{owner}/renamed"
    deployed = do(client, "deploy", repository=f"{owner}/renamed")
    shown = client.query(NEWEST, o=owner, n="renamed")[1]["data"]["repository"]["deployments"]["nodes"][0]
    assert (shown["commitOid"], shown["latestStatus"]["state"]) == (deployed["commit"], "SUCCESS")
    do(client, "release", repository=f"{owner}/renamed")
    do(client, "archive", repository=f"{owner}/renamed")
    assert client.query(NEWEST, o=owner, n="renamed")[1]["data"]["repository"]["isArchived"]
    do(client, "transfer", repository=f"{owner}/renamed", to="elsewhere")
    do(client, "delete_repository", repository="elsewhere/renamed")
    assert client.get("/repos/elsewhere/renamed")[0] == 404
    told = [(event, body.get("action")) for event, body, _ in receiver.wait(9)]
    assert [each for each in told if each[0] == "repository"] == [
        ("repository", each) for each in ("renamed", "archived", "transferred", "deleted")
    ]
    assert sum(event == "deployment_status" for event, _ in told) == 3


def test_a_token_can_be_revoked_and_what_is_unknown_is_said(folder: Path) -> None:
    with running(folder, tokens="one,two") as (_, client):
        two = Client(client.port, "two")
        assert two.get("/user")[0] == 200
        do(client, "revoke_token", token="two")
        assert two.get("/user")[0] == 401
        assert Client(client.port, "one").get("/user")[0] == 200
        assert "known are" in do(client, "explode", expected=422)["message"]


@pytest.mark.parametrize(
    ("fault", "arrive", "logged"), [("hook_lose=1", 0, 1), ("hook_silent=1", 0, 0), ("hook_repeat=1", 2, 2)]
)
def test_messages_get_lost_and_repeated_on_demand(folder: Path, fault: str, arrive: int, logged: int) -> None:
    with receiving() as receiver, running(folder, fault, hooks=[(receiver.url, "")]) as (sandbox, client):
        do(client, "open_pull_request")
        receiver.wait(arrive)
        while sandbox.hub.deliveries.pending:
            time.sleep(0.01)
        assert len(sandbox.hub.deliveries.log) == logged
        assert len(receiver.taken) == arrive


def test_a_late_message_arrives_after_its_delay(folder: Path) -> None:
    faults = "hook_delay=1,hook_delay_seconds=0.3"
    with receiving() as receiver, running(folder, faults, hooks=[(receiver.url, "")]) as (_, client):
        started = time.monotonic()
        do(client, "open_pull_request")
        receiver.wait(1)
        assert time.monotonic() - started >= 0.3


def test_a_commit_that_was_forced_away_is_still_seen_by_its_id(play: Play) -> None:
    _, client, _ = play
    opened = do(client, "open_pull_request")
    do(client, "late_check", id=opened["id"], conclusion="failure")
    forced = do(client, "force_push", id=opened["id"])
    text = """query($id: ID!) { node(id: $id) { ... on PullRequest { commits(last: 9) { nodes { commit { oid } } }
      timelineItems(last: 1, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) { nodes { ... on HeadRefForcePushedEvent {
      beforeCommit { id } } } } } ... on Commit { oid statusCheckRollup { state } } } }"""
    pull = client.query(text, id=opened["id"])[1]["data"]["node"]
    (event,) = pull["timelineItems"]["nodes"]
    commit = client.query(text, id=event["beforeCommit"]["id"])[1]["data"]["node"]
    assert commit == {"oid": forced["before"], "statusCheckRollup": {"state": "FAILURE"}}
    assert pull["commits"]["nodes"] == [{"commit": {"oid": forced["after"]}}]
