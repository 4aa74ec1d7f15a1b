"""Members, teams, seats and usage of an organisation: whole sets, and people who come, leave and come back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import NoTenant, tenant
from tformance.facts import testing as t
from tformance.facts.models.organization import (
    AiUsageDay,
    OrganizationMember,
    ProviderTeam,
    ProviderTeamMember,
    Seat,
    UsageCoverage,
)
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.records import ActorRecord, ChildSet, MembershipRecord, OrganizationPage
from tformance.facts.tests.dump import dump
from tformance.facts.write import write_organization


@pytest.fixture
def team(db: None) -> Team:
    return t.team()


def members(*logins: str, hours: float = 24, **fields: Any) -> OrganizationPage:
    found = [MembershipRecord(t.actor(login), "member") for login in logins]
    return t.organization(members=t.whole(found), fetched_at=t.at(hours), **fields)


def people(team: Team) -> dict[str, bool]:
    with tenant(team.id):
        return dict(TeamMember.objects.order_by("github_username").values_list("github_username", "is_active"))


def test_members_who_are_people_belong_to_the_team(team: Team) -> None:
    bot = MembershipRecord(t.actor("dependabot", kind="bot"), "member")
    page = t.organization(members=t.whole([MembershipRecord(t.actor("ada"), "admin"), bot]))
    assert t.write_org(team, page) > 0
    assert people(team) == {"ada": True}
    with tenant(team.id):
        roles = OrganizationMember.objects.order_by("role").values_list("actor__login", "role", "first_seen_at")
        assert list(roles) == [("ada", "admin", t.at(24)), ("dependabot", "member", t.at(24))]


@pytest.mark.parametrize("pull_first", [True, False])
def test_a_person_known_from_pull_requests_is_not_made_twice(team: Team, pull_first: bool) -> None:
    def pull() -> None:
        t.write(team, t.page(t.pull_request(1, author=t.actor("ada"), author_association="MEMBER")))

    if pull_first:
        pull()
    t.write_org(team, members("ada"))
    if not pull_first:
        pull()
    assert people(team) == {"ada": True}
    with tenant(team.id):
        assert Actor.objects.filter(member__isnull=False).count() == 1


def test_who_left_is_not_active_until_they_are_back(team: Team) -> None:
    t.write_org(team, members("ada", "grace"), members("ada", hours=48))
    assert people(team) == {"ada": True, "grace": False}
    with tenant(team.id):
        assert OrganizationMember.everything.get(actor__login="grace").gone_at == t.at(48)
        assert OrganizationMember.objects.count() == 1
    t.write_org(team, members("ada", "grace", hours=72))
    assert people(team) == {"ada": True, "grace": True}


def test_an_older_reading_changes_nothing(team: Team) -> None:
    t.write_org(team, members("ada", hours=48))
    before = dump(team)["OrganizationMember"]
    t.write_org(team, members("ada", "grace", hours=24))
    assert dump(team)["OrganizationMember"] == before


def test_a_list_that_was_not_read_to_its_end_takes_nobody_away(team: Team) -> None:
    t.write_org(team, members("ada", "grace"))
    part = ChildSet((MembershipRecord(t.actor("ada"), "member"),), total=2)
    t.write_org(team, t.organization(members=part, fetched_at=t.at(48)))
    assert people(team) == {"ada": True, "grace": True}


def test_the_same_again_changes_nothing(team: Team) -> None:
    page = full(3, 2)
    t.write_org(team, page)
    before = dump(team)
    assert t.write_org(team, page) == 0
    assert dump(team) == before


def test_teams_and_seats_that_are_gone_are_left_out(team: Team) -> None:
    both = t.whole([t.provider_team(1, t.actor("ada"), t.actor("grace")), t.provider_team(2, t.actor("ada"))])
    t.write_org(team, t.organization(teams=both, seats=t.whole([t.seat("ada"), t.seat("grace")])))
    one = t.whole([t.provider_team(1, t.actor("grace"), name="Renamed")])
    t.write_org(team, t.organization(teams=one, seats=t.whole([t.seat("ada", plan="enterprise")]), fetched_at=t.at(48)))
    with tenant(team.id):
        assert list(ProviderTeam.objects.values_list("name", flat=True)) == ["Renamed"]
        assert ProviderTeam.everything.count() == 2
        assert list(ProviderTeamMember.objects.values_list("actor__login", flat=True)) == ["grace"]
        assert list(Seat.objects.values_list("actor__login", "plan")) == [("ada", "enterprise")]
        assert Seat.everything.get(actor__login="grace").gone_at == t.at(48)


def test_a_later_report_of_a_day_replaces_the_earlier_one(team: Team) -> None:
    day = t.START.date()
    early = t.organization(usage=(t.usage("ada", interactions=3, raw={"a\x00": "b\x00"}),), report_days=(day,))
    late = t.organization(usage=(t.usage("ada", interactions=None),), report_days=(day,), fetched_at=t.at(72))
    t.write_org(team, late, early)
    with tenant(team.id):
        assert AiUsageDay.objects.get().interactions is None
        assert UsageCoverage.objects.get().fetched_at == t.at(72)


def test_a_day_without_use_is_known_too(team: Team) -> None:
    t.write_org(team, t.organization(report_days=(t.START.date(),)))
    with tenant(team.id):
        assert (AiUsageDay.objects.count(), UsageCoverage.objects.count()) == (0, 1)


def full(users: int, days: int, hours: float = 24) -> OrganizationPage:
    actors: list[ActorRecord] = [t.actor(f"u{number}", provider_id=1000 + number) for number in range(users)]
    dates = [t.START.date() + timedelta(days=number) for number in range(days)]
    return t.organization(
        members=t.whole([MembershipRecord(each, "member") for each in actors]),
        teams=t.whole([t.provider_team(1, *actors)]),
        seats=t.whole([t.seat(actor=each) for each in actors]),
        usage=tuple(t.usage(actor=each, day=day) for each in actors for day in dates),
        report_days=tuple(dates),
        fetched_at=t.at(hours),
    )


def test_many_people_and_days_cost_as_many_statements_as_few(db: None) -> None:
    def statements(slug: str, users: int) -> list[int]:
        team = t.team(slug)
        counts = []
        for hours in (24, 48):
            with tenant(team.id), CaptureQueriesContext(connection) as queries:
                write_organization(full(users, 28, hours), team_id=team.id)
            counts.append(len(queries))
        with tenant(team.id):
            assert AiUsageDay.objects.count() == users * 28
        return counts

    assert statements("few", 10) == statements("many", 300)


def test_a_page_is_written_inside_its_tenant_only(team: Team) -> None:
    with pytest.raises(NoTenant):
        write_organization(t.organization(), team_id=team.id)
    with tenant(team.id), pytest.raises(ValueError, match="tenant"):
        write_organization(t.organization(), team_id=team.id + 1)
