"""As `test_every_field`, of what is planned."""

import dataclasses
import inspect
import itertools
from decimal import Decimal
from typing import Any

import pytest

from tformance.facts import planning_records
from tformance.facts import testing as t
from tformance.facts.planning_records import ProjectPage, SitePage, StatusRecord
from tformance.facts.tests import planning as p
from tformance.facts.tests.dump import dump
from tformance.facts.tests.test_every_field import other, swapped, walk

pytestmark = pytest.mark.django_db
slugs = (f"planned-field-{number}" for number in itertools.count())

CLASSES = [
    kind
    for _, kind in inspect.getmembers(planning_records, inspect.isclass)
    if dataclasses.is_dataclass(kind) and kind.__module__ == planning_records.__name__
]
KEPT_BY_SYNC = {("SitePage", "site")}  # where the site is read, not what is read of it
FIELDS = [
    (kind, field.name)
    for kind in CLASSES
    for field in dataclasses.fields(kind)
    if (kind.__name__, field.name) not in KEPT_BY_SYNC
]
OTHERS: dict[tuple[str, str], Any] = {
    ("EstimateRecord", "before"): Decimal(8),
    ("EstimateRecord", "after"): None,
    ("IssueRecord", "points"): Decimal(8),
    ("SprintMoveRecord", "after"): (12,),
    ("IssueRecord", "status"): StatusRecord("Doing", "indeterminate"),
    ("StatusRecord", "category"): "new",
    ("TransitionRecord", "before"): StatusRecord("Asked", "new"),
    ("TransitionRecord", "after"): StatusRecord("Asked", "new"),
    ("AssignmentRecord", "before"): p.person("chen"),
    ("AssignmentRecord", "after"): p.person("chen"),
    ("IssueRecord", "assignee"): p.person("chen"),
    ("IssueRecord", "reporter"): p.person("chen"),
    ("TransitionRecord", "author"): p.person("chen"),
}


def full() -> tuple[Any, ...]:
    """One of everything; a sprint of the board that is read whole was there before."""
    issue = p.done(
        1,
        hours=10,
        former_keys=("OLD-1",),
        parent_id=7,
        assignee=p.person("bo"),
        points=Decimal(5),
        sprints=(11, 12),
        sprint_moves=(p.into(3, (11,), (11, 12)),),
        estimates=(p.estimate(2, Decimal(3), Decimal(5)),),
        assignments=(p.assigned(10, p.person("ann"), p.person("bo")),),
    )
    before = p.page(sprints=(p.sprint(13),))
    whole = ProjectPage(p.project(), t.at(30), (issue,), (p.sprint(11), p.sprint(12)), (1,))
    return before, whole, SitePage("cloud", t.at(30), (p.person("dan"),))


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[f"{kind.__name__}.{name}" for kind, name in FIELDS])
def test_changing_a_field_changes_what_is_stored(kind: type, name: str) -> None:
    before, *pages = full()
    instance = next(found for found in walk(tuple(pages)) if type(found) is kind)
    place = (kind.__name__, name)
    value = OTHERS[place] if place in OTHERS else other(getattr(instance, name))
    stored, changed = t.team(next(slugs)), t.team(next(slugs))
    p.write(stored, before, *pages)
    p.write(changed, before, *swapped(tuple(pages), instance, dataclasses.replace(instance, **{name: value})))
    assert dump(stored) != dump(changed)
