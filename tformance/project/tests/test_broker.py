"""What the product asks of any broker. Redis and RabbitMQ take part when TEST_REDIS_URL and TEST_AMQP_URL are set."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tformance.project import children, database
from tformance.project.postgres import roles
from tformance.project.postgres.cluster import SUPERUSER, Cluster

OTHERS = [url for name in ("TEST_REDIS_URL", "TEST_AMQP_URL") if (url := os.environ.get(name))]
ERROR_WORDS = ("[warning", "[error", "[critical", "Traceback")
PUBLISH = """
import sys
from tformance.project.tests.broker_app import note
for number in sys.argv[2:]:
    note.delay(int(number), float(sys.argv[1]))
"""


@dataclass
class Broker:
    """A broker's environment, and the tasks that were done."""

    environment: dict[str, str]
    directory: Path

    @property
    def log(self) -> Path:
        return self.directory / "worker.log"

    @property
    def notes(self) -> Path:
        return self.directory / "notes"

    def publish(self, numbers: Iterable[int], seconds: float = 0.0) -> None:
        command = [sys.executable, "-c", PUBLISH, str(seconds), *map(str, numbers)]
        subprocess.run(command, env=self.environment, check=True, timeout=60)

    def sweep(self, numbers: Iterable[int]) -> None:
        """Offer again what is not done, as the product does every half minute."""
        self.publish(sorted(set(numbers) - self.done()))

    def done(self) -> set[int]:
        return {int(line) for line in self.notes.read_text().split()} if self.notes.exists() else set()

    @contextmanager
    def worker(self, host: str = "worker@test") -> Iterator[subprocess.Popen[bytes]]:
        """A running worker, ready for messages."""
        command = [sys.executable, "-m", "celery", "-A", "tformance.project.tests.broker_app", "worker"]
        command += ["--hostname", host, "--loglevel", "INFO"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        seen = self.log.read_text().count(" ready.") if self.log.exists() else 0
        process = children.start(command, log=self.log, env=self.environment)
        try:
            wait_until(lambda: self.log.read_text().count(" ready.") > seen or process.poll() is not None)
            assert process.poll() is None, self.log.read_text()[-2000:]
            yield process
        finally:
            children.kill_group(process)
            process.wait()


def wait_until(condition: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of its own, which a test may kill."""
    cluster = Cluster(tmp_path_factory.mktemp("broker"), durable=False)
    cluster.start()
    passwords = {role: cluster.password(role) for role in (roles.OWNER, roles.RUNTIME)}
    roles.prepare_server(cluster.url(SUPERUSER, "postgres"), passwords)
    roles.prepare_database(database.addresses(cluster).owner)
    yield cluster
    cluster.stop()


@pytest.fixture(params=["pgmq://localhost", *OTHERS], ids=lambda url: url.split(":")[0])
def broker(request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path) -> Broker:
    environment = {
        **os.environ,
        "DATABASE_URL": database.addresses(cluster).runtime,
        "BROKER_URL": request.param,
        "CONFORMANCE_NOTES": str(tmp_path / "notes"),
    }
    purge = [sys.executable, "-c", "from tformance.project.tests.broker_app import app; app.control.purge()"]
    subprocess.run(purge, env=environment, check=True, timeout=60)  # what an earlier test left must not be done here
    return Broker(environment, tmp_path)


def test_work_goes_on_after_the_only_worker_was_killed(broker: Broker) -> None:
    broker.publish(range(8), seconds=0.2)
    with broker.worker():
        wait_until(lambda: len(broker.done()) >= 2)
    assert len(broker.done()) < 8
    with broker.worker():
        broker.sweep(range(8))
        wait_until(lambda: broker.done() == set(range(8)))


def test_work_goes_on_after_one_of_several_processes_was_killed(broker: Broker) -> None:
    with broker.worker("one@test") as one, broker.worker("two@test"):
        broker.publish(range(12), seconds=0.2)
        wait_until(lambda: len(broker.done()) >= 2)
        os.kill(next(iter(children_of(one.pid)), one.pid), signal.SIGKILL)
        broker.sweep(range(12))
        wait_until(lambda: broker.done() == set(range(12)))


def test_workers_come_back_by_themselves_after_postgres_was_killed(broker: Broker, cluster: Cluster) -> None:
    """At any moment: while a worker reads, works and waits."""
    if not broker.environment["BROKER_URL"].startswith("pgmq"):
        pytest.skip("this broker is not ours to kill")
    with broker.worker("one@test"), broker.worker("two@test"):
        for numbers in (range(20), range(20, 40), range(40, 60)):
            broker.publish(numbers, seconds=0.05)
            wait_until(lambda reached=numbers.start + 2: len(broker.done()) >= reached)
            assert cluster.process is not None
            children.kill_group(cluster.process)
            cluster.start()
            broker.sweep(range(numbers.stop))
            wait_until(lambda reached=numbers.stop: broker.done() == set(range(reached)), patience=60)


def test_a_long_host_name_is_no_obstacle_and_leaves_no_queue_behind(broker: Broker) -> None:
    """Broadcast queues for remote control would stay in the database for every host name that ever was."""
    with broker.worker(f"worker@{'h' * 60}"):
        broker.publish(range(3))
        wait_until(lambda: broker.done() == {0, 1, 2})
    assert not any(word in broker.log.read_text() for word in ERROR_WORDS)
    if broker.environment["BROKER_URL"].startswith("pgmq"):
        with psycopg.connect(broker.environment["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT queue_name FROM pgmq.meta").fetchall() == [("tformance",)]


@pytest.mark.soak
def test_two_hundred_tasks_take_at_most_five_seconds(broker: Broker) -> None:
    with broker.worker():
        started = time.monotonic()
        broker.publish(range(200))
        wait_until(lambda: broker.done() == set(range(200)))
        assert time.monotonic() - started <= 5


@pytest.mark.soak
def test_ten_idle_minutes_leave_no_error_and_do_not_grow_the_log(broker: Broker) -> None:
    with broker.worker():
        before = broker.log.stat().st_size
        time.sleep(600)
        assert broker.log.stat().st_size == before
    assert not any(word in broker.log.read_text() for word in ERROR_WORDS)


def children_of(pid: int) -> list[int]:
    """The processes of a forking pool; none where every worker is one process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
