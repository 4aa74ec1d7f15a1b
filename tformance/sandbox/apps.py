"""GitHub Apps of the local GitHub: registered from a manifest, installed, suspended, and asked as themselves."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import RLock
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.hooks import Hook
from tformance.sandbox.rest_shapes import Shape
from tformance.sandbox.shapes import Shapes

CODE_LIFE = timedelta(hours=1)
JWT_LIFE = 600
_DRIFT = 60


def stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class App:
    """A registered App. `callbacks` are where OAuth may return to, `setup_url` where an installation ends."""

    id: int
    slug: str
    name: str
    owner: str
    permissions: dict[str, str]
    events: list[str]
    hook: Hook
    callbacks: list[str]
    setup_url: str
    external_url: str
    description: str | None
    asks_for_user: bool
    client_id: str = field(default_factory=lambda: "Iv23li" + secrets.token_hex(7))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(20))
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    created_at: datetime = field(default_factory=clock.now)

    @property
    def pem(self) -> str:
        kinds = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
        return self.key.private_bytes(*kinds, serialization.NoEncryption()).decode()

    def shape(self, shapes: Shapes) -> Shape:
        return {
            "id": self.id,
            "client_id": self.client_id,
            "slug": self.slug,
            "node_id": f"A_{self.id}",
            "owner": shapes.owner(self.owner),
            "name": self.name,
            "description": self.description,
            "external_url": self.external_url,
            "html_url": f"{shapes.base}/apps/{self.slug}",
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.created_at),
            "permissions": self.permissions,
            "events": self.events,
        }


@dataclass
class Installation:
    """An App on an account; `repositories` None means all, present and future."""

    id: int
    app: App
    account: str
    repositories: frozenset[str] | None
    permissions: dict[str, str]
    by: str
    created_at: datetime = field(default_factory=clock.now)
    updated_at: datetime = field(default_factory=clock.now)
    suspended_at: datetime | None = None

    def covers(self, row: Row) -> bool:
        mine = str(row["name_with_owner"]).split("/")[0].lower() == self.account.lower()
        return mine and (self.repositories is None or str(row["id"]) in self.repositories)

    def rows(self, shapes: Shapes) -> list[Row]:
        return [row for row in shapes.data.repositories.values() if self.covers(row)]

    def shape(self, shapes: Shapes) -> Shape:
        account = shapes.owner(self.account)
        page = f"{shapes.base}/organizations/{self.account}/settings/installations/{self.id}"
        return {
            "id": self.id,
            "client_id": self.app.client_id,
            "account": account,
            "repository_selection": "all" if self.repositories is None else "selected",
            "access_tokens_url": f"{shapes.base}/app/installations/{self.id}/access_tokens",
            "repositories_url": f"{shapes.base}/installation/repositories",
            "html_url": page,
            "app_id": self.app.id,
            "app_slug": self.app.slug,
            "target_id": account["id"],
            "target_type": account["type"],
            "permissions": self.permissions,
            "events": self.app.events,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            "single_file_name": None,
            "has_multiple_single_files": False,
            "single_file_paths": [],
            "suspended_by": shapes.someone(self.by) if self.suspended_at else None,
            "suspended_at": stamp(self.suspended_at) if self.suspended_at else None,
        }


class Apps:
    """Registered Apps and where they are installed."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self._codes: dict[str, tuple[App, datetime]] = {}
        self._numbers = count(1000001)
        self._places = count(50000001)

    def register(self, manifest: dict[str, Any], owner: str) -> str:
        """The code that is exchanged for the App; raises ValueError with what GitHub finds wrong."""
        hook = manifest.get("hook_attributes") or {}
        for wrong, words in (
            (not manifest.get("url"), "url is missing"),
            ("hook_attributes" in manifest and not hook.get("url"), "hook_attributes url is missing"),
        ):
            if wrong:
                raise ValueError(words)
        number = next(self._numbers)
        name = str(manifest.get("name") or f"app-{number}")
        secret = secrets.token_hex(20) if hook else ""
        events = list(manifest.get("default_events") or ())
        target = Hook(number + 400_000_000, hook.get("url", ""), secret, "integration", number, events)
        target.active = bool(hook) and hook.get("active", True)
        app = App(
            number, self._slug(name), name, owner, _permissions(manifest), events, target,
            list(manifest.get("callback_urls") or ()), manifest.get("setup_url") or "", manifest["url"],
            manifest.get("description"), bool(manifest.get("request_oauth_on_install")),
        )  # fmt: skip
        code = secrets.token_hex(20)
        with self.lock:
            self._codes[code] = (app, clock.now() + CODE_LIFE)
            self.apps = self.apps | {number: app}
        return code

    def _slug(self, name: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "app"
        if any(app.slug == plain for app in self.apps.values()):
            raise ValueError("Name is already taken")
        return plain

    def convert(self, code: str) -> App | None:
        """The App of this code, once and within the hour."""
        with self.lock:
            app, until = self._codes.pop(code, (None, clock.now()))
        return app if app and clock.now() < until else None

    def by_slug(self, slug: str) -> App | None:
        return next((app for app in self.apps.values() if app.slug == slug), None)

    def by_client(self, client_id: str) -> App | None:
        return next((app for app in self.apps.values() if app.client_id == client_id), None)

    def authenticate(self, token: str) -> App | str:
        """The App whose key signed this JWT, or the sentence GitHub refuses it with."""
        try:
            claimed = jwt.decode(token, options={"verify_signature": False})
            issuer = str(claimed.get("iss", ""))
            app = self.by_client(issuer) or self.apps.get(int(issuer) if issuer.isdigit() else -1)
            if app is None:
                return "Integration not found"
            return self._verified(token, app)
        except jwt.PyJWTError:
            return "A JSON web token could not be decoded"

    @staticmethod
    def _verified(token: str, app: App) -> App | str:
        options: Any = {"require": ["iat", "exp", "iss"], "verify_exp": False, "verify_iat": False}
        claims = jwt.decode(token, app.key.public_key(), algorithms=["RS256"], options=options)
        issued, expires, now = float(claims["iat"]), float(claims["exp"]), clock.now().timestamp()
        if issued > now + _DRIFT:
            return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        if expires <= now:
            return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
        if expires > now + JWT_LIFE + _DRIFT or expires - issued > JWT_LIFE + _DRIFT:
            return "'Expiration time' claim ('exp') is too far in the future"
        return app

    def install(self, app: App, account: str, repositories: frozenset[str] | None, by: str) -> Installation:
        with self.lock:
            made = Installation(next(self._places), app, account, repositories, dict(app.permissions), by)
            self.installations = self.installations | {made.id: made}
        return made

    def uninstall(self, number: int) -> Installation | None:
        with self.lock:
            gone = self.installations.get(number)
            self.installations = {key: each for key, each in self.installations.items() if key != number}
        return gone

    def of(self, app: App) -> list[Installation]:
        return [each for each in self.installations.values() if each.app is app]

    def covering(self, row: Row) -> list[Installation]:
        """Installations that see this repository and are told about it."""
        return [each for each in self.installations.values() if not each.suspended_at and each.covers(row)]


def _permissions(manifest: dict[str, Any]) -> dict[str, str]:
    return {"metadata": "read"} | dict(manifest.get("default_permissions") or {})
