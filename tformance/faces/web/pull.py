"""One pull request: how its time went, what happened, why it counts as made with AI, and what is missing."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tformance.faces.kit import notation
from tformance.faces.kit.charts import phases
from tformance.faces.kit.charts.phases import Moment
from tformance.faces.kit.wording import Phrase
from tformance.faces.web import history, pulls
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures.detail import pull_request
from tformance.measures.pull import Check, Delivery, PullDetail, PullRow

WIDE, NARROW = 1180, 320
CHILD_WORDS = {
    "commits": "commits",
    "reviews": "reviews",
    "threads": "review threads",
    "comments": "comments",
    "files": "files",
    "checks": "checks",
    "linked_issues": "linked issues",
    "events": "timeline entries",
}
PLACE_WORDS = {
    "opener": "the account that opened it",
    "commit_author": "the author of a commit",
    "message": "a commit message",
    "trailer": "a commit trailer",
    "body": "the description",
}
CARRIES_WORDS = {"promotion": "Carries merged work on", "backport": "Backport"}
FAILURE_WORDS = {"rollback": "rolled back", "revert": "something in it reverted", "hotfix": "fixed in a hurry"}
NOT_READ = "not known, parts were not read"
FAILED = {"failure", "timed_out", "cancelled", "startup_failure", "action_required", "error"}


@team_page
def pull(request: HttpRequest, place: Place, owner: str, repository: str, number: int) -> HttpResponse:
    name = repository if owner == "-" else f"{owner}/{repository}"
    detail = pull_request(name, number)
    if detail is None:
        raise Http404
    row = detail.row
    context: dict[str, Any] = {
        "pull": detail,
        "line": pulls.line(row, place),
        "sentence": _sentence(detail, place),
        "rulers": _rulers(detail),
        "marks": history.marks(detail),
        "evidence": [(mark, PLACE_WORDS.get(mark.place, mark.place)) for mark in detail.evidence],
        "verdict": pulls.AI_CHIPS[row.ai_marked],
        "review": _review(detail),
        "around": _around(detail, place),
        "missing": _missing(detail),
        "heads": _heads(detail),
        "deliveries": [(each, _outcome(each)) for each in detail.deliveries],
        "zone": place.zone,
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/pull_part.html", {"team": place.team, **context})
    return team_html(request, place, "web/pull.html", context, here="pulls")


def _sentence(detail: PullDetail, place: Place) -> list[Phrase]:
    """How long it took, and how much of that it waited for somebody to look."""
    row = detail.row
    if row.state == "open":
        opened = notation.duration(place.now - row.opened_at) if row.opened_at else "an unknown time"
        waits = "" if detail.first_review_at else ", and nobody has reviewed it yet"
        return [Phrase("Open for "), Phrase(opened, "m"), Phrase(f"{waits}.")]
    if row.state == "closed":
        return [Phrase("Closed without a merge.")]
    hours = row.lead_time_hours if row.lead_time_hours is not None else row.cycle_time_hours
    if hours is None:
        return [Phrase("Merged; how long it took is not known.")]
    start = "from the first commit" if row.lead_time_hours is not None else "from opening"
    phrases = [
        Phrase("Took "),
        Phrase(notation.duration(timedelta(hours=hours)), "m"),
        Phrase(f" {start} to the merge"),
    ]
    if row.pickup_phase_hours:
        waited = notation.duration(timedelta(hours=row.pickup_phase_hours))
        return [*phrases, Phrase(f"; {waited} of it waited for a first review.")]
    return [*phrases, Phrase("; nobody reviewed it." if detail.first_review_at is None else ".")]


def _rulers(detail: PullDetail) -> list[Any]:
    """Drawn wide and narrow; nothing without a first stamp and a merge."""
    row = detail.row
    start = detail.first_commit_at or row.opened_at
    parts = pulls.parts(row)
    if start is None or not parts:
        return []
    named = (
        ("opened", row.opened_at),
        ("ready", detail.ready_at if detail.ready_at != row.opened_at else None),
        ("first review", detail.first_review_at),
        ("approved", detail.approved_at),
        ("merged", row.merged_at),
    )
    moments = [Moment(name, at) for name, at in named if at is not None]
    return [phases.ruler(start, parts, moments, width) for width in (WIDE, NARROW)]


def _review(detail: PullDetail) -> list[tuple[str, str]]:
    people = [review for review in detail.reviews if review.counts]
    first = "nobody yet"
    if people and detail.first_review_at:
        since = detail.ready_at or detail.row.opened_at
        after = f" after {notation.duration(max(detail.first_review_at - since, timedelta()))}" if since else ""
        first = f"{people[0].author.label}{after}"
    return [
        ("First review", first),
        ("Reviews", f"{len(people)} by others, {len(detail.reviews) - len(people)} not counted"),
        ("Rounds", _rounds(detail.row)),
        ("Answered in", _answered(detail.row)),
        ("Commits after it", _commits_after(detail.row)),
        ("Comments", _apart(detail.row.total_comments, "by people", detail.row.bot_comments, "by bots")),
        ("Threads", _apart(detail.row.review_threads, "by people", detail.row.unresolved_threads, "open now")),
    ]


def _rounds(row: PullRow) -> str:
    if row.review_rounds is None:
        return _no_review(row)
    return notation.number(row.review_rounds) if row.review_rounds else "none, no changes were asked for"


def _answered(row: PullRow) -> str:
    if row.avg_fix_response_hours is not None:
        mean = " on average" if row.review_rounds and row.review_rounds > 1 else ""
        return notation.duration(timedelta(hours=row.avg_fix_response_hours)) + mean
    if row.review_rounds is None:
        return _no_review(row)
    return "not answered by a push" if row.review_rounds else "nothing to answer"


def _commits_after(row: PullRow) -> str:
    if row.commits_after_first_review is None:
        return _no_review(row)
    forced = row.force_pushes_after_review or 0
    more = f", {notation.counted(forced, 'push', 'pushes')} by force" if forced else ""
    return f"{notation.number(row.commits_after_first_review)}{more}"


def _no_review(row: PullRow) -> str:
    return "no value without a review" if row.reviewers == 0 else NOT_READ


def _apart(one: int | None, of_one: str, other: int | None, of_other: str) -> str:
    if one is None or other is None:
        return NOT_READ
    return f"{notation.number(one)} {of_one}, {notation.number(other)} {of_other}"


def _around(detail: PullDetail, place: Place) -> list[tuple[str, str]]:
    last = [check for check in detail.checks if check.is_final]
    failed = sum(check.conclusion in FAILED for check in last)
    checks = f"{len(last) - failed} passed or running, {failed} failed" if last else "none known"
    return [
        *_kind(detail),
        ("Branch", f"{detail.head_ref} into {detail.base_ref}"),
        ("Merged by", detail.merged_by.label if detail.merged_by else "nobody"),
        ("Way", detail.merge_kind or "not merged"),
        ("Checks", checks),
        *_lasted(detail),
        ("Labels", ", ".join(detail.labels) or "none"),
        ("Read", notation.ago(detail.fetched_at, place.now)),
    ]


def _lasted(detail: PullDetail) -> list[tuple[str, str]]:
    """Stretches that only some have."""
    named = (
        ("In the merge queue", detail.queue_time_hours),
        ("As a draft", detail.draft_time_hours),
        ("Merge to production", detail.deploy_time_hours),
    )
    return [(name, notation.duration(timedelta(hours=hours))) for name, hours in named if hours is not None]


def _heads(detail: PullDetail) -> list[tuple[str, bool, list[Check]]]:
    """Checks by the commit they ran on, the head first."""
    found: dict[str, list[Check]] = {}
    for check in detail.checks:
        found.setdefault(check.head_sha, []).append(check)
    return [(sha, checks[0].is_final, checks) for sha, checks in found.items()]


def _outcome(delivery: Delivery) -> str:
    if not delivery.failure:
        return "no signal of failure"
    if delivery.recovered_at is None:
        return f"{FAILURE_WORDS[delivery.failure]}, not put right yet"
    after = notation.duration(max(delivery.recovered_at - delivery.at, timedelta()))
    return f"{FAILURE_WORDS[delivery.failure]}, put right after {after}"


def _kind(detail: PullDetail) -> list[tuple[str, str]]:
    """What sets it apart, if anything does."""
    found = []
    if detail.reverts is not None:
        again = "" if detail.row.is_revert else ", itself a revert, so it lands the change again"
        found.append(("Reverts", f"#{detail.reverts}{again}"))
    if detail.row.is_hotfix:
        found.append(("Hotfix", "by its label, branch or title"))
    if detail.row.carries:
        found.append(
            (CARRIES_WORDS[detail.row.carries], "brings nothing that had not landed before, so it is not counted")
        )
    if detail.row.self_merged_unreviewed:
        found.append(("Review", "merged by its author without one"))
    return found


def _missing(detail: PullDetail) -> list[str]:
    """Every child set that is not whole, and every phase that has no value."""
    found = []
    for kind, words in CHILD_WORDS.items():
        fetched = detail.fetched.get(kind)
        if fetched is None:
            found.append(f"The {words} were not read.")
        elif fetched.stored < fetched.total:
            found.append(f"{notation.number(fetched.stored)} of {notation.number(fetched.total)} {words} are stored.")
    if detail.row.state == "merged":
        unknown = [name.lower() for name, _, column in pulls.PHASES if getattr(detail.row, column) is None]
        if unknown:
            found.append(f"No value for {', '.join(unknown)}: the events that would bound it are not there.")
    if detail.phases.clamped_stamps:
        stamps = notation.counted(detail.phases.clamped_stamps, "instant")
        found.append(f"{stamps} out of order, moved to the one before.")
    return found
