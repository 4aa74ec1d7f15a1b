"""REST: one commit, its check runs and its statuses."""

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.github import WEB
from tformance.sandbox.history import history
from tformance.sandbox.reply import Asked, Reply, missing, paged
from tformance.sandbox.rest_shapes import API, Shape, account, commit, number_of, repository


def get(data: Dataset, asked: Asked) -> Reply | None:
    match asked.pieces:
        case ["repos", owner, name, "commits", ref, *rest]:
            home = data.named(f"{owner}/{name}")
            oid = history(data, str(home["id"])).oid_of(ref) if home else None
            return _of_commit(data, home, oid, rest, asked) if home and oid else missing()
    return None


def _of_commit(data: Dataset, home: Row, oid: str, rest: list[str], asked: Asked) -> Reply:
    row = history(data, str(home["id"])).commit(oid)
    known = data.commit(oid) or {}
    contexts = data.children("check_runs", str(known.get("pull_request_id"))) if known else []
    mine = [each for each in contexts if each["commit_oid"] == oid]
    runs = [each for each in mine if each["__typename"] == "CheckRun"]
    statuses = [each for each in mine if each["__typename"] == "StatusContext"]
    match rest:
        case []:
            return Reply(200, commit(data, home["name_with_owner"], row))
        case ["check-runs"]:
            chosen, headers = paged(runs, asked)
            shown = [check_run(home, each) for each in chosen]
            return Reply(200, {"total_count": len(runs), "check_runs": shown}, headers)
        case ["status"]:
            return _combined(data, home, oid, statuses, asked)
    return missing()


def check_run(home: Row, row: Row) -> Shape:
    name, number = home["name_with_owner"], number_of(row)
    own, app = f"{API}/repos/{name}/check-runs/{number}", row.get("app") or "github-actions"
    output = dict.fromkeys(("title", "summary", "text")) | {"annotations_count": 0}
    return {
        "id": number,
        "node_id": str(row["id"]),
        "head_sha": row["commit_oid"],
        "name": row["name"],
        "external_id": "",
        "status": row["status"].lower(),
        "conclusion": row["conclusion"].lower() if row.get("conclusion") else None,
        "started_at": row.get("started_at"),
        "completed_at": row.get("completed_at"),
        "url": own,
        "html_url": f"{WEB}/{name}/runs/{number}",
        "details_url": row.get("details_url"),
        "check_suite": {"id": number_of({"id": f"{row['commit_oid']} {app}"})},
        "output": output | {"annotations_url": f"{own}/annotations"},
        "app": _app(app),
        "pull_requests": [],
    }


def _app(slug: str) -> Shape:
    """The dataset knows apps by their slug; they all belong to GitHub here."""
    since = "2018-07-30T09:30:17Z"
    return {
        "id": number_of({"id": slug}),
        "slug": slug,
        "node_id": f"A_{slug}",
        "owner": account({"login": "github", "__typename": "Organization", "database_id": 9919, "id": "O_github"}),
        "name": slug,
        "description": None,
        "external_url": "https://help.github.com",
        "html_url": f"{WEB}/apps/{slug}",
        "created_at": since,
        "updated_at": since,
        "permissions": {},
        "events": [],
    }


def _combined(data: Dataset, home: Row, oid: str, rows: list[Row], asked: Asked) -> Reply:
    """The latest status of each context, and one state for them all."""
    latest = list({row["context"]: row for row in rows}.values())
    states = {row["state"] for row in latest}
    failed, waiting = states & {"FAILURE", "ERROR"}, not latest or states & {"PENDING", "EXPECTED"}
    own = f"{API}/repos/{home['name_with_owner']}/commits/{oid}"
    chosen, headers = paged(latest, asked)
    body = {
        "state": "failure" if failed else "pending" if waiting else "success",
        "sha": oid,
        "total_count": len(latest),
        "statuses": [_status(home, row) for row in chosen],
        "repository": repository(data, home),
        "commit_url": own,
        "url": f"{own}/status",
    }
    return Reply(200, body, headers)


def _status(home: Row, row: Row) -> Shape:
    return {
        "id": number_of(row),
        "node_id": str(row["id"]),
        "state": row["state"].lower(),
        "context": row["context"],
        "description": row.get("description"),
        "target_url": row.get("target_url"),
        "avatar_url": None,
        "url": f"{API}/repos/{home['name_with_owner']}/statuses/{row['commit_oid']}",
        "created_at": row["created_at"],
        "updated_at": row["created_at"],
    }
