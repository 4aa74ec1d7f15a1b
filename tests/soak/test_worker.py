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
from tformance.sync import health

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
