"""Every message and every answer about Apps has the shape that GitHub's published description promises."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tformance.sandbox.check import SCHEMAS
from tformance.sandbox.control import do
from tformance.sandbox.tests.conftest import Client, Receiver, receiving, running
from tformance.sandbox.tests.test_apps import Made

CONTRACTS = SCHEMAS.parent / "contracts"
MESSAGES = json.loads((CONTRACTS / "github_webhooks.json").read_text())
REST = json.loads((CONTRACTS / "github_rest.json").read_text())
OF_PULLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("convert_to_draft", {}),
    ("ready_for_review", {}),
    ("label", {"label": "urgent"}),
    ("edit_title", {"title": "Another name"}),
    ("force_push", {}),
    ("review", {"state": "APPROVED"}),
    ("dismiss_review", {}),
    ("late_comment", {}),
    ("delete_comment", {}),
    ("late_check", {}),
    ("close_pull_request", {}),
    ("reopen_pull_request", {}),
    ("merge_pull_request", {}),
)


@cache
def validator(message: str) -> Draft202012Validator:
    return Draft202012Validator({"$defs": MESSAGES["$defs"], "allOf": [MESSAGES["messages"][message]]})


def problems(receiver: Receiver) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event, body, _ in receiver.taken:
        name = f"{event} {body['action']}" if "action" in body else event
        wrong = [f"{error.json_path}: {error.message[:200]}" for error in validator(name).iter_errors(body)]
        found.setdefault(name, []).extend(wrong)
    return found


@contextmanager
def everything_played(folder: Path) -> Iterator[tuple[Made, int]]:
    with receiving() as receiver, running(folder) as (sandbox, client):
        made = Made(
            sandbox, client, receiver, default_events=sorted({name.split()[0] for name in MESSAGES["messages"]})
        )
        number, live, sent = made.install(), sandbox.live, 1
        names = sorted(row["name_with_owner"] for row in sandbox.data.repositories.values())
        key = do(live, "open_pull_request", {})["id"]
        sent += 1
        for action, asked in OF_PULLS:
            sent += len(do(live, action, {"id": key} | asked)["deliveries"])
        threaded = next(k for k in sandbox.data.pull_ids() if sandbox.data.children("review_threads", k))
        thread = sandbox.data.children("review_threads", threaded)[0]["id"]
        for action in ("late_comment", "resolve_thread"):
            told = do(live, action, {"id": threaded, "thread": thread})
            sent += len(told["deliveries"])
            comment = told.get("comment")
            if comment:
                sent += len(do(live, "delete_comment", {"id": threaded, "comment": comment})["deliveries"])
        for action, more in (
            ("deploy", {}), ("release", {}), ("archive", {}), ("unarchive", {}), ("rename_repository", {"to": "renamed"}),
        ):  # fmt: skip
            sent += len(do(live, action, {"repository": names[0]} | more)["deliveries"])
        sent += len(do(live, "delete_repository", {"repository": names[0]})["deliveries"])
        sent += len(do(live, "change_repositories", {"repositories": names[1:2]})["deliveries"])
        sent += len(do(live, "change_repositories", {})["deliveries"])
        sent += len(do(live, "change_permissions", {"permissions": {"pull_requests": "read"}})["deliveries"])
        sent += len(do(live, "suspend", {})["deliveries"]) + len(do(live, "unsuspend", {})["deliveries"])
        receiver.wait(sent)
        yield made, number


def test_every_message_conforms(folder: Path) -> None:
    with everything_played(folder) as (made, _):
        do(made.sandbox.live, "uninstall", {})
        made.receiver.wait(len(made.receiver.taken) + 1)
        found = problems(made.receiver)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert set(MESSAGES["messages"]) - set(found) == {"repository transferred"}


def test_a_transfer_conforms(folder: Path) -> None:
    with receiving() as receiver, running(folder, hooks=[(receiver.url, "")]) as (sandbox, _):
        name = next(iter(sandbox.data.repositories.values()))["name_with_owner"]
        do(sandbox.live, "transfer", {"repository": name, "to": "elsewhere"})
        receiver.wait(1)
        assert problems(receiver) == {"repository transferred": []}


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ("/app", "/app"),
        ("/app/installations/{installation_id}", "/app/installations/{number}"),
        ("/orgs/{org}/installation", "/orgs/meridian-works/installation"),
        ("/app/hook/config", "/app/hook/config"),
        ("/app/hook/deliveries", "/app/hook/deliveries"),
        ("/app/hook/deliveries/{delivery_id}", "/app/hook/deliveries/1"),
    ],
)
def test_every_answer_about_apps_conforms(asked: tuple[Made, int], answer: str, path: str) -> None:
    made, number = asked
    status, _, body = made.ask("GET", path.replace("{number}", str(number)))
    assert conforms(f"GET {answer}", status, body) == []


def test_the_list_of_installations_conforms_line_by_line(asked: tuple[Made, int]) -> None:
    """GitHub's description of the list wants an account that is person and enterprise at once; its answers are not."""
    status, _, rows = asked[0].ask("GET", "/app/installations")
    assert rows
    assert [conforms("GET /app/installations/{installation_id}", status, row) for row in rows] == [[]] * len(rows)


def test_answers_to_tokens_conform(asked: tuple[Made, int]) -> None:
    made, number = asked
    status, _, granted = made.ask("POST", f"/app/installations/{number}/access_tokens")
    assert conforms("POST /app/installations/{installation_id}/access_tokens", status, granted) == []
    status, _, listed = made.ask("GET", "/installation/repositories", granted["token"])
    assert conforms("GET /installation/repositories", status, listed) == []
    app = made.sandbox.hub.apps.apps[made.secrets["id"]]
    person = Client(made.client.port, made.sandbox.hub.oauth.issue(app, "abbott")["access_token"])
    for template in ("/user/installations", "/user/installations/{installation_id}/repositories"):
        status, _, body = person.get(template.replace("{installation_id}", str(number)))
        assert conforms(f"GET {template}", status, body) == []
    assert conforms("POST /app-manifests/{code}/conversions", 201, made.secrets) == []


def conforms(answer: str, status: int, body: Any) -> list[str]:
    schema = {"$defs": REST["$defs"], "allOf": [REST["answers"][answer][str(status)]]}
    return [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(schema).iter_errors(body)]


@pytest.fixture(scope="module")
def asked(folder: Path) -> Iterator[tuple[Made, int]]:
    with everything_played(folder) as pair:
        yield pair
