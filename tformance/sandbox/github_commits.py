"""How GitHub's commits, check runs and statuses read the dataset."""

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.execute import Resolver
from tformance.sandbox.github import Arguments, commit, user
from tformance.sandbox.paging import page

_FAILED = {"FAILURE", "TIMED_OUT", "STARTUP_FAILURE", "ACTION_REQUIRED", "CANCELLED", "ERROR"}


def commit_named(column: str) -> Resolver:
    return lambda data, row, _: commit(data, row.get(column), {"pull_request_id": row.get("pull_request_id")})


def _contexts(data: Dataset, row: Row) -> list[Row]:
    """Check runs and legacy statuses of a commit."""
    rows = data.children("check_runs", str(row.get("pull_request_id")))
    return [each for each in rows if each.get("commit_oid") == row["oid"]]


def rollup(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    rows = _contexts(data, row)
    return {"id": f"SCR_{row['oid']}", "state": _state(rows), "rows": rows, "of": row} if rows else None


def _state(rows: list[Row]) -> str:
    outcomes = {row.get("state") or row.get("conclusion") for row in rows}
    if outcomes & _FAILED:
        return "FAILURE"
    return "PENDING" if outcomes & {None, "PENDING", "EXPECTED"} else "SUCCESS"


def _rollup_contexts(_data: Dataset, row: Row, arguments: Arguments) -> Row:
    runs = sum(each["__typename"] == "CheckRun" for each in row["rows"])
    return page(row["rows"], arguments) | {
        "check_run_count": runs,
        "status_context_count": len(row["rows"]) - runs,
    }


def head_rollup(data: Dataset, row: Row, arguments: Arguments) -> Row | None:
    head = commit(data, row.get("head_ref_oid"), {})
    return rollup(data, head, arguments) if head else None


def _suite(row: Row, oid: str) -> Row:
    """Suites are not stored: the check runs of one app on one commit make one."""
    app = row.get("app") or "github-actions"
    return row | {
        "__typename": "CheckSuite",
        "id": f"CS_{oid}_{app}",
        "database_id": None,
        "oid": oid,
        "app": app,
        "first": row,
    }


def _suites(data: Dataset, row: Row, arguments: Arguments) -> Row:
    runs = [each for each in _contexts(data, row) if each["__typename"] == "CheckRun"]
    return page(
        list({each.get("app"): _suite(each, row["oid"]) for each in runs}.values()),
        arguments,
    )


def _runs_of_suite(data: Dataset, row: Row, arguments: Arguments) -> Row:
    rows = _contexts(data, row)
    mine = [each for each in rows if each["__typename"] == "CheckRun" and each.get("app") == row["first"].get("app")]
    return page(mine, arguments)


def _workflow_run(_data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    if row.get("workflow") is None:
        return None
    number = row.get("workflow_run_id")
    return row | {
        "__typename": "WorkflowRun",
        "id": f"WFR_{number}",
        "database_id": number,
    }


def _status(data: Dataset, row: Row, _arguments: Arguments) -> Row | None:
    rows = [each for each in _contexts(data, row) if each["__typename"] == "StatusContext"]
    return {"id": f"S_{row['oid']}", "state": _state(rows), "contexts": rows} if rows else None


def _git_actor(role: str, stamp: str) -> Resolver:
    def resolve(_data: Dataset, row: Row, _arguments: Arguments) -> Row:
        name, email = row.get(f"{role}_name"), row.get(f"{role}_email")
        return {
            "name": name,
            "email": email,
            "account": row.get(role),
            "date": row.get(stamp),
        }

    return resolve


def _authors(data: Dataset, row: Row, arguments: Arguments) -> Row:
    return page([RESOLVERS["Commit", "author"](data, row, {})], arguments)


def _parents(data: Dataset, row: Row, arguments: Arguments) -> Row:
    return page(
        [commit(data, oid, {"pull_request_id": row.get("pull_request_id")}) for oid in row.get("parents") or ()],
        arguments,
    )


RESOLVERS: dict[tuple[str, str], Resolver] = {
    ("Commit", "author"): _git_actor("author", "authored_date"),
    ("Commit", "committer"): _git_actor("committer", "committed_date"),
    ("Commit", "authors"): _authors,
    ("Commit", "parents"): _parents,
    ("Commit", "changedFilesIfAvailable"): lambda _d, row, _a: row.get("changed_files"),
    ("Commit", "messageHeadline"): lambda _d, row, _a: (row.get("message") or "").split("\n", 1)[0],
    ("Commit", "messageBody"): lambda _d, row, _a: (row.get("message") or "").partition("\n")[2].strip(),
    ("Commit", "abbreviatedOid"): lambda _d, row, _a: row["oid"][:7],
    ("Commit", "statusCheckRollup"): rollup,
    ("Commit", "checkSuites"): _suites,
    ("Commit", "status"): _status,
    ("GitActor", "user"): user("account"),
    ("StatusCheckRollup", "contexts"): _rollup_contexts,
    ("StatusCheckRollup", "commit"): lambda _d, row, _a: row["of"],
    ("CheckRun", "checkSuite"): lambda _d, row, _a: _suite(row, row["commit_oid"]),
    ("CheckSuite", "app"): lambda _d, row, _a: {"id": f"A_{row['app']}", "slug": row["app"], "name": row["app"]},
    ("CheckSuite", "workflowRun"): _workflow_run,
    ("CheckSuite", "checkRuns"): _runs_of_suite,
    ("CheckSuite", "commit"): commit_named("oid"),
    ("StatusContext", "commit"): commit_named("commit_oid"),
    ("WorkflowRun", "workflow"): lambda _d, row, _a: {"id": f"WF_{row['workflow']}", "name": row["workflow"]},
}
