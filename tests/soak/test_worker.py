"""A worker as the product starts it: messages make it quick, without them it is only slower."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys import road
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.pull_request import PullRequest
from tformance.sync import health
from tformance.sync.models import Scope, Wanted
from tformance.sync.wanted import want

pytestmark = pytest.mark.soak

WORKER = ("-m", "celery", "-A", "tformance.project", "worker", "--pool", "solo", "--loglevel", "WARNING")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@contextmanager
def worker(**environment: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, *WORKER, *QUIET], env={**os.environ, **environment})
    try:
        yield
    finally:
        process.kill()
        process.wait()


def seconds_until_read(team: Team, at_most: float) -> float:
    started = time.monotonic()
    while not health.is_complete(team.pk):
        assert time.monotonic() - started < at_most
        time.sleep(0.2)
    return time.monotonic() - started


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_following_a_repository_is_enough_for_a_worker_to_read_it(live_db: str, tmp_path: Path) -> None:
    road.invent(tmp_path, prs=40, people=6, repositories=2, months=3)
    with road.local_github(tmp_path) as github, worker():
        team, _ = road.connect("acme", github)
        assert seconds_until_read(team, at_most=60) < 30  # sooner than what no message came for is taken up


def test_a_worker_whose_broker_is_away_reads_within_a_minute(live_db: str, tmp_path: Path) -> None:
    road.invent(tmp_path, prs=40, people=6, repositories=2, months=3)
    with road.local_github(tmp_path) as github, worker(BROKER_URL=f"redis://127.0.0.1:{closed_port()}"):
        team, _ = road.connect("acme", github)
        seconds_until_read(team, at_most=75)


MERGES, PER_SECOND = 300, 10


def test_ten_merges_a_second_are_derived_within_five_seconds(live_db: str, tmp_path: Path) -> None:
    road.invent(tmp_path, prs=400, people=20, repositories=4, months=6)
    with road.local_github(tmp_path) as github, worker():
        team, _ = road.connect("acme", github)
        seconds_until_read(team, at_most=300)
        latencies = sorted(seconds_until_derived(team))
    p95 = latencies[int(len(latencies) * 0.95)]
    print(f"{len(latencies)} merges, median {latencies[len(latencies) // 2]:.2f} s, p95 {p95:.2f} s")
    assert p95 <= 5


def seconds_until_derived(team: Team) -> list[float]:
    """Ask for pull requests as a message of a merge does, and wait for each until it is read and derived."""
    with tenant(team.pk):
        pulls = list(PullRequest.objects.order_by("?").values_list("node_id", "repository")[:MERGES])
        scopes = {scope.repository_id: scope for scope in Scope.objects.filter(repository__isnull=False)}
    waiting: dict[str, float] = {}
    latencies: list[float] = []
    started = time.monotonic()
    while pulls or waiting:
        while pulls and time.monotonic() - started > (MERGES - len(pulls)) / PER_SECOND:
            node_id, repository = pulls.pop()
            with tenant(team.pk):
                want(scopes[repository], "pull_requests", [node_id], "merged", now())
            waiting[node_id] = time.monotonic()
        with tenant(team.pk):
            left = set(Wanted.objects.filter(item__in=waiting).values_list("item", flat=True))
        latencies += [time.monotonic() - waiting.pop(node_id) for node_id in waiting.keys() - left]
        time.sleep(0.05)
    return latencies
