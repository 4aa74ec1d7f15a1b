"""Cuts the webhook messages the sandbox sends out of GitHub's published description, as plain JSON Schema."""

import json
from collections import Counter
from typing import Any
from zlib import crc32

import rest_contract

Json = dict[str, Any]

PACKAGE = "@octokit/openapi-webhooks"
FILE = "generated/api.github.com.json"

_SHORT = 200
# Event → the actions that are sent; an empty one for events without.
EVENTS: dict[str, tuple[str, ...]] = {
    "pull_request": (
        *("opened", "closed", "reopened", "synchronize", "edited", "labeled"),
        *("ready_for_review", "converted_to_draft"),
    ),
    "pull_request_review": ("submitted", "dismissed"),
    "pull_request_review_comment": ("created", "deleted"),
    "pull_request_review_thread": ("resolved",),
    "issue_comment": ("created", "deleted"),
    "push": ("",),
    "check_run": ("completed",),
    "check_suite": ("completed",),
    "deployment": ("created",),
    "deployment_status": ("created",),
    "release": ("published",),
    "repository": ("renamed", "transferred", "archived", "unarchived", "deleted"),
    "installation": ("created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"),
    "installation_repositories": ("added", "removed"),
}


def cut(description: Json) -> Json:
    """`messages` by event and action; `$defs` holds what they refer to."""
    messages: Json = {}
    for event, actions in sorted(EVENTS.items()):
        for action in actions:
            name = "-".join(filter(None, (event, action))).replace("_", "-")
            body = description["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]
            messages[" ".join(filter(None, (event, action)))] = rest_contract.plain(body)
    found = {"messages": messages, "$defs": rest_contract.definitions(messages, description["components"]["schemas"])}
    shared: Json = {}
    once = _shared(found, Counter(_texts(found)), shared)
    return {"messages": once["messages"], "$defs": once["$defs"] | shared}


def _texts(value: Any) -> list[str]:
    """Every schema of an object or array in it, as text."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [json.dumps(value, sort_keys=True)] if _is_worth_naming(value) else []
    return own + [text for each in inner for text in _texts(each)]


def _is_worth_naming(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("properties"), dict) and "type" in value


def _shared(value: Any, seen: Counter[str], shared: Json) -> Any:
    """The same with schemas that occur often set apart: the messages repeat whole pull requests."""
    if isinstance(value, list):
        return [_shared(each, seen, shared) for each in value]
    if not isinstance(value, dict):
        return value
    text = json.dumps(value, sort_keys=True) if _is_worth_naming(value) else ""
    made = {key: _shared(each, seen, shared) for key, each in value.items()}
    if len(text) < _SHORT or seen[text] < 2:
        return made
    name = f"shared-{crc32(text.encode()):08x}"
    shared[name] = made
    return {"$ref": f"#/$defs/{name}"}
