"""Groups at their addresses: made, led, filled and deleted by admins alone."""

import re
from html import unescape

import pytest
from django.test import Client

from tformance.accounts.models import AuditEntry, Group, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.facts import testing as t
from tformance.facts.models.organization import ProviderTeam
from tformance.facts.models.people import GroupMembership, TeamMember
from tformance.facts.records import MembershipRecord

HERE = "/t/acme/settings/groups/"
ADA, BOB, ZOE = (t.actor(login) for login in ("ada", "bob", "zoe"))


@pytest.fixture
def crowd(acme: Team) -> Team:
    found = [MembershipRecord(each, "member") for each in (ADA, BOB, ZOE)]
    squad = t.provider_team(1, ADA, BOB, t.actor("outsider"), name="Squad")
    t.write_org(acme, t.organization(members=t.whole(found), teams=t.whole([squad])))
    return acme


@pytest.fixture
def admin(crowd: Team, as_role: Visit) -> Client:
    return as_role("admin")


@pytest.fixture
def group(admin: Client, crowd: Team) -> str:
    """Its page."""
    admin.post(HERE, {"name": "Platform"})
    with tenant(crowd.pk):
        return f"{HERE}{Group.objects.get(name='Platform').pk}/"


def said(answer: object) -> str:
    return " ".join(re.sub("<[^>]+>", " ", unescape(answer.content.decode())).split())  # type: ignore[attr-defined]


def member(login: str, team: str = "acme") -> int:
    with tenant(Team.objects.get(slug=team).pk):
        return int(TeamMember.objects.get(github_username=login).pk)


def stays(team: Team) -> list[tuple[str, str, str]]:
    with tenant(team.pk):
        rows = GroupMembership.objects.order_by("member__display_name", "joined_on")
        return [
            (each.member.display_name, str(each.joined_on), str(each.left_on)) for each in rows.select_related("member")
        ]


def add(client: Client, page: str, login: str, joined: str, left: str = "") -> str:
    body = {"do": "add", "person": member(login), "joined_on": joined, "left_on": left}
    return said(client.post(page, body, follow=True))


def test_a_group_is_made_renamed_led_and_deleted(admin: Client, crowd: Team, group: str) -> None:
    lead = User.objects.create_user("lead@acme.example")
    Membership.objects.create(team=crowd, user=lead, role=Role.LEAD)
    admin.post(group, {"do": "change", "name": "  Core   platform ", "lead": lead.pk})
    assert re.search(r"Core platform lead@acme.example 0", said(admin.get(HERE)))
    admin.post(group, {"do": "change", "name": "Core platform", "lead": ""})
    assert re.search(r"Core platform nobody 0", said(admin.get(HERE)))
    answer = admin.post(f"{group}delete/", follow=True)
    assert "The group “Core platform” is deleted." in said(answer)
    assert admin.get(group).status_code == 404
    assert admin.post(f"{group}delete/").status_code == 404
    with tenant(crowd.pk):
        kinds = list(AuditEntry.objects.order_by("id").values_list("what", flat=True))
    assert kinds == ["group_made", "group_changed", "group_changed", "group_deleted"]


def test_a_name_is_needed_and_used_once(admin: Client, group: str) -> None:
    for name, problem in (("", "required"), ("   ", "required"), ("Platform", "already"), ("x" * 201, "at most 200")):
        answer = admin.post(HERE, {"name": name})
        assert answer.status_code == 422
        assert problem in said(answer)
    admin.post(HERE, {"name": "Other"})
    answer = admin.post(group, {"do": "change", "name": "Other", "lead": ""}, follow=True)
    assert "already" in said(answer)


def test_only_users_of_the_team_lead(admin: Client, crowd: Team, group: str) -> None:
    stranger = User.objects.create_user("x@other.example")
    answer = admin.post(group, {"do": "change", "name": "Platform", "lead": stranger.pk}, follow=True)
    assert "Only somebody who belongs to the team" in said(answer)
    with tenant(crowd.pk):
        assert Group.objects.get().lead is None


def test_people_come_and_go_and_are_in_it_once_at_a_time(admin: Client, crowd: Team, group: str) -> None:
    assert "Ada" in said(admin.get(f"{group}?q=ad"))
    assert "One person more" in add(admin, group, "ada", "2026-01-01", "2026-02-01")
    assert "Nobody new" in add(admin, group, "ada", "2026-01-15")
    assert "One person more" in add(admin, group, "ada", "2026-02-01")
    assert stays(crowd) == [("Ada", "2026-01-01", "2026-02-01"), ("Ada", "2026-02-01", "None")]
    with tenant(crowd.pk):
        first, second = GroupMembership.objects.order_by("joined_on")
    body = {"do": "stay", "stay": second.pk, "joined_on": "2026-01-10", "left_on": ""}
    assert "already, by another line" in said(admin.post(group, body, follow=True))
    admin.post(group, {**body, "joined_on": "2026-03-01"})
    admin.post(group, {"do": "end", "stay": first.pk})
    assert stays(crowd) == [("Ada", "2026-03-01", "None")]
    assert "no longer there" in said(admin.post(group, {"do": "end", "stay": first.pk}, follow=True))


def test_dates_that_cannot_be_are_said_at_their_field(admin: Client, crowd: Team, group: str) -> None:
    body = {"do": "add", "person": member("ada"), "joined_on": "2026-02-01", "left_on": "2026-02-01"}
    answer = admin.post(f"{group}?q=ada", body)
    assert answer.status_code == 422
    assert "has to come after the day they joined" in said(answer)
    assert 'value="2026-02-01"' in answer.content.decode()
    assert stays(crowd) == []


def test_the_members_of_a_provider_team_are_taken_once(admin: Client, crowd: Team, group: str) -> None:
    with tenant(crowd.pk):
        theirs = ProviderTeam.objects.get().pk
    assert "Squad (2)" in said(admin.get(group))
    answer = admin.post(group, {"do": "take", "theirs": theirs}, follow=True)
    assert "2 people more are in the group." in said(answer)
    assert [name for name, *_ in stays(crowd)] == ["Ada", "Bob"]
    assert "Nobody new" in said(admin.post(group, {"do": "take", "theirs": theirs}, follow=True))
    more = t.provider_team(1, ADA, BOB, ZOE, name="Squad")
    t.write_org(crowd, t.organization(teams=t.whole([more]), fetched_at=t.at(48)))
    assert len(stays(crowd)) == 2, "it is no rule that goes on"


def test_ids_of_another_team_do_not_exist(admin: Client, crowd: Team, group: str, other: Team) -> None:
    with tenant(other.pk):
        foreign = Group.objects.create(team=other, name="Theirs")
        mallory = TeamMember.objects.get().pk
        kept = GroupMembership.objects.create(team=other, group=foreign, member_id=mallory, joined_on="2026-01-01")
    assert admin.get(f"{HERE}{foreign.pk}/").status_code == 404
    assert admin.post(f"{HERE}{foreign.pk}/", {"do": "change", "name": "Mine", "lead": ""}).status_code == 404
    assert admin.post(f"{HERE}{foreign.pk}/delete/").status_code == 404
    admin.post(group, {"do": "add", "person": mallory, "joined_on": "2026-01-01", "left_on": ""})
    admin.post(group, {"do": "end", "stay": kept.pk})
    admin.post(group, {"do": "take", "theirs": 999_999})
    assert stays(crowd) == []
    assert len(stays(other)) == 1


@pytest.mark.parametrize("role", ["lead", "developer", "stranger"])
def test_nobody_else_sees_or_changes_a_group(crowd: Team, group: str, as_role: Visit, role: str) -> None:
    client, expected = as_role(role), 404 if role == "stranger" else 403
    for page in (HERE, group):
        assert client.get(page).status_code == expected
        assert client.post(page, {"name": "Mine", "do": "change"}).status_code == expected
    assert client.post(f"{group}delete/").status_code == expected
    assert Client().get(group).status_code == 302
    with tenant(crowd.pk):
        assert list(Group.objects.values_list("name", flat=True)) == ["Platform"]
