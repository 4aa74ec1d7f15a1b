"""The plain second reading of what METRICS says of iteration and outcome; see `truth` for the rest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tformance.sandbox.dataset import Dataset, Row

Reviews = list[tuple[datetime, Row]]  # those that count, oldest first


def hours(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds() / 3600


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))


def is_bot(data: Dataset, login: str | None) -> bool:
    account = data.actor(login)
    return account is not None and account["__typename"] == "Bot"


def lacks_commits(pull: Row, commits: Sequence[Row]) -> bool:
    return (pull.get("commits_total") or 0) > len(commits)


def iteration(data: Dataset, pull: Row, reviews: Reviews) -> dict[str, Any]:
    """What followed the reviews by people; nothing is known of it without a review or without all commits."""
    key = str(pull["id"])
    commits, comments = data.children("commits", key), data.children("comments", key)
    found = dict.fromkeys(
        ("review_rounds", "commits_after_first_review", "fix_response", "force_pushes_after_review"), None
    )
    if reviews and not lacks_commits(pull, commits):
        found = after_review(reviews, head_moves(data.children("timeline", key), commits), comments)
    return {**found, **talk(data, key), "reviewers": len({row.get("author") for _, row in reviews})}


def after_review(reviews: Reviews, moves: list[tuple[datetime, str]], comments: Sequence[Row]) -> dict[str, Any]:
    first = reviews[0][0]
    later = [kind for at, kind in moves if at > first]
    rounds, waits = to_and_fro([at for at, row in reviews if asks(row, comments)], [at for at, _ in moves])
    return {
        "review_rounds": rounds,
        "commits_after_first_review": later.count("commit"),
        "fix_response": sum(waits) / len(waits) if waits else None,
        "force_pushes_after_review": later.count("force"),
    }


def head_moves(timeline: Sequence[Row], commits: Sequence[Row]) -> list[tuple[datetime, str]]:
    """In the order of the timeline, where commits stand by when they were pushed; merges move nothing on."""
    forced = [row for row in timeline if row["__typename"] == "HeadRefForcePushedEvent"]
    items = [(row["created_at"], 0, row) for row in forced]
    items += [(row.get("pushed_at") or row["committed_date"], 1, row) for row in commits]
    found, last = [], None
    for _, is_commit, row in sorted(items, key=lambda item: item[:2]):
        at = moment(row["committed_date"] if is_commit else row["created_at"])
        assert at is not None
        if is_commit and last is not None and last > at:
            at = last
        last = at
        if not is_commit or len(row.get("parents") or []) < 2:
            found.append((at, "commit" if is_commit else "force"))
    return found


def asks(review: Row, comments: Sequence[Row]) -> bool:
    """Whether the author is asked for something: by the verdict, or by threads that the review opened.

    A request that was dismissed later was one.
    """
    if "CHANGES_REQUESTED" in (review["state"], review.get("was")):
        return True
    opened = [row for row in comments if row.get("thread_id") is not None and row.get("reply_to_id") is None]
    return review["state"] == "COMMENTED" and any(row.get("review_id") == review["id"] for row in opened)


def to_and_fro(asked: list[datetime], pushed: list[datetime]) -> tuple[int, list[float]]:
    """How many rounds there were, and the hours until the answer of those that had one."""
    since, rounds, waits = None, 0, []
    for at, is_request in sorted([*((at, 1) for at in asked), *((at, 0) for at in pushed)]):
        if is_request and since is None:
            since, rounds = at, rounds + 1
        elif not is_request and since is not None:
            waits.append((at - since).total_seconds() / 3600)
            since = None
    return rounds, waits


def talk(data: Dataset, key: str) -> dict[str, int]:
    comments = data.children("comments", key)
    reviews = [row for row in data.children("reviews", key) if row["state"] != "PENDING"]
    said = [row.get("author") for row in comments]
    said += [row.get("author") for row in reviews if (row.get("body") or "").strip()]
    bots = sum(is_bot(data, login) for login in said)
    begun = {row["thread_id"] for row in comments if row.get("thread_id") and not row.get("reply_to_id")}
    by_bots = {row["thread_id"] for row in comments if row.get("thread_id") in begun and opened_by_bot(data, row)}
    threads = [row for row in data.children("review_threads", key) if row["id"] in begun - by_bots]
    return {
        "comments": len(said) - bots,
        "bot_comments": bots,
        "review_threads": len(threads),
        "unresolved_threads": sum(not row["is_resolved"] for row in threads),
    }


def opened_by_bot(data: Dataset, comment: Row) -> bool:
    return not comment.get("reply_to_id") and is_bot(data, comment.get("author"))


def outcome(data: Dataset, pull: Row, reviews: Reviews) -> dict[str, Any]:
    target = reverted(data, pull)
    return {
        "reverts": target["number"] if target else None,
        "is_revert": undoes(data, pull),
        "is_hotfix": is_hotfix(pull),
        "self_merged_unreviewed": merged_alone(data, pull, reviews),
        "queue_time": queue_time(data, pull),
        "is_linked": bool(pull.get("closing_issues")),
    }


def merged_alone(data: Dataset, pull: Row, reviews: Reviews) -> bool | None:
    if not pull.get("merged_at"):
        return None
    if reviews:
        return False
    merger = pull.get("merged_by")
    if merger == "github-merge-queue":
        queued = [row["actor"] for row in queue_events(data, pull) if row["__typename"] == "AddedToMergeQueueEvent"]
        merger = next((who for who in reversed(queued) if who), merger)
    return None if merger is None else merger == pull.get("author")


def queue_events(data: Dataset, pull: Row) -> list[Row]:
    names = ("AddedToMergeQueueEvent", "RemovedFromMergeQueueEvent")
    return [row for row in data.children("timeline", str(pull["id"])) if row["__typename"] in names]


def queue_time(data: Dataset, pull: Row) -> float | None:
    """From the last time it was added to the merge queue to the merge."""
    merged, events = moment(pull.get("merged_at")), queue_events(data, pull)
    added = [row for row in events if row["__typename"] == "AddedToMergeQueueEvent"]
    return hours(moment(added[-1]["created_at"]), merged) if added and merged else None


def is_hotfix(pull: Row) -> bool:
    labelled = "hotfix" in [name.lower() for name in pull.get("labels") or []]
    title, branch = (pull.get("title") or "").lower(), pull.get("head_ref_name") or ""
    return labelled or branch.startswith("hotfix/") or title.startswith(("hotfix:", "hotfix(", "[hotfix]"))


def undoes(data: Dataset, pull: Row) -> bool:
    """A revert of a revert lands the change again."""
    target = reverted(data, pull)
    return target is not None and not undoes(data, target)


def reverted(data: Dataset, pull: Row) -> Row | None:
    """The pull request of the same repository, merged before this one was opened, that it says it reverts."""
    named = [claimed for claimed in claims(data, pull) if claimed and claimed.get("merged_at")]
    return next((row for row in named if row["merged_at"] <= pull["created_at"]), None)


def claims(data: Dataset, pull: Row) -> list[Row | None]:
    home = str(pull["repository_id"])
    name = data.repositories[home]["name_with_owner"]
    lines = (pull.get("body") or "").splitlines()
    branch = (pull.get("head_ref_name") or "").split("-")
    numbers = [
        line.removeprefix(f"Reverts {name}#").split()[0] for line in lines if line.startswith(f"Reverts {name}#")
    ]
    numbers += branch[1:2] if branch[0] == "revert" and len(branch) > 2 else []
    found = [data.numbered(home, int(number)) for number in numbers if number.isdigit()]
    shas = [line.split()[3].rstrip(".") for line in lines if line.startswith("This reverts commit ")]
    return found + [merged_as(data, home, sha) for sha in shas]


def merged_as(data: Dataset, home: str, sha: str) -> Row | None:
    rows = (data.pull(key) for _, key in data.pull_order(home, "created_at"))
    return next((row for row in rows if row and row.get("merge_commit_oid") == sha), None)
