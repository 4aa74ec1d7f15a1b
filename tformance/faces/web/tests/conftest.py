"""Two teams with one pull request each, people who may see one of them, and a crowd of whom each sees some."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from tformance.accounts.models import Group, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.belongings import Ids, belongings
from tformance.facts import testing
from tformance.facts.models.organization import ProviderTeam
from tformance.facts.models.people import Actor, GroupMembership, TeamMember
from tformance.facts.records import MembershipRecord
from tformance.sync.tests import github

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
Visit = Callable[[str], Client]


@pytest.fixture(autouse=True)
def no_memory() -> None:
    cache.clear()


@pytest.fixture
def acme(db: None) -> Team:
    team = testing.team("acme", zone="Europe/Berlin")
    testing.write(team, testing.page(testing.pull_request(7, title="Acme's change")))
    return team


@pytest.fixture
def other(db: None) -> Team:
    team = testing.team("other")
    repository = testing.repository("other/secret")
    pull = testing.pull_request(9, title="Other's secret", author=testing.actor("mallory"))
    testing.write(team, testing.page(pull, repository=repository))
    return team


@pytest.fixture
def as_role(acme: Team, other: Team) -> Visit:
    """A signed-in browser: 'admin' or 'developer' of acme, or 'stranger', who is admin of the other team."""

    def visit(role: str) -> Client:
        user = User.objects.create_user(f"{role}@acme.example")
        team, given = (other, Role.ADMIN) if role == "stranger" else (acme, Role(role))
        Membership.objects.create(team=team, user=user, role=given)
        client = Client()
        client.force_login(user)
        return client

    return visit


@pytest.fixture
def visitors(as_role: Visit) -> dict[str, Client]:
    """Everybody who is not a program; with `ids` those too."""
    found = {role: as_role(role) for role in ("stranger", "developer", "lead", "admin")}
    found["nobody"], found["teamless"] = Client(), Client()
    found["teamless"].force_login(User.objects.create_user("new@elsewhere.example"))
    return found


@pytest.fixture
def both(visitors: dict[str, Client], acme: Team, other: Team) -> Iterator[tuple[Ids, Ids]]:
    """The ids of what acme has and of what the other team has."""
    with github.served() as world:
        found = [
            belongings(team, User.objects.get(email=f"{role}@acme.example"), world)
            for team, role in ((acme, "developer"), (other, "stranger"))
        ]
        for name, its in zip(("token", "foreign token"), found, strict=True):
            visitors[name] = Client(headers={"authorization": f"Bearer {its['secret']}"})
        yield found[0], found[1]


@pytest.fixture
def ids(both: tuple[Ids, Ids]) -> Ids:
    return both[0]


BIG = ["ann", "b1", "b2", "b3", "b4", "b5", "b6"]
SMALL = ["s1", "s2"]
OTHERS = ["o1", "o2", "o3", "o4", "o5"]
PEOPLE = [*BIG, *SMALL, *OTHERS]
ROLES = ("admin", "lead", "developer", "unknown")

Params = Callable[..., str]


@pytest.fixture
def crowd(acme: Team) -> Team:
    """Ann is one of seven in Big, two are in Small, five in none; all merged, reviewed and are waited for."""
    squads = [
        testing.provider_team(1, *map(testing.actor, BIG), name="Big", slug="big"),
        testing.provider_team(2, *map(testing.actor, SMALL), name="Small", slug="small"),
    ]
    known = [MembershipRecord(testing.actor(login), "member") for login in PEOPLE]
    testing.write_org(acme, testing.organization(members=testing.whole(known), teams=testing.whole(squads)))
    mine = testing.whole([testing.commit(1, author=testing.actor("ann"), author_email="ann@acme.example")])
    pulls = []
    for key, login in enumerate(PEOPLE, 1):
        author, reviewer = testing.actor(login), testing.actor(PEOPLE[key % len(PEOPLE)])
        given = {"author": author, "merged_by": author, **({"commits": mine} if login == "ann" else {})}
        reviews = testing.whole([testing.review(key, author=reviewer)])
        pulls.append(testing.pull_request(100 + key, reviews=reviews, **given))
        asked = testing.event(key, kind="review_requested", subject=login)
        pulls.append(testing.open_pull_request(200 + key, author=author, events=testing.whole([asked])))
    queue = [
        testing.event(90 + place, kind="review_requested", subject=slug) for place, slug in enumerate(("big", "small"))
    ]
    ann = testing.actor("ann")
    program = testing.pull_request(190, author=testing.actor("copilot-swe-agent", kind="bot"), merged_by=ann)
    testing.write(
        acme, testing.page(*pulls, program, testing.open_pull_request(290, author=ann, events=testing.whole(queue)))
    )
    return acme


@pytest.fixture
def group(crowd: Team) -> Group:
    with tenant(crowd.pk):
        return Group.objects.create(team=crowd, name="Shop")


@pytest.fixture
def roles(crowd: Team, group: Group) -> dict[str, Client]:
    """Ann is a developer; the lead leads s1; of the unknown developer no commit tells who they are."""
    found = {name: signed_in(crowd, name, Role.DEVELOPER if name == "unknown" else Role(name)) for name in ROLES}
    EmailAddress.objects.create(
        user=User.objects.get(email="developer@acme.example"), email="ann@acme.example", verified=True
    )
    with tenant(crowd.pk):
        Group.objects.filter(pk=group.pk).update(lead=User.objects.get(email="lead@acme.example"))
    stays(crowd, group, "s1")
    return found


def signed_in(team: Team, name: str, role: Role) -> Client:
    user = User.objects.create_user(f"{name}@acme.example")
    Membership.objects.create(team=team, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def stays(team: Team, group: Group, login: str, left: date | None = None) -> None:
    with tenant(team.pk):
        GroupMembership.objects.filter(member__github_username=login).delete()
        member = TeamMember.objects.get(github_username=login)
        GroupMembership.objects.create(team=team, group=group, member=member, joined_on=date(2026, 1, 1), left_on=left)


@pytest.fixture
def person(crowd: Team) -> Params:
    """A query string that names accounts under this name."""

    def params(name: str, *logins: str) -> str:
        with tenant(crowd.pk):
            ids = [Actor.everything.get(login=login).pk for login in logins]
        return "&".join(f"{name}={each}" for each in ids)

    return params


@pytest.fixture
def squad(crowd: Team) -> Params:
    def params(name: str, *names: str) -> str:
        with tenant(crowd.pk):
            ids = [ProviderTeam.objects.get(name=each).pk if each else "unknown" for each in names]
        return "&".join(f"{name}={each}" for each in ids)

    return params
