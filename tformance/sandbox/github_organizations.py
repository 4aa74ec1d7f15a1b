"""How GitHub's organisation fields read the dataset: who belongs to it, and its teams."""

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.execute import Resolver
from tformance.sandbox.github import WEB, Arguments
from tformance.sandbox.paging import page


def _members(data: Dataset, row: Row, arguments: Arguments) -> Row:
    rows = data.of_organization("members", row["login"])
    return page([_account(data, each["login"]) | {"as": each["role"]} for each in rows], arguments)


def _account(data: Dataset, login: str) -> Row:
    return data.actor(login) or {"__typename": "User", "login": login}


def _teams(data: Dataset, row: Row, arguments: Arguments) -> Row:
    rows = data.of_organization("teams", row["login"])
    if arguments.get("rootTeamsOnly"):
        rows = [each for each in rows if not each.get("parent_slug")]
    return page(rows, arguments)


def _team(data: Dataset, row: Row, arguments: Arguments) -> Row | None:
    return _named(data, row["login"], arguments["slug"])


def _named(data: Dataset, login: str, slug: str | None) -> Row | None:
    return next((each for each in data.of_organization("teams", login) if each["slug"] == slug), None)


def _team_members(data: Dataset, row: Row, arguments: Arguments) -> Row:
    return page([_account(data, login) | {"as": "MEMBER"} for login in row.get("members") or ()], arguments)


def _role(_data: Dataset, row: Row, _arguments: Arguments) -> str:
    role: str = row["node"]["as"]
    return role


def _team_url(_data: Dataset, row: Row, _arguments: Arguments) -> str:
    return f"{WEB}/orgs/{row['organization']}/teams/{row['slug']}"


RESOLVERS: dict[tuple[str, str], Resolver] = {
    ("Organization", "membersWithRole"): _members,
    ("Organization", "teams"): _teams,
    ("Organization", "team"): _team,
    ("OrganizationMemberEdge", "role"): _role,
    ("TeamMemberEdge", "role"): _role,
    ("Team", "members"): _team_members,
    ("Team", "organization"): lambda data, row, _: data.organization(row["organization"]),
    ("Team", "parentTeam"): lambda data, row, _: _named(data, row["organization"], row.get("parent_slug")),
    ("Team", "combinedSlug"): lambda _d, row, _a: f"{row['organization']}/{row['slug']}",
    ("Team", "url"): _team_url,
    ("Team", "resourcePath"): lambda data, row, a: _team_url(data, row, a).removeprefix(WEB),
}
