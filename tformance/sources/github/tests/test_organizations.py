"""Members and teams are whole sets or none."""

from pathlib import Path
from typing import Any

import pytest

from tformance.core.clock import now
from tformance.core.errors import Skip
from tformance.facts.records import OrganizationPage
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import Page, ScopeRef, Window
from tformance.sources.github.organizations import STREAM
from tformance.sources.github.tests.scripted import Reply, scripted
from tformance.sources.github.tests.world import World, at, served
from tformance.sources.tests.lent import Lent


def organisation(people: int = 230, teams: int = 60) -> World:
    """Everybody is in the first team; each team lies in the one before."""
    world = World()
    world.add("users", id="O_acme", database_id=9, login="acme", name="Acme", type="Organization")
    logins = [f"dev{number}" for number in range(people)]
    for number, login in enumerate(logins):
        world.add("users", id=f"U_{login}", database_id=1000 + number, login=login, name=login.upper(), type="User")
        world.add("members", organization="acme", login=login, role="ADMIN" if number == 0 else "MEMBER")
    for number in range(teams):
        world.add(
            "teams",
            id=f"T_{number}",
            database_id=number,
            organization="acme",
            slug=f"team-{number}",
            name=f"Team {number}",
            parent_slug=f"team-{number - 1}" if number else None,
            created_at=at(0),
            members=logins if number == 0 else logins[number : number + 3],
        )
    return world


def where(url: str, name: str = "acme") -> ScopeRef:
    return ScopeRef(url, name, kind="organization")


def read(sandbox: Sandbox, session: Lent) -> OrganizationPage:
    [page] = STREAM.fetch(session, where(sandbox.url), Window(), None)
    assert (page.cursor, page.skipped, page.seen, page.expected) == (None, (), 2, 2)
    found = STREAM.translate(where(sandbox.url), page.items, now())
    assert isinstance(found, OrganizationPage)
    return found


def test_members_and_teams_come_whole(tmp_path: Path) -> None:
    session = Lent()
    with served(organisation(), tmp_path) as sandbox:
        found = read(sandbox, session)
    assert found.members is not None
    assert found.teams is not None
    assert (found.organization.login, found.organization.provider_id, found.organization.name) == ("acme", 9, "Acme")
    assert [member.actor.login for member in found.members.items] == [f"dev{number}" for number in range(230)]
    assert [member.role for member in found.members.items[:2]] == ["admin", "member"]
    assert found.members.items[1].actor.name == "DEV1"
    assert [team.slug for team in found.teams.items] == [f"team-{number}" for number in range(60)]
    assert [team.parent_slug for team in found.teams.items[:2]] == ["", "team-0"]
    assert [len(team.members.items) for team in found.teams.items[:3]] == [230, 3, 3]
    assert found.members.complete
    assert all(team.members.complete for team in found.teams.items)
    assert (session.requests, session.points) == (7, 7)


def test_a_small_organisation_costs_two_requests(tmp_path: Path) -> None:
    session = Lent()
    with served(organisation(people=80, teams=20), tmp_path) as sandbox:
        read(sandbox, session)
    assert (session.requests, session.points) == (2, 2)


def test_a_renamed_organisation_is_read_by_its_node(tmp_path: Path) -> None:
    with served(organisation(3, 1), tmp_path) as sandbox:
        by_id = ScopeRef(sandbox.url, "acme-before", "O_acme", kind="organization")
        [page] = STREAM.fetch(Lent(), by_id, Window(), None)
        found = STREAM.translate(by_id, page.items, now())
    assert isinstance(found, OrganizationPage)
    assert (found.organization.login, found.members and found.members.total) == ("acme", 3)


def test_a_person_has_no_members(tmp_path: Path) -> None:
    with served(organisation(3, 1), tmp_path) as sandbox:
        [page] = STREAM.fetch(Lent(), where(sandbox.url, "ada"), Window(), None)
    assert (page.items, page.skipped, page.cursor) == ((), (), None)


def test_an_unknown_organisation_is_named(tmp_path: Path) -> None:
    with served(World(), tmp_path) as sandbox, pytest.raises(Skip, match="GitHub does not know nobody"):
        list(STREAM.fetch(Lent(), where(sandbox.url, "nobody"), Window(), None))


OWNER = {"__typename": "Organization", "id": "O_acme", "databaseId": 9, "login": "acme", "name": None}
NO_MORE = {"hasNextPage": False, "endCursor": None}
NO_TEAMS = Reply(body={"data": {"owner": OWNER | {"teams": {"totalCount": 0, "pageInfo": NO_MORE, "nodes": []}}}})


def answered(*replies: Reply) -> tuple[Page, OrganizationPage]:
    with scripted(*replies) as server:
        [page] = STREAM.fetch(Lent(), where(server.url), Window(), None)
        found = STREAM.translate(where(server.url), page.items, now())
    assert isinstance(found, OrganizationPage)
    return page, found


def test_members_without_a_role_are_the_public_ones_only_and_no_set() -> None:
    node = {"__typename": "User", "id": "U_1", "databaseId": 1, "login": "ada", "name": None}
    members: dict[str, Any] = {"totalCount": 1, "pageInfo": NO_MORE, "edges": [{"role": None, "node": node}]}
    seen = Reply(body={"data": {"owner": OWNER | {"membersWithRole": members}}})
    page, found = answered(seen, NO_TEAMS)
    assert found.members is None
    assert found.teams is not None
    assert [skipped.item for skipped in page.skipped] == ["members"]
    assert "Members: read" in page.skipped[0].reason


@pytest.mark.parametrize(
    "error",
    [
        {"type": "FORBIDDEN", "path": ["owner", "membersWithRole"], "message": "Resource not accessible"},
        {"type": "INSUFFICIENT_SCOPES", "message": "requires one of the following scopes: ['read:org']"},
    ],
)
def test_a_missing_permission_is_named_and_leaves_the_teams(error: dict[str, Any]) -> None:
    data = {"owner": None} if "path" in error else None
    page, found = answered(Reply(body={"data": data, "errors": [error]}), NO_TEAMS)
    assert (found.members, found.teams and found.teams.total) == (None, 0)
    [skipped] = page.skipped
    assert "The token may not read the members of acme" in skipped.reason
    assert error["message"] in skipped.reason
