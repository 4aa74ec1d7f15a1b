"""Weeks of many teams, and many weeks of one, as the runtime role behind its walls."""

import os
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.bench import organisation
from tests.bench.figures import timed, write_down
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import bulk
from tformance.facts import testing as facts
from tformance.facts.coverage import write_coverage
from tformance.facts.models.people import TeamMember
from tformance.facts.models.repository import Repository
from tformance.facts.touched import touch_all
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.weekly import rounds
from tformance.measures.weekly.calendar import monday
from tformance.measures.weekly.follow import follow

pytestmark = pytest.mark.bench

TEAMS = int(os.environ.get("BENCH_TEAMS", "1000"))
MEMBERS = 50
UTC = ZoneInfo("UTC")


def vacuum() -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")


def a_team(number: int) -> None:
    """Fifty members, of whom twenty merged in the running week, which alone was read."""
    team, week = Team.objects.create(slug=f"team-{number}", name=f"Team {number}"), monday(now(), UTC)
    start = now() - timedelta(minutes=30)
    pulls = [
        facts.pull_request(key, author=facts.actor(f"p{key}"), opened_at=start, updated_at=start, merged_at=start)
        for key in range(20)
    ]
    facts.write(team, facts.page(*pulls, fetched_at=now()))
    with tenant(team.pk):
        people = [(f"q{key}", f"Person {key}", True) for key in range(MEMBERS - 20)]
        bulk.insert(TeamMember, team.pk, ("github_username", "display_name", "is_active"), people)
        since = now() - timedelta(minutes=40)
        assert monday(since, UTC) == week, "the bench cannot run within the first hour of a week"
        write_coverage(Repository.objects.get().pk, "pull_requests", since, now())


def test_one_week_of_a_thousand_teams(live_db: str) -> None:
    for number in range(TEAMS):
        a_team(number)
    vacuum()
    found: dict[str, Any] = {}
    first = timed_once(found, "first")
    again = timed_once(found, "again, nothing changed")
    write_down("weekly-teams", {"teams": TEAMS, "members": MEMBERS, **found})
    assert max(first, again) <= 60


def timed_once(found: dict[str, Any], name: str) -> float:
    started = now()
    report = rounds.aggregate()
    seconds = (now() - started).total_seconds()
    assert (report.teams, report.failed) == (TEAMS, 0)
    found[name] = {"seconds": round(seconds, 1), "weeks": report.weeks}
    return seconds


def test_a_year_of_two_hundred_members(live_db: str) -> None:
    team = Team.objects.create(slug="bench", name="Bench")
    for page in organisation.pages(0, 10_000, now()):
        facts.write(team, page)
    with tenant(team.pk):
        for repository in Repository.objects.all():
            write_coverage(repository.pk, "pull_requests", now() - timedelta(weeks=51), now())
    vacuum()

    def anew() -> None:
        with tenant(team.pk):
            WeeklyMetrics.objects.all().delete()
            touch_all()
        while follow(team.pk).left:
            pass

    times = timed(anew, 5)
    with tenant(team.pk):
        rows = WeeklyMetrics.objects.count()
    write_down("weekly-year", {"rows": rows, "milliseconds": times})
    assert times.median <= 2000
