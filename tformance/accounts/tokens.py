"""Tokens with which a program reads a team's files as one of its members would."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from tformance.accounts import audit
from tformance.accounts.models import ApiToken, User
from tformance.accounts.tenancy import tenant
from tformance.core import clock

PREFIX: Final = "tformance_"  # so that who finds one knows what it opens
MOST: Final = 20
NEWS: Final = timedelta(minutes=1)  # uses closer to each other are not written down


class TooMany(Exception):
    """One person has no use for so many tokens of one team."""


def of(user: User, team_id: int) -> QuerySet[ApiToken]:
    """Those that were not revoked, newest first; too old ones too."""
    return ApiToken.objects.filter(user=user, team_id=team_id, revoked_at=None).order_by("-created_at")


def make(user: User, team_id: int, name: str, days: int) -> str:
    """The token, which is told here and never again; raises TooMany."""
    secret, now = f"{PREFIX}{secrets.token_urlsafe(32)}", clock.now()
    if of(user, team_id).count() >= MOST:
        raise TooMany
    with tenant(team_id):
        made = ApiToken(team_id=team_id, user=user, name=name, digest=_digest(secret), created_at=now)
        made.expires_at = now + timedelta(days=days)
        made.save(force_insert=True)
        audit.record(user, "token_made", f"{name}, for {days} days", f"token {made.pk}")
    return secret


def revoke(user: User, team_id: int, token: UUID) -> bool:
    """Whether it was there; at once it opens nothing."""
    with tenant(team_id):
        name = of(user, team_id).filter(pk=token).values_list("name", flat=True).first()
        if name is None:
            return False
        of(user, team_id).filter(pk=token).update(revoked_at=clock.now())
        audit.record(user, "token_revoked", name, f"token {token}")
    return True


def used(secret: str) -> ApiToken | None:
    """The token with its owner, if it opens anything now; its last use is written down."""
    now = clock.now()
    opens = Q(revoked_at=None, expires_at__gt=now, user__is_active=True)
    found = ApiToken.objects.filter(opens, digest=_digest(secret)).select_related("user").first()
    if found is not None:
        is_news = Q(last_used_at=None) | Q(last_used_at__lt=now - NEWS)
        ApiToken.objects.filter(is_news, pk=found.pk).update(last_used_at=now)
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
