"""How GitHub's pull-request fields and those of its children read the dataset."""

from collections.abc import Callable, Iterable
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.execute import Resolver
from tformance.sandbox.github import (
    WEB,
    Arguments,
    actor,
    commit,
    pull_of,
    reference,
    repository_of,
    shown,
    user,
)
from tformance.sandbox.github_commits import commit_named, head_rollup
from tformance.sandbox.history import merge_row
from tformance.sandbox.paging import page


def _children(kind: str, total: str | None = None) -> Resolver:
    """A connection over one child kind; `total` is the column that knows of rows the provider does not list."""
    return lambda data, row, arguments: page(
        data.children(kind, str(row["id"])),
        arguments,
        row.get(total) if total else None,
    )


def _is_thread_comment(row: Row) -> bool:
    return row.get("thread_id") is not None


def _comments(data: Dataset, row: Row, arguments: Arguments) -> Row:
    rows = data.children("comments", str(row["id"]))
    return page([each for each in rows if not _is_thread_comment(each)], arguments)


def _comments_with(column: str) -> Resolver:
    """Thread comments whose column names this row."""

    def resolve(data: Dataset, row: Row, arguments: Arguments) -> Row:
        rows = data.children("comments", str(row["pull_request_id"]))
        mine = [each for each in rows if _is_thread_comment(each) and str(each.get(column)) == str(row["id"])]
        return page(mine, arguments)

    return resolve


def _reviews(data: Dataset, row: Row, arguments: Arguments) -> Row:
    rows = data.children("reviews", str(row["id"]))
    if arguments.get("states"):
        rows = [each for each in rows if each["state"] in arguments["states"]]
    if arguments.get("author"):
        rows = [each for each in rows if each.get("author") == arguments["author"]]
    return page(rows, arguments)


def _latest_reviews(states: tuple[str, ...]) -> Resolver:
    def resolve(data: Dataset, row: Row, arguments: Arguments) -> Row:
        rows = data.children("reviews", str(row["id"]))
        latest = {each.get("author"): each for each in rows if each["state"] in states}
        return page(list(latest.values()), arguments)

    return resolve


def _commit_edge(row: Row) -> Row:
    return {
        "__typename": "PullRequestCommit",
        "id": f"PRC_{row['id']}",
        "pull_request_id": row["pull_request_id"],
        "commit": row,
    }


def _commits(data: Dataset, row: Row, arguments: Arguments) -> Row:
    rows = [_commit_edge(each) for each in data.children("commits", str(row["id"]))]
    return page(rows, arguments, row.get("commits_total"))


_TIMELINE: dict[str, tuple[str, Callable[[Row], str | None]]] = {
    "PULL_REQUEST_COMMIT": (
        "commits",
        lambda row: row.get("pushed_at") or row.get("committed_date"),
    ),
    "PULL_REQUEST_REVIEW": ("reviews", lambda row: row.get("submitted_at")),
    "ISSUE_COMMENT": (
        "comments",
        lambda row: None if _is_thread_comment(row) else row.get("created_at"),
    ),
}


def _timeline(data: Dataset, row: Row, arguments: Arguments) -> Row:
    """Stored events, with commits, reviews and comments set among them when their item types are asked for."""
    wanted = set(arguments.get("itemTypes") or ())
    key = str(row["id"])
    items = [(str(e["created_at"]), e) for e in data.children("timeline", key) if not wanted or _item_type(e) in wanted]
    for name, (kind, stamp) in _TIMELINE.items():
        if not wanted or name in wanted:
            found = [(stamp(each), each) for each in data.children(kind, key)]
            items += [(at, _commit_edge(each) if kind == "commits" else each) for at, each in found if at]
    since = arguments.get("since") or ""
    rows = [each for at, each in sorted(items, key=lambda item: item[0]) if at >= since][arguments.get("skip") or 0 :]
    chosen = page(rows, arguments)
    counts = {"filtered_count": len(rows), "page_count": len(chosen["nodes"])}
    return chosen | counts | {"updated_at": row["updated_at"]}


def _item_type(event: Row) -> str:
    """`ReadyForReviewEvent` → `READY_FOR_REVIEW_EVENT`."""
    name: str = event["__typename"]
    return "".join("_" + letter if letter.isupper() else letter for letter in name).lstrip("_").upper()


def _review_requests(data: Dataset, row: Row, arguments: Arguments) -> Row:
    names = row.get("requested_reviewers") or ()
    rows = [{"id": f"RR_{row['id']}_{n}", "pull_request_id": row["id"], "requested": n} for n in names]
    return page(rows, arguments)


def _requested(column: str) -> Resolver:
    """A login, or `team:SLUG`."""

    def resolve(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
        name = row.get(column)
        if isinstance(name, str) and name.startswith("team:"):
            slug = name.removeprefix("team:")
            return {"__typename": "Team", "id": f"T_{slug}", "slug": slug, "name": slug}
        return shown(data.actor(name))

    return resolve


def _named_rows(column: str, prefix: str, extra: Callable[[Any], Row]) -> Resolver:
    def resolve(_data: Dataset, row: Row, arguments: Arguments) -> Row:
        return page(
            [{"id": f"{prefix}_{value}"} | extra(value) for value in row.get(column) or ()],
            arguments,
        )

    return resolve


def _closing_issues(data: Dataset, row: Row, arguments: Arguments) -> Row:
    """Issues are named `OWNER/NAME#NUMBER`; one of an unknown repository is left out, one without a row is bare."""
    rows = []
    for name in row.get("closing_issues") or ():
        where, _, number = name.rpartition("#")
        if home := data.named(where):
            known = data.issue(str(home["id"]), int(number))
            bare = {"id": f"I_{name}", "number": int(number), "repository_id": home["id"], "title": name}
            rows.append(known or bare | {"__typename": "Issue", "state": "OPEN"})
    return page(rows, arguments)


def _issue_url(data: Dataset, row: Row, _arguments: Arguments) -> str:
    home = repository_of(data, row) or {}
    return row.get("url") or f"{WEB}/{home.get('name_with_owner')}/issues/{row['number']}"


def _people(logins: Callable[[Dataset, Row], Iterable[str]]) -> Resolver:
    def resolve(data: Dataset, row: Row, arguments: Arguments) -> Row:
        accounts = [shown(data.actor(login)) for login in dict.fromkeys(logins(data, row))]
        return page(
            [each for each in accounts if each and each["__typename"] == "User"],
            arguments,
        )

    return resolve


def _participants(data: Dataset, row: Row) -> Iterable[str]:
    rows = [
        row,
        *data.children("reviews", str(row["id"])),
        *data.children("comments", str(row["id"])),
    ]
    return [each["author"] for each in rows if each.get("author")]


def _merge_commit(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    pull = pull_of(data, row)
    if pull is None:
        return None
    oid = row.get("merge_commit_oid") or row.get("commit_oid") or pull.get("merge_commit_oid")
    return commit(data, oid, merge_row(data, pull))


def _queue_entry(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    """Where an open pull request waits in the merge queue: its last event about the queue put it there."""
    if row["state"] != "OPEN":
        return None
    names = ("AddedToMergeQueueEvent", "RemovedFromMergeQueueEvent")
    events = [each for each in data.children("timeline", str(row["id"])) if each["__typename"] in names]
    if not events or events[-1]["__typename"] != names[0]:
        return None
    of = {"enqueued_at": events[-1]["created_at"], "state": "AWAITING_CHECKS", "position": 1}
    return {"id": f"MQE_{row['id']}", "pull_request_id": row["id"], "actor": events[-1].get("actor"), **of}


def _branch(column: str) -> Resolver:
    return lambda data, row, _: reference(data, row, row[column]) if row.get(column) else None


def _base_repository(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    return repository_of(data, row)


def _head_repository(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    """Forks are not part of the dataset, so the head repository of a pull request from a fork is null."""
    return None if row.get("is_cross_repository") else repository_of(data, row)


def _review_named(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    return data.node(str(row["review_id"])) if row.get("review_id") is not None else None


def _reply_to(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    return data.node(str(row["reply_to_id"])) if row.get("reply_to_id") is not None else None


def _milestone(_data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    return {"id": f"MI_{row['milestone']}", "title": row["milestone"]} if row.get("milestone") else None


def _auto_merge(_data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    return (
        {"enabled_at": row["auto_merge_enabled_at"], "pull_request_id": row["id"]}
        if row.get("auto_merge_enabled_at")
        else None
    )


def _deployment_named(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    return data.node(str(row["deployment_id"])) if row.get("deployment_id") is not None else None


RESOLVERS: dict[tuple[str, str], Resolver] = {
    ("PullRequest", "mergedBy"): actor("merged_by"),
    ("PullRequest", "closed"): lambda _d, row, _a: row["state"] != "OPEN",
    ("PullRequest", "merged"): lambda _d, row, _a: row["state"] == "MERGED",
    ("PullRequest", "bodyText"): lambda _d, row, _a: row.get("body"),
    ("PullRequest", "reviews"): _reviews,
    ("PullRequest", "latestReviews"): _latest_reviews(("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED")),
    ("PullRequest", "latestOpinionatedReviews"): _latest_reviews(("APPROVED", "CHANGES_REQUESTED", "DISMISSED")),
    ("PullRequest", "reviewThreads"): _children("review_threads"),
    ("PullRequest", "comments"): _comments,
    ("PullRequest", "commits"): _commits,
    ("PullRequest", "files"): _children("files", "files_total"),
    ("PullRequest", "timelineItems"): _timeline,
    ("PullRequest", "reviewRequests"): _review_requests,
    ("PullRequest", "labels"): _named_rows("labels", "LA", lambda name: {"name": name}),
    ("PullRequest", "assignees"): _people(lambda _data, row: row.get("assignees") or ()),
    ("PullRequest", "participants"): _people(_participants),
    ("PullRequest", "closingIssuesReferences"): _closing_issues,
    ("PullRequest", "statusCheckRollup"): head_rollup,
    ("PullRequest", "mergeCommit"): lambda data, row, a: _merge_commit(data, row, a) if row.get("merged_at") else None,
    ("PullRequest", "baseRef"): _branch("base_ref_name"),
    ("PullRequest", "headRef"): lambda data, row, _: (
        reference(data, row, row["head_ref_name"]) if row["state"] == "OPEN" else None
    ),
    ("PullRequest", "baseRepository"): _base_repository,
    ("PullRequest", "headRepository"): _head_repository,
    ("PullRequest", "milestone"): _milestone,
    ("PullRequest", "autoMergeRequest"): _auto_merge,
    ("PullRequest", "mergeQueueEntry"): _queue_entry,
    ("PullRequest", "isInMergeQueue"): lambda data, row, a: _queue_entry(data, row, a) is not None,
    ("MergeQueueEntry", "enqueuer"): lambda data, row, _: (
        shown(data.actor(row.get("actor"))) or {"__typename": "User", "login": "ghost"}
    ),
    ("Issue", "url"): _issue_url,
    ("Issue", "closed"): lambda _d, row, _a: row.get("state") == "CLOSED",
    ("PullRequest", "publishedAt"): lambda _d, row, _a: row["created_at"],
    ("PullRequestReview", "comments"): _comments_with("review_id"),
    ("PullRequestReview", "commit"): commit_named("commit_oid"),
    ("PullRequestReviewThread", "comments"): _comments_with("thread_id"),
    ("PullRequestReviewThread", "resolvedBy"): user("resolved_by"),
    ("PullRequestReviewComment", "pullRequestReview"): _review_named,
    ("PullRequestReviewComment", "replyTo"): _reply_to,
    ("PullRequestReviewComment", "commit"): commit_named("commit_oid"),
    ("PullRequestReviewComment", "originalCommit"): commit_named("commit_oid"),
    ("ReviewRequest", "requestedReviewer"): _requested("requested"),
    ("ReviewRequestedEvent", "requestedReviewer"): _requested("requested_reviewer"),
    ("ReviewRequestRemovedEvent", "requestedReviewer"): _requested("requested_reviewer"),
    ("ReviewDismissedEvent", "review"): _review_named,
    ("HeadRefForcePushedEvent", "beforeCommit"): commit_named("before_oid"),
    ("HeadRefForcePushedEvent", "afterCommit"): commit_named("after_oid"),
    ("MergedEvent", "commit"): _merge_commit,
    ("MergedEvent", "mergeRefName"): lambda data, row, _: (pull_of(data, row) or {}).get("base_ref_name"),
    ("AddedToMergeQueueEvent", "enqueuer"): user("actor"),
    ("AutoMergeEnabledEvent", "enabler"): user("actor"),
    ("LabeledEvent", "label"): lambda _d, row, _a: {"id": f"LA_{row.get('label')}", "name": row.get("label")},
    ("UnlabeledEvent", "label"): lambda _d, row, _a: {"id": f"LA_{row.get('label')}", "name": row.get("label")},
    ("DeployedEvent", "deployment"): _deployment_named,
}
