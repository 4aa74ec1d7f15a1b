"""A pull request's timeline in the words of facts."""

from collections.abc import Callable

from tformance.facts.records import ChildSet, EventRecord
from tformance.sources.github.client import Json
from tformance.sources.github.values import actor_or_none, instant

_KINDS = {
    "ReadyForReviewEvent": "ready_for_review",
    "ConvertToDraftEvent": "convert_to_draft",
    "ReviewRequestedEvent": "review_requested",
    "ReviewRequestRemovedEvent": "review_request_removed",
    "ReviewDismissedEvent": "review_dismissed",
    "HeadRefForcePushedEvent": "head_ref_force_pushed",
    "BaseRefChangedEvent": "base_ref_changed",
    "ClosedEvent": "closed",
    "ReopenedEvent": "reopened",
    "MergedEvent": "merged",
    "AddedToMergeQueueEvent": "added_to_merge_queue",
    "RemovedFromMergeQueueEvent": "removed_from_merge_queue",
    "AutoMergeEnabledEvent": "auto_merge_enabled",
}


def events(connection: Json) -> ChildSet[EventRecord]:
    """In GitHub's order, which places the commits among the other events."""
    known = [_event(place, node) for place, node in enumerate(connection["nodes"]) if node]
    return ChildSet(tuple(known), connection["totalCount"])


def _event(position: int, node: Json) -> EventRecord:
    kind = node["__typename"]
    if kind == "PullRequestCommit":
        return _commit(position, node)
    subject, before, after = _SAYS.get(kind, _nothing_more)(node)
    return EventRecord(
        node_id=node["id"],
        kind=_KINDS[kind],
        position=position,
        actor=actor_or_none(node["actor"]),
        occurred_at=instant(node["createdAt"]),
        subject=subject,
        before=before,
        after=after,
    )


def _commit(position: int, node: Json) -> EventRecord:
    commit = node["commit"]
    return EventRecord(
        node_id=node["id"],
        kind="commit",
        position=position,
        actor=None,
        occurred_at=instant(commit["committedDate"]),
        after=commit["oid"],
    )


def _nothing_more(_node: Json) -> tuple[str, str, str]:
    return "", "", ""


def _who_was_asked(node: Json) -> tuple[str, str, str]:
    asked = node["requestedReviewer"]
    if not asked:
        return "", "", ""
    return asked["slug"] if asked["__typename"] == "Team" else asked["login"].removesuffix("[bot]"), "", ""


def _force_push(node: Json) -> tuple[str, str, str]:
    before, after = node["beforeCommit"], node["afterCommit"]
    return "", before["oid"] if before else "", after["oid"] if after else ""


def _base_change(node: Json) -> tuple[str, str, str]:
    return "", node["previousRefName"], node["currentRefName"]


_SAYS: dict[str, Callable[[Json], tuple[str, str, str]]] = {
    "ReviewRequestedEvent": _who_was_asked,
    "ReviewRequestRemovedEvent": _who_was_asked,
    "HeadRefForcePushedEvent": _force_push,
    "BaseRefChangedEvent": _base_change,
}
