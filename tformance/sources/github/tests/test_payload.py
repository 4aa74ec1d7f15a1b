"""A pull request is the same whether a message, REST or GraphQL tells of it; what a list leaves out is not known."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tformance.facts.records import GHOST, PullRequestRecord
from tformance.sources.github import payload, translate
from tformance.sources.github.tests.examples import examples, first

PULLS = (
    Path(__file__).parents[5]
    / "shared"
    / "data"
    / "devlake"
    / "github"
    / "raw_json"
    / "raw_github_api_pull_requests.jsonl"
)
NOTHING: dict[str, Any] = {"nodes": [], "totalCount": 0}


def by_graphql(found: dict[str, Any]) -> PullRequestRecord:
    """The same pull request as GraphQL would answer, without its children."""
    state = "MERGED" if found["merged_at"] else found["state"].upper()
    head, base = found["head"], found["base"]
    item = {
        "id": found["node_id"],
        "fullDatabaseId": str(found["id"]),
        "number": found["number"],
        "title": found["title"],
        "body": found["body"] or "",
        "url": found["html_url"],
        "state": state,
        "isDraft": found.get("draft", False),
        "author": account(found["user"]),
        "authorAssociation": found["author_association"],
        "mergedBy": account(found.get("merged_by")),
        "baseRefName": base["ref"],
        "headRefName": head["ref"],
        "headRefOid": head["sha"],
        "mergeCommit": {"oid": found["merge_commit_sha"], "parents": {"totalCount": 2}} if found["merged_at"] else None,
        "isCrossRepository": head["repo"] is None or head["repo"]["id"] != base["repo"]["id"],
        "createdAt": found["created_at"],
        "updatedAt": found["updated_at"],
        "closedAt": found["closed_at"],
        "mergedAt": found["merged_at"],
        "additions": found.get("additions"),
        "deletions": found.get("deletions"),
        "changedFiles": found.get("changed_files"),
        "labels": {"nodes": [{"name": label["name"]} for label in found["labels"]]},
        "head": {"nodes": []},
        "denied": (),
        "earlier": None,
    }
    names = ("reviews", "reviewThreads", "comments", "commits", "files", "timelineItems", "closingIssuesReferences")
    record = translate._pull_request(item | dict.fromkeys(names, NOTHING))
    children = ("reviews", "threads", "comments", "commits", "files", "checks", "events", "linked_issues")
    return replace(record, merge_kind=None, earlier_heads=None, **dict.fromkeys(children))


def account(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    login = found["login"].removesuffix("[bot]")
    return {
        "__typename": found["type"],
        "id": found["node_id"],
        "databaseId": found["id"],
        "login": login,
        "name": None,
    }


WHOLE = [each.payload["pull_request"] for each in examples() if each.event == "pull_request"]


@pytest.mark.parametrize("found", WHOLE, ids=lambda found: f"{found['node_id']} {found['updated_at']}")
def test_a_message_and_graphql_tell_the_same(found: dict[str, Any]) -> None:
    assert payload.pull_request(found) == by_graphql(found)


@pytest.mark.skipif(not PULLS.exists(), reason="recorded payloads are not on this machine")
def test_a_recorded_list_and_graphql_tell_the_same() -> None:
    with PULLS.open() as lines:
        recorded = [json.loads(line)["data"] for line in lines]
    assert recorded
    for found in recorded:
        assert payload.pull_request(found) == by_graphql(found)
        assert payload.pull_request(found).additions is None


def test_a_pull_request_that_is_not_told_whole_is_left_to_reading() -> None:
    message = first("pull_request", "opened")
    assert payload.page(message) is not None
    for name in payload.TOLD_OF_A_WHOLE_ONE:
        short = message | {"pull_request": {k: v for k, v in message["pull_request"].items() if k != name}}
        assert payload.page(short) is None
    assert payload.page(first("pull_request_review", "submitted")) is None


def test_an_account_that_was_deleted_is_the_ghost() -> None:
    found = first("pull_request", "opened")["pull_request"]
    assert payload.pull_request(found | {"user": None}).author == GHOST


def test_a_trial_merge_is_no_merge() -> None:
    found = first("pull_request", "opened")["pull_request"] | {"merge_commit_sha": "a" * 40, "merged_at": None}
    assert payload.pull_request(found).merge_sha is None


def test_a_pull_request_of_a_deleted_fork_comes_from_elsewhere() -> None:
    found = first("pull_request", "opened")["pull_request"]
    gone = found | {"head": found["head"] | {"repo": None}}
    assert payload.pull_request(gone).is_cross_repository
