"""GitHub's REST objects, as its messages carry them, in the words of facts. Pure.

What a message leaves out is None or an empty text, never a guess; who cannot be told is nobody's pull request.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from tformance.facts.records import (
    ActorRecord,
    ChildSet,
    PullRequestRecord,
    PullRequestState,
    RepositoryPage,
    RepositoryRecord,
    ThreadRecord,
)
from tformance.sources.github.client import Json
from tformance.sources.github.values import actor as account
from tformance.sources.github.values import instant, instant_or_none, link

# What the provider may leave out or change at any time is answered by None instead of an error.
FAULTS: Final = (KeyError, TypeError, ValueError, AttributeError)
# A list leaves these out of each pull request; only an object that has them says all that a row needs.
TOLD_OF_A_WHOLE_ONE: Final = ("additions", "deletions", "changed_files", "merged_by")
NEVER_ALL: Final = 2  # of the threads there are, for a message about one
BEFORE_ANY_READING: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def page(payload: Json) -> RepositoryPage | None:
    """The pull request of a message as it was when it last changed; None where the message does not tell it whole.

    A reading of the same change comes later and knows more, so it holds in any order.
    """
    try:
        if any(name not in payload["pull_request"] for name in TOLD_OF_A_WHOLE_ONE):
            return None
        told = pull_request(payload["pull_request"])
        return RepositoryPage(repository(payload["repository"]), told.updated_at, pull_requests=(told,))
    except FAULTS:
        return None


def resolution(payload: Json, at: datetime) -> RepositoryPage | None:
    """Since when a thread is resolved, and nothing else of its pull request; None where not told."""
    try:
        told, thread = pull_request(payload["pull_request"]), payload["thread"]
        record = ThreadRecord(
            node_id=_text(thread["node_id"]),
            path="",
            line=None,
            is_resolved=True,
            is_outdated=False,
            resolved_by=actor(payload.get("sender")),
            comments=ChildSet((), total=max(len(thread["comments"]), 1)),
            resolved_at=at,
        )
        home = repository(payload["repository"])
    except FAULTS:
        return None
    pull = _only_with(told, ChildSet((record,), total=NEVER_ALL))
    return RepositoryPage(home, at, pull_requests=(pull,))


def repository(found: Json) -> RepositoryRecord:
    return RepositoryRecord(
        source="github",
        provider_id=_whole_number(found["id"]),
        node_id=_text(found["node_id"]),
        full_name=_text(found["full_name"]),
        default_branch=found.get("default_branch"),
        is_private=bool(found["private"]),
        is_archived=bool(found.get("archived")),
    )


def pull_request(found: Json) -> PullRequestRecord:
    """Raises one of FAULTS where it cannot be told; of a list's object the sizes are None."""
    head, base = found["head"], found["base"]
    merged_at = instant_or_none(found["merged_at"])
    return PullRequestRecord(
        source="github",
        provider_id=_whole_number(found["id"]),
        node_id=_text(found["node_id"]),
        number=_whole_number(found["number"]),
        title=_text(found["title"]),
        body=found["body"] or "",
        url=link(_text(found["html_url"])),
        state=_state(found["state"], merged_at),
        is_draft=bool(found.get("draft")),
        author=actor(found["user"]),
        author_association=(found.get("author_association") or "none").lower(),
        merged_by=actor(found["merged_by"]) if found.get("merged_by") else None,
        base_ref=_text(base["ref"]),
        head_ref=_text(head["ref"]),
        head_sha=_text(head["sha"]),
        merge_sha=found.get("merge_commit_sha") if merged_at else None,  # before, it is GitHub's trial merge
        merge_kind=None,
        is_cross_repository=_is_elsewhere(head, base),
        opened_at=instant(found["created_at"]),
        updated_at=instant(found["updated_at"]),
        closed_at=instant_or_none(found["closed_at"]),
        merged_at=merged_at,
        additions=found.get("additions"),
        deletions=found.get("deletions"),
        changed_files=found.get("changed_files"),
        labels=tuple([_text(label["name"]) for label in found.get("labels") or ()]),
    )


def actor(found: Json | None) -> ActorRecord:
    """Who it was; an account that was deleted is null or the ghost."""
    if found is None:
        return account(None)
    kind = found.get("type") or "User"
    number = _whole_number(found["id"])
    return account(
        {"__typename": kind, "login": _text(found["login"]), "id": found.get("node_id") or "", "databaseId": number}
        | {"name": found.get("name")}
    )


def _is_elsewhere(head: Json, base: Json) -> bool:
    """Whether it comes from another repository; one that was deleted since was a fork."""
    return head["repo"] is None or bool(head["repo"]["id"] != base["repo"]["id"])


def _state(state: str, merged_at: datetime | None) -> PullRequestState:
    if merged_at:
        return "merged"
    if state == "open":
        return "open"
    if state == "closed":
        return "closed"
    raise ValueError(f"{state} is no state of a pull request")


def _only_with(told: PullRequestRecord, threads: ChildSet[ThreadRecord]) -> PullRequestRecord:
    """As old as can be, so that nothing of it but the thread tells anything new."""

    return replace(told, threads=threads, updated_at=BEFORE_ANY_READING)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("a text is missing")
    return value


def _whole_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise ValueError("a number is missing")
    return value
