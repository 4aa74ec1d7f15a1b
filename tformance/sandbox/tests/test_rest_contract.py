"""Every REST answer has the shape GitHub's published OpenAPI description promises."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tformance.sandbox.check import SCHEMAS
from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.tests.conftest import Client

CONTRACT = json.loads((SCHEMAS.parent / "contracts" / "github_rest.json").read_text())
ORG, HOME = "/orgs/meridian-works", "/repos/meridian-works/api"
REPORTS = f"{ORG}/copilot/metrics/reports"
PLAIN = {
    "/user": "/user",
    "/rate_limit": "/rate_limit",
    "/meta": "/meta",
    "/user/repos": "/user/repos",
    "/orgs/{org}": ORG,
    "/orgs/{org}/repos": f"{ORG}/repos",
    "/orgs/{org}/members": f"{ORG}/members?per_page=100",
    "/orgs/{org}/teams": f"{ORG}/teams",
    "/orgs/{org}/copilot/billing": f"{ORG}/copilot/billing",
    "/orgs/{org}/copilot/billing/seats": f"{ORG}/copilot/billing/seats?per_page=100",
    "/orgs/{org}/copilot/metrics/reports/users-28-day/latest": f"{REPORTS}/users-28-day/latest",
    "/orgs/{org}/copilot/metrics/reports/organization-28-day/latest": f"{REPORTS}/organization-28-day/latest",
    "/repos/{owner}/{repo}": HOME,
    "/repos/{owner}/{repo}/releases": f"{HOME}/releases",
}
PARTS = ("", "/commits", "/files", "/reviews", "/comments")


@cache
def validator(answer: str, status: str) -> Draft202012Validator:
    schema = CONTRACT["answers"][answer][status]
    return Draft202012Validator({"$defs": CONTRACT["$defs"], "allOf": [schema]})


def conforms(client: Client, template: str, path: str, status: int = 200) -> Any:
    found, _, body = client.get(path)
    assert found == status, path
    errors = [f"{error.json_path}: {error.message[:200]}" for error in shown(template, str(status), body)]
    assert errors == [], path
    return body


def shown(template: str, status: str, body: Any) -> Iterator[Any]:
    if body is None:
        return iter(())
    return validator(f"GET {template}", status).iter_errors(body)


def home_of(data: Dataset) -> Row:
    return data.named("meridian-works/api") or {}


@pytest.mark.parametrize("template", PLAIN)
def test_accounts_organisations_and_repositories_conform(client: Client, template: str) -> None:
    assert conforms(client, template, PLAIN[template])


def test_teams_and_their_members_conform(client: Client, data: Dataset) -> None:
    slugs = [row["slug"] for row in data.of_organization("teams", "meridian-works")]
    assert slugs
    for slug in slugs:
        conforms(client, "/orgs/{org}/teams/{team_slug}", f"{ORG}/teams/{slug}")
        conforms(client, "/orgs/{org}/teams/{team_slug}/members", f"{ORG}/teams/{slug}/members?per_page=100")


def test_a_days_reports_conform(client: Client, data: Dataset) -> None:
    day = data.usage_days("meridian-works")[-1]
    for name in ("users-1-day", "organization-1-day", "user-teams-1-day", "repos-1-day"):
        template = f"/orgs/{{org}}/copilot/metrics/reports/{name}"
        conforms(client, template, f"{REPORTS}/{name}?day={day}")
        assert client.get(f"{REPORTS}/{name}?day=1999-01-01")[0] == 204


def test_pull_requests_and_their_children_conform(client: Client, data: Dataset) -> None:
    api = "/repos/{owner}/{repo}"
    for _, key in data.pull_order(home_of(data)["id"], "created_at"):
        pull = data.pull(key) or {}
        if pull["is_cross_repository"]:
            continue  # the description promises a head repository, the answers of GitHub are null where it is gone
        for part in PARTS:
            path = f"{HOME}/pulls/{pull['number']}{part}"
            conforms(client, f"{api}/pulls/{{pull_number}}{part}", f"{path}?per_page=100")
        path = f"{HOME}/issues/{pull['number']}/comments"
        conforms(client, f"{api}/issues/{{issue_number}}/comments", path)


def test_a_fork_that_is_gone_leaves_no_head_repository(client: Client, data: Dataset) -> None:
    pulls = [data.pull(key) or {} for key in data.pull_ids()]
    pull = next(row for row in pulls if row["is_cross_repository"])
    home = data.repositories[pull["repository_id"]]["name_with_owner"]
    _, _, body = client.get(f"/repos/{home}/pulls/{pull['number']}")
    assert body["head"]["repo"] is None
    assert body["base"]["repo"]["full_name"] == home


def test_commits_and_their_checks_conform(client: Client, data: Dataset) -> None:
    api = "/repos/{owner}/{repo}/commits/{ref}"
    pulls = [data.pull(key) or {} for _, key in data.pull_order(home_of(data)["id"], "created_at")][:20]
    for sha in [pull["head_ref_oid"] for pull in pulls]:
        conforms(client, api, f"{HOME}/commits/{sha}")
        conforms(client, f"{api}/check-runs", f"{HOME}/commits/{sha}/check-runs?per_page=100")
        conforms(client, f"{api}/status", f"{HOME}/commits/{sha}/status")


def test_comparisons_conform(client: Client, data: Dataset) -> None:
    template = "/repos/{owner}/{repo}/compare/{basehead}"
    merged = [row["merge_commit_oid"] for row in merges(data)]
    for base, head in ((merged[0], merged[-1]), (merged[-1], merged[0]), (merged[3], "main"), (merged[2], merged[2])):
        conforms(client, template, f"{HOME}/compare/{base}...{head}")
    conforms(client, template, f"{HOME}/compare/{'0' * 40}...{merged[0]}", 404)


def merges(data: Dataset) -> list[Row]:
    pulls = [data.pull(key) or {} for _, key in data.pull_order(home_of(data)["id"], "created_at")]
    onto = [row for row in pulls if row.get("merged_at") and row["base_ref_name"] == "main"]
    return sorted(onto, key=lambda row: (row["merged_at"], row["number"]))


def test_the_contract_says_where_it_comes_from_and_stays_small() -> None:
    folder = SCHEMAS.parent / "contracts"
    assert (CONTRACT["origin"]["name"], CONTRACT["origin"]["license"]) == ("@octokit/openapi", "MIT")
    assert "MIT" in (folder / "github_rest.LICENSE.md").read_text()
    assert (folder / "github_rest.json").stat().st_size <= 400_000
