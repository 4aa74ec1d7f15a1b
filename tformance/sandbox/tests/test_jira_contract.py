"""Every answer of the local Jira has the shape that the published schemas promise, and no field beside it."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tformance.sandbox.check import SCHEMAS
from tformance.sandbox.tests import jira_site
from tformance.sandbox.tests.jira_client import JiraClient, running

CONTRACT = json.loads((SCHEMAS.parent / "contracts" / "jira.json").read_text())
API, AGILE = "/rest/api/3", "/rest/agile/1.0"
READ = {
    f"GET {API}/myself": (f"{API}/myself", None),
    f"GET {API}/serverInfo": (f"{API}/serverInfo", None),
    f"GET {API}/field": (f"{API}/field", None),
    f"GET {API}/status": (f"{API}/status", None),
    f"GET {API}/statuses/search": (f"{API}/statuses/search?maxResults=4", None),
    f"GET {API}/users/search": (f"{API}/users/search?maxResults=1000", None),
    f"GET {API}/project/search": (f"{API}/project/search?maxResults=2", None),
    f"GET {API}/project/{{projectIdOrKey}}": (f"{API}/project/WEB", None),
    f"GET {API}/issue/{{issueIdOrKey}}": (f"{API}/issue/WEB-2?expand=changelog", None),
    f"GET {API}/issue/{{issueIdOrKey}}/changelog": (f"{API}/issue/20002/changelog?maxResults=3", None),
    f"GET {AGILE}/board": (f"{AGILE}/board?maxResults=1", None),
    f"GET {AGILE}/board/{{boardId}}": (f"{AGILE}/board/1", None),
    f"GET {AGILE}/board/{{boardId}}/configuration": (f"{AGILE}/board/1/configuration", None),
    f"GET {AGILE}/board/{{boardId}}/sprint": (f"{AGILE}/board/1/sprint", None),
    f"GET {AGILE}/sprint/{{sprintId}}": (f"{AGILE}/sprint/11", None),
    f"POST {API}/search/jql": (
        f"{API}/search/jql",
        {"jql": "project in (WEB, APP, OPS)", "fields": ["*all"], "expand": "changelog,names,schema", "maxResults": 2},
    ),
    f"POST {API}/search/approximate-count": (f"{API}/search/approximate-count", {"jql": "project = WEB"}),
    f"POST {API}/issue/bulkfetch": (f"{API}/issue/bulkfetch", {"issueIdsOrKeys": ["WEB-2", "20006"]}),
    f"POST {API}/changelog/bulkfetch": (
        f"{API}/changelog/bulkfetch",
        {"issueIdsOrKeys": ["WEB-2", "APP-9"], "maxResults": 5},
    ),
}


@cache
def validator(kind: str, name: str) -> Draft202012Validator:
    return Draft202012Validator({"$defs": CONTRACT["$defs"], "allOf": [CONTRACT[kind][name]]})


def wrong(kind: str, name: str, body: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(kind, name).iter_errors(body)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JiraClient]:
    with running(jira_site.write(tmp_path_factory.mktemp("site"))) as (_, client):
        yield client


@pytest.mark.parametrize("name", READ)
def test_answers_conform(client: JiraClient, name: str) -> None:
    path, body = READ[name]
    status, _, found = client.send(name.partition(" ")[0], path, body)
    assert status == 200, found
    assert found
    assert wrong("answers", name, found) == []


def test_every_described_answer_is_given() -> None:
    assert set(CONTRACT["answers"]) == {*READ, "error"}


def test_what_issues_carry_conforms(client: JiraClient) -> None:
    found = client.search("project in (WEB, APP, OPS)", fields=["*all"])["issues"]
    parts = {
        "issuetype": "issue type",
        "status": "status",
        "assignee": "user",
        "reporter": "user",
        "project": "project",
    }
    assert len(found) == 6
    for issue in found:
        values = issue["fields"]
        problems = [wrong("parts", part, values[name]) for name, part in parts.items() if values[name]]
        assert problems == [[]] * len(problems)


@pytest.mark.parametrize("kind", ["scrum", "simple", "kanban"])
def test_configurations_of_every_kind_of_board_conform(client: JiraClient, kind: str) -> None:
    board = next(row for row in client.get(f"{AGILE}/board")["values"] if row["type"] == kind)
    found = client.get(f"{AGILE}/board/{board['id']}/configuration")
    assert wrong("answers", f"GET {AGILE}/board/{{boardId}}/configuration", found) == []


def test_refusals_conform(client: JiraClient) -> None:
    refusals = [
        client.send("POST", f"{API}/search/jql", {"jql": ""}),
        client.send("GET", f"{API}/project/NONE"),
        client.send("GET", f"{API}/search?jql=x"),
        client.send("GET", f"{AGILE}/board/3/sprint"),
    ]
    assert [status for status, _, _ in refusals] == [400, 404, 410, 400]
    assert [wrong("answers", "error", body) for _, _, body in refusals] == [[]] * 4


def test_the_contract_says_where_it_comes_from_and_stays_small() -> None:
    folder: Path = SCHEMAS.parent / "contracts"
    assert CONTRACT["origin"] == {"file": "zod schemas", "license": "MIT", "name": "jira.js", "version": "6.2.0"}
    assert "MIT License" in (folder / "jira.LICENSE.md").read_text()
    assert (folder / "jira.json").stat().st_size <= 60_000
