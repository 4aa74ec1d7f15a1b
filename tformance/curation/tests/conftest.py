"""A team whose people have several accounts, and somebody who decides."""

from collections.abc import Iterator

import pytest

from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.coverage import write_coverage
from tformance.facts.models.people import Actor
from tformance.facts.models.repository import Repository
from tformance.measures.guard import EVERYBODY, looking

ADA, BOB, GRACE, HELPER = (t.actor(login) for login in ("ada", "bob", "grace", "helper"))


@pytest.fixture(autouse=True)
def as_the_product() -> Iterator[None]:
    """What a decision changes is measured for everybody."""
    with looking(EVERYBODY):
        yield


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_user("admin@acme.example")


@pytest.fixture
def acme(db: None, admin: User) -> Team:
    """Four weeks: ada, bob and helper are members, grace is not."""
    team = t.team("acme")
    Membership.objects.create(team=team, user=admin, role=Role.ADMIN)
    pulls = []
    for number, (who, association) in enumerate(
        [(ADA, "MEMBER"), (BOB, "MEMBER"), (GRACE, "NONE"), (HELPER, "MEMBER")] * 4, 1
    ):
        merged = t.at(number * 40)
        reviewer = BOB if who is ADA else HELPER
        written = t.commit(number, author=who, committed_at=t.at(number * 40 - 5))
        pulls.append(
            t.pull_request(
                number,
                author=who,
                author_association=association,
                opened_at=t.at(number * 40 - 8),
                merged_at=merged,
                closed_at=merged,
                updated_at=merged,
                commits=t.whole([written]),
                reviews=t.whole([t.review(number, author=reviewer, submitted_at=t.at(number * 40 - 2))]),
            )
        )
    t.write(team, t.page(*pulls, fetched_at=t.at(24 * 40)))
    with tenant(team.id):
        write_coverage(Repository.objects.get().pk, "pull_requests", None, t.at(24 * 28))
    return team


def of(team: Team, login: str) -> Actor:
    with tenant(team.id):
        found: Actor = Actor.everything.select_related("member").get(login=login)
        return found
