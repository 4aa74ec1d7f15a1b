"""Every question we ask GitHub's GraphQL about an organisation."""

from dataclasses import dataclass
from typing import Final

from tformance.sources.github.queries import ACTOR, BUDGET_LEFT, PAGE, connection, overflow

TEAMS_AT_ONCE: Final = 50

_ORGANIZATION = """
fragment organization on Organization { id databaseId login name }"""


def _edges(name: str, arguments: str, edge: str) -> str:
    return f"{name}({arguments}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ {edge} }} }}"


_MEMBER = "role node { ...actor }"
_MEMBERS_OF_TEAM = connection("members", f"first: {PAGE}, membership: IMMEDIATE", "...actor")
_TEAM = f"id databaseId slug name parentTeam {{ slug }} {_MEMBERS_OF_TEAM}"


@dataclass(frozen=True, slots=True)
class OfOwner:
    """The same question by the owner's name, and by its node id, which stays when an organisation is renamed.

    Only the answer tells whether the owner is an organisation or a person.
    """

    by_login: str
    by_id: str


def _of_owner(operation: str, what: str, fragments: str = "") -> OfOwner:
    asked = f"{{ __typename ... on Organization {{ ...organization {what} }} }}"
    return OfOwner(
        f"""
query {operation}($login: String!) {{
  {BUDGET_LEFT} owner: repositoryOwner(login: $login) {asked}
}}{_ORGANIZATION}{fragments}""",
        f"""
query {operation}($id: ID!) {{
  {BUDGET_LEFT} owner: node(id: $id) {asked}
}}{_ORGANIZATION}{fragments}""",
    )


OWNER = _of_owner("Owner", "")
MEMBERS = _of_owner("Members", _edges("membersWithRole", f"first: {PAGE}", _MEMBER), ACTOR)
TEAMS = _of_owner("Teams", connection("teams", f"first: {TEAMS_AT_ONCE}", _TEAM), ACTOR)

OVERFLOW: Final = {
    "members": f"""
query Overflow($id: ID!, $first: Int!, $after: String!) {{
  {BUDGET_LEFT} node(id: $id) {{ ... on Organization {{
    {_edges("membersWithRole", "first: $first, after: $after", _MEMBER)}
  }} }}
}}{ACTOR}""",
    "teams": overflow("Organization", "teams", _TEAM, fragments=ACTOR),
    "members of a team": overflow("Team", "members", "...actor", arguments=", membership: IMMEDIATE", fragments=ACTOR),
}
