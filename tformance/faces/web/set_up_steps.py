"""The questions of a team's set-up, as data, and where a page stands among them.

A question is answered by what is there, never by having been asked; one that is left behind can be gone back to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tformance.accounts import invitations, members
from tformance.accounts.first_team import UNNAMED
from tformance.accounts.tenancy import tenant
from tformance.faces.web.door import Place
from tformance.faces.web.shell import team_html
from tformance.sync import onboarding
from tformance.sync.onboarding import Standing, State


@dataclass(frozen=True)
class Known:
    """What a question is asked with whether it is answered."""

    place: Place
    standing: Standing

    @property
    def has_seen_chart(self) -> bool:
        """It comes by itself; whoever goes on from it then has seen it."""
        return self.standing.has_first_month and "chart" in self.standing.passed

    @property
    def has_company(self) -> bool:
        team_id = self.place.team.pk
        return members.of_team(team_id).count() > 1 or invitations.waiting(team_id).exists()


@dataclass(frozen=True)
class Question:
    """`page` is the name of the address where it is asked; before `needs` is answered it cannot be."""

    id: str
    name: str
    page: str
    needs: str
    is_answered: Callable[[Known], bool]


QUESTIONS = (
    Question("team", "Team", "set_up_team", "", lambda known: known.place.team.name != UNNAMED),
    Question("source", "Source", "set_up_source", "", lambda known: known.standing.state != State.NOT_STARTED),
    Question("access", "Access", "connect", "source", lambda known: bool(known.standing.connections)),
    Question(
        "repositories", "Repositories", "set_up_repositories", "access", lambda known: known.standing.has_repositories
    ),
    Question("chart", "First chart", "set_up_chart", "repositories", lambda known: known.has_seen_chart),
    Question("people", "People", "set_up_people", "", lambda known: known.has_company),
)


@dataclass(frozen=True)
class Mark:
    """A question in the list of all: done, skipped, open or later; one of later has no address yet."""

    question: Question
    state: str
    href: str
    is_here: bool


@dataclass(frozen=True)
class Stepper:
    """Where a page stands: `question` is what it asks, `current` what is to be answered next."""

    marks: tuple[Mark, ...]
    question: Question | None
    current: Question | None
    standing: Standing

    @property
    def may_skip(self) -> bool:
        return any(mark.is_here and mark.state == "open" for mark in self.marks)


def stepper(place: Place, here: str = "") -> Stepper:
    """Inside the team's tenant."""
    known = Known(place, onboarding.standing())
    done = {each.id for each in QUESTIONS if each.is_answered(known)}
    passed = known.standing.passed
    opened = [each for each in QUESTIONS if not each.needs or each.needs in done]
    left = (each for each in opened if each.id not in done | passed)
    marks = tuple(_mark(each, place, done, passed, here, is_open=each in opened) for each in QUESTIONS)
    question = next((each for each in QUESTIONS if each.id == here), None)
    current = None if known.standing.is_over else next(left, None)
    return Stepper(marks, question, current, known.standing)


def is_calling(place: Place) -> bool:
    """Whether somebody who comes in is led to the set-up: as long as there is a question and no first chart."""
    found = stepper(place)
    standing = found.standing
    is_new = standing.state != State.NOT_STARTED or not standing.has_data
    return found.current is not None and is_new and not standing.has_first_month


def reminder(place: Place) -> Question | None:
    """What is to be answered next, for those who can, of a set-up that somebody began."""
    return stepper(place).current if place.may_change and onboarding.is_begun() else None


def way_on(place: Place, otherwise: str) -> str:
    """Back to the set-up from a page that answered one of its questions, or on where there is nothing left to ask."""
    with tenant(place.team.pk):
        found = stepper(place)
    return reverse("set_up" if found.current else otherwise, args=[place.team.slug])


def set_up_html(
    request: HttpRequest, place: Place, template: str, context: dict[str, Any], here: str, status: int = 200
) -> HttpResponse:
    """A page that asks a question of the set-up."""
    with tenant(place.team.pk):
        found = stepper(place, here)
    around = {"set_up": found, "standing": found.standing}
    return team_html(request, place, template, {**around, **context}, here="connections", status=status)


def connecting_html(
    request: HttpRequest, place: Place, template: str, context: dict[str, Any], here: str, status: int = 200
) -> HttpResponse:
    """A page that answers a question of the set-up and is used ever after: without questions once none is left."""
    with tenant(place.team.pk):
        found = stepper(place, here)
    around = {"set_up": found} if found.current else {}
    return team_html(request, place, template, {**around, **context}, here="connections", status=status)


def _mark(
    question: Question, place: Place, done: set[str], passed: frozenset[str], here: str, *, is_open: bool
) -> Mark:
    state = "open" if is_open else "later"
    if question.id in done | passed:
        state = "done" if question.id in done else "skipped"
    href = reverse(question.page, args=[place.team.slug]) if is_open else ""
    return Mark(question, state, href, question.id == here)
