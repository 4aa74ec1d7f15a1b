"""Who looked at whose page: written down once an hour, and told to the person it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from tformance.accounts import audit
from tformance.accounts.models import AuditEntry, Membership, User
from tformance.core import clock
from tformance.faces.web.door import Place
from tformance.measures.guard import current_viewer
from tformance.measures.people import Person, subjects_of

WHAT = "person_seen"
ONCE_IN = timedelta(hours=1)
TOLD_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Look:
    who: str
    at: datetime


def write_down(request: HttpRequest, place: Place, person: Person) -> None:
    """In the transaction that shows the page. Of one's own, and of the sample organisation's people, nothing is."""
    user = request.user
    if place.team.is_demo or not isinstance(user, User) or current_viewer().is_one_of(person.accounts):
        return
    if _lately(user, person).exists():
        return
    Membership.objects.select_for_update(no_key=True).get(team=place.team, user=user)  # two pages at once are one look
    if not _lately(user, person).exists():
        audit.record(user, WHAT, about=person.name, subject=person.subject)


def looks_at(accounts: frozenset[int]) -> list[Look]:
    """At the page of the person with these accounts, in the last 90 days, latest first."""
    since = clock.now() - TOLD_FOR
    found = AuditEntry.objects.filter(what=WHAT, subject__in=subjects_of(sorted(accounts)), at__gte=since)
    named = found.order_by("-at", "-id").values_list("user__name", "who", "at")
    return [Look(f"{name} ({who})" if name else who, at) for name, who, at in named]


def _lately(user: User, person: Person) -> Any:
    subjects = subjects_of(person.accounts)
    return AuditEntry.objects.filter(user=user, what=WHAT, subject__in=subjects, at__gt=clock.now() - ONCE_IN)
