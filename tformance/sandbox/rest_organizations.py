"""REST: an organisation, its members and its teams."""

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.github import WEB
from tformance.sandbox.reply import Asked, Reply, listed, missing
from tformance.sandbox.rest_shapes import API, Shape, account, number_of


def get(data: Dataset, asked: Asked) -> Reply | None:
    match asked.pieces:
        case ["orgs", login]:
            row = data.organization(login)
            return Reply(200, organization(data, row)) if row else missing()
        case ["orgs", login, "members"]:
            return _members(data, login, asked)
        case ["orgs", login, "teams"]:
            return listed(data.of_organization("teams", login), asked, lambda row: team(data, row))
        case ["orgs", login, "teams", slug]:
            return _team(data, login, slug)
        case ["orgs", login, "teams", slug, "members"]:
            return _team_members(data, login, slug, asked)
    return None


def organization(data: Dataset, row: Row) -> Shape:
    """An `organization-full`; the dataset knows its name and its repositories."""
    login, own = row["login"], f"{API}/orgs/{row['login']}"
    owned = [r for r in data.repositories.values() if r["name_with_owner"].split("/")[0].lower() == login.lower()]
    names = ("events", "hooks", "issues")
    return {
        "login": login,
        "id": number_of(row),
        "node_id": str(row["id"]),
        "name": row.get("name") or login,
        "description": row.get("description"),
        "type": "Organization",
        "url": own,
        "html_url": f"{WEB}/{login}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{row.get('database_id')}?v=4",
        "repos_url": f"{own}/repos",
        **{f"{name}_url": f"{own}/{name}" for name in names},
        "members_url": f"{own}/members{{/member}}",
        "public_members_url": f"{own}/public_members{{/member}}",
        "has_organization_projects": False,
        "has_repository_projects": False,
        "public_repos": sum(not each.get("is_private") for each in owned),
        **dict.fromkeys(("public_gists", "followers", "following"), 0),
        "created_at": min((each["created_at"] for each in owned), default="2020-01-01T00:00:00Z"),
        "updated_at": max((each["updated_at"] for each in owned), default="2020-01-01T00:00:00Z"),
        "archived_at": None,
    }


def _members(data: Dataset, login: str, asked: Asked) -> Reply:
    role = asked.query.get("role", "all").upper()
    rows = [row for row in data.of_organization("members", login) if role in ("ALL", row["role"])]
    return listed(rows, asked, lambda row: account(data.actor(row["login"])))


def team(data: Dataset, row: Row) -> Shape:
    parent = _named(data, row["organization"], row.get("parent_slug"))
    return team_simple(data, row) | {"parent": team_simple(data, parent) if parent else None}


def team_simple(data: Dataset, row: Row) -> Shape:
    home = data.organization(row["organization"]) or {}
    number = number_of(row)
    own = f"{API}/organizations/{home.get('database_id')}/team/{number}"
    return {
        "id": number,
        "node_id": str(row["id"]),
        "slug": row["slug"],
        "name": row["name"],
        "description": row.get("description"),
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "type": "organization",
        "organization_id": number_of(home),
        "url": own,
        "html_url": f"{WEB}/orgs/{row['organization']}/teams/{row['slug']}",
        "members_url": f"{own}/members{{/member}}",
        "repositories_url": f"{own}/repos",
    }


def _team(data: Dataset, login: str, slug: str) -> Reply:
    found = _named(data, login, slug)
    if found is None:
        return missing()
    counts = {"members_count": len(found.get("members") or ()), "repos_count": 0}
    home = data.organization(login)
    stamps = {"created_at": found["created_at"], "updated_at": found["created_at"]}
    return Reply(
        200, team(data, found) | counts | stamps | {"organization": organization(data, home) if home else None}
    )


def _team_members(data: Dataset, login: str, slug: str, asked: Asked) -> Reply:
    found = _named(data, login, slug)
    if found is None:
        return missing()
    return listed(found.get("members") or (), asked, lambda member: account(data.actor(member)))


def _named(data: Dataset, login: str, slug: str | None) -> Row | None:
    return next((row for row in data.of_organization("teams", login) if row["slug"] == slug), None)
