"""A team that is set up with a toy as its GitHub: what can happen on the way, and how it is brought to its end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import time_machine

from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import RateLimited, Reconnect, Retry
from tformance.sync import connections, onboarding, run, telling
from tformance.sync.lane import Lane
from tformance.sync.models import Connection, Scope, SyncRun, SyncStep
from tformance.sync.set_up import SetUp
from tformance.sync.telling import Letter
from tformance.sync.tests.toy import Fault, Provider

PULLS = 6
UNREADABLE, OLD_AND_UNREADABLE = 5, 1
RETRIES = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 60))
PAGES_OF_MONTH = 3  # one of the repository, two of pull requests
SITE = "https://tformance.acme.example/"
LEASE_IS_OVER = timedelta(seconds=61)
NAMES = ("toys/one",)
MOST_HOURS = 5  # until what fails is no more than partial, and that is told


def works(provider: Provider) -> None:
    """As it should."""


@dataclass
class World:
    """One team and its provider; `letters` are those that a process has taken in order to send them."""

    team: Team
    ada: User
    provider: Provider
    clock: time_machine.Traveller
    letters: list[Letter] = field(default_factory=list)

    @property
    def row(self) -> SetUp:
        with tenant(self.team.pk):
            return SetUp.objects.first() or SetUp()

    @property
    def connection(self) -> int | None:
        with tenant(self.team.pk):
            found: int | None = Connection.objects.values_list("pk", flat=True).first()
        return found

    def look(self) -> None:
        for lane in Lane.objects.filter(turns__team_id=self.team.pk):
            run.look_at_lane(lane.pk)

    def look_after(self, fault: Fault, *waits: timedelta) -> None:
        """Read with this provider now, and again after each wait."""
        self.provider.before_page = fault
        self.look()
        for wait in waits:
            self.clock.shift(wait)
            self.look()

    def counts(self) -> tuple[int, int, int]:
        """Connections, followed scopes and histories: one of each, however often somebody asked for them."""
        with tenant(self.team.pk):
            runs = SyncRun.objects.filter(kind=SyncRun.Kind.HISTORY)
            return Connection.objects.count(), Scope.objects.count(), runs.count()


Event = Callable[[World], None]


def make_world(team: Team, provider: Provider, clock: time_machine.Traveller) -> World:
    """Six pull requests, two of them older than a month."""
    ada = User.objects.create_user(f"ada@{team.slug}.example")
    Membership.objects.create(team=team, user=ada, role=Role.ADMIN)
    provider.requests, provider.unreadable, provider.before_page = 0, frozenset(), works
    provider.fill(PULLS, newest=now() - timedelta(minutes=1), apart=timedelta(days=8))
    return World(team, ada, provider, clock)


def begin(world: World) -> None:
    onboarding.begin(world.team.pk, world.ada, SITE)


def connect(world: World) -> None:
    connections.connect_github(world.team.pk, "", "ada")


def follow(world: World) -> None:
    if world.connection:
        connections.follow(world.team.pk, world.connection, NAMES)


def read_month(world: World) -> None:
    """Up to where the provider asks for an hour of patience, in the middle of the history."""
    asked = world.provider.requests

    def patience(provider: Provider) -> None:
        if provider.requests > max(asked, PAGES_OF_MONTH):
            raise RateLimited("It asks us to wait.", now() + timedelta(hours=1))

    world.look_after(patience)


def read_all(world: World) -> None:
    world.look_after(works, timedelta(hours=1, minutes=1))


def meet_what_cannot_be_read(world: World) -> None:
    """One of the last month and one from before, each of them four times."""
    world.provider.unreadable = frozenset({UNREADABLE, OLD_AND_UNREADABLE})
    world.look_after(works, *RETRIES, timedelta(hours=1, minutes=1), *RETRIES)


def be_refused(world: World) -> None:
    """The token is withdrawn."""
    world.look_after(refuse, timedelta(hours=1, minutes=1))


def refuse(provider: Provider) -> None:
    raise Reconnect("It refuses the token.", "revoked")


def fail_for_weeks(world: World) -> None:
    world.look_after(do_not_answer, *(timedelta(hours=2) for _ in range(5)), timedelta(days=15))


def do_not_answer(provider: Provider) -> None:
    raise Retry("It does not answer.")


def pause(world: World) -> None:
    if world.connection:
        connections.pause(world.team.pk, world.connection, "Ada wanted it.")


def resume(world: World) -> None:
    if world.connection:
        connections.resume(world.team.pk, world.connection)


def let_go(world: World) -> None:
    for name in NAMES if world.connection else ():
        connections.unfollow(world.team.pk, world.connection or 0, name)


def forget(world: World) -> None:
    if world.connection:
        connections.forget(world.team.pk, world.connection)


def skip(world: World) -> None:
    onboarding.leave_behind(world.team.pk, "people")


def sweep(world: World) -> None:
    onboarding.follow_all()


def tell(world: World) -> None:
    for letter in telling.due():
        if letter.team == world.team:
            world.letters.append(letter)
            telling.sent(letter)


EVENTS: tuple[Event, ...] = (
    *(begin, connect, follow, read_month, read_all, meet_what_cannot_be_read, be_refused, fail_for_weeks),
    *(pause, resume, let_go, forget, skip, sweep, tell),
)
WAYS: dict[str, tuple[Event, ...]] = {
    "not_started": (),
    "connecting": (begin,),
    "choosing": (begin, connect),
    "recent": (begin, connect, follow),
    "history": (begin, connect, follow, read_month),
    "complete": (begin, connect, follow, read_all),
    "partial": (begin, connect, follow, meet_what_cannot_be_read),
    "failed": (begin, connect, follow, be_refused),
}


# Where an event leads from each state, in the order of WAYS. "." is: it stays.
LEADS_TO = {
    "begin": "connecting . . . . . . .",
    "connect": "choosing choosing . . . . . recent",
    "follow": ". . recent . . . . .",
    "read_month": ". . . history . . . .",
    "read_all": ". . . complete complete . . .",
    "meet_what_cannot_be_read": ". . . partial partial . . .",
    "be_refused": ". . . failed failed . failed .",
    "fail_for_weeks": ". . . failed failed . failed .",
    "pause": ". . failed failed failed . failed .",
    "resume": ". . . . . . . recent",
    "let_go": ". . . choosing choosing . choosing .",
    "forget": ". . connecting connecting connecting . connecting connecting",
    "skip": ". . . . . . . .",
    "sweep": ". . . . . . . .",
    "tell": ". . . . . . . .",
}
TABLE = [
    (before, event, before if after == "." else after)
    for event in EVENTS
    for before, after in zip(WAYS, LEADS_TO[event.__name__].split(), strict=True)
]


def come_to(world: World, state: str) -> None:
    for event in WAYS[state]:
        event(world)
    assert world.row.state == state


def left_to_itself(world: World) -> None:
    """Whatever process died, others go on: leases end, the sweep looks, workers read, messages are sent.

    A provider that asked for patience answers by then; one that refuses or fails goes on like that.
    """
    if world.provider.before_page not in (refuse, do_not_answer):
        world.provider.before_page = works
    world.clock.shift(LEASE_IS_OVER)
    for _ in range(MOST_HOURS):
        world.look()
        world.clock.shift(timedelta(hours=1, minutes=1))
        sweep(world)
        tell(world)
        if world.row.state == SetUp.State.COMPLETE:
            break


def brought_to_its_end(world: World) -> None:
    """Everything is repaired and every question is answered, twice, as by somebody who clicks twice."""
    world.provider.unreadable, world.provider.before_page = frozenset(), works
    for _ in range(2):
        for event in (begin, connect, follow, resume):
            event(world)
    left_to_itself(world)
    assert not _open_steps(world)


def _open_steps(world: World) -> list[SyncStep]:
    with tenant(world.team.pk):
        history = SyncStep.objects.filter(window__in=("recent", "history", "whole"), scope__is_tracked=True)
        return list(history.exclude(state="complete"))
