"""What GitHub's messages mean. Pure, and tolerant: GitHub's own examples break its own descriptions of them.

A message mostly says which pull request to read again. Only what no reading can tell, and what is told whole, is
taken from the message itself; so neither order nor repeats nor losses matter.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar

from tformance.sources.contract import Access, Envelope, Item, Message, Webhook
from tformance.sources.github import payload as told
from tformance.sources.github.values import instant

T = TypeVar("T")
Reader = Callable[[Item, datetime], Message]

MERGE_QUEUE: Final = "refs/heads/gh-readonly-queue/"
BRANCH: Final = "refs/heads/"
LARGEST: Final = 2**63


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the body was signed with the secret; told in constant time."""
    signature = headers.get("X-Hub-Signature-256", "")
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))


def envelope(headers: Mapping[str, str]) -> Envelope:
    return Envelope(headers.get("X-GitHub-Delivery", ""), headers.get("X-GitHub-Event", ""))


def read(event: str, payload: Item, received_at: datetime) -> Message:
    """What follows from a message; `unused` or `unknown` says in words why nothing does."""
    if event in UNUSED:
        return Message(unused=UNUSED[event])
    if event not in READERS:
        return Message(unknown=f"GitHub sends “{event}”, which tformance does not know.")
    actions, reader = READERS[event]
    message = reader(payload, received_at)
    action = _at(payload, str, "action") or ""
    if action in actions or message.unused or message.unknown:
        return message
    return replace(
        message, unknown=f"GitHub sends “{event}” with the action “{action}”, which tformance does not know."
    )


def _pull_request(payload: Item, _: datetime) -> Message:
    message = _of_pull_request(payload)
    if message.unknown:
        return message
    if payload.get("action") == "synchronize":  # what was its head till now is perhaps nowhere to be found later
        message = replace(message, checked=_commits(_at(payload, str, "before")))
    is_merge = payload.get("action") == "closed" and bool(_at(payload, str, "pull_request", "merged_at"))
    page = told.page(payload)
    if is_merge:
        return replace(message, page=page, pulls=(), merged=message.pulls)
    return replace(message, page=page)


def _of_pull_request(payload: Item) -> Message:
    """Read the pull request again that the message is about."""
    node_id = _at(payload, str, "pull_request", "node_id")
    number = _at(payload, int, "pull_request", "number")
    if node_id:
        return _about_repository(payload, pulls=(node_id,))
    if number:
        return _about_repository(payload, numbers=(number,))
    return _lacking("the pull request")


def _review(payload: Item, _: datetime) -> Message:
    return _of_pull_request(payload)


def _thread(payload: Item, received_at: datetime) -> Message:
    """The only word there ever is on when a thread was resolved."""
    message = _of_pull_request(payload)
    if message.unknown or payload.get("action") != "resolved":
        return message
    return replace(message, resolution=told.resolution(payload, _moment(payload) or received_at))


def _moment(payload: Item) -> datetime | None:
    """When it happened, which GitHub says lately; a message that is sent again comes much later."""
    try:
        return instant(_at(payload, str, "updated_at") or "")
    except ValueError:
        return None


def _issue_comment(payload: Item, _: datetime) -> Message:
    if _at(payload, dict, "issue") is None:
        return _lacking("the issue")
    if _at(payload, dict, "issue", "pull_request") is None:
        return Message(unused="A comment on an issue that is no pull request.")
    number = _at(payload, int, "issue", "number")
    return _about_repository(payload, numbers=(number,)) if number else _lacking("the number")


def _push(payload: Item, _: datetime) -> Message:
    ref = _at(payload, str, "ref")
    if ref is None:
        return _lacking("the branch")
    if not ref.startswith(BRANCH):
        return Message(unused="A push that is not to a branch.")
    shas = filter(_is_sha, (_at(payload, str, name) for name in ("before", "after")))
    return _about_repository(payload, branches=(ref.removeprefix(BRANCH),), shas=tuple(filter(None, shas)))


def _check(kind: str) -> Reader:
    def reader(payload: Item, _: datetime) -> Message:
        """Pull requests of forks are not named in it: the commit tells them."""
        if payload.get("action") == "requested_action":
            return Message(unused="Somebody pressed a button of another App's check.")
        named = _at(payload, list, kind, "pull_requests") or []
        numbers = tuple(number for pull in named if (number := _at(pull, int, "number")))
        sha = _at(payload, str, kind, "head_sha")
        if not sha and not numbers:
            return _lacking("the commit")
        return _about_repository(payload, numbers=numbers, shas=(sha,) if sha else (), checked=_commits(sha))

    return reader


def _status(payload: Item, _: datetime) -> Message:
    sha = _at(payload, str, "sha")
    return _about_repository(payload, shas=(sha,), checked=_commits(sha)) if sha else _lacking("the commit")


def _merge_group(payload: Item, _: datetime) -> Message:
    """The queue's branch carries the pull request's number: gh-readonly-queue/BASE/pr-NUMBER-SHA."""
    ref = _at(payload, str, "merge_group", "head_ref")
    if ref is None:
        return _lacking("the branch")
    number = ref.removeprefix(MERGE_QUEUE).rpartition("pr-")[2].partition("-")[0]
    if not number.isdecimal() or int(number) >= LARGEST:
        return Message(unused="A group of a merge queue that names no pull request.")
    return _about_repository(payload, numbers=(int(number),))


def _changes_of(stream: str) -> Reader:
    return lambda payload, _: _about_repository(payload, streams=(stream,))


def _repository(payload: Item, _: datetime) -> Message:
    if payload.get("action") == "created":
        return Message(unused="A repository is new; it is read once somebody follows it.")
    return _about_repository(payload, streams=("repository",))


def _people(payload: Item, _: datetime) -> Message:
    organization = _at(payload, int, "organization", "id")
    if organization is None:
        return Message(unused="Somebody's part in a repository that belongs to no organisation.")
    return Message(kind="organization", subject=organization, streams=("members",))


def _installation(payload: Item, _: datetime) -> Message:
    change = _CHANGES.get(str(payload.get("action")))
    number = _at(payload, int, "installation", "id")
    if number is None:
        return _lacking("the installation")
    return Message(access=Access(number, change) if change else None)


def _installation_repositories(payload: Item, _: datetime) -> Message:
    number = _at(payload, int, "installation", "id")
    return Message(access=Access(number, "repositories")) if number is not None else _lacking("the installation")


def _about_repository(payload: Item, **named: Any) -> Message:
    subject = _at(payload, int, "repository", "id")
    return _lacking("the repository") if subject is None else Message(subject=subject, **named)


def _lacking(what: str) -> Message:
    return Message(unknown=f"The message does not say what it is about: {what} is missing.")


def _at(payload: Any, kind: type[T], *path: str) -> T | None:
    """What stands at a place in the payload, if it is of this kind and the database could hold it."""
    for name in path:
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload if isinstance(payload, kind) and _can_be_stored(payload) else None


def _can_be_stored(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and 0 < value < LARGEST
    return not isinstance(value, str) or (bool(value) and "\0" not in value)


def _is_sha(text: str | None) -> bool:
    return bool(text and text.strip("0"))


def _commits(sha: str | None) -> tuple[str, ...]:
    """As what GitHub may be asked for."""
    return (sha,) if sha and _SHA.fullmatch(sha) else ()


_SHA: Final = re.compile("[0-9a-f]{40}")
_CHANGES: Final[Mapping[str, Any]] = {
    "created": "created",
    "deleted": "deleted",
    "suspend": "suspended",
    "unsuspend": "unsuspended",
    "new_permissions_accepted": "permissions",
}
_ANY: Final = frozenset({""})  # an event without actions

_PULL_REQUEST_ACTIONS: Final = frozenset(
    [
        "assigned",
        "auto_merge_disabled",
        "auto_merge_enabled",
        "closed",
        "converted_to_draft",
        "demilestoned",
        "dequeued",
        "edited",
        "enqueued",
        "labeled",
        "locked",
        "milestoned",
        "opened",
        "ready_for_review",
        "reopened",
        "review_request_removed",
        "review_requested",
        "synchronize",
        "unassigned",
        "unlabeled",
        "unlocked",
    ]
)
_MEMBER_ACTIONS: Final = frozenset({"added", "edited", "removed"})

# Event → its actions, and what follows from it.
READERS: Final[Mapping[str, tuple[frozenset[str], Reader]]] = {
    "pull_request": (_PULL_REQUEST_ACTIONS, _pull_request),
    "pull_request_review": (frozenset({"submitted", "edited", "dismissed"}), _review),
    "pull_request_review_comment": (frozenset({"created", "edited", "deleted"}), _review),
    "pull_request_review_thread": (frozenset({"resolved", "unresolved"}), _thread),
    "issue_comment": (frozenset({"created", "edited", "deleted", "pinned", "unpinned"}), _issue_comment),
    "push": (_ANY, _push),
    "check_run": (frozenset({"created", "completed", "rerequested", "requested_action"}), _check("check_run")),
    "check_suite": (frozenset({"completed", "requested", "rerequested"}), _check("check_suite")),
    "status": (_ANY, _status),
    "merge_group": (frozenset({"checks_requested", "destroyed"}), _merge_group),
    "deployment": (frozenset({"created"}), _changes_of("deployments")),
    "deployment_status": (frozenset({"created"}), _changes_of("deployments")),
    "release": (
        frozenset({"created", "deleted", "edited", "prereleased", "published", "released", "unpublished"}),
        _changes_of("releases"),
    ),
    "repository": (
        frozenset(
            [
                "archived",
                "created",
                "deleted",
                "edited",
                "privatized",
                "publicized",
                "renamed",
                "transferred",
                "unarchived",
            ],
        ),
        _repository,
    ),
    "organization": (
        frozenset({"deleted", "member_added", "member_invited", "member_removed", "renamed"}),
        _people,
    ),
    "member": (_MEMBER_ACTIONS, _people),
    "membership": (_MEMBER_ACTIONS, _people),
    "team": (
        frozenset({"added_to_repository", "created", "deleted", "edited", "removed_from_repository"}),
        _people,
    ),
    "installation": (frozenset(_CHANGES), _installation),
    "installation_repositories": (frozenset({"added", "removed"}), _installation_repositories),
}

_NOT_MEASURED: Final = "Nothing that tformance measures."
_UNSUBSCRIBED: Final = [
    "branch_protection_configuration",
    "branch_protection_rule",
    "code_scanning_alert",
    "commit_comment",
    "create",
    "custom_property",
    "custom_property_values",
    "delete",
    "dependabot_alert",
    "deploy_key",
    "deployment_protection_rule",
    "deployment_review",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "issue_dependencies",
    "issues",
    "label",
    "marketplace_purchase",
    "meta",
    "milestone",
    "org_block",
    "package",
    "page_build",
    "personal_access_token_request",
    "project",
    "project_card",
    "project_column",
    "projects_v2",
    "projects_v2_item",
    "projects_v2_status_update",
    "public",
    "registry_package",
    "repository_advisory",
    "repository_dispatch",
    "repository_import",
    "repository_ruleset",
    "repository_vulnerability_alert",
    "secret_scanning_alert",
    "secret_scanning_alert_location",
    "secret_scanning_scan",
    "security_advisory",
    "security_and_analysis",
    "sponsorship",
    "star",
    "sub_issues",
    "team_add",
    "watch",
    "workflow_dispatch",
    "workflow_job",
    "workflow_run",
]

# Events from which nothing follows, each with the reason.
UNUSED: Final[Mapping[str, str]] = dict.fromkeys(_UNSUBSCRIBED, _NOT_MEASURED) | {
    "ping": "GitHub tries whether messages arrive: they do.",
    "github_app_authorization": "A person took back a sign-in; the next use of it is refused and says so.",
    "installation_target": "The account of an installation was renamed; its repositories tell their new names.",
}

WEBHOOK: Final = Webhook(is_genuine=is_genuine, envelope=envelope, read=read)
