"""Two teams with one pull request each, and people who may see one of them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from tformance.accounts.models import Membership, Role, Team, User
from tformance.facts import testing

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
