"""Answers have exactly the shape GitHub's published schema promises."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLScalarType, build_schema, execute_sync, parse

from tformance.sandbox.dataset import Dataset
from tformance.sandbox.execute import CONTRACT
from tformance.sandbox.tests.conftest import Client

PROTOTYPES = Path(__file__).parents[4] / "shared" / "prototypes" / "graphql"
EVERYTHING = """
query Everything($ids: [ID!]!) {
  rateLimit { cost limit remaining used resetAt nodeCount }
  viewer { login databaseId }
  nodes(ids: $ids) { __typename id ... on PullRequest {
    fullDatabaseId databaseId number title body bodyText url permalink state closed merged isDraft createdAt updatedAt
    closedAt mergedAt publishedAt additions deletions changedFiles baseRefName baseRefOid headRefName headRefOid
    isCrossRepository locked mergeable mergeStateStatus authorAssociation reviewDecision totalCommentsCount
    isInMergeQueue autoMergeRequest { enabledAt mergeMethod } milestone { title }
    author { __typename login ... on User { name databaseId } ... on Bot { databaseId } } mergedBy { login }
    repository { nameWithOwner visibility owner { __typename login } } headRepository { id } headRef { name }
    mergeCommit { oid committedDate message repository { name } }
    labels(first: 9) { nodes { name } } assignees(first: 9) { nodes { login } }
    participants(first: 9) { totalCount } closingIssuesReferences(first: 9) { nodes { number repository { name } } }
    reviewRequests(first: 9) { nodes { requestedReviewer { __typename ... on User { login } ... on Team { slug } } } }
    reviews(first: 20) { totalCount edges { cursor node { id fullDatabaseId state submittedAt createdAt updatedAt
      body author { login } commit { oid } comments(first: 2) { totalCount nodes { id } } pullRequest { number } } } }
    latestReviews(first: 5) { nodes { state } }
    reviewThreads(first: 9) { totalCount nodes { id isResolved isOutdated path line resolvedBy { login } subjectType
      comments(first: 5) { nodes { id fullDatabaseId body path replyTo { id } pullRequestReview { id } state } } } }
    comments(first: 9) { nodes { id fullDatabaseId body author { __typename login } createdAt url } }
    commits(first: 9) { totalCount nodes { id commit { oid abbreviatedOid message messageHeadline messageBody
      authoredDate committedDate additions deletions changedFilesIfAvailable parents(first: 2) { totalCount }
      author { name email date user { login } } committer { name } authors(first: 2) { nodes { email } }
      status { state contexts { context } } checkSuites(first: 3) { nodes { app { slug } checkRuns(first: 5) { totalCount } } }
      statusCheckRollup { state contexts(first: 9) { totalCount checkRunCount nodes { __typename
        ... on CheckRun { id name status conclusion startedAt completedAt checkSuite { app { slug } workflowRun { workflow { name } } } }
        ... on StatusContext { context state createdAt creator { login } } } } } } } }
    files(first: 9) { nodes { path additions deletions changeType } }
    statusCheckRollup { state }
    timelineItems(first: 90) { totalCount filteredCount pageCount updatedAt pageInfo { hasNextPage } nodes { __typename
      ... on Node { id } ... on ReviewRequestedEvent { actor { login } requestedReviewer { __typename } }
      ... on ReviewDismissedEvent { previousReviewState review { id } }
      ... on HeadRefForcePushedEvent { beforeCommit { oid } afterCommit { oid } }
      ... on MergedEvent { merge: commit { oid } mergeRefName } ... on RemovedFromMergeQueueEvent { reason }
      ... on BaseRefChangedEvent { previousRefName currentRefName }
      ... on RenamedTitleEvent { previousTitle currentTitle } ... on PullRequestCommit { commit { oid } } } }
  } }
}"""
REPOSITORY = """
query Repository($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    id databaseId name nameWithOwner url isPrivate isArchived visibility createdAt pushedAt diskUsage
    defaultBranchRef { name prefix } primaryLanguage { name } latestRelease { tagName }
    pullRequests(last: 3, orderBy: {field: CREATED_AT, direction: ASC}, states: [MERGED]) { totalCount nodes { number } }
    deployments(first: 20, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes {
      id databaseId environment latestEnvironment originalEnvironment task createdAt updatedAt state commitOid
      ref { name } creator { __typename login } latestStatus { state } commit { oid }
      statuses(first: 10) { nodes { id state createdAt environmentUrl creator { login } deployment { id } } } } }
    releases(first: 20, orderBy: {field: CREATED_AT, direction: DESC}) { nodes {
      tagName name isPrerelease isDraft publishedAt createdAt author { login } tagCommit { oid } tag { name } } }
  }
}"""


def conforms(text: str, variables: dict[str, Any], answer: dict[str, Any]) -> None:
    """Let graphql-core complete our answer as if it were its own: it objects to every wrong type and missing value."""
    schema = build_schema(CONTRACT.read_text())
    integer = schema.type_map["Int"]
    assert isinstance(integer, GraphQLScalarType)
    integer.coerce_output_value = lambda value: value  # check runs have ids beyond 32 bits, at GitHub too
    found = execute_sync(
        schema,
        parse(text),
        answer,
        variable_values=variables,
        field_resolver=lambda source, info, **_: source[info.path.key],
        type_resolver=lambda value, *_: value.get("__typename") or "User",
    )
    assert found.errors is None
    assert found.data == answer


def test_every_field_of_an_answer_conforms_to_the_published_schema(client: Client, data: Dataset) -> None:
    ids = list(data.pull_ids())
    for start in range(0, len(ids), 100):
        chosen = ids[start : start + 100]
        status, answer = client.query(EVERYTHING, ids=chosen)
        assert status == 200
        assert "errors" not in answer
        conforms(EVERYTHING, {"ids": chosen}, answer["data"])


def test_repositories_deployments_and_releases_conform_too(client: Client) -> None:
    for name in ("web-app", "api", "billing", "mobile"):
        variables = {"owner": "meridian-works", "name": name}
        _, answer = client.query(REPOSITORY, **variables)
        assert "errors" not in answer
        conforms(REPOSITORY, variables, answer["data"])


def test_the_contract_says_where_it_comes_from_and_stays_small() -> None:
    origin = json.loads(CONTRACT.with_suffix(".json").read_text())
    assert origin["name"] == "@octokit/graphql-schema"
    assert origin["license"] == "MIT"
    assert "MIT" in CONTRACT.with_name("github.LICENSE.md").read_text()
    assert len(CONTRACT.read_text()) < 150_000


def test_a_field_github_does_not_have_fails_as_there(client: Client) -> None:
    status, answer = client.query('{ repository(owner: "a", name: "b") { pullRequestz { id } } }')
    assert status == 200
    assert "data" not in answer
    assert "Cannot query field 'pullRequestz' on type 'Repository'" in answer["errors"][0]["message"]


@pytest.mark.parametrize("file", ["pr_lean3.graphql", "pr_heavy.graphql", "deploys.graphql"])
def test_the_prototypes_run(client: Client, data: Dataset, file: str) -> None:
    if not PROTOTYPES.exists():
        pytest.skip("the prototypes are not beside this checkout")
    ids = list(data.pull_ids())[:10]
    _, answer = client.query((PROTOTYPES / file).read_text(), owner="meridian-works", name="api", first=10, ids=ids)
    assert "errors" not in answer


ORGANIZATION = """
query Organization($login: String!) {
  organization(login: $login) { id databaseId login name
    membersWithRole(first: 100) { totalCount edges { role node { login databaseId } } }
    teams(first: 20) { totalCount nodes { id databaseId slug name combinedSlug url parentTeam { slug }
      members(first: 100) { totalCount edges { role node { login } } } } } } }"""
CLOSING = """
query Closing($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on PullRequest {
  isInMergeQueue mergeQueueEntry { enqueuedAt position state enqueuer { login } }
  mergeCommit { oid parents(first: 3) { totalCount } statusCheckRollup { state } }
  closingIssuesReferences(first: 9) { nodes { id number title state closed url repository { nameWithOwner } } }
  timelineItems(first: 90, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) { nodes { __typename ... on HeadRefForcePushedEvent {
    beforeCommit { oid statusCheckRollup { contexts(first: 9) { totalCount } } } afterCommit { oid } } } } } } }"""


def test_an_organisation_conforms_with_its_members_and_teams(client: Client, data: Dataset) -> None:
    _, answer = client.query(ORGANIZATION, login="meridian-works")
    conforms(ORGANIZATION, {"login": "meridian-works"}, answer["data"])
    found = answer["data"]["organization"]
    assert {edge["role"] for edge in found["membersWithRole"]["edges"]} == {"ADMIN", "MEMBER"}
    assert found["teams"]["nodes"][1]["parentTeam"] == {"slug": "engineering"}


def test_issues_queues_and_commits_pushed_away_conform(client: Client, data: Dataset) -> None:
    ids = list(data.pull_ids())
    pushed_away, issues = 0, []
    for start in range(0, len(ids), 100):
        chosen = ids[start : start + 100]
        _, answer = client.query(CLOSING, ids=chosen)
        conforms(CLOSING, {"ids": chosen}, answer["data"])
        for pull in answer["data"]["nodes"]:
            issues += pull["closingIssuesReferences"]["nodes"]
            events = pull["timelineItems"]["nodes"]
            pushed_away += sum(event["beforeCommit"]["statusCheckRollup"] is not None for event in events)
    assert pushed_away > 0
    assert {issue["state"] for issue in issues} >= {"CLOSED"}
    assert all(issue["title"].startswith("Issue ") for issue in issues)
