"""Inviting somebody into a team by an e-mail address, and coming in by it: once, in time, with that address only."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from tformance.accounts import audit
from tformance.accounts.models import Invitation, Membership, Role, User
from tformance.accounts.tenancy import tenant
from tformance.core import clock

LIFETIME: Final = timedelta(days=7)
RANK: Final = (Role.DEVELOPER, Role.LEAD, Role.ADMIN)


class Known(Exception):
    """Whoever has the address is in the team already, or was invited already."""


class Gone(Exception):
    """Accepted, taken back, too old, or never there."""


class NotYours(Exception):
    """The invitation is for an address that the user has not proved to be theirs."""


def opened() -> QuerySet[Invitation]:
    """Of all teams: those that can still be accepted."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())


def waiting(team_id: int) -> QuerySet[Invitation]:
    """Of one team: those neither accepted nor taken back, too old ones too, by address."""
    found = Invitation.objects.filter(team_id=team_id, accepted_at=None, revoked_at=None)
    return found.select_related("invited_by").order_by("email")


def by_token(token: str) -> Invitation | None:
    return opened().filter(digest=_digest(token)).select_related("team", "invited_by").first()


def by_id(invitation: str) -> Invitation | None:
    return opened().filter(pk=invitation).select_related("team", "invited_by").first()


def invite(user: User, team_id: int, email: str, role: Role) -> tuple[Invitation, str]:
    """The invitation and its token, which is told here and never again; raises Known."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with tenant(team_id):
        if _is_member(team_id, email):
            raise Known("is in the team already")
        invitation = Invitation(team_id=team_id, email=email, role=role, digest=_digest(token), invited_by=user)
        invitation.invited_at, invitation.expires_at = now, now + LIFETIME
        try:
            with transaction.atomic():
                invitation.save(force_insert=True)
        except IntegrityError:
            raise Known("was invited already: send that invitation again, or take it back") from None
        audit.record(user, "member_invited", f"{email} as {role}", f"invitation {invitation.pk}")
    return invitation, token


def renew(user: User, team_id: int, invitation: UUID) -> tuple[Invitation, str]:
    """Another seven days and a new token; the old one is worth nothing from now on. Raises Gone."""
    token, now = secrets.token_urlsafe(32), clock.now()
    with tenant(team_id):
        found = waiting(team_id).filter(pk=invitation)
        if not found.update(digest=_digest(token), invited_by=user, invited_at=now, expires_at=now + LIFETIME):
            raise Gone
        renewed = Invitation.objects.select_related("team").get(pk=invitation)
        audit.record(user, "invitation_renewed", renewed.email, f"invitation {invitation}")
    return renewed, token


def revoke(user: User, team_id: int, invitation: UUID) -> None:
    """Raises Gone."""
    with tenant(team_id):
        if not waiting(team_id).filter(pk=invitation).update(revoked_at=clock.now()):
            raise Gone
        email = Invitation.objects.values_list("email", flat=True).get(pk=invitation)
        audit.record(user, "invitation_revoked", email, f"invitation {invitation}")


def accept(user: User, invitation: Invitation) -> None:
    """Make the user a member, once; whoever is one keeps the higher of the two roles. Raises NotYours, Gone."""
    if not is_for(user, invitation):
        raise NotYours
    with tenant(invitation.team_id):
        if not opened().filter(pk=invitation.pk).update(accepted_at=clock.now()):
            raise Gone
        role = Role(invitation.role)
        held = Membership.objects.select_for_update()
        member, is_new = held.get_or_create(team_id=invitation.team_id, user=user, defaults={"role": role})
        if not is_new and RANK.index(role) > RANK.index(Role(member.role)):
            member.role = role
            member.save(update_fields=["role"])
        audit.record(user, "member_joined", member.role, f"user {user.pk}")


def is_for(user: User, invitation: Invitation) -> bool:
    proved = EmailAddress.objects.filter(user=user, verified=True, email__iexact=invitation.email)
    return bool(proved.exists())


def _is_member(team_id: int, email: str) -> bool:
    proved = Q(user__emailaddress__email__iexact=email, user__emailaddress__verified=True)
    return Membership.objects.filter(proved | Q(user__email__iexact=email), team_id=team_id).exists()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
