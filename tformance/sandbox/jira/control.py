"""`POST /_sandbox/do`: what tests and people may make happen at the local Jira."""

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.grants import Grants
from tformance.sandbox.jira.live import OF_ISSUES, Stage
from tformance.sandbox.jira.live_sprints import OF_SPRINTS
from tformance.sandbox.jira.oauth import OAuth
from tformance.sandbox.live_apps import Impossible
from tformance.sandbox.reply import Reply


def forbid(stage: Stage, asked: Row) -> Row:
    stage.world.hidden |= {str(stage.project(asked.get("project"))["id"])}
    return {}


def allow(stage: Stage, asked: Row) -> Row:
    stage.world.hidden -= {str(stage.project(asked.get("project"))["id"])}
    return {}


def set_account(stage: Stage, asked: Row) -> Row:
    """Change what an account shows: `time_zone`, `display_name`, `email`, `email_visible`, `active`."""
    found = stage.world.user(asked.get("account"))
    if found is None:
        raise Impossible(f"There is no account {asked.get('account')}")
    ZoneInfo(asked.get("time_zone") or "UTC")
    names = ("time_zone", "display_name", "email", "email_visible", "active")
    found |= {name: asked[name] for name in names if name in asked}
    return {"account_id": found["account_id"]}


OF_SITES: dict[str, Callable[[Stage, Row], Row]] = {"forbid": forbid, "allow": allow, "set_account": set_account}
OF_STAGE = OF_ISSUES | OF_SPRINTS | OF_SITES


def play(stage: Stage, grants: Grants, oauth: OAuth, body: bytes) -> Reply:
    try:
        asked: Any = json.loads(body)
        return Reply(200, _played(stage, grants, oauth, asked))
    except json.JSONDecodeError:
        return Reply(400, {"message": "The body is not JSON"})
    except (Impossible, KeyError, ValueError) as error:
        return Reply(422, {"message": str(error)})


def _played(stage: Stage, grants: Grants, oauth: OAuth, asked: Row) -> Row:
    action = str(asked.get("action"))
    if action == "revoke_token":
        grants.revoke(str(asked["token"]))
        return {}
    if action == "withdraw_consent":
        user = stage.world.user(str(asked["account"]))
        return {"consents": oauth.withdraw(user["account_id"]) if user else 0}
    if action not in OF_STAGE:
        raise Impossible(
            f"No action is called {action}; known are {', '.join(OF_STAGE)}, revoke_token, withdraw_consent"
        )
    with stage.world.lock:
        return OF_STAGE[action](stage, asked)
