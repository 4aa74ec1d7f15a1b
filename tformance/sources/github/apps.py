"""GitHub Apps: who one is, where it is installed, and the short-lived tokens its installations are lent.

Calls as the App are signed by a token the App makes itself; `session.secret()` gives it for all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from tformance.core.errors import Reconnect, Skip
from tformance.sources.contract import Session
from tformance.sources.github.client import Client, Json

JWT_LIFETIME = timedelta(minutes=9)  # GitHub allows ten
CLOCKS_APART = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class LentToken:
    """What an installation may use until `expires_at`; `permissions` maps each permission to its level."""

    token: str
    expires_at: datetime
    permissions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Installation:
    """An App on an account; `permissions` are those the account has accepted."""

    id: int
    account: str
    account_id: int
    is_organization: bool
    permissions: dict[str, str]
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """One attempt to deliver a message; `guid` is the same in every attempt."""

    id: int
    guid: str
    delivered_at: datetime
    status_code: int
    event: str
    action: str
    is_redelivery: bool


def signed(app_id: int, pem: str, now: Callable[[], datetime]) -> Callable[[], str]:
    """Makes the token that the App signs in with; raises Reconnect where `pem` is no private key."""

    def token() -> str:
        instant = now()
        claims = {"iat": instant - CLOCKS_APART, "exp": instant + JWT_LIFETIME, "iss": str(app_id)}
        try:
            return jwt.encode(claims, pem, algorithm="RS256")
        except (jwt.InvalidKeyError, ValueError) as error:
            raise Reconnect("The stored key of the GitHub App is not a private key") from error

    return token


def lend(session: Session, api_url: str, installation_id: int) -> LentToken:
    """A token for an hour; raises Reconnect with the kind of trouble when the installation gives none any more."""
    path = f"/app/installations/{installation_id}/access_tokens"
    with Client(session, api_url) as client:
        try:
            answer = client.ask("POST", path).json()
        except Skip as error:
            raise Reconnect("The GitHub App is no longer installed there", "uninstalled") from error
        except Reconnect as error:
            raise _refused(error) from error
    return LentToken(answer["token"], _instant(answer["expires_at"]), answer.get("permissions") or {})


def _refused(error: Reconnect) -> Reconnect:
    is_suspended = "suspended" in str(error).lower()
    if is_suspended:
        return Reconnect("The GitHub App is suspended on this account", "suspended")
    return Reconnect(f"GitHub no longer accepts the App's key: {error}", "revoked")


def slug(session: Session, api_url: str) -> str:
    """The App's own name in addresses; raises Reconnect when GitHub does not accept its key."""
    with Client(session, api_url) as client:
        found: str = client.ask("GET", "/app").json()["slug"]
        return found


def installation(session: Session, api_url: str, installation_id: int) -> Installation:
    """Raises Skip when there is none of this id."""
    with Client(session, api_url) as client:
        return _installation(client.ask("GET", f"/app/installations/{installation_id}").json())


def installations(session: Session, api_url: str) -> Iterator[Installation]:
    """Everywhere the App is installed."""
    with Client(session, api_url) as client:
        for page in client.listing("/app/installations", per_page=100):
            yield from map(_installation, page)


def installations_of_user(session: Session, api_url: str) -> Iterator[Installation]:
    """Where the App is installed and the signed-in person has a say; `session` holds that person's token."""
    with Client(session, api_url) as client:
        for page in client.listing("/user/installations", "installations", per_page=100):
            yield from map(_installation, page)


def hook_deliveries(session: Session, api_url: str) -> Iterator[HookDelivery]:
    """Newest first; GitHub keeps three days of them."""
    with Client(session, api_url) as client:
        for page in client.listing("/app/hook/deliveries", per_page=100):
            yield from map(_delivery, page)


def redeliver(session: Session, api_url: str, delivery_id: int) -> None:
    """Ask for one more attempt; raises Skip when GitHub no longer has it."""
    with Client(session, api_url) as client:
        client.ask("POST", f"/app/hook/deliveries/{delivery_id}/attempts")


def _installation(answer: Json) -> Installation:
    account: dict[str, Any] = answer["account"]
    return Installation(
        id=answer["id"],
        account=account.get("login") or account.get("slug") or "",
        account_id=account["id"],
        is_organization=answer.get("target_type") == "Organization",
        permissions=answer.get("permissions") or {},
        is_suspended=bool(answer.get("suspended_at")),
    )


def _delivery(answer: Json) -> HookDelivery:
    return HookDelivery(
        id=answer["id"],
        guid=answer["guid"],
        delivered_at=_instant(answer["delivered_at"]),
        status_code=answer.get("status_code") or 0,
        event=answer["event"],
        action=answer.get("action") or "",
        is_redelivery=bool(answer.get("redelivery")),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
