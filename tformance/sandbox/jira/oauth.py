"""OAuth 2.0 (3LO) of the local Atlassian: consent, codes, and refresh tokens that change with every use."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from threading import Lock

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.grants import Grants
from tformance.sandbox.jira.world import World
from tformance.sandbox.reply import Reply
from tformance.sandbox.request import Request, moved

CODE_LIFE = timedelta(minutes=5)
IDLE, WHOLE = timedelta(days=90), timedelta(days=365)  # of a consent: without use, and in all
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>{body}<p><small>Local Atlassian of the sandbox. Signed in as {user}. Another person: add
?as=EMAIL to the address.</small></p></body></html>"""


@dataclass(frozen=True)
class Client:
    """An app of the developer console, with the one address it may be sent back to; empty is any."""

    id: str = "jira-client"
    secret: str = "jira-secret"
    callback: str = ""


@dataclass
class Consent:
    """What a person allowed; every refresh token of it is a member of one family."""

    family: str
    account: str
    scopes: frozenset[str]
    until: datetime
    is_revoked: bool = False


@dataclass
class Refresh:
    """One refresh token; `used_at` is when it was first exchanged."""

    consent: Consent
    until: datetime
    used_at: datetime | None = None


@dataclass
class OAuth:
    """`leeway` seconds a used refresh token still works; later use ends the whole family."""

    grants: Grants
    client: Client = field(default_factory=Client)
    access_seconds: int = 3600
    leeway_seconds: int = 600

    def __post_init__(self) -> None:
        self._codes: dict[str, tuple[Consent, str, datetime]] = {}
        self._refresh: dict[str, Refresh] = {}
        self._lock = Lock()

    def approve(self, account: str, scopes: frozenset[str], redirect_uri: str) -> str:
        consent = Consent(secrets.token_hex(8), account, scopes, clock.now() + WHOLE)
        code = secrets.token_urlsafe(40)
        with self._lock:
            self._codes[code] = consent, redirect_uri, clock.now() + CODE_LIFE
        return code

    def token(self, asked: dict[str, str]) -> Reply:
        """The answer of `POST /oauth/token`."""
        known = asked.get("client_id") == self.client.id
        if not known or not hmac.compare_digest(self.client.secret, asked.get("client_secret", "")):
            return _denied(401, "access_denied", "Unauthorized")
        if asked.get("grant_type") == "authorization_code":
            return self._exchanged(asked)
        if asked.get("grant_type") == "refresh_token":
            return self._renewed(asked.get("refresh_token", ""))
        return _denied(400, "unsupported_grant_type", "Unsupported grant type")

    def _exchanged(self, asked: dict[str, str]) -> Reply:
        with self._lock:
            consent, redirect_uri, until = self._codes.pop(asked.get("code", ""), (None, "", clock.now()))
        if consent is None or clock.now() >= until or asked.get("redirect_uri") != redirect_uri:
            return _denied(403, "invalid_grant", "Invalid authorization code")
        return self._issued(consent)

    def _renewed(self, text: str) -> Reply:
        now = clock.now()
        with self._lock:
            refresh = self._refresh.get(text)
            if refresh is None or refresh.consent.is_revoked or now >= min(refresh.until, refresh.consent.until):
                return _denied(403, "invalid_grant", "Unknown or invalid refresh token.")
            refresh.used_at = refresh.used_at or now
            if now - refresh.used_at > timedelta(seconds=self.leeway_seconds):
                refresh.consent.is_revoked = True
                return _denied(403, "invalid_grant", "Unknown or invalid refresh token.")
        return self._issued(refresh.consent)

    def _issued(self, consent: Consent) -> Reply:
        life = timedelta(seconds=self.access_seconds)
        grant = self.grants.mint(consent.account, consent.scopes, life, consent.family)
        body: Row = {"access_token": grant.token, "expires_in": self.access_seconds, "token_type": "Bearer"}
        body |= {"scope": " ".join(sorted(consent.scopes))}
        if "offline_access" in consent.scopes:
            body["refresh_token"] = "eyR" + secrets.token_urlsafe(60)
            with self._lock:
                self._refresh[body["refresh_token"]] = Refresh(consent, clock.now() + IDLE)
        return Reply(200, body)

    def withdraw(self, account: str) -> int:
        """What a person does in their account: every consent of theirs ends; how many there were."""
        with self._lock:
            consents = {each.consent.family: each.consent for each in self._refresh.values()}
        ended = [each for each in consents.values() if each.account == account and not each.is_revoked]
        for consent in ended:
            consent.is_revoked = True
            self.grants.revoke_family(consent.family)
        return len(ended)


def _denied(status: int, error: str, words: str) -> Reply:
    return Reply(status, {"error": error, "error_description": words})


def resources(world: World, base: str, scopes: frozenset[str]) -> Reply:
    """The sites a token may read; one is all there is here."""
    shown = sorted(scope for scope in scopes if "jira" in scope)
    site: Row = {"id": world.site["id"], "url": base, "name": world.site["name"], "scopes": shown}
    return Reply(200, [site | {"avatarUrl": f"{base}/avatars/site.png"}])


def consent_page(oauth: OAuth, world: World, asked: Request) -> Reply:
    """`GET /authorize` asks, `POST /authorize` takes the answer."""
    given = asked.form if asked.method == "POST" else asked.query
    user = world.user(given.get("as")) or next(iter(world.users.values()))
    redirect_uri = given.get("redirect_uri", "")
    if given.get("client_id") != oauth.client.id or redirect_uri != (oauth.client.callback or redirect_uri):
        return Reply(403, _PAGE.format(title="Something went wrong", body="", user=escape(user["display_name"])))
    if asked.method == "GET":
        return Reply(200, _question(asked, user))
    if given.get("approve") == "no":
        words = "User did not authorize the request"
        return moved(redirect_uri, error="access_denied", error_description=words, state=given.get("state"))
    code = oauth.approve(user["account_id"], frozenset(given.get("scope", "").split()), redirect_uri)
    return moved(redirect_uri, code=code, state=given.get("state"))


def _question(asked: Request, user: Row) -> str:
    kept = {name: asked.query.get(name, "") for name in ("client_id", "redirect_uri", "state", "scope")}
    kept["as"] = user["account_id"]
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(text)}">' for name, text in kept.items())
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in kept["scope"].split())
    buttons = '<button name="approve" value="yes">Accept</button> <button name="approve" value="no">Cancel</button>'
    body = f'<ul>{scopes}</ul><form method="post" action="/authorize">{hidden}{buttons}</form>'
    return _PAGE.format(title="Allow access to Jira", body=body, user=escape(user["display_name"]))
