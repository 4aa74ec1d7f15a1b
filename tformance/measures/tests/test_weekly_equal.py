"""For any facts a team's weeks are, row for row, what the measures answer on the fly."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.coverage import write_coverage
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.repository import Repository
from tformance.facts.records import PullRequestRecord
from tformance.facts.touched import touch_all
from tformance.measures.answer import answer
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.query import Filters, Period, Query
from tformance.measures.shape import ADDITIVE, Statistic
from tformance.measures.tests.conftest import examples
from tformance.measures.weekly.columns import NAMES
from tformance.measures.weekly.follow import follow

ZONES = ["Pacific/Honolulu", "America/Los_Angeles", "America/Santiago", "UTC", "Europe/Berlin", "Pacific/Auckland"]
STARTS = [  # clocks change in spring and autumn; the week from 28 December 2020 is the 53rd of its year
    datetime(2026, 3, 23, tzinfo=UTC),
    datetime(2026, 10, 19, tzinfo=UTC),
    datetime(2020, 12, 24, tzinfo=UTC),
]
WEEKS = 4
TRAILER = "Change\n\nCo-authored-by: Claude <noreply@anthropic.com>"
ADA, BOB = t.actor("ada"), t.actor("bob")
BOTS = [t.actor("dependabot", kind="bot"), t.actor("copilot-swe-agent", kind="bot")]
PEOPLE = [ADA, BOB, t.actor("eve", kind="mannequin"), *BOTS]
MEASURED: dict[str, tuple[str, Statistic]] = {
    "prs_merged": ("merged_prs", "count"),
    "avg_cycle_time_hours": ("cycle_time", "mean"),
    "median_cycle_time_hours": ("cycle_time", "median"),
    "avg_review_time_hours": ("review_time", "mean"),
    "median_review_time_hours": ("review_time", "median"),
    "commits_count": ("commits", "count"),
    "lines_added": ("lines_added", "sum"),
    "lines_removed": ("lines_removed", "sum"),
    "revert_count": ("revert_share", "sum"),
    "hotfix_count": ("hotfix_share", "sum"),
    "ai_detected_prs": ("ai_marked_share", "sum"),
    "ai_authored_prs": ("ai_authored_share", "sum"),
}


COUNTED = [name for name, (_, statistic) in MEASURED.items() if statistic in ADDITIVE]

few = settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def lives(draw: st.DrawFn, start: datetime, number: int) -> PullRequestRecord:
    """A pull request merged in one of four weeks, whose commits may be older."""
    opened = start + timedelta(hours=draw(st.integers(0, 24 * 7 * WEEKS - 60)))
    merged = opened + timedelta(hours=draw(st.integers(0, 50)), minutes=draw(st.integers(0, 59)))
    moments = st.integers(-40, 50).map(lambda hours: opened + timedelta(hours=hours))
    message, committed = draw(st.sampled_from(["x", TRAILER])), draw(moments)
    by = draw(st.sampled_from([None, *PEOPLE]))
    written = t.commit(draw(st.integers(1, 9)), author=by, committed_at=committed, message=message)
    return t.pull_request(
        number,
        author=draw(st.sampled_from(PEOPLE)),
        body=draw(st.sampled_from(["", f"Reverts acme/shop#{number - 1}"])),
        opened_at=opened,
        updated_at=merged,
        merged_at=merged,
        closed_at=merged,
        additions=draw(st.integers(0, 50)),
        labels=draw(st.sampled_from([(), ("hotfix",)])),
        commits=draw(st.sampled_from([None, t.whole([written])])),
        reviews=t.whole([t.review(number, submitted_at=draw(moments))]),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[datetime, list[PullRequestRecord]]:
    start = draw(st.sampled_from(STARTS))
    return start, [draw(lives(start, number)) for number in range(1, draw(st.integers(1, 8)) + 1)]


def worked_out(team: Team) -> dict[tuple[int | None, date], dict[str, Any]]:
    while follow(team.id).left:
        pass
    with tenant(team.id):
        rows = WeeklyMetrics.objects.values("member", "week_start", "final", "partial", *NAMES)
        return {(row.pop("member"), row.pop("week_start")): row for row in rows}


def answered(team: Team, first: date, end: date, filters: Filters) -> Iterator[tuple[str, date, float | None, int]]:
    """Column, week, value and what is missing of every week."""
    period = Period.of_dates(first, end, ZoneInfo(team.zone))
    queries = [Query(*asked, period, every="week", filters=filters) for asked in MEASURED.values()]
    with tenant(team.id):
        for name, result in zip(MEASURED, answer(queries), strict=True):
            for row in result.rows:
                assert row.day
                yield name, row.day, row.value, row.missing


@pytest.mark.django_db
@few
@given(
    history=histories(),
    zone=st.sampled_from(ZONES),
    covered=st.one_of(st.none(), st.integers(0, 24 * 14)),
    cut=st.integers(0, 8),
)
def test_weeks_are_what_the_measures_answer_and_following_ends_where_beginning_anew_does(
    history: tuple[datetime, list[PullRequestRecord]], zone: str, covered: int | None, cut: int
) -> None:
    start, records = history
    now = start + timedelta(weeks=WEEKS)
    cache.clear()
    with time_machine.travel(now, tick=False), transaction.atomic():
        acme = t.team("acme", zone=zone)
        for part in (records[:cut], records[cut:]):
            t.write(acme, t.page(*part, fetched_at=now))
            with tenant(acme.id):
                since = None if covered is None else start + timedelta(hours=covered)
                write_coverage(Repository.objects.get().pk, "pull_requests", since, now)
            followed = worked_out(acme)
        _compare(acme, followed)
        with tenant(acme.id):
            WeeklyMetrics.objects.all().delete()
            touch_all()
        assert worked_out(acme) == followed
        transaction.set_rollback(True)


def _compare(acme: Team, found: dict[tuple[int | None, date], dict[str, Any]]) -> None:
    days = sorted({day for _, day in found})
    assert days
    with tenant(acme.id):
        authors = dict(Actor.objects.filter(member__isnull=False).values_list("member", "pk"))
        members = list(TeamMember.objects.values_list("pk", flat=True))
    assert found.keys() == {(member, day) for member in (None, *members) for day in days}
    for name, day in product(COUNTED, days):
        of_members = [found[member, day][name] or 0 for member in members]
        assert (found[None, day][name] or 0) >= sum(of_members), (name, day)
    for member in (None, *members):
        filters = Filters(authors=(authors[member],)) if member else Filters()
        for name, day, value, missing in answered(acme, days[0], days[-1] + timedelta(weeks=1), filters):
            row = found[member, day]
            assert row[name] == value, (name, day, member)
            if name == "ai_detected_prs":
                assert (row["ai_unknown_prs"] or 0) == missing
