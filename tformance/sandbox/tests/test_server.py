"""The local GitHub answers as GitHub does: tokens, names, pages, limits, REST."""

import gzip
import json
from pathlib import Path

from tformance.sandbox.dataset import Dataset
from tformance.sandbox.server import Sandbox
from tformance.sandbox.tests.conftest import Client, put, running

LIST = """query($first: Int!, $after: String) { repository(owner: "meridian-works", name: "api") {
  pullRequests(first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id updatedAt } } } }"""


def test_without_the_right_token_nothing_is_told(client: Client) -> None:
    for token in (None, "wrong"):
        stranger = Client(client.port, token)
        assert stranger.query("{ viewer { login } }")[0] == 401
        assert stranger.get("/user")[0] == 401


def test_pages_follow_each_other_without_gap_or_repeat(client: Client, data: Dataset) -> None:
    seen, after = [], None
    while True:
        _, answer = client.query(LIST, first=7, after=after)
        found = answer["data"]["repository"]["pullRequests"]
        seen += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    expected = data.pull_order(str((data.named("meridian-works/api") or {})["id"]), "updated_at")
    assert [(row["updatedAt"], row["id"]) for row in seen] == expected[::-1]
    assert found["totalCount"] == len(seen)


def test_a_cursor_survives_a_pull_request_that_moves_to_the_front(tmp_path: Path) -> None:
    rows = [_pull(number, f"2026-01-0{number}T00:00:00Z") for number in range(1, 6)]
    _repository(tmp_path, rows)
    query = LIST.replace("meridian-works", "o").replace('"api"', '"r"')
    with running(tmp_path) as (_, client):
        _, first = client.query(query, first=2)
        rows[0] = _pull(1, "2026-01-09T00:00:00Z")
        put(tmp_path, "pull_requests", *rows)
        client.send("POST", "/_sandbox/reload")
        after = first["data"]["repository"]["pullRequests"]["pageInfo"]["endCursor"]
        _, second = client.query(query, first=2, after=after)
    assert [row["id"] for row in second["data"]["repository"]["pullRequests"]["nodes"]] == ["3", "2"]


def test_a_renamed_repository_is_found_by_its_old_name(client: Client) -> None:
    _, answer = client.query('{ repository(owner: "meridian-works", name: "billing-legacy") { nameWithOwner } }')
    assert answer["data"]["repository"]["nameWithOwner"] == "meridian-works/billing"
    status, headers, _ = client.get("/repos/meridian-works/billing-legacy")
    assert status == 301
    assert client.get("/" + headers["location"].split("/", 3)[3])[2]["full_name"] == "meridian-works/billing"


def test_a_deleted_account_is_null_and_a_bot_has_no_suffix(tmp_path: Path) -> None:
    _repository(
        tmp_path, [_pull(1, "2026-01-01T00:00:00Z", author=None), _pull(2, "2026-01-01T00:00:00Z", author="x[bot]")]
    )
    with running(tmp_path) as (_, client):
        _, answer = client.query('{ nodes(ids: ["1", "2"]) { ... on PullRequest { author { __typename login } } } }')
    assert [row["author"] for row in answer["data"]["nodes"]] == [None, {"__typename": "Bot", "login": "x"}]


def test_what_cannot_be_found_is_null_beside_an_error(client: Client) -> None:
    _, answer = client.query(
        '{ repository(owner: "no", name: "one") { id } viewer { login } nodes(ids: ["?"]) { id } }'
    )
    assert answer["data"]["repository"] is None
    assert answer["data"]["nodes"] == [None]
    assert answer["data"]["viewer"]["login"]
    assert [(e["type"], e["path"]) for e in answer["errors"]] == [
        ("NOT_FOUND", ["repository"]),
        ("NOT_FOUND", ["nodes", 0]),
    ]


def test_a_total_may_exceed_what_is_listed(tmp_path: Path) -> None:
    _repository(tmp_path, [_pull(1, "2026-01-01T00:00:00Z", commits_total=300)])
    put(
        tmp_path,
        "commits",
        {"id": "c", "pull_request_id": 1, "oid": "a" * 40, "committed_date": "2026-01-01T00:00:00Z"},
    )
    query = '{ node(id: "1") { ... on PullRequest { commits(first: 9) { totalCount pageInfo { hasNextPage } nodes { id } } } } }'
    with running(tmp_path) as (_, client):
        _, answer = client.query(query)
    commits = answer["data"]["node"]["commits"]
    assert (commits["totalCount"], commits["pageInfo"]["hasNextPage"], len(commits["nodes"])) == (300, False, 1)


def test_budgets_are_counted_apart_and_run_out(folder: Path) -> None:
    with running(folder, "limit=3") as (_, client):
        query = "{ rateLimit { cost remaining } viewer { login } }"
        remaining = [client.query(query)[1]["data"]["rateLimit"]["remaining"] for _ in range(3)]
        status, refused = client.query(query)
        rest = [client.get("/user")[0] for _ in range(4)]
        limits = client.get("/rate_limit")[2]["resources"]
    assert remaining == [2, 1, 0]
    assert (status, refused["errors"][0]["type"]) == (200, "RATE_LIMITED")
    assert rest == [200, 200, 200, 403]
    assert (limits["graphql"]["remaining"], limits["core"]["remaining"]) == (0, 0)


def test_an_unchanged_answer_costs_nothing(folder: Path) -> None:
    with running(folder) as (_, client):
        _, headers, _ = client.get("/user")
        status, again, _ = client.get("/user", **{"If-None-Match": headers["etag"]})
    assert status == 304
    assert again["x-ratelimit-remaining"] == headers["x-ratelimit-remaining"]


def test_rest_lists_repositories_in_pages(client: Client) -> None:
    _, headers, first = client.get("/orgs/meridian-works/repos?per_page=3")
    assert len(first) == 3
    assert 'rel="next"' in headers["link"]
    _, _, second = client.get("/orgs/meridian-works/repos?per_page=3&page=2")
    assert len({row["id"] for row in (*first, *second)}) == 4
    assert len(client.get("/api/v3/user/repos")[2]) == 4
    assert client.get("/repos/no/one")[0] == 404
    assert client.get("/meta")[0] == 200


def test_gzip_when_asked(client: Client, data: Dataset) -> None:
    body = json.dumps({"query": LIST, "variables": {"first": 100}}).encode()
    _, headers, packed = client.send("POST", "/api/graphql", body, **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    _, _, plain = client.send("POST", "/api/graphql", body)
    assert gzip.decompress(packed) == plain


def test_every_operation_is_counted(server: tuple[Sandbox, Client]) -> None:
    _, client = server
    client.send("POST", "/_sandbox/stats/reset")
    client.query("query Me { viewer { login } }")
    client.get("/user")
    counts = client.get("/_sandbox/stats")[2]
    assert (counts["requests"], counts["points"]) == (2, 2)
    assert counts["operations"]["Me"]["requests"] == 1
    assert counts["operations"]["GET /user"]["points"] == 1


def _pull(number: int, updated: str, **more: object) -> dict[str, object]:
    created = "2026-01-01T00:00:00Z"
    return {
        "id": number,
        "repository_id": "r",
        "number": number,
        "title": "t",
        "state": "OPEN",
        "created_at": created,
        "updated_at": updated,
        **more,
    }


def _repository(folder: Path, pulls: list[dict[str, object]]) -> None:
    stamps = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    put(folder, "repositories", {"id": "r", "name_with_owner": "o/r", **stamps})
    put(folder, "users", {"id": "b", "login": "x[bot]", "type": "Bot"})
    put(folder, "pull_requests", *pulls)
