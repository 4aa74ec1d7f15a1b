"""A deliberately plain second reading of METRICS over the planted rows; it judges the product, so it shares no code with it."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tformance.sandbox.dataset import CHILDREN, OF_REPOSITORY, Dataset, Row
from tformance.sandbox.identities import AUTOMATION
from tformance.sandbox.truth_ai import ai, marks
from tformance.sandbox.truth_checks import checks
from tformance.sandbox.truth_content import content, made_of
from tformance.sandbox.truth_delivery import Ran, delivery, deployed, lines_of
from tformance.sandbox.truth_flow import flow_of
from tformance.sandbox.truth_iteration import (
    head_moves,
    hours,
    is_bot,
    iteration,
    lacks_commits,
    merged_as,
    moment,
    outcome,
)
from tformance.sandbox.truth_numbers import share, spread
from tformance.sandbox.truth_people import people
from tformance.sandbox.truth_planning import Planning, planning, write_issues

DIMENSIONS = ("all", "repository", "author", "week", "size")
_NOT_COUNTED = ("package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "Cargo.lock", "go.sum")
_NOT_COUNTED_ENDINGS = (".min.js", "_pb2.py", ".pb.go", ".snap")
_NOT_COUNTED_FOLDERS = ("vendor", "dist")
_SPREADS = {  # by the names of the measures the columns of a judged row
    "deploy_phase": "deploy_time",
    "unresolved_at_merge": "unresolved_threads",
} | {
    name: name
    for name in (
        *("cycle_time", "review_time", "pickup_time", "size", "lead_time", "ready_to_merge", "time_to_first_response"),
        *("coding_phase", "draft_phase", "review_phase", "merge_phase", "lines_added", "lines_removed"),
        *("review_rounds", "commits_after_first_review", "fix_response", "comments", "bot_comments"),
        *("reviewers", "force_pushes_after_review", "review_threads", "queue_time", "draft_time"),
        "time_to_first_bot_review",
    )
}
_SHARES = {
    "ai_authored_share": "is_authored",
    "self_merged_unreviewed": "self_merged_unreviewed",
    "revert_share": "is_revert",
    "hotfix_share": "is_hotfix",
    "linked_issue_share": "is_linked",
    "ai_assisted_share": "is_assisted",
}


@dataclass
class Children:
    """The rows of one pull request."""

    reviews: list[Row]
    commits: list[Row]
    files: list[Row]
    timeline: list[Row]


def human_reviews(data: Dataset, pull: Row, reviews: list[Row]) -> list[tuple[datetime, Row]]:
    """Submitted reviews by people other than the author and who has helped writing, oldest first."""
    events = data.children("timeline", str(pull["id"]))
    dismissed = {row.get("review_id"): row for row in events if row["__typename"] == "ReviewDismissedEvent"}
    found = []
    for review in reviews:
        at = moment(review.get("submitted_at"))
        if at is None or review["state"] == "PENDING" or is_bot(data, review.get("author")):
            continue
        if review.get("author") != pull.get("author") and not has_helped(data, pull, review):
            found.append((at, review | words(pull, review, dismissed.get(review["id"]))))
    return sorted(found, key=lambda each: each[0])


def has_helped(data: Dataset, pull: Row, review: Row) -> bool:
    """Whether the reviewer had put a commit into it before, merges left aside."""
    own = [row for row in data.children("commits", str(pull["id"])) if row.get("author") == review.get("author")]
    if not review.get("author") or not own:
        return False
    moves = head_moves(data.children("timeline", str(pull["id"])), own)
    return any(kind == "commit" and at <= (moment(review["submitted_at"]) or at) for at, kind in moves)


def words(pull: Row, review: Row, dismissal: Row | None) -> Row:
    """`was`: what a dismissed review had been; its state when the pull request was merged."""
    if dismissal is None:
        return {}
    was = dismissal.get("previous_review_state")
    late = pull.get("merged_at") is not None and dismissal["created_at"] > pull["merged_at"]
    return {"was": was, "state": was if late and was else review["state"]}


def before_merge(pull: Row, reviews: list[tuple[datetime, Row]]) -> list[tuple[datetime, Row]]:
    merged = moment(pull.get("merged_at"))
    return [each for each in reviews if merged is None or each[0] <= merged]


def draft_at(pull: Row, toggles: list[tuple[datetime, str]], at: datetime | None) -> bool:
    """Whether the pull request was a draft at that moment, or is one now."""
    draft = toggles[0][1] == "ReadyForReviewEvent" if toggles else bool(pull.get("is_draft"))
    for when, name in toggles:
        if at is None or when <= at:
            draft = name == "ConvertToDraftEvent"
    return draft


def stamps(data: Dataset, pull: Row, children: Children) -> dict[str, datetime | None]:
    """S, O, R, F, A, M, each no earlier than the one before and no later than M."""
    opened, merged = moment(pull["created_at"]), moment(pull.get("merged_at"))
    assert opened is not None
    reviews = before_merge(pull, human_reviews(data, pull, children.reviews))
    first = reviews[0][0] if reviews else None
    found = {
        "S": started(pull, children, opened),
        "O": opened,
        "R": ready(pull, toggles_of(children), opened, first, first or merged),
        "F": first,
        "A": approved(reviews),
        "M": merged,
    }
    return clamped(found)


def approved(reviews: list[tuple[datetime, Row]]) -> datetime | None:
    """The last of the approvals that are their reviewer's last word."""
    decided = {}
    for at, review in reviews:
        if review["state"] in ("APPROVED", "CHANGES_REQUESTED"):
            decided[review.get("author")] = at, review["state"]
    return max((at for at, state in decided.values() if state == "APPROVED"), default=None)


def started(pull: Row, children: Children, opened: datetime) -> datetime | None:
    """The first authored commit, the opening at the latest; unknown when not all commits are there."""
    authored = [at for commit in children.commits if (at := moment(commit.get("authored_date")))]
    return min([*authored, opened]) if authored and not lacks_commits(pull, children.commits) else None


def toggles_of(children: Children) -> list[tuple[datetime, str]]:
    found = []
    for event in children.timeline:
        at = moment(event["created_at"])
        if at is not None and event["__typename"] in ("ReadyForReviewEvent", "ConvertToDraftEvent"):
            found.append((at, event["__typename"]))
    return sorted(found)


def ready(
    pull: Row, toggles: list[tuple[datetime, str]], opened: datetime, first: datetime | None, until: datetime | None
) -> datetime | None:
    """When reviewers could begin: a review of a draft was picked up at once; a draft nobody reviewed is not ready."""
    if draft_at(pull, toggles, until):
        return first
    readies = [at for at, name in toggles if name == "ReadyForReviewEvent" and (until is None or at <= until)]
    return readies[-1] if readies else opened


def draft_time(pull: Row, toggles: list[tuple[datetime, str]]) -> float | None:
    """All stretches as a draft together; none where there was none, and while it is one."""
    ended = moment(pull.get("merged_at") or pull.get("closed_at"))
    since = (
        moment(pull["created_at"]) if draft_at(pull, [], None) or (toggles[:1] and toggles[0][1][0] == "R") else None
    )
    total = 0.0
    for at, name in [*toggles, *([(ended, "ReadyForReviewEvent")] if ended else [])]:
        if name == "ConvertToDraftEvent":
            since = since or at
        elif since is not None:
            total, since = total + (at - since).total_seconds() / 3600, None
    return total if total and since is None else None


def clamped(found: dict[str, datetime | None]) -> dict[str, datetime | None]:
    previous = None
    for name, at in found.items():
        if at is None:
            continue
        if previous is not None and at < previous:
            at = previous
        if found["M"] is not None and at > found["M"]:
            at = found["M"]
        found[name] = previous = at
    return found


def counted(path: str) -> bool:
    """Whether a file's lines count: lock, vendored and generated files do not."""
    parts = path.split("/")
    if parts[-1] in _NOT_COUNTED or path.endswith(_NOT_COUNTED_ENDINGS):
        return False
    return not any(folder in _NOT_COUNTED_FOLDERS for folder in parts[:-1])


def size_of(pull: Row, files: list[Row]) -> int | None:
    """Lines that count; unknown where the provider lists fewer files than it counts."""
    if (pull.get("files_total") or 0) > len(files):
        return None
    lines: int = sum(f["additions"] + f["deletions"] for f in files if counted(f["path"]))
    return lines


def bucket(size: int) -> str:
    return next((name for name, most in (("XS", 10), ("S", 50), ("M", 200), ("L", 500)) if size <= most), "XL")


PHASES = (("coding", "S", "O"), ("draft", "O", "R"), ("pickup", "R", "F"), ("review", "F", "A"), ("merge", "A", "M"))


def times(at: dict[str, datetime | None]) -> dict[str, float | None]:
    """Hours between the stamps."""
    named = (
        *(("cycle_time", "O", "M"), ("review_time", "O", "F"), ("lead_time", "S", "M"), ("pickup_time", "R", "F")),
        ("ready_to_merge", "R", "M"),
    )
    phases = ((f"{name}_phase", start, end) for name, start, end in PHASES)
    return {name: hours(at[start], at[end]) for name, start, end in (*named, *phases)}


def written(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def judged(data: Dataset, pull: Row, lines: dict[str, list[Ran]]) -> Row:
    """Everything that is known of one pull request; `lines` are the deployments of its repository."""
    key = str(pull["id"])
    children = Children(*(data.children(kind, key) for kind in ("reviews", "commits", "files", "timeline")))
    at = stamps(data, pull, children)
    given = human_reviews(data, pull, children.reviews)
    size = size_of(pull, children.files)
    return {
        "id": key,
        "repository": data.repositories[str(pull["repository_id"])]["name_with_owner"],
        "number": pull["number"],
        "author": pull.get("author"),
        "state": pull["state"],
        "automation": pull.get("author") in AUTOMATION and is_bot(data, pull.get("author")),
        "backport": is_backport(data, pull),
        "merged_at": pull.get("merged_at"),
        "stamps": {name: written(value) for name, value in at.items()},
        **times(at),
        "size": size,
        "bucket": None if size is None else bucket(size),
        **ai(data, pull, children.commits),
        **flow_of(data, pull, given),
        **made_of(data, pull, [row for row in children.files if counted(row["path"])]),
        **iteration(data, pull, before_merge(pull, given)),
        **outcome(data, pull, before_merge(pull, given)),
        "draft_time": draft_time(pull, toggles_of(children)),
        **deployed(data, lines, pull),
        "children": _counts(data, pull),
        "reviews_given": [[written(when), row.get("author")] for when, row in given],
    }


def is_backport(data: Dataset, pull: Row) -> bool:
    """It says that it was picked from what another pull request of the repository had brought before."""
    said = [line for line in (pull.get("body") or "").splitlines() if line.startswith("(cherry picked from commit ")]
    home, end = str(pull["repository_id"]), pull.get("merged_at") or pull.get("closed_at") or "9999"
    brought = [merged_as(data, home, line.rstrip(")").rsplit(" ", 1)[-1]) for line in said]
    return bool(said) and all(each and each["id"] != pull["id"] and each["merged_at"] < end for each in brought)


def _counts(data: Dataset, pull: Row) -> dict[str, int]:
    """`head_check_runs` are those of the last commit; the events of the timeline are also counted by their type."""
    key = str(pull["id"])
    comments = data.children("comments", key)
    counts = {kind: len(data.children(kind, key)) for kind in CHILDREN if kind != "comments"}
    in_threads = sum(row.get("thread_id") is not None for row in comments)
    last = [commit["oid"] for commit in data.children("commits", key)][-1:]
    at_head = sum(row.get("commit_oid") in last for row in data.children("check_runs", key))
    events = Counter(event["__typename"] for event in data.children("timeline", key))
    split = {"thread_comments": in_threads, "issue_comments": len(comments) - in_threads, "head_check_runs": at_head}
    return counts | split | {f"timeline {name}": count for name, count in events.items()}


def week(stamp: str) -> str:
    """The Monday of the stamp's week in UTC."""
    day = datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(UTC).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def keys(row: Row, author: str | None, stamp: str) -> dict[str, str]:
    parts = ("all", row["repository"], author or "ghost", week(stamp), row["bucket"] or "not known")
    return dict(zip(DIMENSIONS, parts, strict=True))


def marked(rows: list[Row]) -> dict[str, Any]:
    """Share of pull requests with an AI mark of either kind; a lower bound."""
    verdicts = [{row["ai_assisted"], row["ai_authored"]} for row in rows]
    yes = sum("yes" in verdict for verdict in verdicts)
    unknown = sum("unknown" in verdict and "yes" not in verdict for verdict in verdicts)
    return {"value": yes / len(rows), "yes": yes, "n": len(rows), "unknown": unknown}


def measured(rows: list[Row]) -> dict[str, Any]:
    return {
        "merged_prs": len(rows),
        **{name: spread(rows, column) for name, column in _SPREADS.items()},
        **{name: share(rows, column) for name, column in _SHARES.items()},
        "ai_marked_share": marked(rows),
    }


def summed_up(rows: list[Row]) -> dict[str, Any]:
    """Every measure overall and by each dimension."""
    merged: dict[str, dict[str, list[Row]]] = {name: defaultdict(list) for name in DIMENSIONS}
    given: dict[str, dict[str, int]] = {name: defaultdict(int) for name in DIMENSIONS}
    for row in rows:
        if row["merged_at"] and not row["automation"] and not row["backport"]:
            for name, key in keys(row, row["author"], row["merged_at"]).items():
                merged[name][key].append(row)
        for stamp, reviewer in row["reviews_given"]:
            for name, key in keys(row, reviewer, stamp).items():
                given[name][key] += 1
    return {
        name: {
            "pull_requests": {key: measured(group) for key, group in sorted(merged[name].items())},
            "reviews_given": dict(sorted(given[name].items())),
        }
        for name in DIMENSIONS
    }


def named(data: Dataset, jira: Planning, pull: Row, row: Row) -> Row:
    """The keys it names, each with the places, and the issues behind them."""
    keys = jira.mentioned(data, pull)
    return {"keys": keys, "issues": jira.link(keys, row["repository"], row["number"])}


def totals(data: Dataset, rows: list[Row]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        for kind, count in row["children"].items():
            counts[kind] += count
    for kind in OF_REPOSITORY:
        counts[kind] = sum(len(data.of_repository(kind, key)) for key in data.repositories)
    return {"repositories": len(data.repositories), "pull_requests": len(rows), **counts}


def write(folder: Path, planted: dict[str, Any]) -> dict[str, Any]:
    """Judge every pull request of a dataset folder; `truth.json` sums up, `truth_pulls.jsonl` holds each one."""
    data = Dataset(folder)
    lines = {key: lines_of(data, key) for key in data.repositories}
    jira = Planning(folder)
    rows = []
    with (folder / "truth_pulls.jsonl").open("w") as file:
        for key in data.pull_ids():
            pull = data.pull(key)
            assert pull is not None
            row = judged(data, pull, lines[str(pull["repository_id"])])
            rows.append(row | (named(data, jira, pull, row) if jira.is_there else {}))
            file.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
    found = {"version": 1, "zone": "UTC", "planted": planted, "totals": totals(data, rows), "by": summed_up(rows)}
    found |= {"delivery": delivery(data, rows), "checks": checks(data), "content": content(data, rows, marks(data))}
    found |= people(data, rows)
    if jira.is_there:
        found["planning"] = planning(jira, rows)
        write_issues(folder, jira)
    (folder / "truth.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return found
