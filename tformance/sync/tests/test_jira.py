"""A connected Jira down the whole road: what is stored is what the site says, whatever goes wrong on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.errors import Reconnect
from tformance.facts import testing as t
from tformance.facts.models.people import Actor
from tformance.facts.models.planning import (
    JiraEstimate,
    JiraIssue,
    JiraProject,
    JiraSprint,
    JiraSprintStay,
    JiraTransition,
)
from tformance.facts.models.pull_request import PullRequest
from tformance.sandbox.tests.jira_client import JiraClient, running
from tformance.sandbox.tests.jira_site import write
from tformance.sync import connections, health, jira_onboarding, rounds, run
from tformance.sync.connections import Connected
from tformance.sync.lane import Lane, Turn
from tformance.sync.models import Connection, Quarantined, Scope, SyncStep
from tformance.sync.tests.conftest import make_team

APRIL = datetime(2026, 4, 1, 12, tzinfo=UTC)
EVERYTHING = ("WEB", "APP", "OPS")


@dataclass
class Road:
    """A team that is connected to the local Jira at `jira`."""

    team: Team
    jira: JiraClient
    url: str
    clock: time_machine.Traveller

    def connect(self, *keys: str, token: str = "token", email: str = "ann@small.example") -> Connected:
        made = connections.connect_jira(self.team.pk, self.url, email, token)
        connections.follow(self.team.pk, made.id, keys)
        return made

    def work(self, until: timedelta = timedelta(0)) -> None:
        """Everything that is due now, and in the time until then."""
        ends = self.clock.shift  # the clock stands still but for this
        for _ in range(1 + int(until / timedelta(minutes=1))):
            while any(run.look_at_lane(lane) for lane in self._due()):
                pass
            if until:
                ends(timedelta(minutes=1))

    def _due(self) -> list[int]:
        now = datetime.now(UTC)
        free = [lane.pk for lane in Lane.objects.all() if lane.blocked_until is None or lane.blocked_until <= now]
        return list(Turn.objects.filter(due_at__lte=now, lane__in=free).values_list("lane", flat=True))

    def do(self, action: str, **words: Any) -> Any:
        return self.jira.post("/_sandbox/do", {"action": action, **words})

    def issues(self) -> list[str]:
        with tenant(self.team.pk):
            return sorted(JiraIssue.objects.values_list("jira_key", flat=True))


@pytest.fixture
def road(db: None, tmp_path: Path) -> Iterator[Road]:
    yield from _road(tmp_path)


def _road(folder: Path, faults: str = "", tokens: str = "") -> Iterator[Road]:
    with (
        running(write(folder), faults, tokens) as (sandbox, client),
        time_machine.travel(APRIL, tick=False) as clock,
    ):
        yield Road(make_team("acme"), client, sandbox.url, clock)


def test_what_is_stored_is_what_the_site_says(road: Road) -> None:
    road.connect(*EVERYTHING)
    road.work()
    assert health.is_complete(road.team.pk)
    assert road.issues() == ["APP-9", "OPS-1", "WEB-1", "WEB-2", "WEB-3", "WEB-4"]
    with tenant(road.team.pk):
        paid = JiraIssue.objects.select_related("project", "assignee", "credited").get(jira_key="WEB-2")
        assert (paid.points, paid.status_category, paid.resolution) == (Decimal(5), "done", "Done")
        assert (str(paid.assignee), str(paid.credited), paid.parent_jira_id) == ("Bo", "Bo", 20001)
        assert paid.started_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
        assert paid.cycle_time_hours == 7 * 24 + 6
        assert list(JiraEstimate.objects.filter(issue=paid).order_by("at").values_list("points", flat=True)) == [3, 5]
        assert JiraTransition.objects.count() == 6
        stays = JiraSprintStay.objects.order_by("issue__jira_id", "joined_at")
        assert list(stays.values_list("issue__jira_key", "sprint__name", "left_at")) == [
            ("WEB-2", "WEB Sprint 1", None),
            ("WEB-3", "WEB Sprint 1", None),
            ("WEB-3", "WEB Sprint 2", None),
        ]
        states = JiraSprint.objects.order_by("provider_id").values_list("state", flat=True)
        assert list(states) == ["closed", "active", "future"]
        assert JiraIssue.objects.get(jira_key="APP-9").former_keys == ["WEB-5"]
        assert JiraProject.objects.filter(covered_to__isnull=False, covered_from__isnull=True).count() == 3
        assert Actor.objects.filter(source="jira").count() == 5
        assert Actor.objects.get(name="Ann Archer").email == "ann@small.example"


def test_accounts_are_read_before_issues(road: Road) -> None:
    road.connect("WEB")
    with tenant(road.team.pk):
        order = SyncStep.objects.order_by("rank", "id").values_list("stream", flat=True)
        assert set(list(order)[:2]) == {"users", "project"}


def test_pull_requests_that_came_first_are_linked(road: Road) -> None:
    t.write(road.team, t.page(t.pull_request(1, head_ref="feature/web-5-push"), t.pull_request(2, title="WEB-2 Pay")))
    road.connect(*EVERYTHING)
    road.work()
    with tenant(road.team.pk):
        assert dict(PullRequest.objects.values_list("number", "jira_key")) == {1: "APP-9", 2: "WEB-2"}


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_every_quarter_of_an_hour_nothing_new_is_missed(road: Road, zone: str) -> None:
    road.do("set_account", account="ann@small.example", time_zone=zone)
    road.connect("WEB")
    road.work()
    road.clock.shift(timedelta(minutes=3))
    road.do("create", project="WEB", summary="New")
    road.do("transition", issue="WEB-4", status="Done")
    road.work(until=timedelta(minutes=16))
    with tenant(road.team.pk):
        assert JiraIssue.objects.get(summary="New").jira_key == "WEB-6"
        assert JiraIssue.objects.get(jira_key="WEB-4").done_at == APRIL + timedelta(minutes=3)


def test_an_issue_that_is_reopened_is_done_no_more(road: Road) -> None:
    road.connect("WEB")
    road.work()
    road.clock.shift(timedelta(minutes=5))
    road.do("transition", issue="WEB-2", status="In Progress")
    road.work(until=timedelta(minutes=16))
    with tenant(road.team.pk):
        found = JiraIssue.objects.get(jira_key="WEB-2")
    assert (found.done_at, found.resolved_at, found.cycle_time_hours) == (None, None, None)


def test_what_was_deleted_or_moved_away_is_found_by_the_weekly_comparison(road: Road) -> None:
    road.connect("WEB")
    road.work()
    road.do("delete", issue="WEB-4")
    road.do("move", issue="WEB-3", project="APP")
    assert road.issues() == ["WEB-1", "WEB-2", "WEB-3", "WEB-4"]
    road.clock.shift(timedelta(minutes=1))
    connections.compare_now(road.team.pk)
    road.work()
    assert road.issues() == ["WEB-1", "WEB-2"]


def test_an_issue_that_moves_between_followed_projects_is_never_lost(road: Road) -> None:
    road.connect("WEB", "APP")
    road.work()
    road.clock.shift(timedelta(minutes=5))
    road.do("move", issue="WEB-3", project="APP")
    road.work(until=timedelta(minutes=16))
    connections.compare_now(road.team.pk)
    road.work()
    with tenant(road.team.pk):
        found = JiraIssue.objects.get(jira_id=20003)
    assert (found.jira_key, found.former_keys) == ("APP-10", ["WEB-3"])


def test_one_hidden_project_leaves_the_others_complete_and_says_why(road: Road) -> None:
    road.do("forbid", project="WEB")
    made = road.connect(*EVERYTHING)
    road.work(until=timedelta(minutes=5))
    assert road.issues() == ["APP-9", "OPS-1"]
    [shown] = [each for each in health.connections(road.team.pk) if each.id == made.id]
    states = {each.name: each.state for each in shown.repositories}
    assert states == {"WEB": health.HIDDEN, "APP": "complete", "OPS": "complete"}
    assert "browse" in next(each.error for each in shown.repositories if each.name == "WEB")
    road.do("allow", project="WEB")
    connections.sync_now(road.team.pk)
    road.work()
    assert len(road.issues()) == 6


def test_one_malformed_issue_is_kept_apart_with_its_reason(db: None, tmp_path: Path) -> None:
    for road in _road(tmp_path, faults="malformed=WEB-2"):
        road.connect(*EVERYTHING)
        road.work(until=timedelta(minutes=3))
        assert road.issues() == ["APP-9", "OPS-1", "WEB-1", "WEB-3", "WEB-4"]
        with tenant(road.team.pk):
            assert list(Quarantined.objects.values_list("item", "stream")) == [("20002", "issues")]


def test_a_project_whose_points_field_is_gone_is_read_without_points(db: None, tmp_path: Path) -> None:
    for road in _road(tmp_path, faults="gone_field=customfield_10038"):
        road.connect(*EVERYTHING)
        road.work()
        assert health.is_complete(road.team.pk)
        with tenant(road.team.pk):
            points = dict(JiraIssue.objects.values_list("jira_key", "points"))
        assert (points["WEB-2"], points["APP-9"]) == (None, Decimal(3))


def test_the_names_of_the_pipeline_stand_for_the_same_rows(road: Road) -> None:
    with pytest.raises(jira_onboarding.NotConnected):
        jira_onboarding.start_jira_onboarding_pipeline(road.team.pk, ["WEB"])
    connections.connect_jira(road.team.pk, road.url, "ann@small.example", "token")
    assert jira_onboarding.start_jira_onboarding_pipeline(road.team.pk, ["WEB", "APP"]) == ("APP", "WEB")
    assert road.issues() == []  # it is back at once
    road.work()
    road.do("forbid", project="APP")
    jira_onboarding.sync_jira_users_onboarding(road.team.pk)
    jira_onboarding.sync_jira_projects_onboarding(road.team.pk, ["WEB", "APP"])
    road.work(until=timedelta(minutes=3))
    assert jira_onboarding.sync_jira_projects_onboarding(road.team.pk, []) == ()
    told = {each.key: each for each in jira_onboarding.sync_jira_projects_onboarding(road.team.pk, ["WEB", "APP"])}
    assert "browse" in told["APP"].reason
    assert told["WEB"].reason == ""


def test_a_limit_is_waited_for_and_nothing_is_lost(db: None, tmp_path: Path) -> None:
    for road in _road(tmp_path, faults="burst_after=3,retry_after=1"):
        made = road.connect("WEB")
        road.work()
        assert Lane.objects.get(turns__connection_id=made.id).blocked_until is not None
        road.work(until=timedelta(minutes=10))
        assert health.is_complete(road.team.pk)
        assert len(road.issues()) == 4


def test_a_token_that_ends_stops_the_connection_with_words_until_a_new_one_comes(db: None, tmp_path: Path) -> None:
    for road in _road(tmp_path, tokens="one,two"):
        made = road.connect("WEB", token="one")
        road.work()
        road.do("revoke_token", token="one")
        connections.sync_now(road.team.pk)
        road.work()
        with tenant(road.team.pk):
            assert Connection.objects.get(pk=made.id).state == Connection.State.RECONNECT
        [shown] = health.connections(road.team.pk)
        assert "make a new API token" in shown.words
        assert len(road.issues()) == 4
        with pytest.raises(Reconnect):
            connections.connect_jira(road.team.pk, road.url, "ann@small.example", "one")
        again = connections.connect_jira(road.team.pk, road.url, "ann@small.example", "two")
        road.work()
        assert (again.id, again.state, health.is_complete(road.team.pk)) == (made.id, "active", True)


def test_a_project_that_is_let_go_is_read_no_more_and_claims_nothing(road: Road) -> None:
    made = road.connect("WEB", "APP")
    road.work()
    connections.unfollow(road.team.pk, made.id, "APP")
    with tenant(road.team.pk):
        assert JiraProject.objects.get(key="APP").covered_to is None
        assert JiraProject.objects.get(key="WEB").covered_to is not None
    road.do("create", project="APP")
    road.work(until=timedelta(minutes=31))
    assert "APP-10" not in road.issues()


def test_choices_are_projects_with_their_names(road: Road) -> None:
    made = road.connect("WEB")
    found = connections.choices(road.team.pk, made.id)
    assert [(each.name, each.title, each.is_followed) for each in found] == [
        ("APP", "Phone app", False),
        ("OPS", "运维", False),
        ("WEB", "Web shop", True),
    ]


def test_a_quarter_of_an_hour_asks_for_issues_and_half_past_four_for_everything(road: Road) -> None:
    made = road.connect("WEB")
    with tenant(road.team.pk):
        source = run.SOURCES["jira"]
        assert rounds.next_round(source, APRIL) == APRIL + timedelta(minutes=15)
        assert Scope.objects.filter(connection=made.id, kind="site").count() == 1
    road.work()
    road.work(until=timedelta(minutes=17))
    with tenant(road.team.pk):
        asked = SyncStep.objects.filter(window="incremental").values_list("stream", flat=True)
        assert set(asked) == {"issues"}
