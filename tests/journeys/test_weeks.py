"""From an empty database to weeks: an organisation is read, the evening's task runs once, and nothing is missing."""

from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from tests.journeys import road
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.people import TeamMember
from tformance.measures.answer import answer
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.query import Period, Query
from tformance.measures.tasks import aggregate_weekly_metrics_task
from tformance.measures.tests.test_weekly_equal import MEASURED


def test_one_run_of_the_evening_gives_every_member_at_least_four_weeks(live_db: str, tmp_path: Path) -> None:
    road.invent(tmp_path, prs=120, people=8, repositories=2, months=3)
    with road.local_github(tmp_path) as github:
        team, _ = road.connect("acme", github)
        road.read_all(team)
    report = aggregate_weekly_metrics_task()
    assert (report["teams"], report["failed"]) == (1, 0)
    with tenant(team.pk):
        weeks = Counter(WeeklyMetrics.objects.values_list("member", flat=True))
        members = set(TeamMember.objects.values_list("pk", flat=True))
        newest = WeeklyMetrics.objects.filter(member=None).order_by("-week_start").values_list("prs_merged", flat=True)
        assert None not in newest[:4]
        assert sum(newest) > 50
        assert_charts_are_equal(team)
    assert members
    assert weeks.keys() == {None, *members}
    assert min(weeks.values()) >= 4
    told = StringIO()
    call_command("backfill_weekly_metrics", weeks=6, team="acme", stdout=told, stderr=StringIO())
    assert told.getvalue() == "Weeks worked out: 6, teams: 1.\n"
    with tenant(team.pk):
        (third, *_) = WeeklyMetrics.objects.filter(member=None).order_by("week_start").values_list("week_start")[2]
        WeeklyMetrics.objects.update(prs_merged=None)
    call_command("backfill_weekly_metrics", "--weeks=2", f"--until={third}", stdout=StringIO(), stderr=StringIO())
    with tenant(team.pk):
        known = WeeklyMetrics.objects.filter(member=None, prs_merged__isnull=False).order_by("week_start")
        assert list(known.values_list("week_start", flat=True)) == [third - timedelta(weeks=1), third]


def assert_charts_are_equal(team: Team) -> None:
    """A trend over all weeks, as a page asks for it, has what the weeks hold."""
    rows = WeeklyMetrics.objects.filter(member=None).order_by("week_start")
    first, last = (rows.values_list("week_start", flat=True)[place] for place in (0, rows.count() - 1))
    weeks = Period.of_dates(first, last + timedelta(weeks=1), ZoneInfo(team.zone))
    with looking(EVERYBODY):
        results = answer([Query(*asked, weeks, every="week") for asked in MEASURED.values()])
    for name, result in zip(MEASURED, results, strict=True):
        stored = list(rows.values_list("week_start", name))
        assert [(row.day, row.value) for row in result.rows] == stored, name


@pytest.mark.django_db
def test_a_backfill_says_what_it_cannot_do() -> None:
    with pytest.raises(CommandError, match="There is no team nobody"):
        call_command("backfill_weekly_metrics", weeks=6, team="nobody")
    with pytest.raises(CommandError, match="from 1 to 1040, not 0"):
        call_command("backfill_weekly_metrics", weeks=0)
    with pytest.raises(CommandError, match="soon is no day such as 2026-03-31"):
        call_command("backfill_weekly_metrics", "--weeks=1", "--until=soon")
