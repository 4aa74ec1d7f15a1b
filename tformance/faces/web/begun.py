"""What a visitor has begun at GitHub and comes back from: kept in the session under a random state, good for one return.

The addresses GitHub sends browsers back to are asked by GET and change something. What protects them is the state: it
is unguessable, belongs to the session that began, names the team and the step, works once and for an hour.
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from tformance.core import clock

KEY = "begun"
LIFETIME = timedelta(hours=1)
MOST = 10


def begin(request: HttpRequest, step: str, **kept: Any) -> str:
    """Remember what to go on with; gives the state to send along."""
    state = secrets.token_urlsafe(24)
    others = dict(list(request.session.get(KEY, {}).items())[1 - MOST :])
    request.session[KEY] = others | {state: {**kept, "step": step, "at": clock.now().isoformat()}}
    return state


def take(request: HttpRequest, step: str) -> dict[str, Any] | None:
    """What was begun, once; None for a state that is unknown, used, too old or of another step."""
    begun = dict(request.session.get(KEY, {}))
    found: dict[str, Any] | None = begun.pop(request.GET.get("state", ""), None)
    request.session[KEY] = begun
    if found is None or found["step"] != step:
        return None
    return found if clock.now() - datetime.fromisoformat(found["at"]) < LIFETIME else None


def verifier() -> str:
    """A secret that proves, when a code comes back, that the same browser asked for it (RFC 7636)."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
