"""How review and answer went to and fro, and how much was said.

Null is "not known" or "does not apply", never 0: without all of what a figure follows from there is no figure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from tformance.facts.derive.automation import is_human
from tformance.facts.derive.pushes import pushes as pushed
from tformance.facts.derive.reviews import asked_for_changes, human_reviews
from tformance.facts.derive.waits import enqueued
from tformance.facts.records import (
    ActorRecord,
    ChildSet,
    CommentRecord,
    PullRequestRecord,
    ReviewRecord,
    ThreadRecord,
)

Reviewed = tuple[datetime, ReviewRecord]


@dataclass(frozen=True, slots=True)
class Iteration:
    """The names are those of the columns. People only, but for `bot_comments`.

    `unresolved_threads` is as of the last reading: providers do not say when a thread was resolved.
    """

    review_rounds: int | None = None
    commits_after_first_review: int | None = None
    avg_fix_response_hours: float | None = None
    force_pushes_after_review: int | None = None
    total_comments: int | None = None
    bot_comments: int | None = None
    review_threads: int | None = None
    unresolved_threads: int | None = None
    reviewers: int | None = None
    self_merged_unreviewed: bool | None = None


def iteration(record: PullRequestRecord) -> Iteration:
    return Iteration(**_after_review(record), **_talk(record), **_threads(record), **_reviewers(record))


def _after_review(record: PullRequestRecord) -> dict[str, Any]:
    """Nothing without a review by a person, or where some of what moved the head is not known."""
    if not all(_is_whole(known) for known in (record.reviews, record.threads, record.events, record.commits)):
        return {}
    reviews = human_reviews(record)
    if not reviews or not _timeline_has_commits(record):
        return {}
    first, _ = reviews[0]
    pushes = list(pushed(record))
    rounds = _rounds(sorted(_requests(record, reviews)), sorted(push.at for push in pushes))
    answers = [answer for answer in rounds if answer is not None]
    return {
        "review_rounds": len(rounds),
        "commits_after_first_review": sum(push.at > first and not push.by_force for push in pushes),
        "force_pushes_after_review": sum(push.at > first and push.by_force for push in pushes),
        "avg_fix_response_hours": sum(answers, timedelta()) / len(answers) / timedelta(hours=1) if answers else None,
    }


def _timeline_has_commits(record: PullRequestRecord) -> bool:
    """A timeline that was read without them does not say when they came."""
    return not _items(record.commits) or any(event.kind == "commit" for event in _items(record.events))


def _requests(record: PullRequestRecord, reviews: list[Reviewed]) -> Iterator[datetime]:
    """When people asked for changes: in so many words, or by remarks in the code, whatever became of those."""
    openers = {_opener(thread, reviews) for thread in _items(record.threads)}
    for instant, review in reviews:
        has_remarks = review.state == "commented" and review.provider_id in openers
        if asked_for_changes(review) or has_remarks:
            yield instant


def _opener(thread: ThreadRecord, reviews: list[Reviewed]) -> int | None:
    """The review that a thread was begun with: its author's first one to be submitted after the remark was written.

    Answers are reviews with comments too, which is why the number of a review's comments tells nothing.
    """
    remark = _first_remark(thread)
    if remark is None:
        return None
    found = (
        review.provider_id
        for instant, review in reviews
        if review.author.provider_id == remark.author.provider_id
        and review.comments_count
        and instant >= remark.created_at
    )
    return next(found, None)


def _rounds(requests: Iterable[datetime], pushes: list[datetime]) -> list[timedelta | None]:
    """How long each round waited for its answer, None where none came. Both in order of time.

    Further requests before the answer belong to the same round.
    """
    rounds: list[timedelta | None] = []
    answered: datetime | None = None
    for request in requests:
        if rounds and (answered is None or request < answered):
            continue
        answered = next((push for push in pushes if push > request), None)
        rounds.append(None if answered is None else answered - request)
    return rounds


def _talk(record: PullRequestRecord) -> dict[str, Any]:
    """Comments below, comments in threads, and what reviews say in words."""
    if not all(_is_whole(known) for known in (record.comments, record.threads, record.reviews)):
        return {}
    in_threads = (thread.comments.items for thread in _items(record.threads))
    said = [comment.author for comment in chain(_items(record.comments), *in_threads)]
    said += [review.author for review in _items(record.reviews) if review.submitted_at and review.body.strip()]
    by_people = sum(map(_is_person, said))
    return {"total_comments": by_people, "bot_comments": len(said) - by_people}


def _threads(record: PullRequestRecord) -> dict[str, Any]:
    """Threads that people began."""
    if not _is_whole(record.threads):
        return {}
    firsts = [(thread, _first_remark(thread)) for thread in _items(record.threads)]
    begun = [thread for thread, first in firsts if first is not None and _is_person(first.author)]
    return {
        "review_threads": len(begun),
        "unresolved_threads": sum(not thread.is_resolved for thread in begun),
    }


def _first_remark(thread: ThreadRecord) -> CommentRecord | None:
    return min(thread.comments.items, key=lambda each: (each.created_at, each.provider_id), default=None)


def _reviewers(record: PullRequestRecord) -> dict[str, Any]:
    if not _is_whole(record.reviews):
        return {}
    people = {review.author.provider_id for _, review in human_reviews(record)}
    return {"reviewers": len(people), "self_merged_unreviewed": _is_self_merged_unreviewed(record, len(people))}


def _is_self_merged_unreviewed(record: PullRequestRecord, reviewers: int) -> bool | None:
    """Not known where it is not known who merged; does not apply before the merge."""
    if record.merged_at is None:
        return None
    if reviewers:
        return False
    merger = _merger(record)
    return None if merger is None else merger.provider_id == record.author.provider_id


def _merger(record: PullRequestRecord) -> ActorRecord | None:
    """Who wanted the merge: behind a merge queue that is whoever added it last."""
    queued = enqueued(record)
    return queued.actor if queued and queued.actor else record.merged_by


def _is_person(actor: ActorRecord) -> bool:
    return is_human(actor.kind, actor.login, actor.verdict)


def _is_whole(children: ChildSet[Any] | None) -> bool:
    return children is not None and children.complete


def _items(children: ChildSet[Any] | None) -> tuple[Any, ...]:
    return children.items if children else ()
