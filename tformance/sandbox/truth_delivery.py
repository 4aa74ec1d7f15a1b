"""The plain second reading of what METRICS says of deployments: what they brought, what failed, when it was mended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.history import history
from tformance.sandbox.truth_iteration import hours, is_hotfix, moment, reverted, undoes
from tformance.sandbox.truth_numbers import rate, spread

A_DAY = timedelta(hours=24)
KINDS = ("rollback", "revert", "hotfix")


@dataclass
class Ran:
    """A successful deployment in the line of one production environment."""

    oid: str
    at: datetime
    number: int  # the provider's
    kind: str  # baseline, delivery, again (same commit), back (rollback)
    brought: set[str] | None  # None where nobody knows


def in_production(environment: str) -> bool:
    """The invented organisation ships to `production` and `production-eu`, and to `staging` before."""
    return environment.split("-")[0] == "production"


def lines_of(data: Dataset, repository: str) -> dict[str, list[Ran]]:
    """What succeeded in each production environment, in order."""
    found: dict[str, list[tuple[datetime, int, str]]] = {}
    for row in data.of_repository("deployments", repository):
        stamps = [moment(step["created_at"]) for step in row.get("statuses") or () if step["state"] == "SUCCESS"]
        at = min((stamp for stamp in stamps if stamp), default=None)
        if at is not None and in_production(row["environment"]):
            found.setdefault(row["environment"], []).append((at, int(row["database_id"]), row["commit_oid"]))
    return {name: placed(data, repository, sorted(rows)) for name, rows in found.items()}


def placed(data: Dataset, repository: str, rows: list[tuple[datetime, int, str]]) -> list[Ran]:
    graph = history(data, repository)
    line: list[Ran] = []
    for at, number, oid in rows:
        if not line:
            line.append(Ran(oid, at, number, "baseline", None))
            continue
        if line[-1].oid == oid:
            line.append(Ran(oid, at, number, "again", None))
            continue
        has, had = set(graph.contained(oid)), set(graph.contained(line[-1].oid))
        known, ran_before = bool(has and had), oid in [each.oid for each in line]
        if (known and has < had) or (ran_before and not (known and had < has)):
            line.append(Ran(oid, at, number, "back", None))
        else:
            line.append(Ran(oid, at, number, "again" if ran_before else "delivery", has - had if known else None))
    return line


def delivered_at(line: list[Ran], oid: str) -> int | None:
    """The place of the first delivery that brought the commit."""
    return next((n for n, ran in enumerate(line) if ran.kind == "delivery" and oid in (ran.brought or ())), None)


def deployed(data: Dataset, lines: dict[str, list[Ran]], pull: Row) -> dict[str, Any]:
    """When a merged pull request first reached production, and how long that took."""
    first = min(reached(data, lines, pull), default=None)
    stamp = first.strftime("%Y-%m-%dT%H:%M:%SZ") if first else None
    return {"deployed_at": stamp, "deploy_time": hours(moment(pull.get("merged_at")), first)}


def reached(data: Dataset, lines: dict[str, list[Ran]], pull: Row) -> list[datetime]:
    """By its own merge, or with the pull request into whose branch it was merged."""
    if not pull.get("merged_at"):
        return []
    places = [(line, delivered_at(line, pull["merge_commit_oid"])) for line in lines.values()]
    stamps = [line[place].at for line, place in places if place is not None]
    for parent in below(data, pull):
        stamps += reached(data, lines, parent)
    return stamps


def below(data: Dataset, pull: Row) -> list[Row]:
    """The first that was merged from the branch after it was merged into that: later ones bring it nowhere new."""
    repository = str(pull["repository_id"])
    if pull.get("base_ref_name") in (None, "main"):
        return []
    rows = [data.pull(key) or {} for _, key in data.pull_order(repository, "created_at")]
    named = [
        row for row in rows if row.get("head_ref_name") == pull["base_ref_name"] and not row["is_cross_repository"]
    ]
    after = [row for row in named if (row.get("merged_at") or "") >= pull["merged_at"] and row["id"] != pull["id"]]
    return sorted(after, key=lambda row: str(row["merged_at"]))[:1]


def failures(data: Dataset, repository: str, line: list[Ran]) -> dict[int, tuple[str, datetime | None]]:
    """Place of a failed deployment → the kind it is counted by, and when all was well again."""
    told = rolled_back(line) + fixed(data, repository, line)
    bad = {failed for failed, _, _ in told} | {n - 1 for n, ran in enumerate(line) if ran.kind == "back"}
    found = {}
    for place in sorted({failed for failed, _, _ in told}):
        kinds = [kind for failed, kind, _ in told if failed == place]
        first = min(teller for failed, _, teller in told if failed == place)
        well = [line[n].at for n in range(first, len(line)) if n not in bad]
        found[place] = next(kind for kind in KINDS if kind in kinds), well[0] if well else None
    return found


def rolled_back(line: list[Ran]) -> list[tuple[int, str, int]]:
    found = []
    for place, ran in enumerate(line):
        if ran.kind == "back":
            first = next(n for n, each in enumerate(line) if each.oid == line[place - 1].oid)
            if line[first].kind in ("delivery", "baseline"):
                found.append((first, "rollback", place))
    return found


def fixed(data: Dataset, repository: str, line: list[Ran]) -> list[tuple[int, str, int]]:
    found = []
    for _, key in data.pull_order(repository, "created_at"):
        pull = data.pull(key) or {}
        place = delivered_at(line, str(pull.get("merge_commit_oid"))) if pull.get("merged_at") else None
        if place is None:
            continue
        target = reverted(data, pull) if undoes(data, pull) else None
        broken = delivered_at(line, str(target.get("merge_commit_oid"))) if target else None
        if broken is not None and broken < place and line[place].at - line[broken].at <= A_DAY:
            found.append((broken, "revert", place))
        if is_hotfix(pull):
            found += hotfixed(line, pull, place)
    return found


def hotfixed(line: list[Ran], pull: Row, place: int) -> list[tuple[int, str, int]]:
    """A hotfix mends the last delivery before it was opened."""
    opened = moment(pull["created_at"])
    before = [n for n in range(place) if line[n].kind in ("delivery", "baseline") and opened and line[n].at <= opened]
    if not before or line[before[-1]].brought is None or line[place].at - line[before[-1]].at > A_DAY:
        return []
    return [(before[-1], "hotfix", place)]


def delivery(data: Dataset, rows: list[Row]) -> dict[str, Any]:
    """Everything about deployments by repository, and over all of them."""
    homes = {home["name_with_owner"]: key for key, home in data.repositories.items()}
    ran = {name: of_repository(data, key) for name, key in homes.items()}
    began = {name: attempts(data, key) for name, key in homes.items()}
    found = {name: summed(ran[name], began[name], [row for row in rows if row["repository"] == name]) for name in homes}
    return {**found, "all": summed([*chain(*ran.values())], [*chain(*began.values())], rows)}


def of_repository(data: Dataset, repository: str) -> list[Row]:
    """One row for each successful production deployment; `part` where another environment's counts for its commit."""
    rows = []
    merges = merged_shas(data, repository)
    for environment, line in lines_of(data, repository).items():
        failed = failures(data, repository, line)
        for place, ran in enumerate(line):
            kind, mended = failed.get(place, ("", None))
            unlinked = None if ran.kind == "baseline" else not merges & (ran.brought or set())
            recovery = hours(ran.at, mended) if kind else None
            row: Row = {
                "environment": environment,
                "kind": ran.kind,
                "failure": kind,
                "unlinked": unlinked,
                "part": False,
            }
            told = {"oid": ran.oid, "at": ran.at, "order": (ran.brought is None, ran.at, ran.number), "mended": mended}
            rows.append(row | told | {"failed": bool(kind), "recovery": recovery})
    gather_parts(rows)
    return rows


def gather_parts(rows: list[Row]) -> None:
    """A commit that went to several environments is one deployment: it failed with any part, and was mended with all."""
    for oid in {row["oid"] for row in rows}:
        parts = [row for row in rows if row["oid"] == oid and row["kind"] in ("delivery", "baseline")]
        if len(parts) < 2:
            continue
        whole, *others = sorted(parts, key=lambda row: row["order"])
        broken = [row for row in parts if row["failed"]]
        for row in others:
            row["part"] = True
        if broken:
            mended = [row["mended"] for row in broken]
            whole["failure"] = next(kind for kind in KINDS if kind in [row["failure"] for row in broken])
            whole["failed"] = True
            whole["recovery"] = hours(whole["at"], None if None in mended else max(mended))


def merged_shas(data: Dataset, repository: str) -> set[str]:
    pulls = [data.pull(key) or {} for _, key in data.pull_order(repository, "created_at")]
    return {str(pull["merge_commit_oid"]) for pull in pulls if pull.get("merged_at")}


def attempts(data: Dataset, repository: str) -> list[Row]:
    """What was begun in production; `failed` is null where neither success nor failure was told of."""
    rows = []
    for row in data.of_repository("deployments", repository):
        states = [step["state"] for step in row.get("statuses") or ()]
        decided = "SUCCESS" in states or states[-1:] in (["FAILURE"], ["ERROR"])
        if in_production(row["environment"]):
            rows.append({"failed": "SUCCESS" not in states if decided else None})
    return rows


def summed(ran: list[Row], began: list[Row], pulls: list[Row]) -> dict[str, Any]:
    """By the names of the measures; `kinds` says how many of the line were of which kind."""
    counted = [row for row in ran if row["kind"] in ("delivery", "baseline") and not row["part"]]
    failed = [row for row in counted if row["failed"]]
    changes = [brought(row) for row in pulls if row["deployed_at"] and not row["automation"] and not row["backport"]]
    return {
        "kinds": {kind: sum(row["kind"] == kind for row in ran) for kind in ("baseline", "delivery", "again", "back")},
        "failures": {kind: sum(row["failure"] == kind for row in failed) for kind in KINDS},
        "deployment_frequency": {"count": len(counted)},
        "change_failure_rate": rate(counted, "failed"),
        "recovery_time": spread(failed, "recovery"),
        "unlinked_deployments": rate(counted, "unlinked"),
        "failed_deployments": rate(began, "failed"),
        "deploy_time": spread(changes, "deploy_time"),
        "lead_time_for_changes": spread(changes, "lead_time_for_changes"),
    }


def brought(row: Row) -> Row:
    """With the hours from its first commit until it ran in production."""
    return row | {"lead_time_for_changes": hours(moment(row["stamps"]["S"]), moment(row["deployed_at"]))}
