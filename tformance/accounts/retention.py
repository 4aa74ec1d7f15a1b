"""How long a team keeps what was read and what was looked at. Nothing is deleted here but looks."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from tformance.accounts import audit
from tformance.accounts.models import AuditEntry, Team, User
from tformance.accounts.tenancy import current_team_id, tenant
from tformance.core.clock import now

YEAR: Final = timedelta(days=366)  # so that no year is cut short
MONTH: Final = timedelta(days=31)
LOOK: Final = "person_seen"
BATCH: Final = 5000


def kept_since(team_id: int | None = None) -> datetime | None:
    """Pull requests that were closed before it are not kept, nor what else happened before; None: everything is.

    Of the current team where none is named. It moves on at midnight UTC.
    """
    years = Team.objects.values_list("keep_years", flat=True).get(pk=team_id or current_team_id())
    return None if years is None else start_of(years)


def start_of(years: int) -> datetime:
    """So many years back from this midnight."""
    return now().replace(hour=0, minute=0, second=0, microsecond=0) - years * YEAR


def change(user: User, team_id: int, years: int | None, months: int) -> bool:
    """Returns whether that is news."""
    with tenant(team_id):
        team = Team.objects.select_for_update().get(pk=team_id)
        if (team.keep_years, team.keep_looks_months) == (years, months):
            return False
        team.keep_years, team.keep_looks_months = years, months
        team.save(update_fields=["keep_years", "keep_looks_months"])
        about = f"what was read {f'{years} years' if years else 'for ever'}, looks {months} months"
        audit.record(user, "retention_changed", about)
        return True


def drop_looks() -> None:
    """Who looked at whom, when its time is over. Inside `tenant()`."""
    months = Team.objects.values_list("keep_looks_months", flat=True).get(pk=current_team_id())
    old = AuditEntry.objects.filter(Q(what=LOOK), at__lt=now() - months * MONTH)
    while some := list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        AuditEntry.objects.filter(pk__in=some).delete()
