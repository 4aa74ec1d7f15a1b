"""Single situations of a repository and its organisation, each with the messages GitHub sends for it."""

import secrets
from collections.abc import Callable

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.live import Live, fresh, instant
from tformance.sandbox.live_apps import Told
from tformance.sandbox.rest_compare import release
from tformance.sandbox.rest_shapes import API, Shape, number_of


def _answer(row: Row, guids: list[str], **more: object) -> Told:
    now = clock.now().timestamp()
    return {"id": str(row["id"]), "name": row["name_with_owner"], "at": now, "deliveries": guids, **more}


def _tell(live: Live, action: str, row: Row, **more: object) -> list[str]:
    return live.hub.events.tell("repository", row, {"action": action, **more}, _somebody(live))


def _somebody(live: Live) -> str | None:
    people = (row for row in live.hub.data.users.values() if row["__typename"] == "User")
    first = next(people, None)
    return first["login"] if first else None


def _move(live: Live, row: Row, name: str) -> Row:
    before = [*(row.get("previous_names") or ()), row["name_with_owner"]]
    columns = {"name_with_owner": name, "previous_names": before, "updated_at": instant()}
    return live.hub.data.change("repositories", str(row["id"]), **columns)


def _rename(live: Live, asked: Told) -> Told:
    """`to` is the new name without owner; the old one leads to it."""
    row = live.named(str(asked["repository"]))
    owner, old = row["name_with_owner"].split("/")
    row = _move(live, row, f"{owner}/{asked['to']}")
    return _answer(row, _tell(live, "renamed", row, changes={"repository": {"name": {"from": old}}}))


def _transfer(live: Live, asked: Told) -> Told:
    """`to` is the new owner. Installations of the old one do not cover it any more, and hear of it once."""
    row = live.named(str(asked["repository"]))
    owner, name = row["name_with_owner"].split("/")
    before = live.hub.apps.covering(row)
    row, events = _move(live, row, f"{asked['to']}/{name}"), live.hub.events
    account = live.hub.shapes.owner(owner)
    kind = "organization" if account["type"] == "Organization" else "user"
    shown = live.hub.shapes.organization(owner) if kind == "organization" else account
    guids = _tell(live, "transferred", row, changes={"owner": {"from": {kind: shown}}})
    for installation in before:
        if not installation.covers(row):
            guid = events.installation_repositories(installation, [], [row], installation.by)
            guids += [guid] if guid else []
            live.hub.tokens.cover(
                installation.id, frozenset(str(each["id"]) for each in installation.rows(live.hub.shapes))
            )
    return _answer(row, guids)


def _archive(live: Live, asked: Told) -> Told:
    row = live.named(str(asked["repository"]))
    row = live.hub.data.change("repositories", str(row["id"]), is_archived=True, updated_at=instant())
    return _answer(row, _tell(live, "archived", row))


def _unarchive(live: Live, asked: Told) -> Told:
    row = live.named(str(asked["repository"]))
    row = live.hub.data.change("repositories", str(row["id"]), is_archived=False, updated_at=instant())
    return _answer(row, _tell(live, "unarchived", row))


def _delete(live: Live, asked: Told) -> Told:
    row = live.named(str(asked["repository"]))
    guids = _tell(live, "deleted", row)
    live.hub.data.drop("repositories", str(row["id"]))
    return _answer(row, guids)


def _deploy(live: Live, asked: Told) -> Told:
    """A deployment with its statuses; `state` is how it ends, `commit` what, without it the newest merge."""
    row, now = live.named(str(asked["repository"])), instant()
    state, who = str(asked.get("state", "SUCCESS")).upper(), _somebody(live)
    ids = fresh("DE")
    steps = ("QUEUED", "IN_PROGRESS", state)
    statuses = [
        {"id": f"{ids['id']}_{place}", "database_id": ids["database_id"] * 10 + place, "state": step}
        | {"created_at": now, "creator": who}
        for place, step in enumerate(steps)
    ]
    oid = asked.get("commit") or _newest_merge(live, row)
    columns = {"repository_id": row["id"], "environment": str(asked.get("environment", "production")), "ref": "main"}
    more = {"task": "deploy", "commit_oid": oid, "state": "ACTIVE" if state == "SUCCESS" else state, "creator": who}
    made = live.hub.data.add(
        "deployments", ids | columns | more | {"created_at": now, "updated_at": now, "statuses": statuses}
    )
    shape, events = _deployment(live, row, made), live.hub.events
    guids = events.tell("deployment", row, {"action": "created", "deployment": shape} | _NO_RUN, who)
    for status in statuses:
        body = {"action": "created", "deployment_status": _status(live, shape, made, status), "deployment": shape}
        guids += events.tell("deployment_status", row, body | {"check_run": None} | _NO_RUN, who)
    return _answer(row, guids, deployment=str(made["id"]), commit=oid)


_NO_RUN: Shape = {"workflow": None, "workflow_run": None}


def _newest_merge(live: Live, row: Row) -> str:
    for _, key in reversed(live.hub.data.pull_order(str(row["id"]), "updated_at")):
        oid = (live.hub.data.pull(key) or {}).get("merge_commit_oid")
        if oid:
            return str(oid)
    return secrets.token_hex(20)


def _deployment(live: Live, home: Row, row: Row) -> Shape:
    own = f"{API}/repos/{home['name_with_owner']}/deployments/{number_of(row)}"
    return {
        "url": own,
        "id": number_of(row),
        "node_id": str(row["id"]),
        "sha": row["commit_oid"],
        "ref": row["ref"],
        "task": row["task"],
        "payload": {},
        "original_environment": row["environment"],
        "environment": row["environment"],
        "description": None,
        "creator": live.hub.shapes.someone(row.get("creator")),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "statuses_url": f"{own}/statuses",
        "repository_url": own.rpartition("/deployments/")[0],
        "transient_environment": False,
        "production_environment": row["environment"] == "production",
        "performed_via_github_app": None,
    }


def _status(live: Live, deployment: Shape, row: Row, status: Row) -> Shape:
    return {
        "url": f"{deployment['statuses_url']}/{status['database_id']}",
        "id": status["database_id"],
        "node_id": status["id"],
        "state": status["state"].lower(),
        "creator": live.hub.shapes.someone(status["creator"]),
        "description": "",
        "environment": row["environment"],
        "target_url": "",
        "created_at": status["created_at"],
        "updated_at": status["created_at"],
        "deployment_url": deployment["url"],
        "repository_url": deployment["repository_url"],
        "environment_url": "",
        "log_url": "",
        "performed_via_github_app": None,
    }


def _release(live: Live, asked: Told) -> Told:
    row, now = live.named(str(asked["repository"])), instant()
    tag = str(asked.get("tag") or f"v{fresh('RE')['database_id']}")
    columns = {"repository_id": row["id"], "tag_name": tag, "name": tag, "author": _somebody(live)}
    stamps = {"created_at": now, "published_at": now, "commit_oid": _newest_merge(live, row)}
    flags = {"is_prerelease": False, "is_draft": False}
    made = live.hub.data.add("releases", fresh("RE") | columns | stamps | flags)
    shape = release(live.hub.data, row, made) | {"target_commitish": row.get("default_branch") or "main"}
    body = {"action": "published", "release": shape | {"immutable": False, "updated_at": now}}
    return _answer(row, live.hub.events.tell("release", row, body, columns["author"]), release=str(made["id"]))


OF_REPOSITORIES: dict[str, Callable[[Live, Told], Told]] = {
    "rename_repository": _rename,
    "transfer": _transfer,
    "archive": _archive,
    "unarchive": _unarchive,
    "delete_repository": _delete,
    "deploy": _deploy,
    "release": _release,
}
