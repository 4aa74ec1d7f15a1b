"""Messages that were kept at the door are taken up: what each means, whom it concerns, and what became of it.

A message reaches only scopes that follow its subject through the endpoint it came to, so one endpoint's secret has no
power over what others follow. Doing a message twice does no harm, so a worker may die at any instant.
"""

import json
import logging
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Q

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import Skip
from tformance.core.secrets import SecretLost
from tformance.sources.contract import Message
from tformance.sources.registry import SOURCES
from tformance.sync import deliveries, hint, installations, load, messages
from tformance.sync.models import AppRegistration, Route, WebhookDelivery, WebhookEndpoint
from tformance.sync.turns import Visit

log = logging.getLogger(__name__)

BATCH: Final = 250
SOON: Final = timedelta(seconds=2)  # by then whoever does nothing else has taken a message up
TURN_SECONDS: Final = 2.0  # then a lane that waits for this worker comes first
HOLD: Final = timedelta(seconds=60)  # then a worker that took a message is taken for dead
PAUSES: Final = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
KEPT: Final = timedelta(days=30)
SHOWN: Final = 50  # of messages in trouble
NOBODY: Final = "Nobody follows here what it is about."

State = WebhookDelivery.State
Group = tuple[int, int, int]  # team, connection, scope: in the order in which workers may meet


@dataclass(slots=True)
class Opened:
    """A message that is being worked on. `problem` says why it has to be tried again."""

    delivery: WebhookDelivery
    message: Message
    is_followed: bool = False
    problem: str = ""


def drain(seconds: float = TURN_SECONDS) -> int:
    """Take up messages until none waits or the time is over; returns how many."""
    done, ends_at = 0, time.monotonic() + seconds
    while claimed := _claim():
        _take_up(claimed)
        done += len(claimed)
        if time.monotonic() >= ends_at:
            if deliveries.is_anything_waiting():
                hint.drain_inbox()
            break
    return done


def listen(visit: Visit) -> None:
    """Between two requests of a turn: take up messages that wait for long, as every worker may be in a turn."""
    if visit.is_time_to_listen() and deliveries.is_anything_waiting(overdue=SOON):
        drain(seconds=0)
        visit.has_listened()


def drop_bodies(team_id: int | None = None) -> int:
    """What was sent is kept for a month; that it came, and what became of it, stays. Returns how many were dropped.

    Of a team all that was taken up is dropped, however new it is.
    """
    mine = Q(received_at__lt=now() - KEPT)
    if team_id is not None:
        mine = Q(endpoint__in=WebhookEndpoint.objects.filter(team_id=team_id))
    old = WebhookDelivery.objects.filter(mine, body__isnull=False)
    return old.exclude(state=State.RECEIVED).update(body=None)


def _claim() -> list[WebhookDelivery]:
    """The oldest messages that wait; nobody else takes them for a minute."""
    with transaction.atomic():
        oldest = deliveries.waiting().order_by("id").select_for_update(skip_locked=True)
        claimed = list(oldest[:BATCH])
        WebhookDelivery.objects.filter(pk__in=[delivery.pk for delivery in claimed]).update(
            not_before=now() + HOLD, attempts=F("attempts") + 1
        )
    return claimed


def _take_up(claimed: Iterable[WebhookDelivery]) -> None:
    opened = [_open(delivery) for delivery in claimed]
    for each in opened:
        if each.message.access and not each.problem:
            _change_access(each)
    groups = _by_scope(opened)
    for group in sorted(groups):
        _apply(*groups[group])
    _settle(opened)


def _open(delivery: WebhookDelivery) -> Opened:
    source = SOURCES["github"]
    assert source.webhook is not None
    try:
        content = zlib.decompress(settings.KEY_RING.open_bytes(bytes(delivery.body or b"")))
        message = source.webhook.read(delivery.event, json.loads(content), delivery.received_at)
    except (SecretLost, *load.ITEM_FAULTS, zlib.error, RecursionError) as error:
        return Opened(delivery, Message(), problem=f"What was sent cannot be read any more: {error}")
    return Opened(delivery, message)


def _change_access(opened: Opened) -> None:
    assert opened.message.access is not None
    try:
        for app in AppRegistration.objects.filter(endpoint=opened.delivery.endpoint_id).values_list("pk", flat=True):
            _ask_what_holds(app, opened.message.access.installation)
            opened.is_followed = True
    except Exception as error:  # noqa: BLE001 the boundary of messages: whatever happened is recorded
        opened.problem = _in_words(opened.delivery, error)


def _ask_what_holds(app: int, installation: int) -> None:
    """Messages come late and in any order, so whether it is suspended or gone is the provider's word of now."""
    try:
        installations.changed(app, installation, "permissions")
    except Skip:
        installations.changed(app, installation, "deleted")


def _by_scope(opened: Iterable[Opened]) -> dict[Group, tuple[Route, list[Opened]]]:
    """The messages by the scopes that follow what they are about, through their own endpoint."""
    asked: dict[tuple[Any, str, int], list[Opened]] = defaultdict(list)
    for each in opened:
        if each.message.subject is not None and not each.problem:
            asked[each.delivery.endpoint_id, each.message.kind, each.message.subject].append(each)
    routes = Route.objects.filter(
        endpoint__in={endpoint for endpoint, _, _ in asked}, subject__in={subject for _, _, subject in asked}
    )
    found: dict[Group, tuple[Route, list[Opened]]] = {}
    for route in routes:
        concerned = asked.get((route.endpoint_id, route.kind, route.subject))
        if concerned:
            found[route.team_id, route.connection_id, route.scope_id] = (route, concerned)
    return found


def _apply(route: Route, concerned: Sequence[Opened]) -> None:
    """All in one transaction; where that fails each alone, so that one bad message holds up no other."""
    try:
        with tenant(route.team_id):
            applied = messages.apply(route, [each.message for each in concerned])
    except Exception as error:  # noqa: BLE001 the boundary of messages: whatever happened is recorded
        if len(concerned) == 1:
            concerned[0].problem = _in_words(concerned[0].delivery, error)
            return
        for each in concerned:
            _apply(route, [each])
        return
    for place, each in enumerate(concerned):
        each.is_followed |= applied.is_followed
        if place in applied.waiting:
            each.problem = messages.THREAD_NOT_READ


def _in_words(delivery: WebhookDelivery, error: Exception) -> str:
    log.warning("message %s could not be applied", delivery, exc_info=error)
    return f"A fault in tformance: {type(error).__name__}. The log has the details."


class Ending(NamedTuple):
    """What became of a message; one that is tried again is not settled."""

    state: str
    note: str
    not_before: datetime | None = None
    settled_at: datetime | None = None


def _settle(opened: Iterable[Opened]) -> None:
    """Nearly all end alike, and those take one statement."""
    alike: defaultdict[Ending, list[int]] = defaultdict(list)
    instant = now()
    for each in opened:
        alike[_ending(each, instant)].append(each.delivery.pk)
    for ending, keys in alike.items():
        WebhookDelivery.objects.filter(pk__in=keys).update(**ending._asdict())


def _ending(opened: Opened, instant: datetime) -> Ending:
    attempts = opened.delivery.attempts + 1
    state, note = _state(opened, attempts), opened.problem or _note(opened)
    if state == State.RECEIVED:
        return Ending(state, note, not_before=instant + PAUSES[attempts - 1])
    return Ending(state, note, settled_at=instant)


def _state(opened: Opened, attempts: int) -> str:
    if opened.problem:
        return State.RECEIVED if attempts <= len(PAUSES) else State.FAILED
    if opened.message.unknown:
        return State.UNKNOWN
    return State.IGNORED if _note(opened) else State.APPLIED


def _note(opened: Opened) -> str:
    """Why nothing, or not all, followed from it."""
    message = opened.message
    return message.unknown or message.unused or ("" if opened.is_followed else NOBODY)


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages of one kind in one state: how many came within a day and within a week."""

    event: str
    state: str
    day: int
    week: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A message that was not understood, or that could not be applied, and why."""

    event: str
    action: str
    state: str
    received_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How messages come in at a team's own endpoints; `waiting` are not taken up yet, troubles are the newest first."""

    endpoints: int
    last_at: datetime | None
    waiting: int
    tallies: tuple[Tally, ...]
    troubles: tuple[Trouble, ...]


def summary(team_id: int) -> Summary:
    """What the page on the data's health says of messages, from the last seven days."""
    instant = now()
    endpoints = WebhookEndpoint.objects.filter(team_id=team_id)
    mine = WebhookDelivery.objects.filter(endpoint__in=endpoints)
    week = mine.filter(received_at__gte=instant - timedelta(days=7))
    is_of_today = Q(received_at__gte=instant - timedelta(days=1))
    tallies = week.values_list("event", "state").annotate(day=Count("pk", filter=is_of_today), week=Count("pk"))
    troubles = week.filter(state__in=(State.UNKNOWN, State.FAILED)).order_by("-received_at", "-id")
    told = ("event", "action", "state", "received_at", "note")
    return Summary(
        endpoints=endpoints.count(),
        last_at=mine.aggregate(at=Max("received_at"))["at"],
        waiting=mine.filter(state=State.RECEIVED).count(),
        tallies=tuple(Tally(*row) for row in tallies.order_by("event", "state")),
        troubles=tuple(Trouble(*row) for row in troubles.values_list(*told)[:SHOWN]),
    )
