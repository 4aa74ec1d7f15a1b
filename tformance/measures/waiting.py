"""What open pull requests wait for right now, in three statements. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, get_args

from django.db.models import Max

from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import PRReview, TimelineEvent
from tformance.measures.compile import filtered
from tformance.measures.pull import PullRow, Waiting, WaitingNow, WaitingPull
from tformance.measures.query import Filters
from tformance.measures.records import COLUMNS, row_of
from tformance.measures.rows.listed import LISTED

PUSHES = ("commit", "head_ref_force_pushed")
TO_DRAFT = "convert_to_draft"
OPEN = {"pull_request__state": PullRequest.State.OPEN, "pull_request__gone_at__isnull": True}


class Said(NamedTuple):
    """A review that counts."""

    reviewer: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one open pull request, reviews oldest first."""

    row: PullRow
    ready_at: datetime | None
    reviews: list[Said]
    latest: Mapping[str, datetime]  # by kind of event


def waiting_now(filters: Filters, *, limit: int = 200) -> WaitingNow:
    """All open pull requests that the filters leave, whatever their `state` says, and the `limit` longest waiting."""
    rows = filtered(LISTED, filters.with_state("open")).values_list(*COLUMNS, "ready_at")
    reviews, events = _reviews(), _events()
    pulls = []
    for *columns, ready_at in rows:
        row = row_of(tuple(columns))
        pulls.append(_waiting(Facts(row, ready_at, reviews.get(row.id, []), events.get(row.id, {}))))
    pulls.sort(key=lambda pull: pull.since)
    counts: dict[Waiting, int] = dict.fromkeys(get_args(Waiting), 0)
    for pull in pulls:
        counts[pull.state] += 1
    return WaitingNow(counts, tuple(pulls[:limit]))


def _reviews() -> dict[int, list[Said]]:
    said = PRReview.objects.filter(counts=True, **OPEN).order_by("submitted_at", "provider_id")
    found: dict[int, list[Said]] = defaultdict(list)
    for pull_request, *review in said.values_list("pull_request_id", "author_id", "state", "submitted_at"):
        found[pull_request].append(Said(*review))
    return found


def _events() -> dict[int, dict[str, datetime]]:
    """The latest push and the latest step back to draft of each."""
    seen = TimelineEvent.objects.filter(kind__in=(*PUSHES, TO_DRAFT), **OPEN)
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for pull_request, kind, at in seen.values_list("pull_request_id", "kind").annotate(Max("occurred_at")).order_by():
        found[pull_request][kind] = at
    return found


def _waiting(facts: Facts) -> WaitingPull:
    opened = facts.row.opened_at or facts.row.updated_at
    if facts.row.is_draft:
        return WaitingPull(facts.row, "draft", facts.latest.get(TO_DRAFT, opened))
    if not facts.reviews:
        return WaitingPull(facts.row, "first_review", facts.ready_at or opened)
    verdicts = {said.reviewer: said for said in facts.reviews if said.state != PRReview.State.COMMENTED}
    refused = [said.at for said in verdicts.values() if said.state == PRReview.State.CHANGES_REQUESTED]
    approved = [said.at for said in verdicts.values() if said.state == PRReview.State.APPROVED]
    if refused:
        pushed = max((facts.latest[kind] for kind in PUSHES if kind in facts.latest), default=None)
        if pushed is None or pushed <= max(refused):
            return WaitingPull(facts.row, "sent_back", max(refused))
        return WaitingPull(facts.row, "in_review", pushed)
    if approved:
        return WaitingPull(facts.row, "approved", max(approved))
    return WaitingPull(facts.row, "in_review", facts.reviews[-1].at)
