"""The organisation moves while it is served: pull requests are reviewed, checked and merged, and GitHub's messages go out."""

import secrets
import time
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from typing import Any

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.hub import Hub
from tformance.sandbox.live_apps import Impossible

_NUMBERS = count(9_000_000_001)
_COPIED = ("author", "base_ref_name", "base_ref_oid", "labels", "body", "additions", "deletions", "changed_files")


def instant() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def fresh(prefix: str) -> dict[str, Any]:
    """Ids of a new row."""
    number = next(_NUMBERS)
    return {"id": f"{prefix}_kwLI{number}", "database_id": number}


@dataclass
class Played:
    """What one action changed: the pull request, when, and the messages that tell of it."""

    pull: Row
    repository: str
    at: float
    guids: list[str] = field(default_factory=list)

    def shape(self) -> dict[str, Any]:
        return {
            "id": str(self.pull["id"]),
            "number": self.pull["number"],
            "repository": self.repository,
            "state": self.pull["state"],
            "merged_at": self.pull.get("merged_at"),
            "at": self.at,
            "deliveries": self.guids,
        }


class Live:
    """Plays on one hub; one action at a time, readers see each whole."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.lock = RLock()
        self._open: list[str] | None = None
        self._templates: list[str] = []

    def forget(self) -> None:
        """The folder was read again."""
        with self.lock:
            self._open = None

    def merge(self, pulls: int, per_second: float, repository: str | None = None) -> list[dict[str, Any]]:
        """Merge so many pull requests, open ones first, then new ones; raises Impossible."""
        started, played = time.monotonic(), []
        for place in range(pulls):
            if per_second > 0:
                time.sleep(max(0.0, started + place / per_second - time.monotonic()))
            with self.lock:
                played.append(self.merge_one(self._next(repository)).shape())
        return played

    def _next(self, repository: str | None) -> str:
        self._survey()
        assert self._open is not None
        data = self.hub.data
        for place, key in enumerate(self._open):
            pull = data.pull(key)
            if pull is None or pull["state"] != "OPEN":
                continue
            home = data.repositories[str(pull["repository_id"])]
            if not home.get("is_archived") and repository in (None, home["name_with_owner"]):
                self._open = self._open[:place] + self._open[place + 1 :]
                return key
        return str(self.open_new(repository)["id"])

    def _survey(self) -> None:
        """Which pull requests are open, oldest first, and which merged ones new ones are made after."""
        if self._open is not None:
            return
        self._open, self._templates = [], []
        for key in list(self.hub.data.pull_ids()):
            state = (self.hub.data.pull(key) or {}).get("state")
            if state == "OPEN":
                self._open.append(key)
            elif state == "MERGED":
                self._templates.append(key)

    def pull(self, key: str) -> Row:
        found = self.hub.data.pull(key)
        if found is None:
            raise Impossible(f"There is no pull request {key}")
        return found

    def named(self, name: str) -> Row:
        found = self.hub.data.named(name)
        if found is None:
            raise Impossible(f"There is no repository {name}")
        return found

    def _template(self, repository: str | None) -> Row:
        self._survey()
        number = next(_NUMBERS)
        for step in range(len(self._templates)):
            pull = self.pull(self._templates[(number + step) % len(self._templates)])
            home = self.hub.data.repositories[str(pull["repository_id"])]
            if not home.get("is_archived") and repository in (None, home["name_with_owner"]):
                return pull
        raise Impossible("No merged pull request to make a new one after")

    def open_new(self, repository: str | None = None) -> Row:
        """A new pull request like an old one, with one commit and checks that have begun."""
        like, now = self._template(repository), instant()
        data, oid = self.hub.data, secrets.token_hex(20)
        taken = [data.pull(key) for _, key in data.pull_order(str(like["repository_id"]), "created_at")]
        number = 1 + max((pull["number"] for pull in taken if pull), default=0)
        ids = fresh("PR")
        row = {
            **ids, **{key: like.get(key) for key in _COPIED}, "repository_id": like["repository_id"], "number": number,
            "title": like["title"], "state": "OPEN", "created_at": now, "updated_at": now, "is_draft": False,
            "head_ref_name": f"work/{ids['database_id']}", "head_ref_oid": oid, "is_cross_repository": False,
            "closing_issues": [], "assignees": [], "milestone": None,
        }  # fmt: skip
        with data.lock:
            data.add("pull_requests", row)
            self.commit(row, oid, now)
            for each in data.children("files", str(like["id"]))[:20]:
                data.add(
                    "files", {key: each[key] for key in each if key != "__typename"} | {"pull_request_id": ids["id"]}
                )
            self.check(row, oid, now)
        self.hub.events.pull_request("opened", self.pull(ids["id"]), row["author"])
        return self.pull(ids["id"])

    def commit(self, pull: Row, oid: str, now: str) -> Row:
        data = self.hub.data
        person = data.actor(pull.get("author")) or {}
        name, email = person.get("name") or "Someone", person.get("email") or "someone@example.com"
        last = data.children("commits", str(pull["id"]))
        parent = last[-1]["oid"] if last else pull.get("base_ref_oid") or "0" * 40
        who = {
            f"{role}_{key}": value
            for role in ("author", "committer")
            for key, value in (("name", name), ("email", email))
        }
        row = fresh("C") | who | {"pull_request_id": pull["id"], "oid": oid, "message": f"{pull['title']}\n"}
        stamps = dict.fromkeys(("authored_date", "committed_date", "pushed_at"), now)
        return data.add("commits", row | stamps | {"author": pull.get("author"), "parents": [parent]})

    def check(self, pull: Row, oid: str, now: str, conclusion: str | None = None) -> Row:
        done = {"status": "COMPLETED", "conclusion": conclusion, "completed_at": now} if conclusion else {}
        row = fresh("CR") | {"pull_request_id": pull["id"], "name": "build", "app": "github-actions", "workflow": "CI"}
        number = {"workflow_run_id": row["database_id"], "run_number": 1, "event": "pull_request", "commit_oid": oid}
        return self.hub.data.add("check_runs", row | number | {"status": "IN_PROGRESS", "started_at": now} | done)

    def reviewer(self, pull: Row) -> str:
        """Somebody else than the author."""
        seen = {row["login"]: row for row in self.hub.data.users.values() if row["__typename"] == "User"}
        others = [login for login in seen if login != pull.get("author")]
        if not others:
            raise Impossible("The dataset has nobody else who could review")
        chosen: str = others[int(pull["number"]) % len(others)]
        return chosen

    def review(self, pull: Row, state: str = "APPROVED") -> tuple[Row, Row, list[str]]:
        """The pull request after it, the review, and its messages."""
        data, now, reviewer = self.hub.data, instant(), self.reviewer(pull)
        row = fresh("PRR") | {"pull_request_id": pull["id"], "author": reviewer, "state": state, "body": ""}
        row |= dict.fromkeys(("created_at", "submitted_at", "updated_at"), now) | {
            "commit_oid": pull.get("head_ref_oid")
        }
        with data.lock:
            made = data.add("reviews", row)
            pull = data.change("pull_requests", str(pull["id"]), updated_at=now)
        events = self.hub.events
        guids = events.of_pull(
            "pull_request_review", "submitted", pull, reviewer, review=events.pulls.review(pull, made)
        )
        return pull, made, guids

    def merge_one(self, key: str) -> Played:
        """Review, finished checks, merge, push: in the order GitHub tells them."""
        pull, data = self.pull(key), self.hub.data
        if pull["state"] != "OPEN":
            raise Impossible(f"Pull request {key} is not open")
        guids: list[str] = []
        if pull.get("is_draft"):
            pull, told = self.set_draft(pull, draft=False)
            guids += told
        pull, review, told = self.review(pull)
        guids += told + self.finish_checks(pull)
        now, oid, merger = instant(), secrets.token_hex(20), review["author"]
        with data.lock:
            event = {"pull_request_id": pull["id"], "type": "MergedEvent", "created_at": now, "actor": merger}
            data.add("timeline", {"id": fresh("EV")["id"]} | event | {"commit_oid": oid})
            columns = {"state": "MERGED", "merged_at": now, "closed_at": now, "updated_at": now, "is_draft": False}
            pull = data.change("pull_requests", key, **columns, merged_by=merger, merge_commit_oid=oid)
            home = data.change("repositories", str(pull["repository_id"]), pushed_at=now, updated_at=now)
        guids += self.hub.events.push(pull, merger)
        at = clock.now().timestamp()
        guids += self.hub.events.pull_request("closed", pull, merger)
        return Played(pull, home["name_with_owner"], at, guids)

    def set_draft(self, pull: Row, *, draft: bool) -> tuple[Row, list[str]]:
        data, now = self.hub.data, instant()
        kind = "ConvertToDraftEvent" if draft else "ReadyForReviewEvent"
        event = {"pull_request_id": pull["id"], "type": kind, "created_at": now, "actor": pull.get("author")}
        with data.lock:
            data.add("timeline", {"id": fresh("EV")["id"]} | event)
            pull = data.change("pull_requests", str(pull["id"]), is_draft=draft, updated_at=now)
        action = "converted_to_draft" if draft else "ready_for_review"
        return pull, self.hub.events.pull_request(action, pull, pull.get("author"))

    def finish_checks(self, pull: Row) -> list[str]:
        """What still runs on the head succeeds; a head without checks gets one. They do not touch `updated_at`."""
        data, now, head = self.hub.data, instant(), pull.get("head_ref_oid") or ""
        with data.lock:
            rows = [row for row in data.children("check_runs", str(pull["id"])) if row.get("commit_oid") == head]
            runs = [row for row in rows if row["__typename"] == "CheckRun"] or [self.check(pull, head, now)]
            done = [
                data.change("check_runs", str(row["id"]), status="COMPLETED", conclusion="SUCCESS", completed_at=now)
                for row in runs
                if row["status"] != "COMPLETED"
            ] or [self.check(pull, head, now, "SUCCESS")]
        events = self.hub.events
        guids = [guid for row in done for guid in events.check_run("completed", pull, row)]
        return guids + events.check_suite("completed", pull, done[-1])
