"""Addresses of the lists behind numbers: exactly the pull requests that a number rests on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from django.urls import reverse

from tformance.faces.kit.address import View
from tformance.faces.web.door import Place
from tformance.measures.query import DateAxis, Period, Waiting
from tformance.measures.rows.reviews import GIVEN
from tformance.measures.shape import Measure

AXES: dict[str, DateAxis] = {"own": "own", "opened": "opened", "deployed": "deployed"}
BEGINNING = date(2000, 1, 1)


def behind(measure: Measure, view: View, place: Place) -> str | None:
    """None for what is made of other rows, such as commits."""
    scope = view.of_scope()
    if measure.rows == GIVEN:
        return _address(_reviewed(scope), place)
    if measure.rows.axis is None:
        return None
    listed = scope.with_filters(state=measure.rows.state)
    return _address(replace(listed, axis=AXES[measure.rows.axis]), place)


def open_now(view: View, place: Place, waiting: Waiting | None = None) -> str:
    """Oldest first, from the beginning: open work does not age out of a period."""
    return _always(view.of_scope().with_filters(state="open", waiting=waiting), place)


def asked_now(view: View, place: Place, names: Iterable[str]) -> str:
    """What waits for the review of one of these, by login or slug, '' for nobody; whoever opened it."""
    anybody = view.of_scope().with_filters(authors=(), groups=(), automation=True)
    return _always(anybody.with_filters(state="open", asked=tuple(sorted(names))), place)


def _always(listed: View, place: Place) -> str:
    end = place.now.astimezone(place.zone).date() + timedelta(days=1)
    always = Period.of_dates(BEGINNING, end, place.zone)
    return _address(replace(listed, period=always, period_name=None, direction="asc"), place)


def _reviewed(scope: View) -> View:
    """Whose reviews are counted is the reviewer, and reviewing what automation opened is a person's work too."""
    people, groups = scope.filters.authors, scope.filters.groups
    given = scope.with_filters(
        state=None, authors=(), reviewers=people, groups=(), reviewer_groups=groups, automation=True
    )
    return replace(given, axis="reviewed")


def _address(view: View, place: Place) -> str:
    return reverse("pulls", args=[place.team.slug]) + view.query
