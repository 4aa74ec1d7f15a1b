"""The rows that a filter leaves: the same for measures and for lists. Call it inside `tenant()`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from tformance.facts.models.pull_request import PullRequest
from tformance.measures import guard
from tformance.measures.query import ANYBODY, Filters
from tformance.measures.requests import requests_of
from tformance.measures.shape import Rows
from tformance.measures.waits import waits_of

# What of a filter belongs to which column.
COLUMN_OF: Final = {
    "repositories": "repository",
    "authors": "author",
    "ai": "ai",
    "ai_tools": "ai_tool",
    "sizes": "size",
    "state": "state",
    "reviewers": "reviewer",
    "groups": "group",
    "reviewer_groups": "reviewer_group",
    "categories": "category",
    "directories": "directory",
    "base_branches": "base",
    "labels": "label",
    "work_types": "work_type",
    "merge_kinds": "merge_kind",
    "linked": "linked",
    "signals": "signal",
    "over_days": "over_days",
    "draft": "draft",
}


class Unanswerable(ValueError):
    """No measure, statistic, dimension or filter of this name, or these rows do not know it."""


def filtered(rows: Rows, filters: Filters, by: Collection[str] = ()) -> QuerySet[Any]:
    """The rows a filter leaves, of all time, to be cut by these dimensions: measures and lists start here.

    Raises NotYours where it names people who are not the viewer's to see.
    """
    guard.admit(filters)
    condition = rows.where if filters.automation else rows.where & rows.not_automation
    for dimension, further in rows.unless_cut.items():
        condition &= Q() if dimension in by else further
    found: QuerySet[Any] = rows.model.objects.filter(condition)
    chosen = [field for field in (*COLUMN_OF, "text") if getattr(filters, field)]
    for hold in dict.fromkeys(rows.holds[field] for field in chosen if field in rows.holds):
        found = found.filter(hold(filters))
    for field in chosen:
        if field not in rows.holds:
            found = _has_words(found, rows, filters.text) if field == "text" else _one_of(found, rows, field, filters)
    if filters.waiting or filters.asked:
        found = found.filter(_is_of(rows, _open_now(filters)))
    return found


def within(anchor: str, start: datetime, end: datetime) -> Q:
    return Q(**{f"{anchor}__gte": start, f"{anchor}__lt": end})


def column(rows: Rows, name: str) -> Any:
    """Raises Unanswerable where these rows have no such thing."""
    if name not in rows.columns:
        raise Unanswerable(f"{rows.id} cannot be filtered by {name}")
    known = rows.columns[name]
    return F(known) if isinstance(known, str) else known


def _has_words(found: QuerySet[Any], rows: Rows, text: str) -> QuerySet[Any]:
    found = found.alias(of_text=column(rows, "text"))
    for word in text.split():
        found = found.filter(of_text__icontains=word)
    return found


def _one_of(found: QuerySet[Any], rows: Rows, field: str, filters: Filters) -> QuerySet[Any]:
    name, chosen = COLUMN_OF[field], getattr(filters, field)
    values = chosen if isinstance(chosen, tuple) else (chosen,)
    condition = Q(**{f"of_{name}__in": [value for value in values if value is not None]})
    if None in values:
        condition |= Q(**{f"of_{name}__isnull": True})
    found = found.alias(**{f"of_{name}": column(rows, name)})
    return found.filter(condition)


def _open_now(filters: Filters) -> set[int]:
    """The open pull requests that wait for this, and for one of these people."""
    opened = PullRequest.objects.filter(state=PullRequest.State.OPEN)
    sets = []
    if filters.waiting:
        sets.append({pull for pull, (state, _) in waits_of(opened).items() if state == filters.waiting})
    if filters.asked:
        sets.append(_asked(opened, filters.asked))
    return set.intersection(*sets)


def _asked(opened: QuerySet[Any], chosen: tuple[str, ...]) -> set[int]:
    requests = requests_of(opened)
    found = {request.pull for request in requests.pending if request.asked in chosen or ANYBODY in chosen}
    return found | requests.unasked if "" in chosen else found


def _is_of(rows: Rows, pulls: set[int]) -> Q:
    if not rows.pull:
        raise Unanswerable(f"{rows.id} cannot be filtered by what waits")
    return Q(**{f"{rows.pull}__in": pulls})
