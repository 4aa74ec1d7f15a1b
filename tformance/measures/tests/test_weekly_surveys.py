"""A team's weeks hold what its people said in surveys, in any order and however late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.coverage import write_coverage
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.records import ActorRecord
from tformance.facts.surveys import AuthorAnswer, ReviewerAnswer
from tformance.measures.tests.test_weekly_equal import ADA, BOB, STARTS, WEEKS, ZONES, few, worked_out
from tformance.measures.weekly.calendar import monday

GRACE = t.actor("grace")


@dataclass(frozen=True)
class Asked:
    """A pull request of somebody, and what was said of it: by its author, and by who reviewed it."""

    number: int
    author: ActorRecord
    merged: datetime
    by_author: tuple[tuple[bool | None, str], ...]
    by_reviewers: tuple[tuple[ActorRecord, int | None, bool | None], ...]

    @property
    def truth(self) -> tuple[bool | None, str]:
        """What a person said last, whatever was guessed for them later; None took it back."""
        said: tuple[bool | None, str] = (None, "")
        for helped, source in self.by_author:
            if source == "human" or said[1] != "human" or said[0] is None:
                said = helped, source
        return said


@st.composite
def surveys(draw: st.DrawFn, start: datetime, number: int) -> Asked:
    author = draw(st.sampled_from([ADA, BOB]))
    answer = st.tuples(st.sampled_from([True, False, None]), st.sampled_from(["human", "auto"]))
    said = st.tuples(st.sampled_from([1, 2, 3, None]), st.sampled_from([True, False, None]))
    reviewers = draw(st.lists(st.sampled_from([other for other in (ADA, BOB, GRACE) if other != author]), unique=True))
    return Asked(
        number,
        author,
        start + timedelta(hours=draw(st.integers(0, 24 * 7 * WEEKS - 1))),
        tuple(draw(st.lists(answer, max_size=3))),
        tuple((who, *draw(said)) for who in reviewers),
    )


@st.composite
def many_surveys(draw: st.DrawFn) -> tuple[datetime, list[Asked]]:
    start = draw(st.sampled_from(STARTS))
    return start, [draw(surveys(start, number)) for number in range(1, draw(st.integers(1, 6)) + 1)]


def told(asked: list[Asked], author: ActorRecord | None, reviewer: ActorRecord | None) -> dict[str, Any]:
    """The columns of one week, by hand; None is everybody."""
    mine = [each for each in asked if author is None or each.author == author]
    truths = [each.truth for each in mine if each.truth[0] is not None]
    human = [helped for helped, source in truths if source == "human"]
    ratings = [rating for each in mine for _, rating, _ in each.by_reviewers if rating is not None]
    guesses = [
        guess == each.truth[0]
        for each in asked
        for who, _, guess in each.by_reviewers
        if guess is not None and each.truth[0] is not None and (reviewer is None or who == reviewer)
    ]
    return {
        "ai_assisted_prs": sum(human) if human else None,
        "surveys_completed": len(human),
        "surveys_auto": len(truths) - len(human),
        "avg_quality_rating": pytest.approx(sum(ratings) / len(ratings)) if ratings else None,
        "guess_accuracy": pytest.approx(sum(guesses) / len(guesses)) if guesses else None,
    }


def say(acme: Team, each: Asked, now: datetime) -> None:
    with tenant(acme.id):
        pull = PullRequest.objects.values_list("pk", flat=True).get(number=each.number)
        accounts = dict(Actor.objects.values_list("login", "pk"))
    for who, rating, guess in each.by_reviewers:
        t.say(acme, ReviewerAnswer(pull, accounts[who.login], rating, guess, now))
    for helped, source in each.by_author:
        t.say(acme, AuthorAnswer(pull, helped, source, now))  # type: ignore[arg-type]


@pytest.mark.django_db
@few
@given(case=many_surveys(), zone=st.sampled_from(ZONES), cut=st.integers(0, 6))
def test_weeks_have_what_was_said_in_surveys_however_late(
    case: tuple[datetime, list[Asked]], zone: str, cut: int
) -> None:
    start, asked = case
    now = start + timedelta(weeks=WEEKS)
    cache.clear()
    with time_machine.travel(now, tick=False), transaction.atomic():
        acme = t.team("acme", zone=zone)
        records = [
            t.pull_request(each.number, author=each.author, opened_at=start, merged_at=each.merged, updated_at=now)
            for each in asked
        ]
        known = [t.open_pull_request(90 + n, author=who, opened_at=start) for n, who in enumerate((ADA, BOB, GRACE))]
        t.write(acme, t.page(*known, *records, fetched_at=now))
        with tenant(acme.id):
            write_coverage(Repository.objects.get().pk, "pull_requests", None, now)
            members = dict(TeamMember.objects.values_list("pk", "github_username"))
        for each in asked[:cut]:
            say(acme, each, now)
        worked_out(acme)
        for each in asked[cut:]:
            say(acme, each, now)
        found = worked_out(acme)
        for (member, day), row in found.items():
            who = t.actor(members[member]) if member else None
            of_week = [each for each in asked if monday(each.merged, ZoneInfo(zone)) == day]
            expected = told(of_week, who, who)
            assert {name: row[name] for name in expected} == expected, (member and members[member], day)
        transaction.set_rollback(True)
