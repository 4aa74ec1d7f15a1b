"""`POST /_sandbox/…`: what tests and people may make happen at the local GitHub."""

import json
from typing import Any

from tformance.sandbox.live import Live
from tformance.sandbox.live_apps import Impossible
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
        return live.do(str(asked.get("action")), asked)
    raise Impossible(f"Nothing is called {name}")
