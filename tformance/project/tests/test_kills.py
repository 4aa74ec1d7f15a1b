"""Whatever process dies, the product comes back by itself or starts again as if nothing had been."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tformance.project import children, paths
from tformance.project.database import PRODUCT, addresses
from tformance.project.locks import is_free
from tformance.project.postgres.cluster import Cluster

CHILDREN = {"postgres": "/postgres -D", "web": "granian", "worker": "1@tformance", "beat": " beat "}


class Product:
    """The whole product with data and a port of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
        self.environment = {**inherited, "TFORMANCE_DATA": str(data), "PORT": str(self.port)}
        self.supervisor: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.supervisor is not None
        return self.supervisor.pid

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tformance", *arguments]
        return subprocess.run(
            command, cwd=paths.CHECKOUT, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def start(self) -> None:
        command = [sys.executable, "-m", "tformance", "up", "--no-demo"]
        self.supervisor = children.start(command, log=self.data / "up.log", env=self.environment)
        wait_until(lambda: self.answers() and self.child("worker") > 0)

    def stop(self) -> None:
        if self.supervisor is not None:
            self.supervisor.terminate()
            children.end(self.supervisor, patience=60)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def child(self, kind: str) -> int:
        """The process id of one kind of child, 0 when there is none."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return next((int(pid) for pid in found if CHILDREN[kind] in _command(int(pid))), 0)

    def teams(self) -> list[str]:
        with psycopg.connect(addresses(Cluster(self.data / "postgres")).runtime) as connection:
            return [row[0] for row in connection.execute("SELECT slug FROM accounts_team ORDER BY slug")]

    def add_team(self, slug: str) -> None:
        with psycopg.connect(addresses(Cluster(self.data / "postgres")).runtime) as connection:
            connection.execute(
                "INSERT INTO accounts_team (slug, name, zone, is_demo, definition_version, created_at) "
                "VALUES (%s, %s, 'UTC', false, 1, now())",
                [slug, slug],
            )


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("product"))
    product.start()
    yield product
    product.stop()


@pytest.mark.parametrize("kind", CHILDREN)
def test_a_killed_child_comes_back(product: Product, kind: str) -> None:
    product.add_team(f"before-{kind}")
    before = product.child(kind)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: product.child(kind) not in (0, before) and product.answers())
    assert f"before-{kind}" in product.teams()


def test_a_killed_supervisor_takes_everything_down_and_the_next_start_is_clean(product: Product) -> None:
    product.add_team("before-supervisor")
    left = [product.child(kind) for kind in CHILDREN]
    assert product.supervisor is not None
    os.kill(product.pid, signal.SIGKILL)
    product.supervisor.wait()
    wait_until(lambda: not any(_command(pid) for pid in left))
    product.start()
    assert "before-supervisor" in product.teams()


def test_a_second_start_says_where_the_first_one_runs(product: Product) -> None:
    second = product.run("up")
    assert second.returncode == 1
    assert f"already running at http://127.0.0.1:{product.port}/" in second.stderr


def test_commands_use_the_running_product_and_start_a_server_without_it(product: Product) -> None:
    asked = (
        "manage",
        "shell",
        "-v0",
        "-c",
        "from tformance.accounts.models import Team; print(Team.objects.count() > 0)",
    )
    assert product.run(*asked).stdout.split() == ["True"]
    assert product.run("stop").returncode == 0
    assert is_free(product.data / PRODUCT)
    together = [
        subprocess.Popen([sys.executable, "-m", "tformance", *asked], env=product.environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [process.communicate(timeout=120)[0].split() for process in together] == [[b"True"]] * 2
    assert not Cluster(product.data / "postgres").is_ready()
    product.start()


def wait_until(condition: Callable[[], bool], patience: float = 90) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def _command(pid: int) -> str:
    """Empty for a process that is gone or only waits to be collected."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:
        return ""
