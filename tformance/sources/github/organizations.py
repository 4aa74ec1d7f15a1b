"""Who belongs to an organisation, and its teams.

What one token sees in part must never look whole, for who is missing counts as gone: where GitHub withholds a role the
token sees public members only, and no set is handed over.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from tformance.core.errors import Skip
from tformance.facts.records import (
    ChildSet,
    MembershipRecord,
    OrganizationPage,
    OrganizationRecord,
    ProviderTeamRecord,
)
from tformance.sources.contract import Cursor, Item, Page, ScopeRef, Session, Skipped, Stream, Window
from tformance.sources.github import organization_queries as queries
from tformance.sources.github.client import Client, Denied, Json
from tformance.sources.github.overflow import Rest
from tformance.sources.github.values import actor, children, number

MEMBERS: Final = "members"
TEAMS: Final = "teams"
NEEDS: Final = 'it needs "Members: read" of the organisation (scope read:org for a classic token)'
_QUESTIONS = {MEMBERS: queries.MEMBERS, TEAMS: queries.TEAMS}


def fetch_members(session: Session, scope: ScopeRef, _window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    """Members and teams, each as one whole set. The account of a person has neither and gives an empty page."""
    fetched_at = session.clock()
    items: list[Item] = []
    skipped: list[Skipped] = []
    with Client(session, scope.api_url) as client:
        for kind in _QUESTIONS:
            try:
                items += _whole(client, session, scope, kind)
            except Denied as error:
                reason = f"The token may not read the {kind} of {scope.name}; {NEEDS}. {error}"
                skipped.append(Skipped(kind, reason, is_denied=True))
    done = len(items) + len(skipped)
    yield Page(tuple(items), fetched_at, cursor=None, seen=done, expected=done, skipped=tuple(skipped))


def find(client: Client, scope: ScopeRef, question: queries.OfOwner = queries.OWNER) -> Item | None:
    """The organisation as `question` asks; None where the owner is a person. Skip when there is no such account."""
    if scope.node_id:
        owner: Item | None = client.query(question.by_id, id=scope.node_id)["owner"]
    else:
        owner = client.query(question.by_login, login=scope.name)["owner"]
    if owner is None:
        raise Skip(f"GitHub does not know {scope.name}, or the token may not see it", item=scope.name)
    return owner if owner["__typename"] == "Organization" else None


def _whole(client: Client, session: Session, scope: ScopeRef, kind: str) -> list[Item]:
    """The set as an item, or nothing where the owner is a person."""
    found = find(client, scope, _QUESTIONS[kind])
    if found is None:
        return []
    rest = Rest(client, session)
    connection = found["membersWithRole" if kind == MEMBERS else "teams"]
    rest.complete(kind, found["id"], connection)
    if kind == TEAMS:
        for team in connection["nodes"]:
            rest.complete("members of a team", team["id"], team["members"])
    elif any(edge["role"] is None for edge in connection["edges"]):
        raise Denied("GitHub shows it public members only", item=kind)
    return [{"id": kind, "organization": found, kind: connection}]


def members_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> OrganizationPage:
    """`items` are of one organisation and not empty."""
    sets = {item["id"]: item[item["id"]] for item in items}
    members, teams = sets.get(MEMBERS), sets.get(TEAMS)
    return OrganizationPage(
        organization=organization(items[0]["organization"]),
        fetched_at=fetched_at,
        members=ChildSet(tuple(map(_member, members["edges"])), members["totalCount"]) if members else None,
        teams=children(teams, _team) if teams else None,
    )


def organization(found: Json) -> OrganizationRecord:
    return OrganizationRecord(
        source="github",
        provider_id=number(found["databaseId"], found["id"]),
        node_id=found["id"],
        login=found["login"],
        name=found["name"] or "",
    )


def _member(edge: Json) -> MembershipRecord:
    return MembershipRecord(actor(edge["node"]), edge["role"].lower())


def _team(team: Json) -> ProviderTeamRecord:
    parent = team["parentTeam"]
    return ProviderTeamRecord(
        provider_id=number(team["databaseId"], team["id"]),
        node_id=team["id"],
        slug=team["slug"],
        name=team["name"],
        parent_slug=parent["slug"] if parent else "",
        members=children(team["members"], actor),
    )


STREAM = Stream(
    id="members",
    title="Members and teams",
    fetch=fetch_members,
    translate=members_page,
    of="organization",
    daily_at=(4, 15),
)
