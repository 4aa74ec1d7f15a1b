"""Messages of 25 kB on 16 connections: how many a second are kept and answered while draining runs, and a burst."""

import copy
import hashlib
import hmac
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.bench.figures import write_down
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as facts
from tformance.facts.models.repository import Repository
from tformance.facts.records import RepositoryPage
from tformance.sources.github import payload as told
from tformance.sources.github.tests.examples import first
from tformance.sync.models import Connection, Route, Scope, WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.bench

SECRET = "a secret"
CONNECTIONS, BYTES, SECONDS, BURST = 16, 25_000, 20, 5_000
PULL_REQUESTS = 200  # that messages are about, in turn
SERVER = ("-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-log")
WORKER = ("-m", "celery", "-A", "tformance.project", "worker", "--pool", "solo", "--loglevel", "ERROR")


@dataclass(frozen=True)
class Message:
    body: bytes
    signature: str


@dataclass(frozen=True)
class Sent:
    """Answers by status, and the milliseconds each took, in order."""

    statuses: dict[int, int]
    times: list[float]
    seconds: float

    def figures(self) -> dict[str, Any]:
        ordered = sorted(self.times)
        return {
            "answers": self.statuses,
            "a second": round(len(ordered) / self.seconds),
            "median ms": round(statistics.median(ordered), 1),
            "p95 ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
            "most ms": round(ordered[-1], 1),
        }


@pytest.fixture
def endpoint(live_db: str) -> WebhookEndpoint:
    """A team follows the repository that the messages are about; its connection rests, so that nothing is read."""
    team = Team.objects.create(slug="bench", name="Bench")
    sealed = settings.KEY_RING.seal(SECRET)
    endpoint = WebhookEndpoint.objects.create(team_id=team.pk, source="github", secret=sealed, created_at=now())
    record = told.repository(first("pull_request", "opened")["repository"])
    facts.write(team, RepositoryPage(record, now() - timedelta(days=1)))
    with tenant(team.pk):
        connection = Connection.objects.create(
            team=team, source="github", account="ada", secret=b"", state="paused", created_at=now()
        )
        scope = Scope.objects.create(
            team=team, connection=connection, name=record.full_name, repository=Repository.objects.get()
        )
    Route.objects.create(
        api_url="",
        kind="repository",
        subject=record.provider_id,
        endpoint=endpoint,
        team_id=team.pk,
        connection_id=connection.pk,
        scope_id=scope.pk,
    )
    return endpoint


def test_messages_are_kept_and_answered_while_others_are_taken_up(endpoint: WebhookEndpoint, live_db: str) -> None:
    address = f"/hooks/github/{endpoint.pk}/"
    with bare_table(), server("tests.bench.bare_insert:application") as port:
        send(port, "/", seconds=2)
        bare = send(port, "/", seconds=SECONDS / 2).figures()
    with server("tformance.project.wsgi:application") as port, worker():
        send(port, address, seconds=2)
        steady = send(port, address, seconds=SECONDS)
        wait_until_empty(at_most=600)
        burst = send(port, address, count=BURST)
        drained_in = burst.seconds + wait_until_empty(at_most=120)
    kept = WebhookDelivery.objects.count()
    found = {
        "bare INSERT through the same server": bare,
        "intake while draining": steady.figures(),
        "burst": burst.figures() | {"messages": BURST, "drained within s of its first": round(drained_in, 1)},
        "ratio to bare": round(steady.figures()["a second"] / bare["a second"], 2),
        "states": {state: WebhookDelivery.objects.filter(state=state).count() for state in ("applied", "failed")},
    }
    write_down("intake", found)
    assert set(steady.statuses) == set(burst.statuses) == {202}
    assert WebhookDelivery.objects.filter(state="applied").count() == kept
    assert steady.figures()["a second"] >= 500
    assert steady.figures()["p95 ms"] <= 50
    assert drained_in <= 60


def messages() -> list[Message]:
    """The same message about many pull requests, each a little later than the one before."""
    example = first("pull_request", "opened")
    made = []
    for number in range(1, PULL_REQUESTS + 1):
        payload = copy.deepcopy(example)
        payload["number"] = payload["pull_request"]["number"] = number
        payload["pull_request"] |= {"id": 10_000 + number, "node_id": f"PR_{number}"}
        text = json.dumps(payload).encode()
        body = text[:-1] + b',"padding":"' + b"x" * max(0, BYTES - len(text) - 14) + b'"}'
        made.append(Message(body, "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()))
    return made


def send(port: int, address: str, *, seconds: float = 0, count: int = 0) -> Sent:
    """On all connections at once, for so long or so many."""
    ready, started = messages(), time.perf_counter()

    def one_connection(number: int) -> list[tuple[int, float]]:
        answers: list[tuple[int, float]] = []
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        share = count // CONNECTIONS + (number < count % CONNECTIONS)
        while len(answers) < share or (not count and time.perf_counter() - started < seconds):
            message = ready[(number + len(answers) * CONNECTIONS) % len(ready)]
            headers = {
                "X-Hub-Signature-256": message.signature,
                "X-GitHub-Delivery": str(uuid.uuid4()),
                "X-GitHub-Event": "pull_request",
                "Content-Type": "application/json",
            }
            at = time.perf_counter()
            link.request("POST", address, message.body, headers)
            answer = link.getresponse()
            answer.read()
            answers.append((answer.status, (time.perf_counter() - at) * 1000))
        link.close()
        return answers

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = [answer for part in pool.map(one_connection, range(CONNECTIONS)) for answer in part]
    statuses = [status for status, _ in answers]
    by_status = {status: statuses.count(status) for status in set(statuses)}
    return Sent(by_status, [taken for _, taken in answers], time.perf_counter() - started)


def wait_until_empty(at_most: float) -> float:
    started = time.monotonic()
    while WebhookDelivery.objects.filter(state="received").exists():
        assert time.monotonic() - started < at_most
        time.sleep(0.1)
    return time.monotonic() - started


@contextmanager
def server(application: str) -> Iterator[int]:
    port = free_port()
    with process(*SERVER, "--host", "127.0.0.1", "--port", str(port), application):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port


@contextmanager
def worker() -> Iterator[None]:
    with process(*WORKER, "--without-gossip", "--without-mingle", "--without-heartbeat"):
        yield


@contextmanager
def process(*arguments: str) -> Iterator[None]:
    child = subprocess.Popen([sys.executable, *arguments])
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def bare_table() -> Iterator[None]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body bytea NOT NULL)")
        owner.execute("GRANT ALL ON bare TO PUBLIC")
        owner.execute("GRANT ALL ON SEQUENCE bare_id_seq TO PUBLIC")
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
