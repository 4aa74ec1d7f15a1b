"""Issues, their course, their sprints and estimates; whatever the order of readings, the rows are the same."""

import itertools
import random
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.planning import JiraEstimate, JiraIssue, JiraProject, JiraSprint, JiraSprintStay
from tformance.facts.models.repository import DataVersion
from tformance.facts.models.touched import TouchedDays
from tformance.facts.planning_records import IssueRecord, ProjectPage, SitePage
from tformance.facts.tests import planning as p
from tformance.facts.tests.dump import dump
from tformance.facts.write_planning import mark_issues_gone, write_project

slugs = (f"planning-{number}" for number in itertools.count())

pytestmark = pytest.mark.django_db
quick = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def team(db: None) -> Team:
    return t.team(next(slugs))


def stored(team: Team, record: IssueRecord, **fields: Any) -> JiraIssue:
    p.write(team, p.page(record, **fields))
    with tenant(team.id):
        found: JiraIssue = JiraIssue.everything.select_related("credited", "assignee").get(jira_id=record.provider_id)
    return found


def test_work_begins_with_the_first_move_into_progress_and_ends_with_the_last_into_done(team: Team) -> None:
    moves = (
        p.move(1, 2, p.TODO, p.DOING),
        p.move(2, 5, p.DOING, p.DONE),
        p.move(3, 6, p.DONE, p.DOING),
        p.move(4, 10, p.DOING, p.DONE),
    )
    found = stored(team, p.done(hours=10, transitions=moves))
    assert (found.started_at, found.done_at) == (t.at(2), t.at(10))
    assert (found.cycle_time_hours, found.lead_time_hours) == (8, 10)


def test_what_was_reopened_is_not_done(team: Team) -> None:
    moves = (p.move(1, 2, p.TODO, p.DOING), p.move(2, 5, p.DOING, p.DONE), p.move(3, 6, p.DONE, p.DOING))
    found = stored(team, p.issue(status=p.DOING, transitions=moves))
    assert (found.started_at, found.done_at, found.cycle_time_hours, found.lead_time_hours) == (
        t.at(2),
        None,
        None,
        None,
    )


def test_a_project_that_resolves_nothing_has_lead_times_too(team: Team) -> None:
    found = stored(team, p.done(hours=10, resolution="", resolved_at=None))
    assert (found.resolved_at, found.done_at, found.lead_time_hours) == (None, t.at(10), 10)


def test_who_had_it_when_it_was_done_gets_the_credit(team: Team) -> None:
    ann, bo = p.person("ann"), p.person("bo")
    changes = (p.assigned(1, None, ann), p.assigned(12, ann, bo))
    found = stored(team, p.done(hours=10, assignee=bo, assignments=changes))
    assert found.credited is not None
    assert (found.credited.name, str(found.assignee)) == ("Ann", "Bo")


def test_stays_in_sprints_are_intervals(team: Team) -> None:
    moves = (p.into(3, (11,), (11, 12)), p.into(5, (11, 12), (12,)), p.into(7, (12,), (12, 11)))
    p.write(team, p.page(p.issue(sprint_moves=moves, sprints=(12, 11)), sprints=(p.sprint(11),)))
    with tenant(team.id):
        found = JiraSprintStay.objects.order_by("joined_at").values_list("sprint__provider_id", "joined_at", "left_at")
        assert list(found) == [(11, t.at(0), t.at(5)), (12, t.at(3), None), (11, t.at(7), None)]
        assert list(JiraSprint.objects.order_by("provider_id").values_list("name", "state")) == [
            ("Sprint 11", "closed"),
            ("", ""),  # only named so far
        ]


def test_estimates_are_known_from_when_they_were_made(team: Team) -> None:
    changes = (p.estimate(2, Decimal(3), Decimal(5)), p.estimate(4, Decimal(5), None))
    p.write(team, p.page(p.issue(estimates=changes)))
    with tenant(team.id):
        found = list(JiraEstimate.objects.order_by("at").values_list("at", "points"))
    assert found == [(t.at(0), 3), (t.at(2), 5), (t.at(4), None)]


def test_a_sprint_that_a_board_has_no_more_is_gone(team: Team) -> None:
    p.write(team, p.page(sprints=(p.sprint(11), p.sprint(12)), boards=(1,)))
    p.write(team, p.page(sprints=(p.sprint(12),), boards=(1,), fetched_at=t.at(30)))
    with tenant(team.id):
        assert list(JiraSprint.objects.values_list("provider_id", flat=True)) == [12]
    p.write(team, p.page(sprints=(p.sprint(11),), fetched_at=t.at(31)))
    with tenant(team.id):
        assert JiraSprint.objects.count() == 2


def test_an_issue_that_is_gone_comes_back_when_it_is_read_again(team: Team) -> None:
    p.write(team, p.page(p.issue()))
    with tenant(team.id):
        home = JiraProject.objects.get()
        assert mark_issues_gone(home.pk, [1], t.at(25)) == 1
        assert mark_issues_gone(home.pk, [1], t.at(26)) == 0
        assert not JiraIssue.objects.exists()
    p.write(team, p.page(p.issue(), fetched_at=t.at(24)))
    with tenant(team.id):
        assert not JiraIssue.objects.exists()
    p.write(team, p.page(p.issue(), fetched_at=t.at(27)))
    with tenant(team.id):
        assert JiraIssue.objects.exists()


def test_an_issue_that_moved_is_one_issue_and_no_loss_of_its_old_home(team: Team) -> None:
    p.write(team, p.page(p.issue()))
    moved = p.issue(1, "OPS", former_keys=("WEB-1",), updated_at=t.at(5))
    p.write(team, p.page(moved, project=p.project("OPS"), fetched_at=t.at(25)))
    with tenant(team.id):
        assert mark_issues_gone(JiraProject.objects.get(key="WEB").pk, [1], t.at(30)) == 0
        found = JiraIssue.objects.select_related("project").get()
    assert (found.jira_key, found.former_keys, found.project.key) == ("OPS-1", ["WEB-1"], "OPS")


def test_an_older_reading_changes_nothing(team: Team) -> None:
    p.write(team, p.page(p.issue(summary="New", updated_at=t.at(5))))
    assert p.write(team, p.page(p.issue(summary="Old", updated_at=t.at(4)), fetched_at=t.at(30))) == 0
    with tenant(team.id):
        assert JiraIssue.objects.get().summary == "New"


def test_days_of_an_end_are_marked_when_it_comes_and_when_it_goes(team: Team) -> None:
    p.write(team, p.page(p.issue()))
    day = t.at(24 * 9).astimezone(UTC).date()
    for record in (p.done(hours=24 * 9), p.issue(updated_at=t.at(24 * 10))):
        TouchedDays.objects.filter(team=team).delete()
        p.write(team, p.page(record, fetched_at=t.at(24 * 20)))
        marks = TouchedDays.objects.filter(team=team, first_day__lte=day, last_day__gte=day)
        assert marks.exists()


def test_accounts_of_a_site_are_accounts_and_no_members_yet(team: Team) -> None:
    ann = p.person("ann", email="ann@acme.example")
    assert p.write(team, SitePage("cloud", t.at(1), (ann,))) == 1
    assert p.write(team, SitePage("cloud", t.at(2), (ann,))) == 0
    with tenant(team.id):
        found = Actor.objects.get()
        assert (found.source, found.node_id, found.name, found.email) == ("jira", "5b-ann", "Ann", "ann@acme.example")
        member = TeamMember.objects.create(team=team, display_name="Ann")
        assert member.jira_account_id == ""
        Actor.objects.update(member=member)
        assert member.jira_account_id == "5b-ann"


def test_the_data_moves_on_only_when_something_changed(team: Team) -> None:
    def version() -> int:
        with tenant(team.id):
            return int(DataVersion.objects.values_list("version", flat=True).first() or 0)

    p.write(team, p.page(p.done(1), sprints=(p.sprint(),)))
    before = version()
    assert p.write(team, p.page(p.done(1), sprints=(p.sprint(),), fetched_at=t.at(40))) == 0
    assert version() == before
    p.write(team, p.page(p.done(1, summary="Else"), fetched_at=t.at(41)))
    assert version() == before + 1


def test_a_page_costs_as_many_statements_at_any_size(team: Team) -> None:
    def statements(numbers: range) -> int:
        records = [p.done(number, sprints=(11,), points=Decimal(2)) for number in numbers]
        page = p.page(*records, sprints=(p.sprint(11), p.sprint(12)))
        with tenant(team.id), CaptureQueriesContext(connection) as queries:
            write_project(page, team_id=team.id)
        return len(queries)

    p.write(team, p.page(p.done(99), sprints=(p.sprint(11), p.sprint(12))))
    few, many = statements(range(1, 3)), statements(range(10, 60))
    assert few == many <= 22


@st.composite
def readings(draw: st.DrawFn) -> tuple[ProjectPage, ...]:
    """Up to four readings of up to three issues that move between two projects and change between them."""
    times = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True))
    return tuple(draw(pages(time)) for time in sorted(times))


@st.composite
def pages(draw: st.DrawFn, time: int) -> ProjectPage:
    numbers = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
    home = draw(st.sampled_from(["WEB", "OPS"]))
    records = tuple(draw(issues(number, home, time)) for number in numbers)
    sprints = tuple(p.sprint(key, state="active" if time < 3 else "closed") for key in (11, 12))
    return p.page(*records, project=p.project(home), fetched_at=t.at(100 + time), sprints=sprints[: time % 3])


@st.composite
def issues(draw: st.DrawFn, number: int, home: str, time: int) -> IssueRecord:
    who = st.none() | st.sampled_from([p.person("ann"), p.person("bo")])
    points = st.none() | st.sampled_from([Decimal(1), Decimal("2.5")])
    # A change that comes with a time of its own: two readings with one time of change say the same.
    chance = random.Random(f"{number} {time}")
    moves = tuple(p.move(key, key, p.TODO, p.DOING) for key in range(chance.randint(0, 3)))
    return p.issue(
        number,
        home,
        former_keys=("OPS-1",) if (home, number) == ("WEB", 1) else (),
        summary=draw(st.sampled_from(["One", "Two"])),
        status=draw(st.sampled_from([p.TODO, p.DOING, p.DONE])),
        assignee=draw(who),
        points=draw(points),
        updated_at=t.at(draw(st.integers(0, time))),
        sprints=tuple(draw(st.lists(st.sampled_from([11, 12]), unique=True))),
        transitions=moves,
        estimates=tuple(p.estimate(at, draw(points), draw(points)) for at in range(draw(st.integers(0, 2)))),
        assignments=tuple(p.assigned(at, draw(who), draw(who)) for at in range(draw(st.integers(0, 2)))),
    )


@quick
@given(found=readings(), chance=st.randoms(use_true_random=False))
def test_any_order_repetition_and_cut_gives_the_same_facts(
    db: None, found: tuple[ProjectPage, ...], chance: random.Random
) -> None:
    plain, other = t.team(next(slugs)), t.team(next(slugs))
    pulls = t.page(t.pull_request(1, title="WEB-1 and OPS-2"), t.pull_request(2, head_ref="ops-1"))
    t.write(plain, pulls)
    p.write(plain, *found)
    cut = [replace(page, issues=(record,)) for page in found for record in page.issues]
    shuffled: list[Any] = [*cut, *found, *found[: chance.randint(0, len(found))], pulls]
    chance.shuffle(shuffled)
    for page in shuffled:
        (p.write if isinstance(page, ProjectPage) else t.write)(other, page)
    one, two = dump(plain), dump(other)
    assert {name: (rows, two[name]) for name, rows in one.items() if rows != two[name]} == {}


@quick
@given(found=readings())
def test_the_same_again_changes_nothing(db: None, found: tuple[ProjectPage, ...]) -> None:
    team = t.team(next(slugs))
    p.write(team, *found)
    before = dump(team)
    assert p.write(team, *found) == 0
    assert dump(team) == before
