"""Who a request comes from: tokens of every kind GitHub has, what each may see, and until when."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tformance.core import clock

SCOPES = ("repo", "public_repo", "read:org", "admin:org", "read:user", "user", "manage_billing:copilot", "workflow")
_REPOSITORY = ["contents", "pull_requests", "issues", "checks", "statuses", "deployments", "actions", "merge_queues"]
_OF_SCOPE = {
    "repo": _REPOSITORY,
    "public_repo": _REPOSITORY,
    "read:org": ["members"],
    "admin:org": ["members"],
    "manage_billing:copilot": ["organization_copilot_seat_management"],
}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass
class Grant:
    """One token. `permissions` None means everything, `repositories` None all of them.

    `kind` is any, classic, fine_grained, installation or user; `sso` is an organisation it is not authorised for yet.
    """

    token: str
    kind: str = "any"
    login: str | None = None
    scopes: list[str] = field(default_factory=list)
    permissions: dict[str, str] | None = None
    repositories: frozenset[str] | None = None
    public_only: bool = False
    expires_at: datetime | None = None
    app: int | None = None
    installation: int | None = None
    sso: str | None = None
    revoked: bool = False

    @property
    def dead(self) -> bool:
        return self.revoked or (self.expires_at is not None and clock.now() >= self.expires_at)

    @property
    def whole(self) -> bool:
        """Nothing of the data is hidden from it."""
        return self.permissions is None and self.repositories is None and self.sso is None and not self.public_only

    @property
    def named(self) -> str:
        """What GitHub calls the bearer where it refuses."""
        return "integration" if self.kind in ("installation", "user") else "personal access token"

    def may(self, permission: str) -> bool:
        return self.permissions is None or permission in self.permissions


class Tokens:
    """Every token of one local GitHub. Without configured ones, any text is a token that may see everything."""

    def __init__(self, spec: str) -> None:
        given = [parse(part.strip()) for part in spec.split(",") if part.strip()]
        self.known = {grant.token: grant for grant in given}
        self.first = given[0].token if given else None

    def find(self, token: str) -> Grant | None:
        """None when GitHub would say 401. Tokens it mints itself are never made up by a client."""
        grant = self.known.get(token)
        if grant is None and (self.first or not token or token.startswith(("ghs_", "ghu_", "ghr_"))):
            return None
        grant = grant or Grant(token)
        return None if grant.dead else grant

    def knows(self, token: str) -> bool:
        return token in self.known

    def mint(self, prefix: str, life: timedelta | None, **fields: object) -> Grant:
        expires = clock.now() + life if life else None
        grant = Grant(prefix + secrets.token_urlsafe(27), expires_at=expires, **fields)  # type: ignore[arg-type]
        self.known = self.known | {grant.token: grant}
        return grant

    def revoke(self, token: str) -> None:
        """From now on 401; also for a token nobody listed."""
        self.known = self.known | {token: self.known.get(token, Grant(token))}
        self.known[token].revoked = True

    def expire(self, token: str) -> None:
        self.known = self.known | {token: self.known.get(token, Grant(token))}
        self.known[token].expires_at = clock.now()

    def revoke_of(self, installation: int) -> None:
        for grant in self.known.values():
            if grant.installation == installation:
                grant.revoked = True

    def cover(self, installation: int, repositories: frozenset[str]) -> None:
        """An installation's living tokens see these repositories from now on."""
        for grant in self.known.values():
            if grant.installation == installation:
                grant.repositories = repositories

    def limit(self, installation: int, permissions: dict[str, str]) -> None:
        for grant in self.known.values():
            if grant.installation == installation:
                grant.permissions = permissions


def parse(text: str) -> Grant:
    """`NAME[/WORD+WORD…[/EXPIRY]]`; raises ValueError with one clear sentence.

    A word is a scope (`repo`), a permission (`contents:read`), `as:LOGIN` or `sso:ORGANISATION`; an expiry an instant or
    a span such as `30s` or `90d`.
    """
    name, _, rest = text.partition("/")
    words, _, expiry = rest.partition("/")
    grant = Grant(name, expires_at=instant(expiry) if expiry else None)
    for word in filter(None, words.split("+")):
        _learn(grant, word)
    if grant.scopes:
        grant.kind = "classic"
        grant.public_only = "repo" not in grant.scopes
        grant.permissions = {each: "read" for scope in grant.scopes for each in _OF_SCOPE.get(scope, ())}
        grant.permissions["metadata"] = "read"
    elif grant.permissions is not None:
        grant.kind = "fine_grained"
        grant.permissions["metadata"] = "read"
    return grant


def _learn(grant: Grant, word: str) -> None:
    key, _, value = word.partition(":")
    if word in SCOPES:
        grant.scopes.append(word)
    elif key == "as":
        grant.login = value
    elif key == "sso":
        grant.sso = value
    elif value in ("read", "write", "admin"):
        grant.permissions = {**(grant.permissions or {}), key: value}
    else:
        raise ValueError(f"'{word}' is no scope and no permission such as contents:read")


def instant(text: str) -> datetime:
    try:
        if text[-1] in _UNITS:
            return clock.now() + timedelta(seconds=float(text[:-1]) * _UNITS[text[-1]])
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no instant and no span such as 90d") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
