"""A set-up is where its rows say it is, after whatever happened in whatever state."""

from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.db import IntegrityError, transaction

from tformance.accounts.models import Membership, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sources.registry import SOURCES
from tformance.sync import connections, onboarding, telling
from tformance.sync.models import SyncStep
from tformance.sync.set_up import SetUp
from tformance.sync.tests.conftest import make_team
from tformance.sync.tests.setting_up import (
    EVENTS,
    RETRIES,
    SITE,
    TABLE,
    UNREADABLE,
    WAYS,
    Event,
    World,
    begin,
    brought_to_its_end,
    come_to,
    connect,
    follow,
    left_to_itself,
    make_world,
    pause,
    read_all,
    sweep,
    tell,
    works,
)
from tformance.sync.tests.toy import Provider

State = SetUp.State
MISSING = "toys/one, pull requests: 1 item could not be read yet."


@pytest.fixture
def world(team: Team, provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> World:
    """The door for tokens leads to the toy."""
    monkeypatch.setitem(SOURCES, "github", provider.source())
    return make_world(team, provider, clock)


def test_the_table_has_every_state() -> None:
    assert tuple(WAYS) == tuple(State.values)


@pytest.mark.parametrize(("before", "event", "after"), TABLE, ids=lambda part: getattr(part, "__name__", str(part)))
def test_every_event_leads_from_every_state_where_the_rows_say(
    world: World, before: str, event: Event, after: str
) -> None:
    come_to(world, before)
    event(world)
    assert world.row.state == after
    sweep(world)
    assert world.row.state == after  # nothing was missed
    assert bool(world.row.reason) == (after in ("partial", "failed"))


@pytest.mark.parametrize("before", WAYS)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_from_everywhere_a_set_up_that_is_repaired_ends_complete_and_once(
    world: World, before: str, event: Event
) -> None:
    come_to(world, before)
    event(world)
    brought_to_its_end(world)
    assert world.row.state == State.COMPLETE
    assert len(world.letters) == 1
    assert world.counts() == (1, 1, 1)


def test_the_reason_says_what_is_missing_and_how_much(world: World) -> None:
    come_to(world, "partial")
    assert world.row.reason == f"{MISSING} And 1 more of the kind."


def test_the_reason_says_why_nothing_goes_on(world: World) -> None:
    come_to(world, "failed")
    assert world.row.reason == "The access was withdrawn, connect again."
    pause(world)
    assert world.row.reason == "Paused. Ada wanted it."


def test_what_is_tried_again_and_again_stays_partial_meanwhile(world: World) -> None:
    come_to(world, "partial")
    moved = world.row.moved_at
    with tenant(world.team.pk):
        SyncStep.objects.filter(state="partial").update(state="running")
    sweep(world)
    assert (world.row.state, world.row.moved_at) == (State.PARTIAL, moved)


def test_what_is_complete_stays_so_when_more_is_followed(world: World) -> None:
    come_to(world, "complete")
    connections.follow(world.team.pk, world.connection or 0, ["toys/two"])
    assert world.row.state == State.COMPLETE


def test_a_team_that_was_connected_otherwise_has_its_set_up_and_nobody_is_told(world: World) -> None:
    connect(world)
    follow(world)
    with tenant(world.team.pk):
        SetUp.objects.all().delete()
    read_all(world)
    left_to_itself(world)
    assert (world.row.state, world.row.user, world.letters) == (State.COMPLETE, None, [])


def test_whoever_begins_first_is_told(world: World) -> None:
    begin(world)
    onboarding.begin(world.team.pk, User.objects.create_user("bob@acme.example"), "https://elsewhere.example/")
    come_to(world, "complete")
    tell(world)
    assert [(letter.email, letter.site, letter.reason) for letter in world.letters] == [(world.ada.email, SITE, "")]


def test_a_set_up_that_stays_partial_is_told_after_an_hour_with_its_reason_and_never_again(world: World) -> None:
    come_to(world, "recent")
    world.provider.unreadable = frozenset({UNREADABLE})
    world.look_after(works, *RETRIES)
    assert world.row.state == State.PARTIAL
    tell(world)
    assert world.letters == []
    left_to_itself(world)
    assert [letter.reason for letter in world.letters] == [MISSING]
    brought_to_its_end(world)
    assert world.row.state == State.COMPLETE
    assert len(world.letters) == 1


def test_who_has_left_the_team_is_not_told_of_it(world: World) -> None:
    come_to(world, "complete")
    Membership.objects.all().delete()
    tell(world)
    assert (world.letters, world.row.mail) == ([], SetUp.Mail.DROPPED)


def test_a_letter_in_one_process_hands_is_in_no_others(world: World) -> None:
    come_to(world, "complete")
    assert len(list(telling.due())) == 1
    assert list(telling.due()) == []


def test_a_letter_that_was_refused_is_tried_ever_more_seldom_and_dropped_after_two_weeks(world: World) -> None:
    come_to(world, "complete")
    waits = []
    for _ in range(4):
        (letter,) = telling.due()
        telling.refused(letter)
        row = world.row
        assert row.mail_not_before
        waits.append((row.mail_not_before - now()).total_seconds())
        world.clock.move_to(row.mail_not_before)
    assert waits == [5, 20, 60, 3600]  # it ended more than an hour ago
    world.clock.shift(timedelta(days=14))
    (letter,) = telling.due()
    telling.refused(letter)
    assert world.row.mail == SetUp.Mail.DROPPED
    assert list(telling.due()) == []


def test_skipped_questions_are_kept_once_each(world: World) -> None:
    for question in ("source", "people", "source"):
        onboarding.leave_behind(world.team.pk, question)
    assert world.row.passed == ["source", "people"]
    assert world.row.state == State.NOT_STARTED


@pytest.mark.parametrize(
    "wrong",
    [{"state": "elsewhere"}, {"mail": "lost"}, {"state": "failed"}, {"state": "complete", "reason": "Nothing."}],
)
def test_the_database_refuses_what_a_set_up_cannot_be(world: World, wrong: dict[str, str]) -> None:
    begin(world)
    with tenant(world.team.pk), pytest.raises(IntegrityError), transaction.atomic():
        SetUp.objects.update(**wrong)


def test_a_team_has_one_set_up(world: World) -> None:
    begin(world)
    with tenant(world.team.pk), pytest.raises(IntegrityError), transaction.atomic():
        SetUp.objects.create(team=world.team, moved_at=now())


def test_a_team_does_not_reach_the_set_up_of_another(world: World) -> None:
    come_to(world, "complete")
    other = make_team("other")
    with tenant(other.pk):
        assert onboarding.standing().state == State.NOT_STARTED
        assert SetUp.objects.update(state="connecting") == 0


def test_raw_sql_of_the_runtime_role_sees_no_set_up_of_another_team(live_db: str) -> None:
    mine, theirs = make_team("mine"), make_team("theirs")
    onboarding.leave_behind(theirs.pk, "people")
    with psycopg.connect(live_db) as database:
        database.execute("SELECT set_config('app.team_id', %s, false)", [str(mine.pk)])
        assert database.execute("SELECT count(*) FROM sync_setup").fetchone() == (0,)
