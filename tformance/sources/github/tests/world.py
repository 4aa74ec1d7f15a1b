"""A small GitHub for tests: rows of a sandbox dataset, written by hand, and the server that shows them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from tformance.sandbox.faults import parse_spec
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import ScopeRef

Row = dict[str, Any]
START = datetime(2026, 1, 1, tzinfo=UTC)
REPOSITORY = "R_shop"


def at(hours: float) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class World:
    """One repository `acme/shop`; pull requests are numbered in the order they are added, an hour apart."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.add(
            "repositories",
            id=REPOSITORY,
            database_id=77,
            name_with_owner="acme/shop",
            previous_names=["acme/store"],
            default_branch="main",
            is_private=True,
            created_at=at(0),
            updated_at=at(1),
            pushed_at=at(1),
        )
        self.add("users", id="U_ada", database_id=1, login="ada", name="Ada Ünal 🦊", type="User")
        self.add("users", id="U_bob", database_id=2, login="bob", name=None, type="User")
        self.add("users", id="BOT_1", database_id=3, login="dependabot", type="Bot")
        self.add("users", id="M_old", database_id=4, login="old-bob", type="Mannequin")
        self.add("users", id="O_corp", database_id=5, login="corp", name="Corp", type="Organization")

    def add(self, kind: str, **row: Any) -> Row:
        self.rows.setdefault(kind, []).append(row)
        return row

    def child(self, kind: str, pull: Row, **row: Any) -> Row:
        self.numbers += 1
        known = {"id": f"{kind}_{self.numbers}", "database_id": 10**10 + self.numbers, "pull_request_id": pull["id"]}
        return self.add(kind, **{**known, **row})

    def pull(self, **given: Any) -> Row:
        number = len(self.rows.get("pull_requests", ())) + 1
        row = {
            "id": f"PR_{number}",
            "database_id": 3_000_000_000 + number,
            "repository_id": REPOSITORY,
            "number": number,
            "title": f"Change {number}",
            "body": "",
            "state": "OPEN",
            "is_draft": False,
            "author": "ada",
            "author_association": "MEMBER",
            "base_ref_name": "main",
            "head_ref_name": f"topic-{number}",
            "head_ref_oid": f"{number:040x}",
            "is_cross_repository": False,
            "created_at": at(number),
            "updated_at": at(number + 0.5),
            "additions": 1,
            "deletions": 0,
            "changed_files": 1,
            "labels": [],
        }
        return self.add("pull_requests", **{**row, **given})

    def commit(self, pull: Row, **given: Any) -> Row:
        oid = f"{pull['number']:08x}{self.numbers:032x}"
        row = {
            "oid": oid,
            "message": "Work\n",
            "authored_date": at(pull["number"]),
            "committed_date": at(pull["number"]),
            "additions": 2,
            "deletions": 1,
            "changed_files": 1,
            "parents": ["0" * 40],
            **{f"{role}_{part}": text for role in ("author", "committer") for part, text in _ADA.items()},
            "author": "ada",
        }
        made = self.child("commits", pull, **{**row, **given})
        pull["head_ref_oid"] = made["oid"]
        return made

    def file(self, pull: Row, path: str) -> Row:
        return self.child("files", pull, path=path, change_type="MODIFIED", additions=1, deletions=1)

    def review(self, pull: Row, **given: Any) -> Row:
        row = {"author": "bob", "state": "COMMENTED", "submitted_at": at(pull["number"] + 0.2), "body": ""}
        return self.child("reviews", pull, **{**row, "created_at": at(pull["number"] + 0.2), **given})

    def thread(self, pull: Row, replies: int, **given: Any) -> Row:
        row = {"path": "a.py", "line": 3, "is_resolved": False, "is_outdated": False, "resolved_by": None}
        thread = self.child("review_threads", pull, **{**row, "created_at": at(pull["number"]), **given})
        first: Row | None = None
        for place in range(replies):
            reply_to = first["id"] if first else None
            made = self.comment(
                pull, thread_id=thread["id"], reply_to_id=reply_to, created_at=at(pull["number"] + place)
            )
            first = first or made
        return thread

    def comment(self, pull: Row, **given: Any) -> Row:
        row = {"author": "bob", "body": "Why?", "created_at": at(pull["number"] + 0.1)}
        return self.child("comments", pull, **{**row, **given})

    def event(self, pull: Row, kind: str, **given: Any) -> Row:
        return self.child("timeline", pull, **{"type": kind, "actor": "ada", "created_at": at(pull["number"]), **given})

    def check(self, pull: Row, **given: Any) -> Row:
        return self.child("check_runs", pull, **{"commit_oid": pull["head_ref_oid"], "created_at": at(1), **given})

    def write(self, folder: Path) -> Path:
        for kind, rows in self.rows.items():
            (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return folder


_ADA = {"name": "Ada", "email": "ada@example.org"}


@contextmanager
def served(world: World, folder: Path, faults: str = "") -> Iterator[Sandbox]:
    sandbox = Sandbox(world.write(folder), 0, "secret,second", parse_spec(faults))
    Thread(target=sandbox.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield sandbox
    finally:
        sandbox.shutdown()
        sandbox.server_close()


def scope(sandbox: Sandbox, name: str = "acme/shop", node_id: str = REPOSITORY) -> ScopeRef:
    return ScopeRef(api_url=sandbox.url, name=name, node_id=node_id)
