"""Every question we ask GitHub's GraphQL about an organisation."""

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


def _of_owner(operation: str, what: str, fragments: str = "") -> str:
    """Only the account tells whether it is an organisation or a person."""
    return f"""
query {operation}($login: String!) {{
  {BUDGET_LEFT} repositoryOwner(login: $login) {{ __typename ... on Organization {{ ...organization {what} }} }}
}}{_ORGANIZATION}{fragments}"""


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
