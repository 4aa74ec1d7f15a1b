"""Signing in with the local GitHub: codes, PKCE, tokens of users and their renewal."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from tformance.core import clock
from tformance.sandbox.apps import App, Apps
from tformance.sandbox.tokens import Grant, Tokens

CODE_LIFE = timedelta(minutes=10)
TOKEN_LIFE = timedelta(hours=8)
REFRESH_LIFE = timedelta(days=184)


@dataclass(frozen=True)
class Code:
    """What a person approved; `challenge` is PKCE's, method S256."""

    app: App
    login: str
    redirect_uri: str
    challenge: str
    until: datetime


class Denied(Exception):
    """GitHub answers 200 with `error` and `error_description`."""

    def __init__(self, error: str, words: str) -> None:
        super().__init__(words)
        self.error, self.words = error, words


def allowed(app: App, redirect_uri: str) -> bool:
    """Host and port must be a callback's, the path the same or below; localhost may use any port."""
    return any(_within(urlsplit(redirect_uri), urlsplit(each)) for each in app.callbacks)


def _within(asked: Any, known: Any) -> bool:
    local = known.hostname in ("localhost", "127.0.0.1", "::1") and asked.hostname == known.hostname
    same = (asked.scheme, asked.netloc) == (known.scheme, known.netloc) or (local and asked.scheme == known.scheme)
    return same and (asked.path == known.path or asked.path.startswith(known.path.rstrip("/") + "/"))


class OAuth:
    """Codes and refresh tokens; access tokens stand among all others."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._codes: dict[str, Code] = {}
        self._refresh: dict[str, tuple[App, Grant, datetime]] = {}
        self._lock = Lock()

    def approve(self, app: App, login: str, redirect_uri: str, challenge: str) -> str:
        code = secrets.token_hex(10)
        with self._lock:
            self._codes[code] = Code(app, login, redirect_uri, challenge, clock.now() + CODE_LIFE)
        return code

    def token(self, apps: Apps, asked: dict[str, str]) -> dict[str, Any]:
        """The answer of `/login/oauth/access_token`; raises Denied."""
        app = apps.by_client(asked.get("client_id", ""))
        if app is None or not hmac.compare_digest(app.client_secret, asked.get("client_secret", "")):
            raise Denied("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
        if asked.get("grant_type") == "refresh_token":
            return self._renewed(app, asked.get("refresh_token", ""))
        with self._lock:
            code = self._codes.pop(asked.get("code", ""), None)
        if code is None or code.app is not app or clock.now() >= code.until:
            raise Denied("bad_verification_code", "The code passed is incorrect or expired.")
        if asked.get("redirect_uri") and code.redirect_uri and asked["redirect_uri"] != code.redirect_uri:
            raise Denied("redirect_uri_mismatch", "The redirect_uri is not associated with this application.")
        if code.challenge and _digest(asked.get("code_verifier", "")) != code.challenge:
            raise Denied("bad_verification_code", "The code passed is incorrect or expired.")
        return self.issue(app, code.login)

    def _renewed(self, app: App, text: str) -> dict[str, Any]:
        with self._lock:
            owner, old, until = self._refresh.pop(text, (None, None, clock.now()))
        if owner is not app or old is None or clock.now() >= until:
            raise Denied("bad_refresh_token", "The refresh token passed is incorrect or expired.")
        old.revoked = True
        return self.issue(app, old.login or "")

    def issue(self, app: App, login: str) -> dict[str, Any]:
        grant = self.tokens.mint(
            "ghu_", TOKEN_LIFE, kind="user", login=login, app=app.id, permissions=dict(app.permissions)
        )
        refresh = "ghr_" + secrets.token_urlsafe(54)
        with self._lock:
            self._refresh[refresh] = (app, grant, clock.now() + REFRESH_LIFE)
        return {
            "access_token": grant.token,
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "refresh_token": refresh,
            "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
            "scope": "",
            "token_type": "bearer",
        }


def _digest(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
