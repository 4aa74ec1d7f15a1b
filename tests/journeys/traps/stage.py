"""Small invented repositories, each set up for one trap: written as a folder that the local GitHub serves."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from itertools import count
from pathlib import Path
from typing import Any

OWNER = "traps"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday; hours are counted from here
BOTS = ("dependabot", "github-actions", "coderabbitai", "codecov", "github-merge-queue")
PEOPLE = ("ana", "ben", "cho", "abbott", "claude-dev")

Row = dict[str, Any]


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def stamp(hours: float) -> str:
    return at(hours).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(hours: float | None) -> str | None:
    return None if hours is None else stamp(hours)


def sha(text: str) -> str:
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Stage:
    """All rows of a dataset folder by kind; ids grow with every row."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    ids: Any = field(default_factory=lambda: count(1000))

    def __post_init__(self) -> None:
        for number, login in enumerate((*PEOPLE, OWNER), start=1):
            kind = "Organization" if login == OWNER else "User"
            self.rows["users"].append({"id": f"U_{login}", "database_id": number, "login": login, "type": kind})
        for number, login in enumerate(BOTS, start=100):
            self.rows["users"].append({"id": f"B_{login}", "database_id": number, "login": login, "type": "Bot"})

    def add(self, kind: str, **values: Any) -> Row:
        number = next(self.ids)
        row = {"id": f"{kind}_{number}", "database_id": number, **values}
        self.rows[kind].append(row)
        return row

    def repository(self, name: str) -> "Repository":
        row = self.add(
            "repositories",
            name_with_owner=f"{OWNER}/{name}",
            created_at=stamp(-10_000),
            updated_at=stamp(0),
            pushed_at=stamp(0),
            default_branch="main",
        )
        return Repository(self, row)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "dataset.json").write_text('{"version": 1}')
        for kind, rows in self.rows.items():
            (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@dataclass
class Repository:
    stage: Stage
    row: Row
    numbers: Any = field(default_factory=lambda: count(1))

    def pull(
        self,
        *,
        opened: float = 0,
        merged: float | None = None,
        closed: float | None = None,
        author: str | None = "ana",
        title: str = "Add a thing",
        **values: Any,
    ) -> "Pull":
        """A pull request of one commit made an hour before it was opened, unless `commits=False`."""
        number = values.pop("number", None) or next(self.numbers)
        with_commit = values.pop("commits", True)
        ended = merged if merged is not None else closed
        state = "MERGED" if merged is not None else "CLOSED" if closed is not None else "OPEN"
        name = f"{self.row['id']} {number}"
        row = self.stage.add(
            "pull_requests",
            repository_id=self.row["id"],
            number=number,
            title=title,
            author=author,
            state=state,
            is_draft=values.pop("is_draft", False),
            created_at=stamp(opened),
            updated_at=stamp(ended if ended is not None else opened),
            closed_at=stamp_or_none(ended),
            merged_at=stamp_or_none(merged),
            merged_by=values.pop("merged_by", author if merged is not None else None),
            merge_commit_oid=values.pop("merge_commit_oid", sha(f"merge {name}") if merged is not None else None),
            base_ref_name=values.pop("base", "main"),
            head_ref_name=values.pop("head", f"topic-{number}"),
            head_ref_oid=sha(f"head {name}"),
            **values,
        )
        pull = Pull(self.stage, row)
        if with_commit:
            pull.commit(opened - 1, oid=row["head_ref_oid"])
        return pull

    def deployment(self, oid: str, hours: float, *states: str, environment: str = "production") -> Row:
        """A deployment that went through these states, a minute apart; the last is its state now."""
        statuses = [
            {"id": f"status_{next(self.stage.ids)}", "state": state, "created_at": stamp(hours + place / 60)}
            for place, state in enumerate(states)
        ]
        return self.stage.add(
            "deployments",
            repository_id=self.row["id"],
            environment=environment,
            task="deploy",
            commit_oid=oid,
            state={"SUCCESS": "ACTIVE"}.get(states[-1], states[-1]),
            creator="ana",
            created_at=stamp(hours),
            updated_at=statuses[-1]["created_at"],
            statuses=statuses,
        )


@dataclass
class Pull:
    stage: Stage
    row: Row

    @property
    def oid(self) -> str:
        """Of the merge."""
        return str(self.row["merge_commit_oid"])

    @property
    def head(self) -> str:
        return str(self.row["head_ref_oid"])

    def _add(self, kind: str, **values: Any) -> Row:
        return self.stage.add(kind, pull_request_id=self.row["id"], **values)

    def commit(self, authored: float, *, committed: float | None = None, by: str = "ana", **values: Any) -> str:
        """Returns its oid; the last one added is the head."""
        oid = values.pop("oid", None) or sha(f"commit {next(self.stage.ids)}")
        self.row["head_ref_oid"] = oid
        person = {"author_name": by.title(), "author_email": f"{by}@example.com"}
        self._add(
            "commits",
            oid=oid,
            message=values.pop("message", "Work"),
            author=by,
            authored_date=stamp(authored),
            committed_date=stamp(authored if committed is None else committed),
            **person,
            committer_name=person["author_name"],
            committer_email=person["author_email"],
            **values,
        )
        return str(oid)

    def review(self, hours: float | None, by: str | None = "ben", state: str = "APPROVED", **values: Any) -> Row:
        """Without an hour it is pending: begun when the pull request was opened, not handed in."""
        created = self.row["created_at"] if hours is None else stamp(hours)
        submitted = stamp_or_none(hours)
        return self._add("reviews", author=by, state=state, created_at=created, submitted_at=submitted, **values)

    def event(self, hours: float, kind: str, **values: Any) -> Row:
        return self._add("timeline", type=kind, created_at=stamp(hours), **({"actor": "ana"} | values))

    def comment(self, hours: float, by: str = "ben", body: str = "A remark", **values: Any) -> Row:
        return self._add("comments", author=by, body=body, created_at=stamp(hours), **values)

    def thread(self, hours: float, by: str = "ben", review: Row | None = None, **values: Any) -> Row:
        thread = self._add("review_threads", path="a.py", line=1, **values)
        review_id = review["id"] if review else None
        self.comment(hours, by, thread_id=thread["id"], review_id=review_id)
        return thread

    def file(self, path: str, additions: int, deletions: int = 0, change: str = "MODIFIED") -> None:
        self._add("files", path=path, additions=additions, deletions=deletions, change_type=change)

    def check(self, name: str, conclusion: str | None, started: float, ended: float | None, oid: str = "") -> None:
        self._add(
            "check_runs",
            commit_oid=oid or self.head,
            name=name,
            status="COMPLETED" if conclusion else "IN_PROGRESS",
            conclusion=conclusion,
            started_at=stamp(started),
            completed_at=stamp_or_none(ended),
            app="github-actions",
        )
