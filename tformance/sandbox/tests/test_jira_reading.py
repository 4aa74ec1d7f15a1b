"""The local Jira answers as Jira Cloud does: pages, queries, zones, fields and what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from, text

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.asking import Question, Refusal
from tformance.sandbox.jira.jql import parsed
from tformance.sandbox.jira.world import World
from tformance.sandbox.tests import jira_site
from tformance.sandbox.tests.jira_client import JiraClient, running

API, AGILE = "/rest/api/3", "/rest/agile/1.0"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JiraClient]:
    with running(jira_site.write(tmp_path_factory.mktemp("site"))) as (_, client):
        yield client


def as_bo(client: JiraClient) -> JiraClient:
    return JiraClient(client.port, "bo@small.example")


def many(count: int) -> list[Row]:
    """Stories of WEB that were all updated in the same second."""
    stamp = {"created_at": "2026-04-01T00:00:00Z", "updated_at": "2026-04-01T00:00:00Z", "reporter": jira_site.ANN}
    row = {"project_id": 10001, "type_id": 10001, "status_id": 10000, "summary": "One of many", **stamp}
    return [row | {"id": 40_000 + number, "key": f"WEB-{100 + number}"} for number in range(count)]


def test_a_search_gives_ids_only_unless_fields_are_asked_for(client: JiraClient) -> None:
    assert client.search("project = OPS") == {"issues": [{"id": "20006"}], "isLast": True}
    found = client.search("project = OPS", fields=["summary", "status", "nothing_like_it"])["issues"][0]
    assert (found["key"], set(found["fields"])) == ("OPS-1", {"summary", "status"})


def test_a_query_without_a_restriction_is_refused(client: JiraClient) -> None:
    for jql in ("", "ORDER BY updated ASC"):
        assert client.refused(jql)[0].startswith("Unbounded JQL")


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = web ORDER BY key DESC", ["WEB-4", "WEB-3", "WEB-2", "WEB-1"]),
        ('project in ("Phone app", 10003) order by key', ["APP-9", "OPS-1"]),
        ("project = MOB", ["APP-9"]),
        ("project = WEB AND NOT (type = Bug OR type = Sub-task) ORDER BY id ASC", ["WEB-1", "WEB-2"]),
        ("key in (WEB-2, web-5, 20006) ORDER BY created", ["WEB-2", "APP-9", "OPS-1"]),
        ("id = 20003", ["WEB-3"]),
        ("statusCategory = Done ORDER BY resolved DESC", ["APP-9", "WEB-2"]),
        ("status in (待办, 进行中)", ["OPS-1"]),
        ("sprint = 12", ["WEB-3"]),
        ("project = WEB AND sprint is not EMPTY AND assignee is not EMPTY ORDER BY updated", ["WEB-2", "WEB-3"]),
        ("parent = WEB-2", ["WEB-4"]),
        ("project != WEB AND created >= '2026/03/06' and created < 2026-03-07 ORDER BY key", ["APP-9", "OPS-1"]),
    ],
)
def test_queries_mean_what_jira_means(client: JiraClient, jql: str, keys: list[str]) -> None:
    assert as_bo(client).keys(jql) == keys


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
        ("key = WEB-77", "An issue with key 'WEB-77' does not exist for field 'key'."),
        ("project = WEB AND updated >= '2026-03-01 10:00:30'", "Date value '2026-03-01 10:00:30' for field 'updated'"),
        ("project = WEB AND updated >= -999999999w", "Date value '-999999999w' for field 'updated'"),
        ("project = WEB ORDER BY colour", "Not able to sort using field 'colour'."),
        ("project = WEB AND", "Error in the JQL Query"),
        ("project WEB", "Error in the JQL Query"),
        ("project = WEB ORDER BY " + ", ".join(["key"] * 8), "JQL can be ordered by at most 7 fields."),
    ],
)
def test_a_wrong_query_says_what_is_wrong(client: JiraClient, jql: str, words: str) -> None:
    assert client.refused(jql)[0].startswith(words)


def test_moments_in_a_query_are_in_the_zone_of_who_asks(client: JiraClient) -> None:
    """WEB-2 was updated at 15:00 UTC: 23:00 in Shanghai, 11:00 in New York."""
    late, early = 'id = WEB-2 AND updated >= "2026-03-10 23:00"', 'id = WEB-2 AND updated >= "2026-03-10 11:00"'
    assert client.get(f"{API}/myself")["timeZone"] == "Asia/Shanghai"
    assert client.keys(late) == ["WEB-2"]
    assert client.keys('id = WEB-2 AND updated >= "2026-03-10 23:01"') == []
    assert (as_bo(client).keys(late), as_bo(client).keys(early)) == ([], ["WEB-2"])


def test_instants_are_written_in_the_zone_of_who_asks(client: JiraClient) -> None:
    def updated(asker: JiraClient) -> str:
        text: str = asker.search("id = WEB-2", fields=["updated"])["issues"][0]["fields"]["updated"]
        return text

    assert updated(client) == "2026-03-10T23:00:00.000+0800"
    assert updated(as_bo(client)) == "2026-03-10T11:00:00.000-0400"


def test_a_span_in_a_query_runs_back_from_now(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    rows = many(2)
    rows[0]["updated_at"] = (now - timedelta(minutes=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows[1]["updated_at"] = (now - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with running(jira_site.write(tmp_path, jira_issues=rows)) as (_, client):
        assert client.keys("project = WEB AND updated >= -90m") == ["WEB-100"]
        assert client.keys('project = WEB AND updated >= "-1d" ORDER BY updated ASC') == ["WEB-101", "WEB-100"]


def test_pages_follow_each_other_by_token_until_the_last(tmp_path: Path) -> None:
    with running(jira_site.write(tmp_path, jira_issues=many(250))) as (_, client):
        jql, seen, token = "project = WEB AND created >= 2026-03-31 ORDER BY updated ASC, key ASC", [], None
        sizes = []
        while True:
            page = client.search(
                jql, fields=["key", "summary"], maxResults=5000, **({"nextPageToken": token} if token else {})
            )
            seen += [row["key"] for row in page["issues"]]
            sizes.append(len(page["issues"]))
            assert "total" not in page
            token = page.get("nextPageToken")
            assert page["isLast"] == (token is None)
            if token is None:
                break
        assert sizes == [100, 100, 50]
        assert seen == [f"WEB-{number}" for number in range(100, 350)]
        assert len(client.search(jql, maxResults=5000)["issues"]) == 250
        assert client.post(f"{API}/search/approximate-count", {"jql": jql}) == {"count": 250}
        other = {"jql": "project = OPS", "nextPageToken": client.search(jql, maxResults=1)["nextPageToken"]}
        assert client.send("POST", f"{API}/search/jql", other)[0] == 400
        assert client.send("POST", f"{API}/search/jql", {"jql": jql, "nextPageToken": "x"})[0] == 400


def test_an_issue_that_moves_while_pages_are_read_is_not_skipped(tmp_path: Path) -> None:
    with running(jira_site.write(tmp_path, jira_issues=many(3))) as (sandbox, client):
        jql = "project = WEB AND created >= 2026-03-31 ORDER BY updated ASC, key ASC"
        first = client.search(jql, fields=["key"], maxResults=1)
        sandbox.world.issues["40000"]["updated_at"] = "2026-05-01T00:00:00Z"
        rest = client.search(jql, fields=["key"], nextPageToken=first["nextPageToken"])
        assert [row["key"] for row in (*first["issues"], *rest["issues"])] == [
            "WEB-100",
            "WEB-101",
            "WEB-102",
            "WEB-100",
        ]


def test_issues_in_bulk_come_by_id_and_unknown_ones_are_left_out(client: JiraClient) -> None:
    asked = {"issueIdsOrKeys": ["20006", "WEB-5", "WEB-2", "WEB-999"], "fields": ["summary"]}
    found = client.post(f"{API}/issue/bulkfetch", asked)
    assert [row["key"] for row in found["issues"]] == ["WEB-2", "APP-9", "OPS-1"]
    assert found["issueErrors"] == []
    too_many = {"issueIdsOrKeys": [str(number) for number in range(101)]}
    assert client.send("POST", f"{API}/issue/bulkfetch", too_many)[0] == 400


def test_histories_in_bulk_are_oldest_first_by_field_and_in_pages(client: JiraClient) -> None:
    asked: Row = {"issueIdsOrKeys": ["WEB-2", "APP-9"], "fieldIds": ["status", jira_site.SPRINT], "maxResults": 4}
    first = client.post(f"{API}/changelog/bulkfetch", asked)
    rest = client.post(f"{API}/changelog/bulkfetch", asked | {"nextPageToken": first["nextPageToken"]})
    assert "nextPageToken" not in rest
    entries = [
        (log["issueId"], entry)
        for page in (first, rest)
        for log in page["issueChangeLogs"]
        for entry in log["changeHistories"]
    ]
    assert [entry["id"] for key, entry in entries if key == "20002"] == ["30002", "30003", "30005", "30006", "30007"]
    assert [entry["id"] for key, entry in entries if key == "20005"] == ["30012"]
    assert entries[0][1]["created"] == int(datetime(2026, 2, 25, 9, tzinfo=UTC).timestamp()) * 1000
    assert {item["fieldId"] for _, entry in entries for item in entry["items"]} == {"status", jira_site.SPRINT}
    for wrong in ({"issueIdsOrKeys": ["1"] * 1001}, {"issueIdsOrKeys": ["1"], "fieldIds": ["a"] * 11}, {}):
        assert client.send("POST", f"{API}/changelog/bulkfetch", wrong)[0] == 400


def test_a_history_beside_an_issue_is_newest_first_and_one_alone_oldest_first(client: JiraClient) -> None:
    beside = client.search("id = WEB-2", fields=["summary"], expand="changelog")["issues"][0]["changelog"]["histories"]
    alone = client.get(f"{API}/issue/WEB-2/changelog")["values"]
    assert [row["id"] for row in alone] == [str(number) for number in range(30001, 30008)]
    assert [row["id"] for row in beside] == [row["id"] for row in reversed(alone)]
    assert alone[0]["created"] == "2026-02-24T17:00:00.000+0800"


def test_a_moved_issue_keeps_its_id_and_tells_of_its_former_key(client: JiraClient) -> None:
    assert client.get(f"{API}/issue/WEB-5")["key"] == "APP-9"
    move = client.get(f"{API}/issue/20005/changelog")["values"][0]
    assert "author" not in move
    assert [(item["field"], item["fromString"], item["toString"]) for item in move["items"]] == [
        ("Key", "WEB-5", "APP-9"),
        ("project", "Web shop", "Phone app"),
    ]


def test_points_stand_in_the_field_of_the_projects_kind(client: JiraClient) -> None:
    found = {
        row["key"]: row["fields"] for row in client.search("project in (WEB, APP, OPS)", fields=["*all"])["issues"]
    }
    assert (found["WEB-3"][jira_site.POINTS], found["WEB-3"][jira_site.ESTIMATE]) == (2.5, None)
    assert (found["APP-9"][jira_site.POINTS], found["APP-9"][jira_site.ESTIMATE]) == (None, 3.0)
    assert (found["OPS-1"][jira_site.POINTS], found["OPS-1"][jira_site.ESTIMATE]) == (None, None)
    assert "customfield_10101" not in found["WEB-2"]
    assert found["APP-9"]["customfield_10101"] == "low"
    estimated = {
        row["id"]: client.get(f"{AGILE}/board/{row['id']}/configuration")
        for row in client.get(f"{AGILE}/board")["values"]
    }
    assert estimated[1]["estimation"]["field"]["fieldId"] == jira_site.POINTS
    assert estimated[2]["estimation"]["field"]["fieldId"] == jira_site.ESTIMATE
    assert "estimation" not in estimated[3]


def test_a_site_may_have_no_points_at_all(tmp_path: Path) -> None:
    with running(jira_site.write(tmp_path, with_points=False)) as (_, client):
        assert [
            row["name"] for row in client.get(f"{API}/field") if row.get("schema", {}).get("type") == "number"
        ] == []
        assert client.get(f"{AGILE}/board/1/configuration")["estimation"] == {"type": "issueCount"}


def test_sprints_stand_in_a_field_that_is_known_by_its_kind(client: JiraClient) -> None:
    kind = "com.pyxis.greenhopper.jira:gh-sprint"
    field = next(row for row in client.get(f"{API}/field") if row.get("schema", {}).get("custom") == kind)
    values = client.search("id = WEB-3", fields=[field["id"]])["issues"][0]["fields"][field["id"]]
    assert [(row["id"], row["state"], row["boardId"]) for row in values] == [(11, "closed", 1), (12, "active", 1)]
    assert values[0]["completeDate"] == "2026-03-16T09:30:00.000Z"
    assert client.search("id = WEB-1", fields=[field["id"]])["issues"][0]["fields"][field["id"]] is None


def test_boards_are_those_of_a_project_and_only_some_have_sprints(client: JiraClient) -> None:
    assert [row["id"] for row in client.get(f"{AGILE}/board?projectKeyOrId=WEB")["values"]] == [1]
    page = client.get(f"{AGILE}/board/1/sprint?maxResults=2&startAt=1")
    assert ([row["id"] for row in page["values"]], page["isLast"], page["total"]) == ([12, 13], True, 3)
    assert [row["id"] for row in client.get(f"{AGILE}/board/1/sprint?state=active,future")["values"]] == [12, 13]
    assert client.get(f"{AGILE}/board/2/sprint")["values"] == []
    status, _, body = client.send("GET", f"{AGILE}/board/3/sprint")
    assert (status, body["errorMessages"]) == (400, ["The board does not support sprints"])
    assert client.send("GET", f"{AGILE}/board/99")[0] == 404


def test_addresses_of_people_are_there_only_where_they_may_be_seen(client: JiraClient) -> None:
    people = {row["accountId"]: row for row in client.get(f"{API}/users/search?maxResults=1000")}
    assert people[jira_site.ANN]["emailAddress"] == "ann@small.example"
    assert [key for key, row in people.items() if "emailAddress" in row] == [jira_site.ANN]
    assert (people[jira_site.LEFT]["active"], people[jira_site.ROBOT]["accountType"]) == (False, "app")
    assert [row["accountId"] for row in client.get(f"{API}/users/search?startAt=1&maxResults=2")] == [
        jira_site.BO,
        jira_site.CHEN,
    ]
    assert as_bo(client).get(f"{API}/myself")["emailAddress"] == "bo@small.example"


def test_descriptions_are_documents(client: JiraClient) -> None:
    def kinds(node: Any) -> list[str]:
        return [node["type"], *(kind for inner in node.get("content", ()) for kind in kinds(inner))]

    found = client.search("id = WEB-2", fields=["description"])["issues"][0]["fields"]["description"]
    assert {"doc", "paragraph", "hardBreak", "bulletList", "listItem", "text"} == set(kinds(found))
    assert client.search("id = WEB-3", fields=["description"])["issues"][0]["fields"]["description"] is None


def test_the_former_search_is_gone(client: JiraClient) -> None:
    for method in ("GET", "POST"):
        status, _, body = client.send(method, f"{API}/search", {"jql": "project = WEB"} if method == "POST" else None)
        assert (status, "/rest/api/3/search/jql" in body["errorMessages"][0]) == (410, True)


def test_the_site_tells_its_cloud_id_to_anybody(client: JiraClient) -> None:
    stranger = JiraClient(client.port, authorization="")
    assert stranger.get("/_edge/tenant_info") == {"cloudId": jira_site.CLOUD}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Question:
    world = World(jira_site.write(tmp_path_factory.mktemp("asked")))
    return Question("", {}, "", world, world.users[jira_site.ANN])


WORDS = [
    "project",
    "=",
    "WEB",
    "and",
    "or",
    "not",
    "(",
    ")",
    "in",
    ",",
    "updated",
    ">=",
    '"-1d"',
    "is",
    "EMPTY",
    "key",
    "status",
    "!=",
    "ORDER",
    "BY",
    "desc",
]


@settings(max_examples=100, deadline=None)
@given(words=lists(sampled_from(WORDS), max_size=9), text=text(max_size=12))
def test_whatever_is_asked_is_understood_or_refused(asked: Question, words: list[str], text: str) -> None:
    for jql in (" ".join(words), f"project = WEB AND {text}", f"{text} ORDER BY {text}"):
        try:
            query = parsed(asked, jql)
        except Refusal:
            continue
        assert query.test is None or query.test(asked.world.issues["20002"]) in (True, False)
