"""One of everything that an address can name by an id, for a team."""

from datetime import timedelta
from typing import Any, Final

from tformance.accounts import invitations, tokens
from tformance.accounts.models import ApiToken, Group, Membership, Role, SavedView, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as facts
from tformance.facts.models.people import Actor, GroupMembership
from tformance.facts.records import MembershipRecord
from tformance.sync import connections
from tformance.sync.credentials import AppSecrets, sealed_app
from tformance.sync.models import AppRegistration, Quarantined, Scope
from tformance.sync.tests.github import GitHub, Token, pem
from tformance.sync.tests.posted import make_endpoint

Ids = dict[str, str]
# Of nothing that there is.
IDS: Final[Ids] = {
    **dict.fromkeys(("member", "app", "connection", "account", "person", "group", "stay", "view", "item"), "1"),
    **dict.fromkeys(("endpoint", "invitation", "token"), "0b9c1d1e-0000-4000-8000-000000000001"),
    "other": "2",
    "link": "guess",
}


def belongings(team: Team, owner: User, world: GitHub) -> Ids:
    """The ids, by the name that addresses give them; views and tokens are the owner's."""
    ids: dict[str, Any] = {"member": Membership.objects.get(team=team, user=owner).pk}
    ids["endpoint"] = make_endpoint(team).pk
    ids["app"] = _app(team, world)
    invitation, ids["link"] = invitations.invite(owner, team.pk, f"new@{team.slug}.example", Role.DEVELOPER)
    ids["invitation"] = invitation.pk
    ids["secret"] = tokens.make(owner, team.pk, "nightly", 90)
    ids["token"] = ApiToken.objects.get(team=team).pk
    world.tokens[team.slug] = Token(team.slug)
    ids["connection"] = connections.connect_github(team.pk, world.url, team.slug).id
    connections.follow(team.pk, ids["connection"], [f"{team.slug}/shop"])
    joined = [MembershipRecord(facts.actor(f"{name}-of-{team.slug}"), "member") for name in ("one", "two")]
    facts.write_org(team, facts.organization(members=facts.whole(joined)))
    with tenant(team.pk):
        ids |= _of_people(team)
        ids["view"] = SavedView.objects.create(team=team, user=owner, name="Mine").pk
        ids["item"] = _left_out(team)
    return {name: str(each) for name, each in ids.items()}


def _app(team: Team, world: GitHub) -> int:
    made = AppRegistration.objects.create(
        source="github",
        api_url=world.url,
        app_id=team.pk,
        slug=f"tformance-{team.slug}",
        owner=team.slug,
        client_id=f"Iv1.{team.slug}",
        credentials=sealed_app(AppSecrets(pem(), "app-secret")),
        team_id=team.pk,
        created_at=now(),
    )
    return int(made.pk)


def _of_people(team: Team) -> dict[str, Any]:
    account, other = Actor.objects.filter(member__isnull=False).order_by("pk")[:2]
    group = Group.objects.create(team=team, name="Squad")
    joined = now().date() - timedelta(days=9)
    stay = GroupMembership.objects.create(team=team, group=group, member_id=account.member_id, joined_on=joined)
    people = {"person": account.member_id, "other": other.member_id}
    return {"account": account.pk, "group": group.pk, "stay": stay.pk, **people}


def _left_out(team: Team) -> int:
    left = Quarantined.objects.create(
        team=team,
        scope=Scope.objects.earliest("pk"),
        stream="pull_requests",
        item=f"PR of {team.slug}",
        reason="It could not be read.",
        first_seen=now(),
        last_seen=now(),
    )
    return int(left.pk)
