"""The local Jira moves while it is served: an incremental read finds what happened, and messages tell of it."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tformance.sandbox.dataset import Row
from tformance.sandbox.tests import jira_site
from tformance.sandbox.tests.conftest import Receiver, receiving
from tformance.sandbox.tests.jira_client import JiraClient, running
from tformance.sandbox.tests.test_jira_contract import wrong

API = "/rest/api/3"
SECRET = "hook-secret"
NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
JUST_NOW = 'project in (WEB, APP, OPS) AND updated >= "2026-04-01 17:30" ORDER BY updated ASC, key ASC'  # in Shanghai


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def client(tmp_path: Path, receiver: Receiver) -> Iterator[JiraClient]:
    hooks = [(receiver.url, SECRET)]
    with time_machine.travel(NOW, tick=False), running(jira_site.write(tmp_path), hooks=hooks) as (_, client):
        yield client


def do(client: JiraClient, action: str, **more: Any) -> Row:
    found: Row = client.post("/_sandbox/do", {"action": action} | more)
    return found


def items(client: JiraClient, issue: str) -> list[tuple[str, str | None, str | None]]:
    """The newest entry of an issue's history."""
    entry = client.get(f"{API}/issue/{issue}/changelog")["values"][-1]
    return [(item["field"], item["fromString"], item["toString"]) for item in entry["items"]]


def test_a_transition_is_found_by_its_moment_and_tells_its_history(client: JiraClient) -> None:
    assert client.keys(JUST_NOW) == []
    do(client, "transition", issue="WEB-3", status="done", **{"as": "bo@small.example"})
    assert client.keys(JUST_NOW) == ["WEB-3"]
    assert items(client, "WEB-3") == [("status", "In Progress", "Done"), ("resolution", None, "Done")]
    values = client.get(f"{API}/issue/WEB-3")["fields"]
    assert (values["resolutiondate"], values["resolution"]["name"]) == ("2026-04-01T17:30:00.000+0800", "Done")
    do(client, "transition", issue="WEB-3", status="In Progress")
    assert client.get(f"{API}/issue/WEB-3")["fields"]["resolutiondate"] is None


def test_a_move_changes_the_key_and_keeps_id_and_history(client: JiraClient) -> None:
    before = client.get(f"{API}/issue/WEB-2")
    moved = do(client, "move", issue="WEB-2", project="OPS")
    assert (moved["id"], moved["key"]) == (before["id"], "OPS-2")
    assert client.get(f"{API}/issue/WEB-2")["key"] == "OPS-2"
    assert client.get(f"{API}/issue/OPS-2")["fields"]["status"]["name"] == "完成"
    assert items(client, "OPS-2") == [("Key", "WEB-2", "OPS-2"), ("project", "Web shop", "运维")]
    assert client.keys("project = WEB ORDER BY key") == ["WEB-1", "WEB-3", "WEB-4"]


def test_what_is_deleted_is_found_no_more(client: JiraClient) -> None:
    do(client, "delete", issue="WEB-2")
    assert client.keys("project = WEB ORDER BY key") == ["WEB-1", "WEB-3"]  # its sub-task is gone with it
    assert client.send("GET", f"{API}/issue/20002")[0] == 404
    assert client.post(f"{API}/issue/bulkfetch", {"issueIdsOrKeys": ["20002"]})["issues"] == []


def test_points_people_and_sprints_change_with_a_history(client: JiraClient) -> None:
    do(client, "set_points", issue="WEB-3", points=8)
    assert items(client, "WEB-3") == [("Story Points", "2.5", "8")]
    do(client, "assign", issue="WEB-3", account="ann@small.example")
    assert items(client, "WEB-3") == [("assignee", "陈伟", "Ann Archer")]
    do(client, "remove_from_sprint", issue="WEB-3")
    assert items(client, "WEB-3") == [("Sprint", "WEB Sprint 1, WEB Sprint 2", "WEB Sprint 1")]
    do(client, "add_to_sprint", issue="WEB-3", sprint=13)
    assert items(client, "WEB-3") == [("Sprint", "WEB Sprint 1", "WEB Sprint 1, WEB Sprint 3")]


def test_a_closed_sprint_hands_what_is_not_done_to_the_next(client: JiraClient) -> None:
    do(client, "start_sprint", sprint=13)
    do(client, "close_sprint", sprint=12, next=13)
    sprint = client.get("/rest/agile/1.0/sprint/12")
    assert (sprint["state"], sprint["completeDate"]) == ("closed", "2026-04-01T09:30:00.000Z")
    assert items(client, "WEB-3") == [
        ("Sprint", "WEB Sprint 1, WEB Sprint 2", "WEB Sprint 1, WEB Sprint 2, WEB Sprint 3")
    ]
    assert client.keys("sprint = 13") == ["WEB-3"]


def test_a_new_issue_gets_the_next_key(client: JiraClient) -> None:
    made = do(client, "create", project="WEB", type="Bug", points=3, summary="New")
    assert made["key"] == "WEB-6"  # WEB-5 was moved away, its key is not given again
    values = client.get(f"{API}/issue/WEB-6")["fields"]
    assert (values["issuetype"]["name"], values["status"]["name"], values[jira_site.POINTS]) == ("Bug", "To Do", 3.0)


def test_a_permission_and_a_zone_can_change(client: JiraClient) -> None:
    do(client, "forbid", project="WEB")
    assert client.send("GET", f"{API}/issue/WEB-2")[0] == 404
    do(client, "allow", project="WEB")
    do(client, "set_account", account="ann@small.example", time_zone="Pacific/Auckland")
    assert client.get(f"{API}/issue/WEB-2")["fields"]["updated"] == "2026-03-11T04:00:00.000+1300"


def test_a_token_can_be_revoked(client: JiraClient) -> None:
    do(client, "revoke_token", token="token")
    assert client.send("GET", f"{API}/myself")[0] == 401


def test_an_action_that_cannot_be_played_says_why(client: JiraClient) -> None:
    for asked, words in (
        ({"action": "dance"}, "No action is called dance"),
        ({"action": "transition", "issue": "WEB-2", "status": "Nowhere"}, "WEB has no status Nowhere"),
        ({"action": "set_points", "issue": "OPS-1", "points": 1}, "has no points"),
        ({"action": "create_sprint", "board": 3}, "no board 3 with sprints"),
    ):
        status, _, body = client.send("POST", "/_sandbox/do", asked)
        assert (status, words in body["message"]) == (422, True), body


def test_messages_are_signed_and_tell_what_changed(client: JiraClient, receiver: Receiver) -> None:
    do(client, "create", project="APP")
    guid = do(client, "transition", issue="WEB-3", status="done")["deliveries"][0]
    do(client, "delete", issue="OPS-1")
    do(client, "close_sprint", sprint=12)
    taken = {event: (body, headers) for event, body, headers in receiver.wait(4)}
    assert set(taken) == {"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "sprint_closed"}
    body, headers = taken["jira:issue_updated"]
    signature = hmac.new(SECRET.encode(), receiver.raw[guid], hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature"] == f"sha256={signature}"
    assert headers["X-Atlassian-Webhook-Identifier"] == guid
    assert (body["issue"]["key"], body["issue_event_type_name"]) == ("WEB-3", "issue_generic")
    assert body["changelog"]["items"][0]["toString"] == "Done"
    assert body["timestamp"] == int(NOW.timestamp() * 1000)
    assert body["issue"]["fields"]["updated"] == "2026-04-01T11:30:00.000+0200"  # the zone of the site
    assert wrong("answers", f"GET {API}/issue/{{issueIdOrKey}}", body["issue"]) == []
    assert wrong("parts", "user", body["user"]) == []
    assert wrong("parts", "webhook sprint", taken["sprint_closed"][0]["sprint"]) == []


def test_messages_may_be_lost(tmp_path: Path, receiver: Receiver) -> None:
    hooks = [(receiver.url, "")]
    with running(jira_site.write(tmp_path), "hook_lose=1", hooks=hooks) as (_, client):
        do(client, "edit", issue="WEB-3", summary="Another")
        assert client.get("/_sandbox/stats")["hooks"] == {"sent": 1, "pending": 0}
    assert receiver.taken == []


def test_reading_the_folder_again_forgets_what_was_changed(client: JiraClient) -> None:
    do(client, "edit", issue="WEB-3", summary="Another")
    client.post("/_sandbox/reload", {})
    assert client.get(f"{API}/issue/WEB-3")["fields"]["summary"] == "VAT is wrong"


def test_times_run_on(client: JiraClient) -> None:
    with time_machine.travel(NOW + timedelta(minutes=5)):
        do(client, "edit", issue="WEB-1", summary="Later")
        do(client, "edit", issue="OPS-1", summary="Later")
    assert client.keys(JUST_NOW) == ["OPS-1", "WEB-1"]
