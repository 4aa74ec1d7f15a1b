"""`POST /_sandbox/…`: what tests and people may make happen at the local GitHub."""

import json
from typing import Any

from tformance.sandbox.live import Live
from tformance.sandbox.live_apps import OF_INSTALLATIONS, Impossible
from tformance.sandbox.live_pulls import OF_PULLS
from tformance.sandbox.live_repositories import OF_REPOSITORIES
from tformance.sandbox.reply import Reply, refused


def play(live: Live, name: str, body: bytes) -> Reply:
    try:
        asked = json.loads(body) if body.strip() else {}
    except json.JSONDecodeError:
        return refused(400, "Problems parsing JSON")
    try:
        return Reply(200, _played(live, name, asked))
    except (Impossible, KeyError, ValueError) as error:
        return refused(422, str(error))


def _played(live: Live, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    if name == "merge":
        number, speed = int(asked.get("pull_requests", 1)), float(asked.get("per_second", 0))
        return {"merged": live.merge(number, speed, asked.get("repository"))}
    if name == "do":
        return do(live, str(asked.get("action")), asked)
    raise Impossible(f"Nothing is called {name}")


def do(live: Live, action: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Play one situation; raises Impossible or KeyError for what is not there."""
    with live.lock, live.hub.data.lock:
        if action in OF_INSTALLATIONS:
            return OF_INSTALLATIONS[action](live.hub, asked)
        if action in OF_PULLS:
            return OF_PULLS[action](live, asked)
        if action in OF_REPOSITORIES:
            return OF_REPOSITORIES[action](live, asked)
    known = ", ".join((*OF_INSTALLATIONS, *OF_PULLS, *OF_REPOSITORIES))
    raise Impossible(f"No action is called {action}; known are {known}")
