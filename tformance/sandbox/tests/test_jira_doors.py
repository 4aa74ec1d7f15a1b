"""Who may ask the local Jira: tokens by address, scopes, consent that is renewed, and what is refused for a while."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine

from tformance.sandbox.tests import jira_site
from tformance.sandbox.tests.jira_client import Answer, JiraClient, running

API, AGILE, THROUGH = "/rest/api/3", "/rest/agile/1.0", f"/ex/jira/{jira_site.CLOUD}"
SCOPES = "read:jira-work read:jira-user read:board-scope:jira-software offline_access"
BACK = "http://127.0.0.1:9/back"
APP = {"client_id": "jira-client", "client_secret": "jira-secret"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return jira_site.write(tmp_path)


@pytest.fixture
def client(folder: Path) -> Iterator[JiraClient]:
    with running(folder, leeway_seconds=60, access_seconds=300) as (_, client):
        yield client


def consented(client: JiraClient, scopes: str = SCOPES, **more: str) -> dict[str, Any]:
    """What the app gets after a person accepted."""
    code = code_of(accepted(client, scopes, **more))
    return exchanged(client, code)[2]


def accepted(client: JiraClient, scopes: str = SCOPES, **more: str) -> str:
    form = {"client_id": "jira-client", "redirect_uri": BACK, "state": "s1", "scope": scopes, "as": "bo@small.example"}
    status, headers, _ = posted(client, "/authorize", form | more)
    assert status == 302
    return headers["location"]


def posted(client: JiraClient, path: str, form: dict[str, str]) -> Answer:
    """As a browser sends a form: the server reads JSON alike."""
    return client.send("POST", path, form)


def code_of(address: str) -> str:
    query = parse_qs(urlsplit(address).query)
    assert query["state"] == ["s1"]
    return query["code"][0]


def exchanged(client: JiraClient, code: str) -> Answer:
    asked = APP | {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return client.send("POST", "/oauth/token", asked)


def renewed(client: JiraClient, refresh: str) -> Answer:
    return client.send("POST", "/oauth/token", APP | {"grant_type": "refresh_token", "refresh_token": refresh})


def bearer(client: JiraClient, token: str) -> JiraClient:
    return JiraClient(client.port, authorization=f"Bearer {token}")


def test_a_wrong_token_is_nobody_and_only_a_header_says_so(folder: Path) -> None:
    with running(folder, tokens="right/as:ann@small.example") as (_, client):
        right, wrong = JiraClient(client.port, token="right"), JiraClient(client.port, token="wrong")
        assert right.get(f"{API}/project/search")["total"] == 3
        status, headers, body = wrong.send("GET", f"{API}/project/search")
        assert (status, body["total"], headers["x-seraph-loginreason"]) == (200, 0, "AUTHENTICATED_FAILED")
        assert wrong.refused("project = WEB") == ["The value 'WEB' does not exist for the field 'project'."]
        assert wrong.send("GET", f"{API}/myself")[0] == 401
        assert wrong.send("GET", f"{API}/users/search")[0] == 401
        stranger = JiraClient(client.port, "bo@small.example", "right")
        assert stranger.send("GET", f"{API}/myself")[0] == 401


def test_a_token_ends_with_its_time_and_with_its_account(folder: Path) -> None:
    past = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    with running(folder, tokens=f"old/as:ann@small.example/{past},new") as (_, client):
        assert JiraClient(client.port, token="old").send("GET", f"{API}/myself")[0] == 401
        assert JiraClient(client.port, "bo@small.example", "new").send("GET", f"{API}/myself")[0] == 200
        assert JiraClient(client.port, jira_site.LEFT, "new").send("GET", f"{API}/myself")[0] == 401


def test_a_token_with_scopes_works_only_through_the_gateway_and_within_them(folder: Path) -> None:
    with running(folder, tokens="narrow/as:ann@small.example+read:jira-work") as (_, client):
        narrow = JiraClient(client.port, token="narrow")
        assert narrow.send("GET", f"{API}/myself")[0] == 401
        assert narrow.get(f"{THROUGH}{API}/project/search")["total"] == 3
        for path in (f"{API}/myself", f"{AGILE}/board"):
            status, _, body = narrow.send("GET", f"{THROUGH}{path}")
            assert (status, body) == (401, {"code": 401, "message": "Unauthorized; scope does not match"})
        assert narrow.send("GET", f"/ex/jira/other{API}/project/search")[0] == 404


def test_links_lead_through_the_door_that_was_used(client: JiraClient) -> None:
    here = f"http://127.0.0.1:{client.port}"
    assert client.get(f"{API}/project/WEB")["self"] == f"{here}{API}/project/10001"
    assert client.get(f"{THROUGH}{API}/project/WEB")["self"] == f"{here}{THROUGH}{API}/project/10001"


def test_consent_gives_tokens_and_tells_of_the_site(client: JiraClient) -> None:
    asked = urlencode({"client_id": "jira-client", "redirect_uri": BACK, "state": "s1", "scope": SCOPES})
    status, _, page = client.send("GET", f"/authorize?{asked}&as=bo@small.example")
    assert (status, "Bo" in page, "read:jira-work" in page) == (200, True, True)
    given = consented(client)
    assert (given["expires_in"], given["token_type"]) == (300, "Bearer")
    app = bearer(client, given["access_token"])
    site = app.get("/oauth/token/accessible-resources")[0]
    assert (site["id"], site["name"]) == (jira_site.CLOUD, "small")
    assert app.get(f"{THROUGH}{API}/myself")["accountId"] == jira_site.BO
    assert app.get(f"{THROUGH}{AGILE}/board")["total"] == 3
    assert app.send("GET", f"{THROUGH}{AGILE}/board/1/sprint")[0] == 401  # a scope of its own
    assert app.send("GET", f"{API}/myself")[0] == 403  # not at the site's own address
    assert "refresh_token" not in consented(client, "read:jira-work")


def test_consent_may_be_refused_and_a_code_works_once(client: JiraClient) -> None:
    assert parse_qs(urlsplit(accepted(client, approve="no")).query)["error"] == ["access_denied"]
    code = code_of(accepted(client))
    assert exchanged(client, code)[0] == 200
    assert exchanged(client, code)[::2] == (
        403,
        {"error": "invalid_grant", "error_description": "Invalid authorization code"},
    )
    wrong = {"client_id": "jira-client", "client_secret": "guess", "grant_type": "refresh_token"}
    assert client.send("POST", "/oauth/token", wrong)[0] == 401


def test_an_access_token_ends_and_a_refresh_token_brings_the_next(client: JiraClient) -> None:
    given = consented(client)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=301)):
        assert bearer(client, given["access_token"]).send("GET", f"{THROUGH}{API}/myself")[0] == 401
        status, _, fresh = renewed(client, given["refresh_token"])
        assert status == 200
        assert fresh["refresh_token"] != given["refresh_token"]
        assert bearer(client, fresh["access_token"]).send("GET", f"{THROUGH}{API}/myself")[0] == 200


def test_a_used_refresh_token_works_within_the_leeway_and_ends_the_family_after_it(client: JiraClient) -> None:
    given, now = consented(client), datetime.now(UTC)
    assert renewed(client, given["refresh_token"])[0] == 200
    with time_machine.travel(now + timedelta(seconds=30)):
        status, _, fresh = renewed(client, given["refresh_token"])
        assert status == 200
    with time_machine.travel(now + timedelta(seconds=90)):
        status, _, body = renewed(client, given["refresh_token"])
        assert (status, body["error"]) == (403, "invalid_grant")
        assert renewed(client, fresh["refresh_token"])[0] == 403


def test_a_withdrawn_consent_ends_all_its_tokens(client: JiraClient) -> None:
    given = consented(client)
    asked = {"action": "withdraw_consent", "account": "bo@small.example"}
    assert client.post("/_sandbox/do", asked) == {"consents": 1}
    assert bearer(client, given["access_token"]).send("GET", f"{THROUGH}{API}/myself")[0] == 401
    assert renewed(client, given["refresh_token"])[0] == 403


@pytest.mark.parametrize("days", [91, 366])
def test_consent_ends_without_use_and_after_a_year(client: JiraClient, days: int) -> None:
    refresh, now = consented(client)["refresh_token"], datetime.now(UTC)
    for day in range(80, days, 80):
        if days > 100:
            with time_machine.travel(now + timedelta(days=day)):
                refresh = renewed(client, refresh)[2]["refresh_token"]
    with time_machine.travel(now + timedelta(days=days)):
        assert renewed(client, refresh)[0] == 403


def test_a_burst_is_refused_at_that_endpoint_only(folder: Path) -> None:
    with running(folder, "burst_after=3,retry_after=60") as (_, client):
        found = [client.send("GET", f"{API}/myself") for _ in range(4)]
        assert [status for status, _, _ in found] == [200, 200, 429, 429]
        assert (found[2][1]["ratelimit-reason"], found[2][1]["retry-after"]) == ("jira-burst-based", "60")
        assert client.send("GET", f"{API}/field")[0] == 200


def test_the_quota_counts_objects_and_holds_for_consents_only(folder: Path) -> None:
    with running(folder, "quota=8,window=900") as (_, client):
        app = bearer(client, consented(client)["access_token"])
        _, headers, _ = app.send("GET", f"{THROUGH}{API}/users/search")  # one and five people
        assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("8", "2")
        assert app.send("GET", f"{THROUGH}{API}/project/search")[0] == 200
        status, headers, _ = app.send("GET", f"{THROUGH}{API}/myself")
        assert (status, headers["ratelimit-reason"]) == (429, "jira-quota-tenant-based")
        assert 0 < int(headers["retry-after"]) <= 900
        assert client.send("GET", f"{API}/myself")[0] == 200


def test_a_project_one_may_not_browse_is_not_there(folder: Path) -> None:
    with running(folder, "forbid=WEB") as (_, client):
        assert [row["key"] for row in client.get(f"{API}/project/search")["values"]] == ["APP", "OPS"]
        assert client.send("GET", f"{API}/project/WEB")[0] == 404
        assert client.refused("project in (WEB, APP)") == ["The value 'WEB' does not exist for the field 'project'."]
        assert client.send("GET", f"{API}/issue/WEB-2")[0] == 404
        assert client.post(f"{API}/issue/bulkfetch", {"issueIdsOrKeys": ["WEB-2"]})["issues"] == []
        assert client.send("GET", f"{AGILE}/board/1")[0] == 404


def test_a_field_that_is_gone_is_nowhere(folder: Path) -> None:
    with running(folder, f"gone_field={jira_site.POINTS}") as (_, client):
        assert jira_site.POINTS not in [row["id"] for row in client.get(f"{API}/field")]
        found = client.search("id = WEB-2", fields=["*all", jira_site.POINTS])["issues"][0]
        assert jira_site.POINTS not in found["fields"]


def test_a_malformed_issue_and_one_that_cannot_be_fetched(folder: Path) -> None:
    with running(folder, "malformed=WEB-2,fetch_error=WEB-3") as (_, client):
        values = client.search("id = WEB-2", fields=["status", "created"])["issues"][0]["fields"]
        assert (values["status"], values["created"]) == (None, "yesterday")
        found = client.post(f"{API}/issue/bulkfetch", {"issueIdsOrKeys": ["WEB-3", "WEB-4"]})
        assert ([row["key"] for row in found["issues"]], found["issueErrors"][0]["id"]) == (["WEB-4"], "20003")


def test_a_last_page_may_name_itself_as_the_next(folder: Path) -> None:
    with running(folder, "repeat_token=1") as (_, client):
        jql = "project = WEB ORDER BY key"
        token = client.search(jql, maxResults=3)["nextPageToken"]
        last = client.search(jql, maxResults=3, nextPageToken=token)
        assert (last["nextPageToken"], last["isLast"], len(last["issues"])) == (token, False, 1)


def test_an_index_lags_behind_unless_it_is_told_what_to_look_at(folder: Path) -> None:
    with running(folder, "index_seconds=60") as (_, client):
        client.post("/_sandbox/do", {"action": "edit", "issue": "WEB-1", "summary": "Just now"})
        assert client.keys("project = WEB ORDER BY key") == ["WEB-2", "WEB-3", "WEB-4"]
        found = client.search("project = WEB ORDER BY key", reconcileIssues=[20001])["issues"]
        assert [row["id"] for row in found] == ["20001", "20002", "20003", "20004"]
        with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61)):
            assert len(client.keys("project = WEB")) == 4


def test_requests_fail_by_chance_and_pass_when_repeated(folder: Path) -> None:
    with running(folder, "fail=1,repeat=1,seed=4") as (sandbox, client):
        paths = [f"{API}/project/search?maxResults={size}" for size in range(1, 13)]
        first = [outcome(client, path) for path in paths]
        assert set(first) == {0, 502, 504}
        assert [outcome(client, path) for path in paths] == [200] * 12
        assert sandbox.stats.report()["failed"] == 12


def outcome(client: JiraClient, path: str) -> int:
    """The status, 0 for a closed connection."""
    try:
        return client.send("GET", path)[0]
    except ConnectionError:
        return 0


def test_requests_are_counted_by_endpoint(client: JiraClient) -> None:
    client.get(f"{API}/issue/WEB-2")
    client.get(f"{API}/issue/WEB-3")
    stats = client.get("/_sandbox/stats")
    assert stats["operations"][f"GET {API}/issue/{{}}"]["requests"] == 2


def test_a_body_that_is_no_json_is_refused(client: JiraClient) -> None:
    assert client.send("POST", f"{API}/search/jql", b"{")[0] == 400
    assert json.dumps(client.send("POST", f"{API}/search/jql", b"[]")[2]["errorMessages"])
