"""Two teams with one pull request each, and people who may see one of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from tformance.accounts.models import Membership, Role, Team, User
from tformance.faces.web.tests.belongings import Ids, belongings
from tformance.facts import testing
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
