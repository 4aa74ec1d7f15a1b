"""`./run test`: pytest against a private throw-away PostgreSQL in memory."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tformance.project import database, frontend, loopback, paths
from tformance.project.locks import is_free, lock
from tformance.project.postgres import roles
from tformance.project.postgres.cluster import SUPERUSER, Cluster
from tformance.project.terminal import say

PREFIX = "tformance-test-"
OWNED = "owned.lock"
MEMORY = Path("/dev/shm")
COVERAGE = ["--cov=tformance", "--cov-branch", "--cov-report=term-missing:skip-covered"]
# What the tests of a module share is made once; the long journeys, which come first in testpaths, begin first.
IN_TWO = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
SHORTHANDS = {"--coverage": COVERAGE, "--browser": ["-m", "browser"]}


def run(arguments: list[str]) -> int:
    """Everything in two processes, or the tests that are named in one."""
    loopback.ensure()
    frontend.build()
    options = [option for argument in arguments for option in SHORTHANDS.get(argument, [argument])]
    if not any("tests" in argument or argument.startswith("-n") for argument in arguments):
        options = [*IN_TWO, *options]
    with _throw_away_directory() as directory, _cluster(directory) as cluster:
        (directory / "data" / "static").mkdir(parents=True)  # what the web server would serve
        target = database.prepare(cluster)
        _allow_copies(cluster)
        environment = {
            **os.environ,
            "DATABASE_URL": target.runtime,
            "DATABASE_OWNER_URL": target.owner,
            "TFORMANCE_DATA": str(directory / "data"),
        }
        say("Running the tests")
        return subprocess.call([sys.executable, "-m", "pytest", *options], cwd=paths.CHECKOUT, env=environment)


@contextmanager
def _throw_away_directory() -> Iterator[Path]:
    base = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _sweep(base)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    try:
        with lock(directory / OWNED):
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _sweep(base: Path) -> None:
    """Remove what killed test runs of ours left behind; a living run holds its lock."""
    for stale in base.glob(f"{PREFIX}*/{OWNED}"):
        if stale.stat().st_uid == os.geteuid() and is_free(stale):
            shutil.rmtree(stale.parent, ignore_errors=True)


@contextmanager
def _cluster(directory: Path) -> Iterator[Cluster]:
    cluster = Cluster(directory / "postgres", durable=False)
    cluster.account.admit(directory)
    say("Starting a throw-away PostgreSQL")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def _allow_copies(cluster: Cluster) -> None:
    """Every test process copies the migrated database as its owner."""
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {roles.OWNER} CREATEDB")
        # So that dropping a copy also ends what a pool of the runtime role still holds open.
        connection.execute(f"GRANT {roles.RUNTIME} TO {roles.OWNER}")
