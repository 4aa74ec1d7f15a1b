"""A process dies while it moves a set-up, or anywhere else on the way: the set-up ends, once, and says how."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tformance.accounts.models import Team
from tformance.sources.registry import SOURCES
from tformance.sync.set_up import SetUp
from tformance.sync.tests.conftest import NOON
from tformance.sync.tests.setting_up import (
    EVENTS,
    TABLE,
    WAYS,
    Event,
    World,
    brought_to_its_end,
    come_to,
    fail_for_weeks,
    left_to_itself,
    make_world,
    skip,
    tell,
)
from tformance.sync.tests.toy import Provider

State, Mail = SetUp.State, SetUp.Mail
WAITS_FOR_SOMEBODY = {State.NOT_STARTED, State.CONNECTING, State.CHOOSING}
BAD_ENDS = {State.PARTIAL, State.FAILED}
MOVES = [
    pytest.param(before, event, marks=[pytest.mark.soak] if event is fail_for_weeks else [])
    for before, event, after in TABLE
    if before != after
]
OTHER_WRITES = [("complete", tell), ("partial", tell), ("not_started", skip), ("recent", skip)]
Kept = Callable[[BaseDatabaseWrapper, str], None]


class Killed(BaseException):
    """The process ends here: nothing of ours catches it."""


class Axe:
    """Falls just before, or just after, the n-th transaction is kept: of all, or of those that write the set-up's row.

    A test runs inside a transaction, so that what is kept are savepoints.
    """

    def __init__(self, nth: int, when: str, *, only_set_up: bool) -> None:
        self.nth, self.when, self.only_set_up = nth, when, only_set_up
        self.has_written = False
        self.keep: Kept = BaseDatabaseWrapper.savepoint_commit

    def watch(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        self.has_written |= "sync_setup" in sql and not sql.startswith("SELECT")
        return execute(sql, *rest)

    def end(self, database: BaseDatabaseWrapper, savepoint: str) -> None:
        self.nth -= self.has_written or not self.only_set_up
        self.has_written = False
        falls = self.nth == 0
        if falls and self.when == "before":
            database.savepoint_rollback(savepoint)
        else:
            self.keep(database, savepoint)
        if falls:
            raise Killed

    def falls_on(self, event: Event, world: World) -> bool:
        """Whether it did; what happened has fewer ends otherwise."""
        with pytest.MonkeyPatch.context() as patch, database.execute_wrapper(self.watch), suppress(Killed):
            patch.setattr(BaseDatabaseWrapper, "savepoint_commit", lambda *given: self.end(*given))
            event(world)
            return False
        return True


@pytest.fixture
def make(
    team: Team, provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Any]:
    """Gives a team that has come to a state, and takes everything back at the end."""
    monkeypatch.setitem(SOURCES, "github", provider.source())

    @contextmanager
    def made(state: str) -> Iterator[World]:
        clock.move_to(NOON)
        with transaction.atomic():
            world = make_world(team, provider, clock)
            come_to(world, state)
            yield world
            transaction.set_rollback(True)

    return made


def check(world: World) -> None:
    left_to_itself(world)
    state = world.row.state
    assert state in WAITS_FOR_SOMEBODY | BAD_ENDS | {State.COMPLETE}
    assert bool(world.row.reason) == (state in BAD_ENDS)
    brought_to_its_end(world)
    assert world.row.state == State.COMPLETE
    assert world.counts() == (1, 1, 1)
    is_lost = world.letters == [] and world.row.mail == Mail.SENDING  # in the hands of the process that died
    assert len(world.letters) == (0 if is_lost else 1)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("before", "event"), [*MOVES, *OTHER_WRITES], ids=lambda part: getattr(part, "__name__", part))
def test_killed_at_every_move_a_set_up_ends_once_and_says_how(
    make: Callable[[str], Any], before: str, event: Event, when: str
) -> None:
    for nth in count(1):
        with make(before) as world:
            has_fallen = Axe(nth, when, only_set_up=True).falls_on(event, world)
            if not has_fallen:
                break
            check(world)
    assert nth > 1, "nothing was moved, so nothing was killed"


@pytest.mark.soak
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("before", WAYS)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_killed_at_any_commit_of_anything_in_any_state_a_set_up_ends_once_and_says_how(
    make: Callable[[str], Any], before: str, event: Event, when: str
) -> None:
    for nth in count(1):
        with make(before) as world:
            has_fallen = Axe(nth, when, only_set_up=False).falls_on(event, world)
            check(world)
        if not has_fallen:
            break
