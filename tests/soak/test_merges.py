"""Merges by the hundred, told by messages: all of them complete soon, whatever goes wrong, and at once when nothing does."""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings

from tests.bench.figures import write_down
from tests.journeys import road
from tests.journeys.road import LocalGitHub
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.pull_request import PullRequest
from tformance.sync import hint
from tformance.sync.models import Route, WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.soak

SECONDS, PER_SECOND = int(os.environ.get("SOAK_SECONDS", "60")), 10
FAULTS = "fail=0.1,hook_lose=0.05,hook_repeat=0.1,hook_swap=0.1"
AT_MOST = 300
SECRET = "a secret"
CELERY = ("-m", "celery", "-A", "tformance.project")
WORKER = (*CELERY, "worker", "--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat")
SERVER = ("-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-log")


@pytest.mark.parametrize(("faults", "kills"), [("limit=1000000", 0), (f"limit=1000000,{FAULTS}", 2)])
def test_merges_are_complete_soon(live_db: str, tmp_path: Path, faults: str, kills: int) -> None:
    road.invent(tmp_path, prs=150, people=12, repositories=3, months=6)
    port, beat_file = free_port(), tmp_path / "beat"
    with ExitStack() as running:
        running.enter_context(
            process(*SERVER, "--host", "127.0.0.1", "--port", str(port), "tformance.project.wsgi:application")
        )
        endpoint = make_endpoint()
        github = running.enter_context(
            sending_github(tmp_path, faults, f"http://127.0.0.1:{port}/hooks/github/{endpoint.pk}/")
        )
        team, _ = road.connect("merges", github)
        road.read_all(team)
        Route.objects.filter(team_id=team.pk).update(endpoint=endpoint)
        running.enter_context(
            process(*CELERY, "beat", "--loglevel", "ERROR", "--pidfile=", "--schedule", str(beat_file))
        )
        workers = [subprocess.Popen([sys.executable, *WORKER, "-n", f"{number}@soak"]) for number in (1, 2)]
        running.callback(end, workers)
        wait_until_heard()
        latencies = watch(team, github, workers, kills)
    found: dict[str, Any] = {
        "merges": SECONDS * PER_SECOND,
        "complete": len(latencies),
        "faults": faults,
        "kills": kills,
    }
    if latencies:
        ordered = sorted(latencies.values())
        found |= {"median s": round(statistics.median(ordered), 1), "most s": round(ordered[-1], 1)}
        found |= {"p95 s": round(ordered[int(0.95 * (len(ordered) - 1))], 1)}
    found["messages"] = {state: WebhookDelivery.objects.filter(state=state).count() for state in WebhookDelivery.State}
    write_down(f"merges-{'faults' if kills else 'calm'}", found)
    assert len(latencies) == SECONDS * PER_SECOND
    assert WebhookDelivery.objects.filter(state__in=("failed", "unknown")).count() == 0
    if not kills:
        assert found["p95 s"] <= 5


def wait_until_heard() -> None:
    """The workers are connected when they take what is said to them; both take part."""
    deadline = time.monotonic() + AT_MOST
    for _ in range(2):
        hint.drain_inbox()
        with current_app.connection_for_read() as broker:
            while broker.default_channel.queue_declare(settings.CELERY_TASK_DEFAULT_QUEUE, passive=True).message_count:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        time.sleep(5)


def watch(team: Team, github: LocalGitHub, workers: list["subprocess.Popen[bytes]"], kills: int) -> dict[str, float]:
    """Node id to the seconds from each merge until it is stored whole, with its iteration."""
    seen: dict[str, float] = {}
    total, started = SECONDS * PER_SECOND, time.time()
    with ThreadPoolExecutor(1) as pool:
        merging = pool.submit(merge, github, total)
        kill_at = [started + SECONDS * (place + 1) / (kills + 1) for place in range(kills)]
        while time.time() < started + SECONDS + AT_MOST:
            for key in complete(team, started) - seen.keys():
                seen[key] = time.time()
            if kill_at and time.time() > kill_at[0]:
                kill_at.pop(0)
                workers[0].kill()
                workers[0].wait()
                workers[0] = subprocess.Popen([sys.executable, *WORKER, "-n", f"{len(kill_at)}@again"])
            if merging.done() and {each["id"] for each in merging.result()} <= seen.keys():
                break
            time.sleep(0.2)
        merged = {each["id"]: each["at"] for each in merging.result()}
        write_down("merges-stages", stages(team, merging.result()))
    return {key: seen[key] - at for key, at in merged.items() if key in seen}


def stages(team: Team, merged: list[dict[str, Any]]) -> dict[str, float]:
    """Median seconds from a merge until its message was kept, taken up, and the pull request asked for."""
    told = WebhookDelivery.objects.filter(event="pull_request", action="closed")
    kept = {row.delivery_id: row for row in told}
    with tenant(team.pk):
        asked = dict(PullRequest.objects.values_list("node_id", "fetched_at"))
    spans: dict[str, list[float]] = {"kept": [], "taken up": [], "asked for": []}
    for each in merged:
        row = next((kept[guid] for guid in each["deliveries"] if guid in kept), None)
        if row is not None and row.settled_at is not None and each["id"] in asked:
            instants = (row.received_at, row.settled_at, asked[each["id"]])
            for name, instant in zip(spans, instants, strict=True):
                spans[name].append(instant.timestamp() - each["at"])
    return {name: round(statistics.median(taken), 2) for name, taken in spans.items() if taken}


def complete(team: Team, since: float) -> set[str]:
    """Pull requests that are stored whole, as they are after their merge."""
    with tenant(team.pk):
        found = PullRequest.objects.filter(state="merged", is_complete=True, total_comments__isnull=False)
        rows = found.values_list("node_id", "merged_at")
        return {key for key, merged_at in rows if merged_at.timestamp() >= since - 1}


def merge(github: LocalGitHub, total: int) -> list[dict[str, Any]]:
    body = json.dumps({"pull_requests": total, "per_second": PER_SECOND}).encode()
    request = urllib.request.Request(f"{github.url}/_sandbox/merge", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS + AT_MOST) as answer:
        merged: list[dict[str, Any]] = json.load(answer)["merged"]
        return merged


def make_endpoint() -> WebhookEndpoint:
    sealed = settings.KEY_RING.seal(SECRET)
    return WebhookEndpoint.objects.create(team_id=0, source="github", secret=sealed, created_at=now())


@contextmanager
def sending_github(folder: Path, faults: str, hook: str) -> Iterator[LocalGitHub]:
    port = free_port()
    hooked = ("--hook", hook, "--hook-secret", SECRET, "--token", road.TOKEN, "--faults", faults)
    with process("-m", "tformance", "sandbox", "--data", str(folder), "--port", str(port), *hooked):
        github = LocalGitHub(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                github.stats()
                break
            except OSError:
                time.sleep(0.2)
        yield github


@contextmanager
def process(*arguments: str) -> Iterator[None]:
    child = subprocess.Popen([sys.executable, *arguments], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        end([child])


def end(children: list["subprocess.Popen[bytes]"]) -> None:
    """Asked first: the web server takes its own child along."""
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
