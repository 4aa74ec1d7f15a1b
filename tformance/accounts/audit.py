"""What was done in a team, and who looked at whose page, is written down in the transaction that does it."""

from typing import Final

from tformance.accounts.models import AuditEntry, User
from tformance.accounts.tenancy import current_team_id
from tformance.core import clock

# What can happen, and how it is told: "<who> <words> <about>".
WORDS: Final = {
    "person_seen": "looked at the page of",
}


def record(user: User, what: str, about: str = "", subject: str = "") -> None:
    """Inside `tenant()`; `what` is one of WORDS."""
    if what not in WORDS:
        raise ValueError(f"{what} has no words")
    AuditEntry.objects.create(
        team_id=current_team_id(),
        at=clock.now(),
        user=user,
        who=user.email,
        what=what,
        about=about[:300],
        subject=subject,
    )
