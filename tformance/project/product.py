"""Brings the whole product up in the foreground, and finds the one that runs."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from tformance.project import database, environment, frontend, loopback, paths
from tformance.project.database import Addresses
from tformance.project.locks import Locked, is_free, lock
from tformance.project.supervisor import Child, Tree
from tformance.project.terminal import Stop, answer, say

LEAST_FREE_BYTES = 1_000_000_000
WORKERS = (1, 2)


def up(demo: bool) -> int:
    """Run until a signal comes; every step says what it does."""
    with ExitStack() as held:
        _take_product_lock(held)
        host, port = environment.text("HOST", "127.0.0.1"), environment.integer("PORT", 8000)
        _check_machine(host, port)
        frontend.build()
        tree = Tree(None)
        tree.stop_on_signals()
        held.callback(tree.stop)
        target = _database(tree)
        settings = {**os.environ, "DATABASE_URL": target.runtime}
        settings.pop("DATABASE_OWNER_URL", None)
        frontend.collect(settings)
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        _run(tree, settings, url, demo)
        say("Stopping")
    say("Stopped")
    return 0


def stop() -> int:
    """Ask the running product to stop and wait until it has."""
    if not running():
        say("The product is not running")
        return 0
    os.kill(int(_pid_file().read_text()), signal.SIGTERM)
    deadline = time.monotonic() + 60
    while running():
        if time.monotonic() > deadline:
            raise Stop(f"The product did not stop within a minute: see {paths.logs()}.")
        time.sleep(0.1)
    say("Stopped")
    return 0


def running() -> bool:
    return not is_free(paths.data() / database.PRODUCT)


def url() -> str:
    """Where the running product answers."""
    return url_file().read_text().strip() if running() and url_file().exists() else ""


def url_file() -> Path:
    return paths.data() / "url"


def _pid_file() -> Path:
    return paths.data() / "product.pid"


def _take_product_lock(held: ExitStack) -> None:
    for _ in range(5):  # somebody may be looking whether the lock is free
        try:
            held.enter_context(lock(paths.data() / database.PRODUCT, wait=False))
        except Locked:
            time.sleep(0.1)
            continue
        paths.data().chmod(0o700)
        url_file().unlink(missing_ok=True)
        _pid_file().write_text(str(os.getpid()))
        return
    raise Stop(f"The product is already running at {url() or 'its address (it is still starting)'}.")


def _check_machine(host: str, port: int) -> None:
    free = shutil.disk_usage(paths.data()).free
    if free < LEAST_FREE_BYTES:
        raise Stop(f"The disk has {free // 1_000_000} MB free and the product needs 1 GB: make room first.")
    loopback.ensure()
    deadline = time.monotonic() + 3  # a predecessor's web server may still be closing
    while not loopback.port_is_free(host, port):
        if time.monotonic() > deadline:
            raise Stop(
                f"Port {port} on {host} is taken: choose another one with PORT=, for example PORT={port + 1} ./run."
            )
        time.sleep(0.2)


def _database(tree: Tree) -> Addresses:
    given = database.external()
    if given is not None:
        say("Using the database at DATABASE_URL")
        database.connect_external(given)
        database.migrate(given)
        return given
    say("Starting PostgreSQL")
    tree.cluster = database.embedded()
    database.own(tree.cluster)
    return database.addresses(tree.cluster)


def _run(tree: Tree, settings: dict[str, str], url: str, demo: bool) -> None:
    say("Starting the web server, the workers and the scheduler")
    for child in _children(settings, url):
        tree.add(child)
    url_file().write_text(url)
    announced = False
    while not tree.stopping:
        tree.watch()
        if not announced and _healthy(url):
            announced = True
            _announce(settings, url)
            if demo:
                tree.add(_python("demo", settings, "-m", "tformance", "demo", one_shot=True))
        time.sleep(0.3 if announced else 0.05)


def _children(settings: dict[str, str], url: str) -> list[Child]:
    host, port = url.removeprefix("http://").rstrip("/").rsplit(":", 1)
    web = [
        "--interface",
        "wsgi",
        "--host",
        host.strip("[]"),
        "--port",
        port,
        "--workers",
        "1",
        "--blocking-threads",
        "4",
    ]
    worker = ["worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    # The scheduler is its own process: one inside a worker outlives a killed worker, and then there are two.
    beat = ["beat", "--loglevel", "INFO", "--pidfile=", "--schedule", str(paths.data() / "beat-schedule")]
    celery = ("-m", "celery", "-A", "tformance.project")
    return [
        _python("web", settings, "-m", "granian", *web, "tformance.project.wsgi:application"),
        *(_python(f"worker-{number}", settings, *celery, *worker, "-n", f"{number}@tformance") for number in WORKERS),
        _python("beat", settings, *celery, *beat),
    ]


def _python(name: str, settings: dict[str, str], *arguments: str, one_shot: bool = False) -> Child:
    return Child(name, [sys.executable, *arguments], settings, one_shot=one_shot)


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}healthz", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _announce(settings: dict[str, str], url: str) -> None:
    command = [sys.executable, "-m", "tformance", "login"]
    result = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if result.returncode:
        say(f"Ready at {url}, but no sign-in link could be made:\n{result.stderr}")
        return
    say("Ready: open this address, which signs you in once within the next ten minutes (./run login makes another)")
    answer(result.stdout.strip())
