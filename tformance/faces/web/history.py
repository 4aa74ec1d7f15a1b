"""What happened to a pull request, in one list in the order it happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tformance.measures.pull import PullDetail
from tformance.measures.result import Key

EVENT_WORDS = {
    "ready_for_review": "marked it ready for review",
    "convert_to_draft": "turned it into a draft",
    "review_requested": "asked for a review",
    "review_request_removed": "took back a request for review",
    "head_ref_force_pushed": "force-pushed",
    "closed": "closed it",
    "reopened": "reopened it",
    "added_to_merge_queue": "put it into the merge queue",
    "removed_from_merge_queue": "took it out of the merge queue",
    "base_ref_changed": "changed the base",
    "review_dismissed": "dismissed a review",
    "auto_merge_enabled": "switched automatic merging on",
}
REVIEW_WORDS = {
    "approved": ("approved it", "check", "good"),
    "changes_requested": ("asked for changes", "x", "warn"),
    "commented": ("reviewed it", "eye", "neu"),
    "dismissed": ("reviewed it, later dismissed", "minus", "neu"),
}
COMMIT_ICON = "git-commit-horizontal"
MOST_COMMITS = 4
SHOWN_LETTERS = 280


@dataclass(frozen=True)
class Mark:
    """One line of the history; `more` is a quotation or detail, `inner` what a long run of commits stands for."""

    at: datetime
    icon: str
    tone: str
    who: str
    what: str
    more: str = ""
    inner: tuple["Mark", ...] = ()


def marks(detail: PullDetail) -> list[Mark]:
    row = detail.row
    found = [*_commits(detail), *_reviews(detail), *_events(detail)]
    if row.opened_at:
        found.append(Mark(row.opened_at, "git-pull-request", "acc", row.author.label, "opened it"))
    if row.merged_at:
        found.append(Mark(row.merged_at, "git-merge", "good", _name(detail.merged_by), "merged it"))
    return list(_folded(sorted(found, key=lambda mark: mark.at)))


def _folded(found: list[Mark]) -> Iterator[Mark]:
    """More than a few commits on end become one line that can be opened."""
    for icon, group in groupby(found, key=lambda mark: mark.icon):
        run = tuple(group)
        if icon != COMMIT_ICON or len(run) <= MOST_COMMITS:
            yield from run
            continue
        people = ", ".join(dict.fromkeys(mark.who for mark in run))
        yield Mark(run[0].at, COMMIT_ICON, "neu", people, f"committed {len(run)} times", inner=run)


def _commits(detail: PullDetail) -> Iterator[Mark]:
    for commit in detail.commits:
        who = commit.author.label if commit.author else commit.author_name
        title = commit.message.partition("\n")[0]
        what = "merged the base into it" if commit.is_merge else "committed"
        yield Mark(commit.committed_at, COMMIT_ICON, "neu", who, what, f"{commit.sha[:8]} {title}")


def _reviews(detail: PullDetail) -> Iterator[Mark]:
    for review in detail.reviews:
        if review.submitted_at:
            words, icon, tone = REVIEW_WORDS.get(review.state.lower(), ("reviewed it", "eye", "neu"))
            if review.dismissed_at and review.dismissed_from in REVIEW_WORDS:
                words, icon, tone = REVIEW_WORDS[review.dismissed_from]
                words = f"{words}, dismissed later"
            outside = "" if review.counts else " (not counted as a review by somebody else)"
            body = review.body.strip()
            short = f"{body[:SHOWN_LETTERS]} …" if len(body) > SHOWN_LETTERS else body
            yield Mark(review.submitted_at, icon, tone, review.author.label, words + outside, short)


def _events(detail: PullDetail) -> Iterator[Mark]:
    merged_at = detail.row.merged_at
    for event in detail.events:
        words = EVENT_WORDS.get(event.kind)
        if words and not (event.kind == "closed" and event.occurred_at == merged_at):
            yield Mark(event.occurred_at, "circle-dashed", "neu", _name(event.actor), words, event.subject)


def _name(key: Key | None) -> str:
    return key.label if key else "somebody"
