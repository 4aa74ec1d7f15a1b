"""What GitHub says, in the words of facts. Pure: the same items always give the same records."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeVar

from tformance.facts.records import (
    CheckRecord,
    ChildSet,
    CommentRecord,
    CommitRecord,
    ComparisonRecord,
    DeploymentRecord,
    DeploymentStatusRecord,
    FileRecord,
    HeadChecks,
    LinkedIssueRecord,
    MergeKind,
    PullRequestHeads,
    PullRequestRecord,
    ReleaseRecord,
    RepositoryPage,
    RepositoryRecord,
    ReviewRecord,
    ThreadRecord,
)
from tformance.sources.contract import Item, ScopeRef
from tformance.sources.github.client import Json
from tformance.sources.github.timeline import events
from tformance.sources.github.values import actor, actor_or_none, children, instant, instant_or_none, link, number

T = TypeVar("T")

_NONE: Json = {"nodes": (), "totalCount": 0}
_NOBODY: Json = {"name": None, "email": None, "user": None}


def repository_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    return RepositoryPage(_repository(items[0]["repository"]), fetched_at)


def pull_requests_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    """`items` are of one repository and not empty."""
    repository = _repository(items[0]["repository"])
    return RepositoryPage(repository, fetched_at, pull_requests=tuple([_pull_request(item) for item in items]))


def deployments_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    """`items` are of one repository and not empty."""
    repository = _repository(items[0]["repository"])
    return RepositoryPage(repository, fetched_at, deployments=tuple([_deployment(item) for item in items]))


def releases_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    """`items` are of one repository and not empty."""
    repository = _repository(items[0]["repository"])
    return RepositoryPage(repository, fetched_at, releases=tuple([_release(item) for item in items]))


def comparisons_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    """`items` are of one repository and not empty."""
    repository = _repository(items[0]["repository"])
    return RepositoryPage(repository, fetched_at, comparisons=tuple([_comparison(item) for item in items]))


def heads_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    """`items` are of one repository and not empty."""
    repository = _repository(items[0]["repository"])
    return RepositoryPage(repository, fetched_at, heads=tuple([_pull_request_heads(item) for item in items]))


def _repository(found: Json) -> RepositoryRecord:
    branch = found["defaultBranchRef"]
    return RepositoryRecord(
        source="github",
        provider_id=number(found["databaseId"], found["id"]),
        node_id=found["id"],
        full_name=found["nameWithOwner"],
        default_branch=branch["name"] if branch else None,
        is_private=found["isPrivate"],
        is_archived=found["isArchived"],
    )


def _pull_request(item: Item) -> PullRequestRecord:
    merge = item["mergeCommit"]
    return PullRequestRecord(
        source="github",
        provider_id=number(item["fullDatabaseId"], item["id"]),
        node_id=item["id"],
        number=item["number"],
        title=item["title"],
        body=item["body"],
        url=link(item["url"]),
        state=item["state"].lower(),
        is_draft=item["isDraft"],
        author=actor(item["author"]),
        author_association=item["authorAssociation"].lower(),
        merged_by=actor_or_none(item["mergedBy"]),
        base_ref=item["baseRefName"],
        head_ref=item["headRefName"],
        head_sha=item["headRefOid"],
        merge_sha=merge["oid"] if merge else None,
        merge_kind=_merge_kind(item),
        is_cross_repository=item["isCrossRepository"],
        opened_at=instant(item["createdAt"]),
        updated_at=instant(item["updatedAt"]),
        closed_at=instant_or_none(item["closedAt"]),
        merged_at=instant_or_none(item["mergedAt"]),
        additions=item["additions"],
        deletions=item["deletions"],
        changed_files=item["changedFiles"],
        labels=tuple([label["name"] for label in (item["labels"] or _NONE)["nodes"] if label]),
        reviews=_told(item, "reviews", _review_of(item)),
        threads=children(item["reviewThreads"], _thread),
        comments=children(item["comments"], _remark),
        commits=children(item["commits"], _commit),
        files=children(item["files"], _file) if item["files"] else None,
        checks=None if "head" in item["denied"] else _checks(item),
        events=events(item["timelineItems"]),
        linked_issues=_told(item, "closingIssuesReferences", _issue),
        earlier_heads=_earlier_heads(item),
    )


def _told(item: Item, connection: str, read: Callable[[Json], T]) -> ChildSet[T] | None:
    """None where the token may not read them: that there are none was not said."""
    return None if connection in item["denied"] else children(item[connection] or _NONE, read)


def _pull_request_heads(item: Item) -> PullRequestHeads:
    return PullRequestHeads(number(item["fullDatabaseId"], item["id"]), _earlier_heads(item) or ())


def _earlier_heads(item: Item) -> tuple[HeadChecks, ...] | None:
    if item["earlier"] is None:
        return None
    return tuple([HeadChecks(commit["oid"], _checks_of(commit)) for commit in item["earlier"]])


def _issue(issue: Json) -> LinkedIssueRecord:
    return LinkedIssueRecord(
        node_id=issue["id"],
        repository=issue["repository"]["nameWithOwner"],
        number=issue["number"],
        title=issue["title"],
        url=link(issue["url"]),
        is_closed=issue["closed"],
    )


def _merge_kind(item: Item) -> MergeKind | None:
    """GitHub does not say: two parents are a merge, and only a rebase keeps the author date of the last commit."""
    merge = item["mergeCommit"]
    if item["state"] != "MERGED" or not merge:
        return None
    if merge["parents"]["totalCount"] > 1:
        return "merge"
    last = [node["commit"]["authoredDate"] for node in item["head"]["nodes"]]
    return "rebase" if last == [merge["authoredDate"]] else "squash"


def _review_of(item: Item) -> Callable[[Json], ReviewRecord]:
    """Reads a review together with its last dismissal, which only the timeline tells."""
    timeline = item["timelineItems"]["nodes"]
    dismissals = [node for node in timeline if node and node["__typename"] == "ReviewDismissedEvent"]
    last = {event["review"]["id"]: event for event in dismissals if event["review"]}
    return lambda review: _review(review, last.get(review["id"]))


def _review(review: Json, dismissal: Json | None) -> ReviewRecord:
    commit = review["commit"]
    return ReviewRecord(
        provider_id=number(review["fullDatabaseId"], review["id"]),
        node_id=review["id"],
        author=actor(review["author"]),
        state=review["state"].lower(),
        submitted_at=instant_or_none(review["submittedAt"]),
        body=review["body"],
        commit_sha=commit["oid"] if commit else None,
        comments_count=review["comments"]["totalCount"],
        dismissed_at=instant(dismissal["createdAt"]) if dismissal else None,
        dismissed_from=dismissal["previousReviewState"].lower() if dismissal else "",
    )


def _thread(thread: Json) -> ThreadRecord:
    return ThreadRecord(
        node_id=thread["id"],
        path=thread["path"],
        line=thread["line"],
        is_resolved=thread["isResolved"],
        is_outdated=thread["isOutdated"],
        resolved_by=actor_or_none(thread["resolvedBy"]),
        comments=children(thread["comments"], _reply),
    )


def _remark(comment: Json) -> CommentRecord:
    return _comment(comment, "issue", in_reply_to=None)


def _reply(comment: Json) -> CommentRecord:
    first = comment["replyTo"]
    return _comment(comment, "review", in_reply_to=number(first["fullDatabaseId"], first["id"]) if first else None)


def _comment(comment: Json, kind: Literal["issue", "review"], in_reply_to: int | None) -> CommentRecord:
    return CommentRecord(
        provider_id=number(comment["fullDatabaseId"], comment["id"]),
        node_id=comment["id"],
        kind=kind,
        author=actor(comment["author"]),
        body=comment["body"],
        created_at=instant(comment["createdAt"]),
        in_reply_to=in_reply_to,
    )


def _commit(node: Json) -> CommitRecord:
    commit = node["commit"]
    author = commit["author"] or _NOBODY
    committer = commit["committer"] or _NOBODY
    return CommitRecord(
        sha=commit["oid"],
        author=actor_or_none(author["user"]),
        author_name=author["name"] or "",
        author_email=author["email"] or "",
        committer_name=committer["name"] or "",
        committer_email=committer["email"] or "",
        authored_at=instant(commit["authoredDate"]),
        committed_at=instant(commit["committedDate"]),
        message=commit["message"],
        is_merge=commit["parents"]["totalCount"] > 1,
        additions=commit["additions"],
        deletions=commit["deletions"],
        changed_files=commit["changedFilesIfAvailable"],
    )


def _file(file: Json) -> FileRecord:
    return FileRecord(file["path"], file["changeType"].lower(), file["additions"], file["deletions"])


def _checks(item: Item) -> ChildSet[CheckRecord]:
    heads = item["head"]["nodes"]
    return _checks_of(heads[0]["commit"]) if heads else ChildSet((), 0)


def _checks_of(commit: Json) -> ChildSet[CheckRecord]:
    sha, rollup = commit["oid"], commit["statusCheckRollup"]
    contexts = rollup["contexts"] if rollup else _NONE
    return children(contexts, lambda node: _READ_CHECK[node["__typename"]](node, sha))


def _check_run(run: Json, sha: str) -> CheckRecord:
    app = run["checkSuite"]["app"]
    return CheckRecord(
        node_id=run["id"],
        run_id=number(run["databaseId"], run["id"]),
        head_sha=sha,
        name=run["name"],
        app=app["slug"] if app else "",
        status=run["status"].lower(),
        conclusion=run["conclusion"].lower() if run["conclusion"] else None,
        started_at=instant_or_none(run["startedAt"]),
        completed_at=instant_or_none(run["completedAt"]),
    )


def _legacy_status(status: Json, sha: str) -> CheckRecord:
    """A status is posted anew with each change; only the time of the latest word is known."""
    conclusion = {"SUCCESS": "success", "FAILURE": "failure", "ERROR": "failure"}.get(status["state"])
    said_at = instant(status["createdAt"])
    return CheckRecord(
        node_id=status["id"],
        run_id=None,
        head_sha=sha,
        name=status["context"],
        app="",
        status="completed" if conclusion else "pending",
        conclusion=conclusion,
        started_at=None if conclusion else said_at,
        completed_at=said_at if conclusion else None,
    )


_READ_CHECK = {"CheckRun": _check_run, "StatusContext": _legacy_status}


def _deployment(item: Item) -> DeploymentRecord:
    ref = item["ref"]
    return DeploymentRecord(
        provider_id=number(item["databaseId"], item["id"]),
        node_id=item["id"],
        environment=item["environment"] or "",
        task=item["task"] or "",
        sha=item["commitOid"],
        ref=ref["name"] if ref else None,
        state=(item["state"] or "").lower(),
        creator=actor_or_none(item["creator"]),
        created_at=instant(item["createdAt"]),
        updated_at=instant(item["updatedAt"]),
        statuses=children(item["statuses"] or _NONE, _deployment_status),
    )


def _deployment_status(status: Json) -> DeploymentStatusRecord:
    return DeploymentStatusRecord(status["id"], status["state"].lower(), instant(status["createdAt"]))


def _release(item: Item) -> ReleaseRecord:
    commit = item["tagCommit"]
    return ReleaseRecord(
        provider_id=number(item["databaseId"], item["id"]),
        node_id=item["id"],
        tag=item["tagName"],
        name=item["name"] or "",
        sha=commit["oid"] if commit else None,
        is_draft=item["isDraft"],
        is_prerelease=item["isPrerelease"],
        author=actor_or_none(item["author"]),
        created_at=instant(item["createdAt"]),
        published_at=instant_or_none(item["publishedAt"]),
    )


def _comparison(item: Item) -> ComparisonRecord:
    base, _, head = item["id"].partition("...")
    return ComparisonRecord(base, head, item["status"], tuple(item["shas"]), item["total"])
