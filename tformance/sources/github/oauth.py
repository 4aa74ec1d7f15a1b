"""A person's consent at GitHub: the address that asks for it, and the tokens it gives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from tformance.core import http
from tformance.core.errors import Reconnect, Unexpected


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An App that people can give consent to, at the GitHub whose REST API is `api_url`."""

    client_id: str
    client_secret: str
    api_url: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """`refresh` gives the next pair once; empty where the access token does not end by itself."""

    access: str
    expires_at: datetime | None
    refresh: str
    refresh_expires_at: datetime | None
    scopes: tuple[str, ...]


def web_url(api_url: str) -> str:
    """The site people look at: https://api.github.com → https://github.com, https://HOST/api/v3 → https://HOST."""
    parts = urlsplit(api_url)
    host = "github.com" if parts.netloc == "api.github.com" else parts.netloc
    if host.startswith("api.") and host.endswith(".ghe.com"):
        host = host.removeprefix("api.")
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/").removesuffix("/api/v3"), "", ""))


def consent_url(client: OAuthClient, *, state: str, challenge: str, redirect_uri: str, scopes: str = "") -> str:
    """Where the browser goes to be asked; `challenge` is the SHA-256 of a secret that `exchanged` proves to know."""
    words = {
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{web_url(client.api_url)}/login/oauth/authorize?{urlencode(words | ({'scope': scopes} if scopes else {}))}"


def exchanged(client: OAuthClient, code: str, verifier: str, redirect_uri: str, now: Callable[[], datetime]) -> Tokens:
    """The tokens for a code that came back; raises Reconnect when GitHub does not honour it."""
    return _tokens(client, {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}, now)


def refreshed(client: OAuthClient, refresh: str, now: Callable[[], datetime]) -> Tokens:
    """The next pair; the old one is worth nothing afterwards."""
    if not refresh:
        raise Reconnect("The consent at GitHub has ended", "expired")
    return _tokens(client, {"grant_type": "refresh_token", "refresh_token": refresh}, now)


def _tokens(client: OAuthClient, words: dict[str, str], now: Callable[[], datetime]) -> Tokens:
    site = web_url(client.api_url)
    door = http.Door(site, {"Accept": "application/json"})
    secret = {"client_id": client.client_id, "client_secret": client.client_secret}
    try:
        response = door.send("POST", f"{urlsplit(site).path}/login/oauth/access_token", json=secret | words)
    finally:
        door.close()
    asked_at = now()
    error = http.error_of(response, asked_at)
    if error is not None:
        raise error
    return _read(_answer(response.json), asked_at)


def _answer(parse: Callable[[], Any]) -> dict[str, Any]:
    try:
        answer = parse()
    except ValueError as error:
        raise Unexpected("GitHub did not answer the question for a token; is the address right?") from error
    if not isinstance(answer, dict):
        raise Unexpected("GitHub did not answer the question for a token")
    return answer


def _read(answer: dict[str, Any], asked_at: datetime) -> Tokens:
    """GitHub answers 200 with an `error` inside when it refuses."""
    if "access_token" not in answer:
        why = str(answer.get("error_description") or answer.get("error") or "no token came back")
        problem = "expired" if answer.get("error") == "bad_refresh_token" else "revoked"
        raise Reconnect(f"GitHub does not give a token: {why[:200]}", problem)
    return Tokens(
        access=answer["access_token"],
        expires_at=_end(answer.get("expires_in"), asked_at),
        refresh=answer.get("refresh_token") or "",
        refresh_expires_at=_end(answer.get("refresh_token_expires_in"), asked_at),
        scopes=tuple(filter(None, str(answer.get("scope") or "").split(","))),
    )


def _end(seconds: object, asked_at: datetime) -> datetime | None:
    return asked_at + timedelta(seconds=int(str(seconds))) if seconds else None
