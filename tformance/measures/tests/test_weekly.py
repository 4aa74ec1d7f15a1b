"""A team's weeks say what the measures say, and follow whatever changes in them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import NoTenant, tenant
from tformance.core import clock
from tformance.facts import testing as t
from tformance.facts.coverage import drop_coverage, write_coverage
from tformance.facts.models.people import TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.models.touched import TouchedDays
from tformance.facts.surveys import AuthorAnswer, ReviewerAnswer
from tformance.facts.write import mark_gone
from tformance.measures.models.weekly import WeeklyMetrics, WeeklyRound
from tformance.measures.tests.conftest import Land, merged
from tformance.measures.weekly import rounds
from tformance.measures.weekly.follow import follow, waiting

pytestmark = pytest.mark.django_db
STATEMENTS = 30
FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)


def caught_up(team: Team) -> None:
    while follow(team.id).left:
        pass


def week(team: Team, day: date = FIRST, login: str | None = None) -> Any:
    with tenant(team.id):
        member = TeamMember.objects.get(github_username=login).pk if login else None
        return WeeklyMetrics.objects.get(member=member, week_start=day)


def test_the_row_of_the_team_has_outsiders_too_and_every_member_has_one(acme: Team, land: Land) -> None:
    land(
        merged(1, 8, additions=20, commits=t.whole([t.commit(1, committed_at=t.at(1))])),
        merged(2, 20, additions=5, author=t.actor("eve", kind="mannequin")),
        merged(3, 30, author=t.actor("dependabot", kind="bot")),
        t.open_pull_request(4, author=t.actor("bob")),
    )
    caught_up(acme)
    team, ada, bob = week(acme), week(acme, login="ada"), week(acme, login="bob")
    assert (team.prs_merged, ada.prs_merged, bob.prs_merged) == (2, 1, 0)
    assert (team.lines_added, ada.lines_added, bob.lines_added) == (25, 20, 0)
    assert (team.median_cycle_time_hours, ada.avg_cycle_time_hours, bob.avg_cycle_time_hours) == (14, 8, None)
    assert (team.commits_count, ada.commits_count) == (1, 1)
    assert bob.story_points_completed is None


def test_a_week_that_is_over_and_read_is_final_and_the_running_one_is_partial(acme: Team, land: Land) -> None:
    land(merged(1, 8))
    caught_up(acme)
    assert [(week(acme, day).final, week(acme, day).partial) for day in (FIRST, SECOND)] == [
        (True, False),
        (False, True),
    ]


def test_nothing_is_worked_out_twice_and_rows_that_are_right_stay(acme: Team, land: Land, at_noon: Any) -> None:
    land(merged(1, 8))
    caught_up(acme)
    before = week(acme).computed_at
    assert waiting() == []
    at_noon.shift(timedelta(hours=1))
    with tenant(acme.id):
        TouchedDays.objects.create(team=acme, first_day=FIRST, last_day=FIRST)
    assert waiting() == [acme.id]
    assert follow(acme.id).done == 1
    assert week(acme).computed_at == before


def test_late_labels_verdicts_answers_and_deletions_change_the_week_of_the_merge(acme: Team, land: Land) -> None:
    land(merged(1, 8, reviews=t.whole([t.review()])), merged(2, 180, author=t.actor("grace")))
    caught_up(acme)
    assert (week(acme).hotfix_count, week(acme).ai_detected_prs, week(acme).ai_assisted_prs) == (0, 0, None)
    trailer = t.commit(9, message="x\n\nCo-authored-by: Claude <noreply@anthropic.com>", committed_at=t.at(1))
    land(
        merged(1, 8, labels=("hotfix",), commits=t.whole([trailer]), reviews=t.whole([t.review()])),
        fetched_at=t.at(190),
    )
    with tenant(acme.id):
        pull = PullRequest.objects.get(number=1)
        reviewer = pull.reviews.get().author_id
    t.say(acme, ReviewerAnswer(pull.id, reviewer, quality_rating=3, ai_guess=True, answered_at=t.at(180)))
    t.say(acme, AuthorAnswer(pull.id, True, "human", t.at(190)))
    caught_up(acme)
    now = week(acme)
    assert (now.hotfix_count, now.ai_detected_prs, now.ai_assisted_prs) == (1, 1, 1)
    assert (now.avg_quality_rating, now.surveys_completed, now.surveys_auto, now.guess_accuracy) == (3, 1, 0, 1)
    ada, grace = week(acme, login="ada"), week(acme, login="grace")
    assert (ada.avg_quality_rating, ada.guess_accuracy) == (3, None)
    assert (grace.avg_quality_rating, grace.guess_accuracy) == (None, 1)
    with tenant(acme.id):
        mark_gone("pull_request", pull.repository_id, [pull.node_id], t.at(191))
    caught_up(acme)
    gone = week(acme)
    assert (gone.prs_merged, gone.surveys_completed, gone.ai_assisted_prs) == (0, 0, None)
    assert week(acme, SECOND).prs_merged == 1


def test_an_automatic_answer_is_counted_apart_and_is_no_assistance(acme: Team, land: Land) -> None:
    land(merged(1, 8))
    with tenant(acme.id):
        pull = PullRequest.objects.get()
    t.say(acme, AuthorAnswer(pull.id, True, "auto", t.at(9)))
    caught_up(acme)
    assert (week(acme).surveys_auto, week(acme).surveys_completed, week(acme).ai_assisted_prs) == (1, 0, None)


def test_one_teams_error_does_not_stop_the_others(acme: Team, land: Land, caplog: Any) -> None:
    land(merged(1, 8))
    broken = t.team("broken")
    Team.objects.filter(pk=broken.pk).update(zone="Atlantis/Capital")
    other = t.team("other")
    land(merged(1, 8), team=other)
    assert rounds.aggregate() == rounds.Report(teams=3, weeks=4, failed=1)
    assert "could not be worked out" in caplog.text
    assert week(acme).prs_merged == week(other).prs_merged == 1
    assert waiting() == [broken.pk]


def test_sundays_that_were_missed_are_made_up_for(acme: Team, land: Land, at_noon: Any) -> None:
    land(merged(1, 8))
    caught_up(acme)
    at_noon.shift(timedelta(weeks=3))
    assert waiting() == [acme.id]
    with tenant(acme.id):
        write_coverage(Repository.objects.get().pk, "pull_requests", None, clock.now())
    rounds.follow_waiting()
    with tenant(acme.id):
        rows = WeeklyMetrics.objects.filter(member=None).order_by("week_start")
        found = list(rows.values_list("week_start", "final"))
    assert found == [(FIRST + timedelta(weeks=n), n < 4) for n in range(5)]
    assert waiting() == []


def test_what_is_not_read_any_more_has_no_weeks(acme: Team, land: Land) -> None:
    land(merged(1, 8))
    caught_up(acme)
    with tenant(acme.id):
        drop_coverage([Repository.objects.get().pk])
    caught_up(acme)
    with tenant(acme.id):
        assert not WeeklyMetrics.objects.exists()


def test_another_zone_or_definition_makes_all_weeks_new(acme: Team, land: Land) -> None:
    land(merged(1, 15 + 24 * 6 - 0.5))  # Sunday 23:30 UTC
    caught_up(acme)
    assert week(acme, SECOND).prs_merged == 1
    Team.objects.filter(pk=acme.pk).update(zone="UTC")
    caught_up(acme)
    assert week(acme, FIRST).prs_merged == 1
    WeeklyRound.objects.update(definition_version=0)
    assert waiting() == [acme.id]


def test_weeks_are_worked_out_newest_first_in_steps_of_bounded_size(acme: Team, land: Land, at_noon: Any) -> None:
    land(merged(1, 8), *(t.open_pull_request(n, author=t.actor(f"p{n}")) for n in range(2, 1250)))
    at_noon.shift(timedelta(weeks=20))
    with tenant(acme.id):
        write_coverage(Repository.objects.get().pk, "pull_requests", None, clock.now())
    steps = [follow(acme.id) for _ in range(4)]
    assert [(step.done, step.left) for step in steps] == [(8, 14), (8, 6), (6, 0), (0, 0)]


@pytest.mark.parametrize("people", [3, 40])
def test_a_team_costs_the_same_number_of_statements_at_any_size(acme: Team, land: Land, people: int) -> None:
    land(*(merged(n, 3 * n, author=t.actor(f"p{n}")) for n in range(1, people)))
    with CaptureQueriesContext(connection) as captured:
        follow(acme.id)
    assert len(captured) == STATEMENTS


def test_another_teams_weeks_cannot_be_seen(acme: Team, land: Land) -> None:
    other = t.team("other")
    land(merged(1, 8))
    land(merged(2, 9), team=other)
    rounds.aggregate()
    with tenant(other.id):
        assert set(WeeklyMetrics.objects.values_list("team", flat=True)) == {other.id}
        assert not WeeklyMetrics.objects.filter(team=acme).exists()
    with pytest.raises(NoTenant):
        WeeklyMetrics.objects.count()
