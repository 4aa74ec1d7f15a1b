"""The life of one invented pull request, event by event; what lies after the end of the data is cut off."""

import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tformance.sandbox.dataset import CHILDREN
from tformance.sandbox.organisation import DAY, HOUR, Home, Person

Row = dict[str, Any]
_FIRST_IDS = {
    "pull_requests": 2_147_000_000,
    "reviews": 2_600_000_000,
    "comments": 2_900_000_000,
    "check_runs": 41_000_000_000,
    "deployments": 1_700_000_000,
    "releases": 190_000_000,
}
_PREFIXES = {
    "pull_requests": "PR",
    "reviews": "PRR",
    "review_threads": "PRRT",
    "comments": "IC",
    "commits": "C",
    "check_runs": "CR",
    "timeline": "EV",
    "deployments": "DE",
    "releases": "RE",
}


def iso(at: float) -> str:
    """Epoch seconds as GitHub writes them."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


@dataclass
class Ids:
    """Database and node ids in the order rows are made."""

    counts: dict[str, int] = field(default_factory=dict)

    def next(self, kind: str) -> Row:
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        row: Row = {"id": f"{_PREFIXES[kind]}_kwDO{count:08x}"}
        if kind in _FIRST_IDS:
            row["database_id"] = _FIRST_IDS[kind] + count * 37
        return row


@dataclass
class Story:
    """Rows of one pull request with the moment each came to be; `now` is the last moment anything happened."""

    rng: Random
    ids: Ids
    home: Home
    author: str | None
    opened: int
    pull: Row = field(default_factory=dict)
    rows: list[tuple[int, str, Row]] = field(default_factory=list)
    head: str = ""
    merged: int | None = None
    closings: list[tuple[int, str]] = field(default_factory=list)

    def begin(self, title: str, body: str, branch: str, **more: Any) -> None:
        skipped = self.rng.choice((0, 0, 0, 1, 2))
        self.home.issues += range(self.home.number + 1, self.home.number + 1 + skipped)
        self.home.number += 1 + skipped
        self.pull = {
            **self.ids.next("pull_requests"),
            "repository_id": self.home.id,
            "number": self.home.number,
            "title": title,
            "body": body,
            "author": self.author,
            "created_at": iso(self.opened),
            "base_ref_name": "main",
            "base_ref_oid": self.oid(),
            "closing_issues": [],
            "head_ref_name": branch,
            "is_cross_repository": False,
            "labels": [],
            **more,
        }

    def oid(self) -> str:
        return f"{self.rng.getrandbits(160):040x}"

    def add(self, kind: str, at: int, row: Row) -> Row:
        made = {**(self.ids.next(kind) if kind in _PREFIXES else {}), "pull_request_id": self.pull["id"], **row}
        self.rows.append((at, kind, made))
        return made

    def event(self, name: str, at: int, actor: str | None, **more: Any) -> Row:
        return self.add("timeline", at, {"type": name, "created_at": iso(at), "actor": actor, **more})

    def commit(self, at: int, who: Row, message: str, authored: int | None = None, **more: Any) -> Row:
        """`who` has author_name, author_email and author (login or None)."""
        parents = [self.head or self.pull["base_ref_oid"]]
        self.head = self.oid()
        row = {
            "oid": self.head,
            "message": message,
            "authored_date": iso(at if authored is None else authored),
            "committed_date": iso(at),
            "pushed_at": iso(max(at, self.opened)),
            **who,
            "committer_name": who["author_name"],
            "committer_email": who["author_email"],
            "parents": parents,
            **more,
        }
        return self.add("commits", max(at, self.opened), row)

    def review(self, at: int, author: str | None, state: str, body: str = "") -> Row:
        submitted = None if state == "PENDING" else iso(at)
        row = {"author": author, "state": state, "body": body, "created_at": iso(at), "submitted_at": submitted}
        return self.add("reviews", at, row | {"updated_at": iso(at), "commit_oid": self.head})

    def comment(self, at: int, author: str | None, body: str, **more: Any) -> Row:
        row = {"author": author, "body": body, "created_at": iso(at), "updated_at": iso(at), **more}
        return self.add("comments", at, row)

    def thread(self, at: int, review: Row, remarks: list[tuple[int, str | None, str]], resolved: int | None) -> None:
        """A review thread: (moment, author, text) of its comments; `resolved` by the pull request's author."""
        place: Row = {"path": f"src/core/part_{self.rng.randrange(900)}.py", "line": self.rng.randint(1, 400)}
        thread = self.add("review_threads", at, {**place, "is_outdated": self.rng.random() < 0.3, "is_resolved": False})
        thread["resolved_at"] = resolved
        first = None
        for moment, author, text in remarks:
            row = self.comment(moment, author, text, thread_id=thread["id"], review_id=review["id"], **place)
            row["id"] = row["id"].replace("IC_", "PRRC_")
            row["commit_oid"], row["reply_to_id"] = review["commit_oid"], first
            first = first or row["id"]

    def dismiss(self, review: Row, at: int, by: str | None) -> None:
        """From that moment on the review is no longer what it was; an event tells what it had been."""
        review["dismissed_at"] = at
        what = {"review_id": review["id"], "previous_review_state": review["state"]}
        self.event("ReviewDismissedEvent", at, by, **what)

    def force_push(self, at: int, by: str | None, before: str, *, dropped: bool) -> None:
        """The head was moved by force; what is `dropped` is no commit of the pull request any more."""
        self.event("HeadRefForcePushedEvent", at, by, before_oid=before, after_oid=self.head)
        for _, kind, row in self.rows if dropped else ():
            if kind == "commits" and row["oid"] == before:
                row["dropped_at"] = at

    def check(self, at: int, seconds: int, name: str, workflow: str, conclusion: str) -> Row:
        row = {
            "name": name,
            "app": "github-actions",
            "workflow": workflow,
            "commit_oid": self.head,
            "event": "pull_request",
        }
        run = self.add("check_runs", at, row | {"started_at": iso(at), "status": "COMPLETED", "conclusion": conclusion})
        run["completed_at"] = iso(at + seconds) if conclusion != "SKIPPED" else run["started_at"]
        run["workflow_run_id"], run["run_number"] = run["database_id"] // 3, self.pull["number"] * 4
        return run

    def status(self, at: int, context: str, state: str) -> None:
        row = {"context": context, "state": state, "created_at": iso(at), "commit_oid": self.head, "creator": "vercel"}
        self.add("check_runs", at, row)["database_id"] = None

    def merge(self, at: int, by: str | None) -> None:
        self.merged = at
        self.pull["merge_commit_oid"] = self.oid()
        self.pull["merge_method"] = self.home.method
        self.pull["merged_by"] = by
        self.event("MergedEvent", at, by, commit_oid=self.pull["merge_commit_oid"])
        self.event("ClosedEvent", at, by)

    def close(self, at: int, by: str | None) -> None:
        self.closings.append((at, "closed"))
        self.event("ClosedEvent", at, by)

    def reopen(self, at: int, by: str | None) -> None:
        self.closings.append((at, "open"))
        self.event("ReopenedEvent", at, by)

    def finish(self, end: int) -> list[tuple[str, Row]]:
        """All rows as they look at `end`, the pull request first."""
        kept = sorted(
            (each for each in self.rows if each[0] <= end and each[2].pop("dropped_at", end + 1) > end),
            key=lambda each: (CHILDREN.index(each[1]), each[0]),
        )
        of: dict[str, list[Row]] = {kind: [row for _, name, row in kept if name == kind] for kind in CHILDREN}
        for thread in of["review_threads"]:
            self._resolve(thread, end)
        for review in of["reviews"]:
            if review.pop("dismissed_at", end + 1) <= end:
                review["state"] = "DISMISSED"
        for run in of["check_runs"]:
            if (run.get("completed_at") or "") > iso(end):
                run.update(status="IN_PROGRESS", conclusion=None, completed_at=None)
        self.pull |= {
            **self._state(end),
            "is_draft": _draft(self.pull.pop("opened_draft", False), of["timeline"]),
            "head_ref_oid": of["commits"][-1]["oid"] if of["commits"] else self.pull["base_ref_oid"],
            "additions": sum(row["additions"] for row in of["files"]),
            "deletions": sum(row["deletions"] for row in of["files"]),
            "changed_files": max(len(of["files"]), self.pull.get("files_total") or 0),
            "updated_at": iso(max([self.opened, *(at for at, _, _ in kept)])),
        }
        return [("pull_requests", self.pull), *((kind, row) for _, kind, row in kept)]

    def _resolve(self, thread: Row, end: int) -> None:
        resolved = thread.pop("resolved_at")
        if resolved is not None and resolved <= end:
            thread["is_resolved"], thread["resolved_by"] = True, self.author

    def _state(self, end: int) -> Row:
        if self.merged is not None and self.merged <= end:
            return {"state": "MERGED", "merged_at": iso(self.merged), "closed_at": iso(self.merged)}
        absent: Row = dict.fromkeys(("merged_at", "merged_by", "merge_commit_oid", "merge_method"))
        past = [each for each in self.closings if each[0] <= end]
        if past and past[-1][1] == "closed":
            return {"state": "CLOSED", "closed_at": iso(past[-1][0]), **absent}
        return {"state": "OPEN", "closed_at": None, **absent}


def _draft(opened: bool, events: list[Row]) -> bool:
    toggles = [row["type"] for row in events if row["type"] in ("ReadyForReviewEvent", "ConvertToDraftEvent")]
    return toggles[-1] == "ConvertToDraftEvent" if toggles else opened


def later(rng: Random, at: int, median_hours: float, spread: float = 1.1) -> int:
    """A skewed time after `at`, at most sixty days."""
    return at + max(60, int(min(60 * DAY, rng.lognormvariate(0, spread) * median_hours * HOUR)))


def signature(person: Person) -> Row:
    return {"author_name": person.name, "author_email": person.email, "author": person.shown}
