"""Who signs in is known as somebody only where that is certain."""

import pytest

from tformance.accounts.models import Team, User
from tformance.accounts.tenancy import tenant
from tformance.facts.decisions import Link, SignsInAs
from tformance.facts.models.people import Actor
from tformance.facts.testing import actor, at, commit, whole
from tformance.facts.write import write_decision
from tformance.measures.own import accounts_of_user
from tformance.measures.tests.conftest import Land, merged

pytestmark = pytest.mark.django_db
ANN, BOB = actor("ann"), actor("bob")


@pytest.fixture
def known(acme: Team, land: Land) -> Team:
    shared = {"author_email": "build@acme.example", "committed_at": at(1)}
    land(
        merged(1, 8, author=ANN, commits=whole([commit(1, author=ANN, author_email="Ann@acme.example")])),
        merged(2, 8, author=BOB, commits=whole([commit(3, author=ANN, **shared), commit(4, author=BOB, **shared)])),
        merged(3, 8, commits=whole([commit(5, author=None, author_email="nobody@acme.example")])),
    )
    return acme


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ann@login.example")


def own(user: int | None, addresses: list[str]) -> frozenset[int]:
    return accounts_of_user(user, lambda: addresses)


def ids(*logins: str) -> set[int]:
    return set(Actor.objects.filter(login__in=logins).values_list("pk", flat=True))


def decide(team: Team, *decisions: Link | SignsInAs) -> None:
    for decision in decisions:
        write_decision(decision, team_id=team.pk)


def test_by_an_address_that_is_in_the_commits_of_one_person_only(known: Team, user: User) -> None:
    with tenant(known.pk):
        assert own(user.pk, ["Ann@acme.example", "other@acme.example"]) == ids("ann")
        for unknown in ("build@acme.example", "nobody@acme.example", "x@acme.example", ""):
            assert own(user.pk, [unknown]) == frozenset()
        assert own(user.pk, []) == own(None, ["Ann@acme.example"]) == frozenset()


def test_what_an_admin_said_goes_before_all_else_and_closes_it_for_others(known: Team, user: User) -> None:
    other = User.objects.create_user("eve@login.example")
    with tenant(known.pk):
        ann = Actor.objects.get(login="ann").member_id
        decide(known, SignsInAs(ann, other.pk))
        assert own(other.pk, []) == ids("ann")
        assert own(user.pk, ["Ann@acme.example"]) == frozenset()


def test_with_all_accounts_of_the_person(known: Team, user: User) -> None:
    with tenant(known.pk):
        bob = Actor.objects.get(login="bob")
        decide(known, Link(bob.pk, Actor.objects.get(login="ann").member_id))
        for addresses in (["Ann@acme.example"], ["build@acme.example"]):  # the shared one is one person's now
            assert own(user.pk, addresses) == ids("ann", "bob")
