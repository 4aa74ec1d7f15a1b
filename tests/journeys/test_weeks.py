"""From an empty database to weeks: an organisation is read, the evening's task runs once, and nothing is missing."""

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.journeys import road
from tformance.accounts.tenancy import tenant
from tformance.facts.models.people import TeamMember
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.tasks import aggregate_weekly_metrics_task


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
    assert members
    assert weeks.keys() == {None, *members}
    assert min(weeks.values()) >= 4
    told = StringIO()
    call_command("backfill_weekly_metrics", weeks=6, team="acme", stdout=told, stderr=StringIO())
    assert told.getvalue() == "Weeks worked out: 6, teams: 1.\n"


@pytest.mark.django_db
def test_a_backfill_says_what_it_cannot_do() -> None:
    with pytest.raises(CommandError, match="There is no team nobody"):
        call_command("backfill_weekly_metrics", weeks=6, team="nobody")
    with pytest.raises(CommandError, match="from 1 to 1040, not 0"):
        call_command("backfill_weekly_metrics", weeks=0)
