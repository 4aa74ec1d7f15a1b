"""What an open pull request waits for: the one definition, for numbers and for lists. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce

from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import PRReview, TimelineEvent
from tformance.measures.query import Waiting

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

    is_draft: bool
    opened_at: datetime
    ready_at: datetime | None
    reviews: list[Said]
    latest: Mapping[str, datetime]  # by kind of event


def waits_of(matching: QuerySet[Any]) -> dict[int, tuple[Waiting, datetime]]:
    """By id what each of these open pull requests waits for, and since when; in three statements."""
    opened = Coalesce("pr_created_at", "pr_updated_at")
    reviews, events = _reviews(), _events()
    known = matching.values_list("pk", "is_draft", opened, "ready_at")
    return {
        pull: _waits(Facts(is_draft, opened_at, ready_at, reviews.get(pull, []), events.get(pull, {})))
        for pull, is_draft, opened_at, ready_at in known
    }


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


def _waits(facts: Facts) -> tuple[Waiting, datetime]:
    """What it waits for, and since when."""
    if facts.is_draft:
        return "draft", facts.latest.get(TO_DRAFT, facts.opened_at)
    if not facts.reviews:
        return "first_review", facts.ready_at or facts.opened_at
    verdicts = {said.reviewer: said for said in facts.reviews if said.state != PRReview.State.COMMENTED}
    refused = [said.at for said in verdicts.values() if said.state == PRReview.State.CHANGES_REQUESTED]
    approved = [said.at for said in verdicts.values() if said.state == PRReview.State.APPROVED]
    if refused:
        pushed = max((facts.latest[kind] for kind in PUSHES if kind in facts.latest), default=max(refused))
        return ("in_review", pushed) if pushed > max(refused) else ("sent_back", max(refused))
    if approved:
        return "approved", max(approved)
    return "in_review", facts.reviews[-1].at
