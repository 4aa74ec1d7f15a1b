"""What every pull request can be cut and filtered by, also from rows that only belong to one.

A key of a cut is a value of its filter; the key of what has none, '' or null, filters by its lack. Labels, kinds of
file, reviewers and groups may be several: such a row counts in each of its parts, so parts add up to more than the
whole, in which it counts once.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    TextField,
    Value,
    When,
)

from tformance.facts.derive.size import limits
from tformance.facts.models.pull_request import PRFile, PRIssueLink
from tformance.facts.models.review import PRReview
from tformance.facts.models.term import PRTerm, label_term, word_range, words
from tformance.measures.query import Filters, Signal
from tformance.measures.rows.groups import Each, groups_of, is_of_groups

SIGNALS: Final[Mapping[Signal, str]] = {
    "hotfix": "is_hotfix",
    "revert": "is_revert",
    "unreviewed": "self_merged_unreviewed",
}
Holds = Callable[[Filters], Any]


def columns(to: str = "") -> dict[str, Any]:
    """`to` is the path from the rows to their pull request."""
    plain = {
        "repository": "repository_id",
        "author": "author_id",
        "ai": "ai_marked",
        "ai_tool": "ai_tool",
        "size": "size_bucket",
        "state": "state",
        "merge_kind": "merge_kind",
        "work_type": "work_type",
        "base": "base_ref",
    }
    draft = When(**{f"{to}is_draft": True}, then=Value("yes"))
    linked = When(_linked(to), then=Value("yes"))
    known = When(_asked_for_links(to), then=Value("no"))
    return {name: f"{to}{column}" for name, column in plain.items()} | {
        "draft": Case(draft, default=Value("no"), output_field=CharField()),
        "linked": Case(linked, known, default=Value("unknown"), output_field=CharField()),
        "label": Each(F(f"{to}labels"), TextField(), ""),
        "category": Each(ArraySubquery(_files(to).values("category").distinct()), CharField(), ""),
        "reviewer": Each(ArraySubquery(_reviews(to).values("author").distinct()), BigIntegerField(), None),
        "group": groups_of(f"{to}author_id"),
    }


def holds(to: str = "") -> Mapping[str, Holds]:
    """By the name of a filter what no single column answers: of what may be several, one at least is chosen."""

    def labels(filters: Filters) -> Any:
        return Q(Exists(_terms(to).filter(term__in=[label_term(label) for label in filters.labels])))

    def text(filters: Filters) -> Any:
        spans = [word_range(word) for word in words(filters.text)]
        found = [Exists(_terms(to).filter(term__gte=first, term__lt=last)) for first, last in spans]
        return Q(*found) if found else Q(pk__in=[])

    def touched(filters: Filters) -> Any:
        files = _files(to)
        if filters.categories:
            files = files.filter(category__in=filters.categories)
        if filters.directories:
            files = files.filter(directory__in=filters.directories)
        return Q(Exists(files)) | _if("" in filters.categories, ~Q(Exists(_files(to))))

    def reviewers(filters: Filters) -> Any:
        people = [person for person in filters.reviewers if person is not None]
        return Q(Exists(_reviews(to).filter(author__in=people))) | _if(
            None in filters.reviewers, ~Q(Exists(_reviews(to)))
        )

    def groups(filters: Filters) -> Any:
        return is_of_groups(f"{to}author_id", filters.groups)

    def reviewer_groups(filters: Filters) -> Any:
        return Q(Exists(_reviews(to).filter(is_of_groups("author_id", filters.reviewer_groups))))

    return {
        "sizes": partial(_has_size, to),
        "labels": labels,
        "text": text,
        "linked": partial(_has_links, to),
        "signals": partial(_signals, to),
        "over_days": partial(_was_open_for, to),
        "categories": touched,
        "directories": touched,
        "reviewers": reviewers,
        "groups": groups,
        "reviewer_groups": reviewer_groups,
    }


def _if(asked: bool, condition: Q) -> Q:
    return condition if asked else Q(pk__in=[])


def _pull(to: str) -> OuterRef:
    return OuterRef("pull_request_id" if to else "pk")


def _linked(to: str) -> Q:
    return Q(Exists(PRIssueLink._base_manager.filter(pull_request=_pull(to))))


def _has_links(to: str, filters: Filters) -> Q:
    if filters.linked == "yes":
        return _linked(to)
    return ~_linked(to) & (_asked_for_links(to) if filters.linked == "no" else ~_asked_for_links(to))


def _has_size(to: str, filters: Filters) -> Q:
    """By the lines, not by the bucket's name: an index has them in order, which finds the few of a rare size."""
    found = _if(None in filters.sizes, Q(**{f"{to}size_lines__isnull": True}))
    for size in filters.sizes:
        if size is not None:
            above, most = limits(size)
            lower = {} if above is None else {f"{to}size_lines__gt": above}
            upper = {} if most is None else {f"{to}size_lines__lte": most}
            found |= Q(**lower, **upper)
    return found


def _signals(to: str, filters: Filters) -> Q:
    found = Q(pk__in=[])
    for signal in filters.signals:
        found |= Q(**{f"{to}{SIGNALS[signal]}": True})
    return found


def _was_open_for(to: str, filters: Filters) -> Q:
    return Q(**{f"{to}cycle_time_hours__gt": 24 * (filters.over_days or 0)})


def _asked_for_links(to: str) -> Q:
    return Q(**{f"{to}child_sets__has_key": "linked_issues"})


def _terms(to: str) -> Any:
    return PRTerm._base_manager.filter(pull_request=_pull(to))


def _files(to: str) -> Any:
    return PRFile._base_manager.filter(pull_request=_pull(to), is_generated=False)


def _reviews(to: str) -> Any:
    return PRReview._base_manager.filter(pull_request=_pull(to), counts=True)
