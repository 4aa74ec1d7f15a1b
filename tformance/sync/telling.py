"""The message that a team's history is there: the set-up's row is what waits to be sent, and one process sends it.

It is sent at most once. The process that takes it says so before it speaks to the mail server; where that process dies
in between nobody knows whether the message left, and it is not sent again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from tformance.accounts.models import Membership, Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sync.set_up import SetUp
from tformance.sync.steps import EVERY_MINUTE_FOR, delay_after

Mail, State = SetUp.Mail, SetUp.State


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be told to whom; `reason` is empty where the history is whole."""

    team: Team
    email: str
    site: str
    reason: str


def due() -> Iterator[Letter]:
    """Of every team the letter that is due now, taken: the caller sends it and says how that went."""
    for team in Team.objects.order_by("id"):
        with tenant(team.pk):
            letter = _take(team)
        if letter:
            yield letter


def sent(letter: Letter) -> None:
    with tenant(letter.team.pk):
        SetUp.objects.filter(mail=Mail.SENDING).update(mail=Mail.SENT)


def refused(letter: Letter) -> None:
    """The mail server certainly did not take it: it is tried again, ever more seldom, for days."""
    with tenant(letter.team.pk):
        row = SetUp.objects.get(mail=Mail.SENDING)
        failures = row.mail_failures + 1
        delay = delay_after(failures, now() - row.moved_at)
        SetUp.objects.filter(pk=row.pk, mail=Mail.SENDING).update(
            mail=Mail.DROPPED if delay is None else Mail.WAITING,
            mail_failures=failures,
            mail_not_before=None if delay is None else now() + delay,
        )


def _take(team: Team) -> Letter | None:
    """By compare-and-set; None where nothing is due, somebody else has it, or nobody is left to be told."""
    row = _waiting()
    if row is None or row.user is None:
        return None
    is_here = row.user.is_active and Membership.objects.filter(team=team, user=row.user).exists()
    taken = SetUp.objects.filter(pk=row.pk, mail=Mail.WAITING, state=row.state)
    if not taken.update(mail=Mail.SENDING if is_here else Mail.DROPPED) or not is_here:
        return None
    return Letter(team, row.user.email, row.site, row.reason)


def _waiting() -> SetUp | None:
    """What is missing is tried every minute for an hour: only then a set-up has ended partial."""
    instant = now()
    ended = Q(state=State.COMPLETE) | Q(state=State.PARTIAL, moved_at__lte=instant - EVERY_MINUTE_FOR)
    may_try = Q(mail_not_before=None) | Q(mail_not_before__lte=instant)
    found: SetUp | None = SetUp.objects.filter(ended, may_try, mail=Mail.WAITING).select_related("user").first()
    return found
