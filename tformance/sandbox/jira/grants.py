"""Who a request to the local Jira comes from: tokens, scopes and what each may ask."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.world import World
from tformance.sandbox.tokens import instant


@dataclass
class Grant:
    """One token of an account (its id or e-mail address, None for whoever names himself); `scopes` None means all."""

    token: str
    account: str | None = None
    scopes: frozenset[str] | None = None
    expires_at: datetime | None = None
    family: str = ""
    is_revoked: bool = False

    @property
    def is_dead(self) -> bool:
        return self.is_revoked or (self.expires_at is not None and clock.now() >= self.expires_at)

    def may(self, wanted: tuple[str, ...]) -> bool:
        """Whether it has one of these scopes; nothing wanted is always allowed."""
        return self.scopes is None or not wanted or bool(self.scopes & set(wanted))


class Grants:
    """Every token of one site. Without configured ones any text is a token that may see everything."""

    def __init__(self, spec: str) -> None:
        given = [parsed(part.strip()) for part in spec.split(",") if part.strip()]
        self.known = {grant.token: grant for grant in given}
        self.are_listed = bool(given)

    def by_password(self, world: World, authorization: str) -> tuple[Grant, Row] | None:
        """`Basic EMAIL:TOKEN`: both must belong together."""
        try:
            email, _, token = base64.b64decode(authorization, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        grant = self.known.get(token) or (None if self.are_listed or not token else Grant(token))
        user = world.user(email)
        if grant is None or grant.is_dead or grant.family or user is None or not user.get("active", True):
            return None
        return (grant, user) if grant.account in (None, email, user["account_id"]) else None

    def by_bearer(self, world: World, token: str) -> tuple[Grant, Row] | None:
        """A token that this server gave out."""
        grant = self.known.get(token)
        user = world.user(grant.account) if grant and grant.family and not grant.is_dead else None
        return (grant, user) if grant and user else None

    def mint(self, account: str, scopes: frozenset[str], life: timedelta, family: str) -> Grant:
        grant = Grant("eyJ" + secrets.token_urlsafe(60), account, scopes, clock.now() + life, family)
        self.known = self.known | {grant.token: grant}
        return grant

    def revoke(self, token: str) -> None:
        """From now on it is wrong; also for a token nobody listed."""
        self.known = self.known | {token: self.known.get(token, Grant(token))}
        self.known[token].is_revoked = True

    def revoke_family(self, family: str) -> None:
        for grant in self.known.values():
            if grant.family == family:
                grant.is_revoked = True


def parsed(text: str) -> Grant:
    """`NAME[/WORD+WORD…[/EXPIRY]]`: a word is a scope such as `read:jira-work`, or `as:EMAIL`. Raises ValueError."""
    name, _, rest = text.partition("/")
    words, _, expiry = rest.partition("/")
    grant = Grant(name, expires_at=instant(expiry) if expiry else None)
    for word in filter(None, words.split("+")):
        kind, _, value = word.partition(":")
        if kind == "as":
            grant.account = value
        elif kind in ("read", "write", "manage", "delete") and value:
            grant.scopes = (grant.scopes or frozenset()) | {word}
        else:
            raise ValueError(f"'{word}' is no scope such as read:jira-work and not as:EMAIL")
    return grant
