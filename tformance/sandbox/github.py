"""How GitHub's repository, actor and root fields read the dataset; everything else is a column of the same name."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.execute import NotFound, Resolver
from tformance.sandbox.history import history
from tformance.sandbox.paging import keyed_page, page

Arguments = dict[str, Any]

WEB = "https://github.com"
INT32 = 2**31


def pull_of(data: Dataset, row: Row) -> Row | None:
    return row if row.get("__typename") == "PullRequest" else data.pull(str(row.get("pull_request_id")))


def repository_of(data: Dataset, row: Row) -> Row | None:
    owner = row if row.get("repository_id") is not None else pull_of(data, row)
    return data.repositories.get(str(owner["repository_id"])) if owner else None


def actor(column: str) -> Resolver:
    """The account a column names, as GraphQL shows it; null for deleted accounts."""
    return lambda data, row, _arguments: shown(data.actor(row.get(column)))


def user(column: str) -> Resolver:
    """As `actor`, for the fields GitHub types as User: bots are null there."""

    def resolve(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
        found = shown(data.actor(row.get(column)))
        return found if found and found["__typename"] == "User" else None

    return resolve


def shown(account: Row | None) -> Row | None:
    """GraphQL shows bot logins without the `[bot]` that REST adds."""
    if account is None or not account["login"].endswith("[bot]"):
        return account
    return account | {"login": account["login"].removesuffix("[bot]")}


def _node(data: Dataset, _row: Row, arguments: Arguments) -> Row:
    found = data.node(arguments["id"])
    if found is None:
        raise NotFound(f"Could not resolve to a node with the global id of '{arguments['id']}'")
    return found


def _nodes(data: Dataset, _row: Row, arguments: Arguments) -> list[Row | None]:
    return [data.node(key) for key in arguments["ids"]]


def _repository(data: Dataset, _row: Row, arguments: Arguments) -> Row:
    name = f"{arguments['owner']}/{arguments['name']}"
    found = data.named(name)
    renamed = found is not None and found["name_with_owner"].lower() != name.lower()
    if found is None or (renamed and arguments.get("followRenames") is False):
        raise NotFound(f"Could not resolve to a Repository with the name '{name}'.")
    return found


def _owner(kind: str) -> Resolver:
    def resolve(data: Dataset, _row: Row, arguments: Arguments) -> Row:
        login = arguments["login"]
        found = data.users.get("@" + login.lower())
        if found is None or kind not in (found["__typename"], "RepositoryOwner"):
            raise NotFound(f"Could not resolve to a {kind} with the login of '{login}'.")
        return found

    return resolve


def viewer(data: Dataset) -> Row:
    """The account the token belongs to: the first user of the dataset."""
    return next(
        (u for u in data.users.values() if u["__typename"] == "User"),
        {"__typename": "User", "login": "viewer"},
    )


def _repositories(data: Dataset, row: Row, arguments: Arguments) -> Row:
    owned = [
        r for r in data.repositories.values() if r["name_with_owner"].split("/")[0].lower() == row["login"].lower()
    ]
    return page(owned, arguments)


_BRANCHES = {"base_ref_name": "baseRefName", "head_ref_name": "headRefName"}


def _matches(pull: Row, states: Sequence[str], names: dict[str, str]) -> bool:
    return pull.get("state") in states and all(pull.get(column) == name for column, name in names.items())


def _pull_requests(data: Dataset, row: Row, arguments: Arguments) -> Row:
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    if order["field"] not in ("UPDATED_AT", "CREATED_AT"):
        raise GraphQLError("The sandbox orders pull requests by UPDATED_AT or CREATED_AT only")
    keys = data.pull_order(str(row["id"]), order["field"].lower())
    names = {column: arguments[name] for column, name in _BRANCHES.items() if arguments.get(name)}
    if arguments.get("states") or names:
        states = arguments.get("states") or ("OPEN", "CLOSED", "MERGED")
        keys = [key for key in keys if _matches(data.pull(key[1]) or {}, states, names)]
    return keyed_page(keys, order["direction"] == "DESC", arguments, data.pull)


def _pull_request(data: Dataset, row: Row, arguments: Arguments) -> Row:
    found = data.numbered(str(row["id"]), arguments["number"])
    if found is None:
        raise NotFound(f"Could not resolve to a PullRequest with the number of {arguments['number']}.")
    return found


def _of_repository(kind: str) -> Resolver:
    def resolve(data: Dataset, row: Row, arguments: Arguments) -> Row:
        rows = data.of_repository(kind, str(row["id"]))
        if arguments.get("environments"):
            rows = [each for each in rows if each.get("environment") in arguments["environments"]]
        order = arguments.get("orderBy") or {}
        return page(rows[::-1] if order.get("direction") == "DESC" else rows, arguments)

    return resolve


def _latest_release(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    rows = data.of_repository("releases", str(row["id"]))
    return next(
        (r for r in reversed(rows) if not r.get("is_prerelease") and not r.get("is_draft")),
        None,
    )


def _default_branch(data: Dataset, row: Row, _arguments: Arguments) -> Row:
    return reference(data, row, row.get("default_branch") or "main")


def reference(data: Dataset, row: Row, name: str) -> Row:
    """A branch; the dataset knows branches by name only."""
    return {
        "__typename": "Ref",
        "id": f"REF_{row['id']}_{name}",
        "name": name,
        "prefix": "refs/heads/",
        "of": row,
    }


def commit(data: Dataset, oid: str | None, known: Row) -> Row | None:
    """The stored commit, or what is known of it elsewhere (merge, deployment and release commits)."""
    if not oid:
        return None
    return data.commit(oid) or {"__typename": "Commit", "id": f"C_{oid}", "oid": oid} | known


def _object(data: Dataset, row: Row, arguments: Arguments) -> Row | None:
    """Commits only: by their id or by a name that leads to one."""
    graph = history(data, str(row["id"]))
    oid = graph.oid_of(arguments.get("oid") or arguments.get("expression") or "")
    return graph.commit(oid) if oid else data.commit(arguments.get("oid"))


def _name_part(index: int) -> Resolver:
    return lambda _data, row, _arguments: row["name_with_owner"].split("/")[index]


def _repository_owner(data: Dataset, row: Row, _arguments: Arguments) -> Row:
    login = row["name_with_owner"].split("/")[0]
    known = data.users.get("@" + login.lower())
    return known or {"__typename": "Organization", "id": f"O_{login}", "login": login}


def _language(_data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    name = row.get("primary_language")
    return {"id": f"LA_{name}", "name": name} if name else None


def _full_id(_data: Dataset, row: Row, _arguments: Arguments) -> str | None:
    value = row.get("database_id")
    return None if value is None else str(value)


def _id(_data: Dataset, row: Row, _arguments: Arguments) -> int | None:
    """As GitHub: ids beyond 32 bits are null where `fullDatabaseId` replaced the field."""
    value = row.get("database_id")
    replaced = row["__typename"] in (
        "PullRequest",
        "PullRequestReview",
        "PullRequestReviewComment",
        "IssueComment",
    )
    return None if value is None or (replaced and int(value) >= INT32) else int(value)


def _url(data: Dataset, row: Row, _arguments: Arguments) -> str:
    return row.get("url") or WEB + _path(data, row)


def _resource_path(data: Dataset, row: Row, _arguments: Arguments) -> str:
    return _path(data, row)


def _path(data: Dataset, row: Row) -> str:
    if "login" in row:
        return f"/{row['login']}"
    if "name_with_owner" in row:
        return f"/{row['name_with_owner']}"
    home = repository_of(data, row) or {}
    pull = pull_of(data, row)
    return f"/{home.get('name_with_owner')}" + (f"/pull/{pull['number']}" if pull else "")


def _edges(_data: Dataset, row: Row, _arguments: Arguments) -> list[Row]:
    return [{"node": node, "cursor": cursor} for node, cursor in zip(row["nodes"], row["cursors"], strict=True)]


RESOLVERS: dict[tuple[str, str], Resolver] = {
    ("*", "edges"): _edges,
    ("*", "id"): lambda _data, row, _arguments: str(row["id"]) if "id" in row else None,
    ("*", "fullDatabaseId"): _full_id,
    ("*", "databaseId"): _id,
    ("*", "url"): _url,
    ("*", "permalink"): _url,
    ("*", "resourcePath"): _resource_path,
    ("*", "repository"): lambda data, row, _: repository_of(data, row),
    ("*", "pullRequest"): lambda data, row, _: pull_of(data, row),
    **{("*", name): actor(name) for name in ("author", "actor", "editor", "creator", "assignee")},
    ("Query", "viewer"): lambda data, _row, _arguments: viewer(data),
    ("Query", "node"): _node,
    ("Query", "nodes"): _nodes,
    ("Query", "repository"): _repository,
    ("Query", "user"): _owner("User"),
    ("Query", "organization"): _owner("Organization"),
    ("Query", "repositoryOwner"): _owner("RepositoryOwner"),
    ("User", "repositories"): _repositories,
    ("Organization", "repositories"): _repositories,
    ("Repository", "name"): _name_part(1),
    ("Repository", "owner"): _repository_owner,
    ("Repository", "primaryLanguage"): _language,
    ("Repository", "visibility"): lambda _d, row, _a: "PRIVATE" if row.get("is_private") else "PUBLIC",
    ("Repository", "defaultBranchRef"): _default_branch,
    ("Repository", "object"): _object,
    ("Repository", "ref"): lambda data, row, a: reference(data, row, a["qualifiedName"].removeprefix("refs/heads/")),
    ("Repository", "pullRequests"): _pull_requests,
    ("Repository", "pullRequest"): _pull_request,
    ("Repository", "deployments"): _of_repository("deployments"),
    ("Repository", "releases"): _of_repository("releases"),
    ("Repository", "latestRelease"): _latest_release,
    ("Ref", "repository"): lambda _data, row, _arguments: row["of"],
    ("Deployment", "commit"): lambda data, row, _: commit(
        data, row.get("commit_oid"), {"repository_id": row["repository_id"]}
    ),
    ("Deployment", "ref"): lambda data, row, _: reference(data, row, row["ref"]) if row.get("ref") else None,
    ("Deployment", "creator"): lambda data, row, _: (
        shown(data.actor(row.get("creator"))) or {"__typename": "User", "login": "ghost"}
    ),
    ("Deployment", "latestStatus"): lambda data, row, _: next(reversed(_statuses(row)), None),
    ("Deployment", "latestEnvironment"): lambda _d, row, _a: row.get("latest_environment") or row.get("environment"),
    ("Deployment", "originalEnvironment"): lambda _d, row, _a: (
        row.get("original_environment") or row.get("environment")
    ),
    ("Deployment", "statuses"): lambda data, row, arguments: page(_statuses(row)[::-1], arguments),
    ("DeploymentStatus", "deployment"): lambda _data, row, _arguments: row["of"],
    ("DeploymentStatus", "creator"): lambda data, row, _: (
        shown(data.actor(row.get("creator"))) or {"__typename": "User", "login": "ghost"}
    ),
    ("Release", "author"): user("author"),
    ("Release", "tagCommit"): lambda data, row, _: commit(
        data, row.get("commit_oid"), {"repository_id": row["repository_id"]}
    ),
    ("Release", "tag"): lambda data, row, _: reference(data, row, row["tag_name"]),
}


def _statuses(row: Row) -> list[Row]:
    """Statuses of a deployment, oldest first."""
    return [status | {"__typename": "DeploymentStatus", "of": row} for status in row.get("statuses") or ()]
