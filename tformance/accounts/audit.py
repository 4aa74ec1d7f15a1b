"""What was done in a team, and who looked at whose page, is written down in the transaction that does it."""

from typing import Final

from tformance.accounts.models import AuditEntry, User
from tformance.accounts.tenancy import current_team_id
from tformance.core import clock

# What can happen, and how it is told: "<who> <words> <about>".
WORDS: Final = {
    "person_seen": "looked at the page of",
    "account_linked": "linked the account",
    "account_released": "decided that nobody of the team has the account",
    "account_split": "made a person of the account",
    "account_judged": "decided about the account",
    "accounts_kept_apart": "decided that these are two people:",
    "people_merged": "merged",
    "person_dates": "changed the dates of",
    "person_signs_in": "changed who signs in as",
    "person_erased": "erased a person, from then on",
    "data_deleted": "deleted all data that was read",
    "connection_removed": "removed the connection",
    "retention_changed": "changed how long things are kept:",
    "group_made": "made the group",
    "group_changed": "changed the group",
    "group_deleted": "deleted the group",
    "group_people": "changed the people of the group",
    "team_made": "made the team",
    "team_renamed": "changed",
    "team_moved": "changed the address of the team:",
    "member_invited": "invited",
    "invitation_renewed": "sent a new invitation to",
    "invitation_revoked": "took back the invitation of",
    "member_joined": "joined by invitation as",
    "member_role": "changed the role of",
    "member_removed": "removed",
    "member_left": "left the team",
    "rules_hotfix": "changed what is a hotfix:",
    "rules_environment": "changed which environments are production:",
    "privacy_changed": "changed who sees what:",
    "token_made": "made the API token",
    "token_revoked": "revoked the API token",
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
