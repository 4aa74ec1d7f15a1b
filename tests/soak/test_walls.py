"""Two hundred teams and twenty browsers at once: nobody ever sees a word of a team that is not theirs.

What each team has carries a mark of its own. The product runs as it does for people: one process whose threads, database
connections and memory serve all teams in turn. SOAK_VISITS is how many pages, files and refusals are asked for.
"""

import itertools
import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest
from django.conf import settings
from django.test import Client

from tests.bench.figures import write_down
from tests.soak.test_merges import free_port, process
from tformance.accounts import tokens
from tformance.accounts.models import Group, Membership, Role, SavedView, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.faces.web.tests.test_door import FILES, PAGES
from tformance.facts import testing as facts
from tformance.facts.records import ActorRecord, MembershipRecord, PullRequestRecord, RepositoryPage

pytestmark = pytest.mark.soak

VISITS: Final = int(os.environ.get("SOAK_VISITS", "4000"))
TEAMS, CLIENTS, SWITCHING, PULLS = 200, 20, 3, 6
SERVER: Final = ("-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-log")
MARK: Final = re.compile(rb"mark-(\d{3})")  # of what was read at a provider, and of what a team calls its own things
NAME: Final = re.compile(rb"Team (\d{3})")
SHOWS_MARKS: Final = ("/pulls/", "/pulls.csv", "/pulls.json", "/choices/repositories/", "/files.csv")


@dataclass(frozen=True)
class Visit:
    """`may_know` are the teams whose names the visitor may read; marks are of `team` alone."""

    address: str
    headers: dict[str, str]
    status: int
    team: int
    may_know: frozenset[int]


def test_nobody_sees_a_word_of_another_team(live_db: str) -> None:
    teams = [made(number) for number in range(TEAMS)]
    port = free_port()
    visits = list(itertools.islice(drawn(teams), VISITS))
    serving = (*SERVER, "--host", "127.0.0.1", "--port", str(port), "tformance.project.wsgi:application")
    with process(*serving), ThreadPoolExecutor(CLIENTS) as clients:
        wait_until_served(port)
        started = time.monotonic()
        told = list(clients.map(lambda share: seen(port, share), [visits[place::CLIENTS] for place in range(CLIENTS)]))
        seconds = time.monotonic() - started
    taken = sorted(each for _, times in told for each in times)
    write_down(
        "walls",
        {
            "visits": len(taken),
            "a second": round(len(taken) / seconds, 1),
            "p95 s": round(taken[int(0.95 * len(taken))], 2),
            "median s": round(taken[len(taken) // 2], 2),
        },
    )
    assert len(taken) == VISITS
    assert [problem for problems, _ in told for problem in problems][:20] == []


def made(number: int) -> Team:
    """A team with as much of everything as every other one, so that whatever forgets the team finds another's."""
    mark = f"mark-{number:03}"
    team = Team.objects.create(slug=f"team-{number:03}", name=f"Team {number:03}")
    people = [person(number, place) for place in range(3)]
    repository = facts.repository(f"{mark}/shop", provider_id=number + 1, node_id=f"R_{number}")
    pulls = tuple(pull(number, place, people) for place in range(PULLS))
    facts.write(team, RepositoryPage(repository=repository, fetched_at=now(), pull_requests=pulls))
    facts.write_org(
        team, facts.organization(members=facts.whole([MembershipRecord(each, "member") for each in people]))
    )
    with tenant(team.pk):
        Group.objects.create(team=team, name=f"{mark} squad")
    return team


def person(number: int, place: int) -> ActorRecord:
    key = number * 10 + place + 1
    return facts.actor(
        f"mark-{number:03}-{place}", provider_id=key, name=f"Person of mark-{number:03}", node_id=f"U_{key}"
    )


def pull(number: int, place: int, people: Sequence[ActorRecord]) -> PullRequestRecord:
    key, mark = number * 100 + place, f"mark-{number:03}"
    opened = now() - timedelta(days=3 + place * 7)
    author, reviewer = people[place % 3], people[(place + 1) % 3]
    ended = None if place == 0 else opened + timedelta(hours=9)
    given: dict[str, Any] = {
        "provider_id": key + 1,
        "node_id": f"PR_{key}",
        "title": f"Change of {mark}",
        "labels": (mark,),
        "author": author,
        "opened_at": opened,
        "updated_at": ended or opened,
        "reviews": facts.whole([facts.review(key, author=reviewer, submitted_at=opened + timedelta(hours=3))]),
        "files": facts.whole([facts.file(f"{mark}/{place}.py")]),
        "events": facts.whole([facts.event(key, kind="review_requested", subject=reviewer.login, occurred_at=opened)]),
    }
    if ended is None:
        return facts.open_pull_request(place + 1, **given)
    return facts.pull_request(place + 1, **given, closed_at=ended, merged_at=ended, merged_by=reviewer)


def drawn(teams: Sequence[Team]) -> Iterator[Visit]:
    """Visits in the same order in every run: of members by all their roles, of people with several teams, of programs, of strangers."""
    chance = random.Random(20261128)
    members = [
        (frozenset({number}), signed_in(f"{role}-{number}", role, team))
        for number, team in enumerate(teams)
        for role in Role
    ]
    several = [chance.sample(range(TEAMS), SWITCHING) for _ in range(CLIENTS)]
    members += [
        (frozenset(numbers), signed_in(f"several-{place}", Role.DEVELOPER, *(teams[each] for each in numbers)))
        for place, numbers in enumerate(several)
    ]
    programs = [(number, token_of(team)) for number, team in enumerate(teams)]
    while True:
        known, headers = chance.choice(members)
        number, of_program = chance.choice(programs)
        for team in sorted(known):
            yield Visit(address(chance.choice(PAGES + FILES), team), headers, 200, team, known)
        yield Visit(address(chance.choice(FILES), number), of_program, 200, number, frozenset({number}))
        for one, which, choice in ((known, headers, PAGES + FILES), (frozenset({number}), of_program, FILES)):
            foreign = chance.choice(sorted(set(range(TEAMS)) - one))
            yield Visit(address(chance.choice(choice), foreign), which, 404, -1, one)


def address(page: str, team: int) -> str:
    return page.replace("/t/acme", f"/t/team-{team:03}").replace("acme/shop/7", f"mark-{team:03}/shop/1")


def signed_in(name: str, role: Role, *teams: Team) -> dict[str, str]:
    user = User.objects.create_user(f"{name}@soak.example")
    for team in teams:
        Membership.objects.create(team=team, user=user, role=role)
        with tenant(team.pk):
            SavedView.objects.create(team=team, user=user, name=f"View of mark-{team.slug[5:]}")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def token_of(team: Team) -> dict[str, str]:
    owner = Membership.objects.get(team=team, role=Role.ADMIN).user
    return {"Authorization": f"Bearer {tokens.make(owner, team.pk, 'nightly', 9)}"}


def wait_until_served(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx2.get(f"http://127.0.0.1:{port}/healthz").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise AssertionError("nothing is served")


def seen(port: int, visits: Sequence[Visit]) -> tuple[list[str], list[float]]:
    """What was wrong, and the seconds that each answer took."""
    problems: list[str] = []
    times: list[float] = []
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, follow_redirects=False) as http:
        for visit in visits:
            started = time.perf_counter()
            answer = http.get(visit.address, headers=visit.headers)
            times.append(time.perf_counter() - started)
            problems += wrong(visit, answer.status_code, answer.content)
    return problems, times


def wrong(visit: Visit, status: int, told: bytes) -> Iterator[str]:
    if status != visit.status:
        yield f"{visit.address} answered {status}"
    marks, names = ({int(each) for each in pattern.findall(told)} for pattern in (MARK, NAME))
    if marks - {visit.team}:
        yield f"{visit.address} told of {sorted(marks - {visit.team})}"
    if names - visit.may_know:
        yield f"{visit.address} named {sorted(names - visit.may_know)}"
    if visit.status == 200 and any(part in visit.address for part in SHOWS_MARKS) and visit.team not in marks:
        yield f"{visit.address} told nothing of its own team"
