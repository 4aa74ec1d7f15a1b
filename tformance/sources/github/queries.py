"""Every question we ask GitHub's GraphQL about repositories, and how many of a kind to ask for at once.

A connection inside a connection is what costs points, plain fields are free; so outer pages are small, inner pages
are as large as GitHub allows, and what does not fit is read by one further question per connection (`OVERFLOW`).
Files and checks are asked for apart: they make GitHub compute, and together with the rest they exceed its 10 s.
Checks of earlier heads are asked for commit by commit, by the ids that the details told: a hundred of them cost one
point, where "the last 50 commits of 25 pull requests" cost thirteen.
"""

from typing import Final

PAGE: Final = 100  # the most GitHub lists at once
THREADS: Final = 15
REPLIES: Final = 10
COMMITS: Final = 50  # sizes are computed commit by commit
ISSUES: Final = 10

# The first try, and the most.
START: Final = {
    "skeleton": PAGE,
    "inventory": PAGE,
    "deployment inventory": PAGE,
    "release inventory": PAGE,
    "details": 25,
    "heavy": 25,
    "heads": PAGE,
    "head commits": 25,
    "deployments": PAGE,
    "releases": PAGE,
}

BUDGET_LEFT = "rateLimit { cost remaining resetAt }"

ACTOR = """
fragment actor on Actor {
  __typename login
  ... on Node { id }
  ... on User { databaseId name }
  ... on Organization { databaseId name }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
}"""

_REPOSITORY = """
fragment repository on Repository {
  id databaseId nameWithOwner isPrivate isArchived defaultBranchRef { name }
}"""

_FOUND = """
fragment found on Repository { ...repository isDisabled }"""


def connection(name: str, arguments: str, node: str) -> str:
    return f"{name}({arguments}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {node} }} }}"


_REVIEW = "id fullDatabaseId state submittedAt body author { ...actor } commit { oid } comments { totalCount }"
_COMMENT = "id fullDatabaseId createdAt body author { ...actor }"
_REPLY = f"{_COMMENT} replyTo {{ id fullDatabaseId }}"
_REPLIES = connection("comments", f"first: {REPLIES}", _REPLY)
_THREAD = f"id path line isResolved isOutdated resolvedBy {{ ...actor }} {_REPLIES}"
_COMMIT = """
commit {
  id oid message authoredDate committedDate additions deletions changedFilesIfAvailable parents { totalCount }
  author { name email user { ...actor } } committer { name email }
}"""
_FILE = "path changeType additions deletions"
_LABEL = "name"
_ISSUE = "id number title url closed repository { nameWithOwner }"
_CHECK = """
__typename
... on CheckRun { id databaseId name status conclusion startedAt completedAt checkSuite { app { slug } } }
... on StatusContext { id context state createdAt }"""

_WHO_WAS_ASKED = "requestedReviewer { __typename ... on Actor { login } ... on Team { slug } }"
_EVENTS = {  # type → what it says beyond who and when
    "ReadyForReviewEvent": "",
    "ConvertToDraftEvent": "",
    "ReviewRequestedEvent": _WHO_WAS_ASKED,
    "ReviewRequestRemovedEvent": _WHO_WAS_ASKED,
    "ReviewDismissedEvent": "previousReviewState review { id }",
    "HeadRefForcePushedEvent": "beforeCommit { id oid } afterCommit { oid }",
    "BaseRefChangedEvent": "previousRefName currentRefName",
    "ClosedEvent": "",
    "ReopenedEvent": "",
    "MergedEvent": "",
    "AddedToMergeQueueEvent": "",
    "RemovedFromMergeQueueEvent": "",
    "AutoMergeEnabledEvent": "",
}
_EVENT = (
    "__typename "
    + " ".join(f"... on {kind} {{ id createdAt actor {{ ...actor }} {more} }}" for kind, more in _EVENTS.items())
    + " ... on PullRequestCommit { id commit { oid committedDate } }"
)
_EVENT_TYPES = """[
  READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT, REVIEW_REQUESTED_EVENT, REVIEW_REQUEST_REMOVED_EVENT,
  REVIEW_DISMISSED_EVENT, HEAD_REF_FORCE_PUSHED_EVENT, BASE_REF_CHANGED_EVENT, CLOSED_EVENT, REOPENED_EVENT,
  MERGED_EVENT, ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT, AUTO_MERGE_ENABLED_EVENT,
  PULL_REQUEST_COMMIT]"""
_STATUS = "id state createdAt"

VIEWER = f"query Viewer {{ {BUDGET_LEFT} viewer {{ login }} }}"
BUDGET = f"query Budget {{ {BUDGET_LEFT} }}"

REPOSITORY_BY_NAME = f"""
query RepositoryByName($owner: String!, $name: String!) {{
  {BUDGET_LEFT} repository(owner: $owner, name: $name) {{ ...found }}
}}{_FOUND}{_REPOSITORY}"""

REPOSITORY_BY_ID = f"""
query RepositoryById($id: ID!) {{
  {BUDGET_LEFT} node(id: $id) {{ ...found }}
}}{_FOUND}{_REPOSITORY}"""


def _list(operation: str, listed: str, fragments: str = "") -> str:
    """A list of a repository, by its node id."""
    return f"""
query {operation}($repository: ID!, $first: Int!, $after: String) {{
  {BUDGET_LEFT} node(id: $repository) {{ ... on Repository {{ {listed} }} }}
}}{fragments}"""


def _ordered(name: str, order: str, direction: str, node: str) -> str:
    return connection(name, f"first: $first, after: $after, orderBy: {{field: {order}, direction: {direction}}}", node)


def _by_ids(operation: str, kind: str, node: str) -> str:
    return f"""
query {operation}($ids: [ID!]!) {{
  {BUDGET_LEFT} nodes(ids: $ids) {{ ... on {kind} {{ {node} }} }}
}}{ACTOR}{_REPOSITORY}"""


SKELETON = _list("PullRequestSkeleton", _ordered("pullRequests", "UPDATED_AT", "DESC", "id updatedAt"))
INVENTORY = _list("PullRequestInventory", _ordered("pullRequests", "CREATED_AT", "ASC", "id updatedAt"))

DETAILS = f"""
query PullRequestDetails($ids: [ID!]!) {{
  {BUDGET_LEFT}
  nodes(ids: $ids) {{ ... on PullRequest {{
    id fullDatabaseId number title body url state isDraft createdAt updatedAt closedAt mergedAt
    additions deletions changedFiles baseRefName headRefName headRefOid isCrossRepository authorAssociation
    author {{ ...actor }} mergedBy {{ ...actor }} mergeCommit {{ oid authoredDate parents {{ totalCount }} }}
    repository {{ ...repository }}
    {connection("labels", f"first: {PAGE}", _LABEL)}
    {connection("reviews", f"first: {PAGE}", _REVIEW)}
    {connection("reviewThreads", f"first: {THREADS}", _THREAD)}
    {connection("comments", f"first: {PAGE}", _COMMENT)}
    {connection("commits", f"first: {COMMITS}", _COMMIT)}
    {connection("timelineItems", f"first: {PAGE}, itemTypes: {_EVENT_TYPES}", _EVENT)}
  }} }}
}}{ACTOR}{_REPOSITORY}"""

_CONTEXTS = connection("contexts", f"first: {PAGE}", _CHECK)
_HEAD = f"... on Commit {{ id oid statusCheckRollup {{ {_CONTEXTS} }} }}"
HEAVY = f"""
query PullRequestHeavy($ids: [ID!]!, $heads: [ID!]!) {{
  {BUDGET_LEFT}
  nodes(ids: $ids) {{ ... on PullRequest {{
    id
    {connection("files", f"first: {PAGE}", _FILE)}
    {connection("closingIssuesReferences", f"first: {ISSUES}", _ISSUE)}
    head: commits(last: 1) {{ nodes {{ commit {{ oid authoredDate statusCheckRollup {{ {_CONTEXTS} }} }} }} }}
  }} }}
  heads: nodes(ids: $heads) {{ {_HEAD} }}
}}"""

HEADS = f"""
query Heads($heads: [ID!]!) {{
  {BUDGET_LEFT} heads: nodes(ids: $heads) {{ {_HEAD} }}
}}"""

CHECKS_OF_COMMIT = f"""
query ChecksOfCommit($pull: ID!, $sha: GitObjectID!) {{
  {BUDGET_LEFT} node(id: $pull) {{ ... on PullRequest {{
    id fullDatabaseId headRefOid repository {{ ...repository commit: object(oid: $sha) {{ {_HEAD} }} }}
  }} }}
}}{_REPOSITORY}"""

_PUSHED = "__typename ... on HeadRefForcePushedEvent { beforeCommit { id oid } }"
_PUSHES = connection("timelineItems", f"first: {PAGE}, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]", _PUSHED)
HEAD_COMMITS = f"""
query PullRequestHeadCommits($ids: [ID!]!) {{
  {BUDGET_LEFT}
  nodes(ids: $ids) {{ ... on PullRequest {{
    id fullDatabaseId headRefOid repository {{ ...repository }}
    {connection("commits", f"first: {PAGE}", "commit { id oid }")}
    {_PUSHES}
  }} }}
}}{_REPOSITORY}"""

_DEPLOYMENT = f"""
id databaseId environment task commitOid state createdAt updatedAt ref {{ name }} creator {{ ...actor }}
latestStatus {{ createdAt }} repository {{ ...repository }} {connection("statuses", f"first: {PAGE}", _STATUS)}"""
DEPLOYMENTS = _list(
    "Deployments", _ordered("deployments", "CREATED_AT", "DESC", _DEPLOYMENT), fragments=f"{ACTOR}{_REPOSITORY}"
)
DEPLOYMENTS_BY_ID = _by_ids("DeploymentsById", "Deployment", _DEPLOYMENT)
DEPLOYMENT_INVENTORY = _list("DeploymentInventory", _ordered("deployments", "CREATED_AT", "ASC", "id updatedAt"))

_RELEASE = """
id databaseId tagName name isDraft isPrerelease createdAt publishedAt updatedAt
tagCommit { oid } author { ...actor } repository { ...repository }"""
RELEASES = _list("Releases", _ordered("releases", "CREATED_AT", "DESC", _RELEASE), fragments=f"{ACTOR}{_REPOSITORY}")
RELEASES_BY_ID = _by_ids("ReleasesById", "Release", _RELEASE)
RELEASE_INVENTORY = _list("ReleaseInventory", _ordered("releases", "CREATED_AT", "ASC", "id updatedAt"))

PULSE_ROWS: Final = 20  # of deployments and releases, which are not listed by change
PULSE = f"""
query Pulse($repository: ID!) {{
  {BUDGET_LEFT} node(id: $repository) {{ ... on Repository {{
    nameWithOwner updatedAt archivedAt
    pullRequests(first: 1, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{ nodes {{ updatedAt }} }}
    deployments(first: {PULSE_ROWS}, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
      nodes {{ createdAt updatedAt latestStatus {{ createdAt }} }}
    }}
    releases(first: {PULSE_ROWS}, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
      nodes {{ createdAt updatedAt publishedAt }}
    }}
  }} }}
}}"""


def overflow(kind: str, name: str, node: str, arguments: str = "", fragments: str = "") -> str:
    listed = connection(name, f"first: $first, after: $after{arguments}", node)
    return f"""
query Overflow($id: ID!, $first: Int!, $after: String!) {{
  {BUDGET_LEFT} node(id: $id) {{ ... on {kind} {{ {listed} }} }}
}}{fragments}"""


OVERFLOW: Final = {
    "reviews": overflow("PullRequest", "reviews", _REVIEW, fragments=ACTOR),
    "reviewThreads": overflow("PullRequest", "reviewThreads", _THREAD, fragments=ACTOR),
    "comments": overflow("PullRequest", "comments", _COMMENT, fragments=ACTOR),
    "commits": overflow("PullRequest", "commits", _COMMIT, fragments=ACTOR),
    "timelineItems": overflow(
        "PullRequest", "timelineItems", _EVENT, arguments=f", itemTypes: {_EVENT_TYPES}", fragments=ACTOR
    ),
    "files": overflow("PullRequest", "files", _FILE),
    "labels": overflow("PullRequest", "labels", _LABEL),
    "closingIssuesReferences": overflow("PullRequest", "closingIssuesReferences", _ISSUE),
    "head commits": overflow("PullRequest", "commits", "commit { id oid }"),
    "pushes": overflow("PullRequest", "timelineItems", _PUSHED, arguments=", itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]"),
    "replies": overflow("PullRequestReviewThread", "comments", _REPLY, fragments=ACTOR),
    "statuses": overflow("Deployment", "statuses", _STATUS),
    "contexts": f"""
query Overflow($id: ID!, $first: Int!, $after: String!) {{
  {BUDGET_LEFT} node(id: $id) {{ ... on PullRequest {{
    head: commits(last: 1) {{ nodes {{ commit {{ statusCheckRollup {{
      {connection("contexts", "first: $first, after: $after", _CHECK)}
    }} }} }} }}
  }} }}
}}""",
    "contexts of a head": f"""
query Overflow($id: ID!, $first: Int!, $after: String!) {{
  {BUDGET_LEFT} node(id: $id) {{ ... on Commit {{ statusCheckRollup {{
    {connection("contexts", "first: $first, after: $after", _CHECK)}
  }} }} }}
}}""",
}
