"""A dataset folder read by line offsets: only what is asked for is parsed, so large folders load fast and stay small."""

import json
from array import array
from bisect import insort
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

Row = dict[str, Any]

VERSION = 1
CHILDREN = (
    "reviews",
    "review_threads",
    "comments",
    "commits",
    "files",
    "check_runs",
    "timeline",
)
OF_REPOSITORY = ("deployments", "releases", "issues")
OF_ORGANIZATION = ("members", "teams", "copilot_seats", "copilot_usage")
KINDS = ("repositories", "users", "pull_requests", *CHILDREN, *OF_REPOSITORY, *OF_ORGANIZATION)
TYPES = {
    "repositories": "Repository",
    "pull_requests": "PullRequest",
    "reviews": "PullRequestReview",
    "review_threads": "PullRequestReviewThread",
    "commits": "Commit",
    "files": "PullRequestChangedFile",
    "deployments": "Deployment",
    "releases": "Release",
    "issues": "Issue",
    "members": "User",
    "teams": "Team",
    "copilot_seats": "Seat",
    "copilot_usage": "Usage",
}
_OFFSET_BITS = 44


class Lines:
    """One JSONL file as it was when read; a line is addressed by its byte offset."""

    def __init__(self, path: Path) -> None:
        self._text = path.read_bytes() if path.exists() else b""

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        start = 0
        for line in BytesIO(self._text):
            if line.strip():
                yield start, json.loads(line)
            start += len(line)

    def at(self, offset: int) -> Row:
        end = self._text.find(b"\n", offset)
        row: Row = json.loads(self._text[offset : end if end >= 0 else None])
        return row


class Dataset:
    """Rows by id and by parent. Rows carry `__typename`; ids are compared as text."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "repositories.jsonl").exists():
            raise ValueError(f"{folder} has no repositories.jsonl, so it is not a dataset folder")
        self.folder = folder
        self._lines = {kind: Lines(folder / f"{kind}.jsonl") for kind in KINDS}
        self._places: dict[str, int] = {}
        self._oids: dict[str, int] = {}
        self._children: dict[str, dict[str, array[int]]] = {kind: {} for kind in CHILDREN}
        self.users: dict[str, Row] = {}
        self.repositories: dict[str, Row] = {}
        self._names: dict[str, Row] = {}
        self._of_repository: dict[tuple[str, str], list[Row]] = {}
        self._of_organization: dict[tuple[str, str], list[Row]] = {}
        self._usage: dict[tuple[str, str], array[int]] = {}
        self._issues: dict[tuple[str, int], Row] = {}
        self._bare: dict[str, str] = {}
        self._numbers: dict[tuple[str, int], str] = {}
        self._orders: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._load()
        self.pull = lru_cache(maxsize=4096)(self._pull)
        self.children = lru_cache(maxsize=16384)(self._children_of)

    def _load(self) -> None:
        for _, row in self._lines["users"]:
            row["__typename"] = row.get("type") or "User"
            self.users[_login_key(row["login"])] = self.users[str(row["id"])] = row
        for _, row in self._lines["repositories"]:
            row["__typename"] = "Repository"
            self.repositories[str(row["id"])] = row
            for name in (*(row.get("previous_names") or ()), row["name_with_owner"]):
                self._names[name.lower()] = row
        self._load_pulls()
        for kind in CHILDREN:
            self._load_children(kind)
        for kind in OF_REPOSITORY:
            self._load_of_repository(kind)
        self._load_of_organization()

    def _load_pulls(self) -> None:
        for offset, row in self._lines["pull_requests"]:
            key, repository = str(row["id"]), str(row["repository_id"])
            self._place("pull_requests", offset, key)
            self._numbers[repository, row["number"]] = key
            for order in ("updated_at", "created_at"):
                self._orders.setdefault((repository, order), []).append((row[order], key))
        for keys in self._orders.values():
            keys.sort()

    def _load_children(self, kind: str) -> None:
        index = self._children[kind]
        for offset, row in self._lines[kind]:
            parent = str(row["pull_request_id"])
            if parent not in index:
                index[parent] = array("q")
            index[parent].append(offset)
            if kind != "timeline" and row.get("id") is not None:
                self._place(kind, offset, str(row["id"]))
            if kind == "commits":
                self._oids[row["oid"]] = offset
            elif kind == "check_runs" and row["commit_oid"] not in self._oids:
                self._bare[row["commit_oid"]] = parent

    def _load_of_repository(self, kind: str) -> None:
        for offset, row in self._lines[kind]:
            row["__typename"] = TYPES[kind]
            self._place(kind, offset, str(row["id"]))
            rows = self._of_repository.setdefault((kind, str(row["repository_id"])), [])
            insort(rows, row, key=lambda each: each.get("created_at") or "")
            if kind == "issues":
                self._issues[str(row["repository_id"]), row["number"]] = row

    def _load_of_organization(self) -> None:
        for kind in OF_ORGANIZATION:
            for offset, row in self._lines[kind]:
                owner = row["organization"].lower()
                if kind == "copilot_usage":
                    self._usage.setdefault((owner, row["day"]), array("q")).append(offset)
                    continue
                if kind == "teams":
                    self._place(kind, offset, str(row["id"]))
                row["__typename"] = TYPES[kind]
                self._of_organization.setdefault((kind, owner), []).append(row)

    def _place(self, kind: str, offset: int, key: str) -> None:
        self._places[key] = KINDS.index(kind) << _OFFSET_BITS | offset

    def _pull(self, key: str) -> Row | None:
        place = self._places.get(key, -1)
        if place < 0 or KINDS[place >> _OFFSET_BITS] != "pull_requests":
            return None
        return self._row("pull_requests", place & ((1 << _OFFSET_BITS) - 1))

    def _row(self, kind: str, offset: int) -> Row:
        row = self._lines[kind].at(offset)
        row["__typename"] = TYPES.get(kind) or _typename(kind, row)
        return row

    def _children_of(self, kind: str, pull_id: str) -> list[Row]:
        """Rows of one pull request, oldest first where they carry `created_at`, else in file order."""
        rows = [self._row(kind, offset) for offset in self._children[kind].get(pull_id, ())]
        rows.sort(key=lambda row: row.get("created_at") or "")
        return rows

    def of_repository(self, kind: str, repository_id: str) -> list[Row]:
        return self._of_repository.get((kind, repository_id), [])

    def of_organization(self, kind: str, login: str) -> list[Row]:
        """Members, teams or seats, in file order."""
        return self._of_organization.get((kind, login.lower()), [])

    def usage_days(self, login: str) -> list[str]:
        """The days on which anybody of the organisation used the tool, in order."""
        return sorted(day for owner, day in self._usage if owner == login.lower())

    def usage(self, login: str, day: str) -> list[Row]:
        """What each account did with the tool on that day."""
        return [self._row("copilot_usage", offset) for offset in self._usage.get((login.lower(), day), ())]

    def organization(self, login: str) -> Row | None:
        found = self.users.get(_login_key(login))
        return found if found and found["__typename"] == "Organization" else None

    def issue(self, repository_id: str, number: int) -> Row | None:
        return self._issues.get((repository_id, number))

    def pull_ids(self) -> Iterator[str]:
        return iter(self._numbers.values())

    def pull_order(self, repository_id: str, order: str) -> list[tuple[str, str]]:
        """(stamp, pull request id) ascending; `order` is `updated_at` or `created_at`."""
        return self._orders.get((repository_id, order), [])

    def numbered(self, repository_id: str, number: int) -> Row | None:
        key = self._numbers.get((repository_id, number))
        return self.pull(key) if key else None

    def named(self, name_with_owner: str) -> Row | None:
        """The repository that has this name now or had it before."""
        return self._names.get(name_with_owner.lower())

    def actor(self, reference: str | int | None) -> Row | None:
        """The user of a login or id; None for deleted accounts; an unknown login is a user without id."""
        if reference is None:
            return None
        known = self.users.get(str(reference)) or self.users.get(_login_key(str(reference)))
        return known or {"__typename": "User", "login": str(reference)}

    def commit(self, oid: str | None) -> Row | None:
        """A commit of a pull request, also one that only its checks still tell of."""
        offset = self._oids.get(oid) if oid else None
        if offset is not None:
            return self._row("commits", offset)
        pull = self._bare.get(oid) if oid else None
        return {"__typename": "Commit", "id": f"C_{oid}", "oid": oid, "pull_request_id": pull} if pull else None

    def node(self, key: str) -> Row | None:
        """Any row by its id."""
        if key in self.repositories or key in self.users:
            return self.repositories.get(key) or self.users.get(key)
        place = self._places.get(key)
        if place is None:
            return self.commit(key.removeprefix("C_")) if key.startswith("C_") else None
        return self._row(KINDS[place >> _OFFSET_BITS], place & ((1 << _OFFSET_BITS) - 1))


def _login_key(login: str) -> str:
    return "@" + login.lower().removesuffix("[bot]")


def _typename(kind: str, row: Row) -> str:
    if kind == "comments":
        return "PullRequestReviewComment" if row.get("thread_id") is not None else "IssueComment"
    if kind == "check_runs":
        return "StatusContext" if row.get("context") is not None else "CheckRun"
    name: str = row["type"]
    return "".join(part.capitalize() for part in name.split("_")) if name.isupper() else name
