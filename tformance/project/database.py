"""A running, migrated database for every command: an external one, the running product's, or our own for a while."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tformance.project import fingerprint, paths
from tformance.project.locks import is_free, lock
from tformance.project.postgres import roles
from tformance.project.postgres.cluster import SUPERUSER, Cluster
from tformance.project.terminal import Stop, say

PRODUCT = "product.lock"  # held by the supervisor as long as the product runs
STARTING = "postgres.starting.lock"  # held by whoever is about to start the server
USING = "postgres.using.lock"  # shared by all commands that use a server which a command started


@dataclass(frozen=True)
class Addresses:
    """The same database for the web server and workers, and for migrations."""

    runtime: str
    owner: str

    def export(self) -> None:
        os.environ["DATABASE_URL"] = self.runtime
        os.environ["DATABASE_OWNER_URL"] = self.owner


def external() -> Addresses | None:
    runtime = os.environ.get("DATABASE_URL", "")
    return Addresses(runtime, os.environ.get("DATABASE_OWNER_URL") or runtime) if runtime else None


def embedded() -> Cluster:
    return Cluster(paths.data() / "postgres")


def addresses(cluster: Cluster, name: str = roles.DATABASE) -> Addresses:
    return Addresses(cluster.url(roles.RUNTIME, name), cluster.url(roles.OWNER, name))


@contextmanager
def available() -> Iterator[None]:
    """Inside this block DATABASE_URL is set and answers; a server that we started stops after its last user."""
    if given := external():
        connect_external(given)
        yield
        return
    cluster = embedded()
    with ExitStack() as stay:
        started = _join(cluster, stay)
        addresses(cluster).export()
        try:
            yield
        finally:
            stay.close()
            if started:
                with lock(paths.data() / USING):
                    cluster.stop()


def own(cluster: Cluster) -> None:
    """Start the server for the product, once commands that run meanwhile have finished with theirs."""
    with lock(paths.data() / STARTING):
        if not is_free(paths.data() / USING):
            say("Waiting for another command to finish with the database")
        while True:
            with lock(paths.data() / USING):
                if not cluster.is_ready():
                    return _start(cluster)
            time.sleep(0.1)


def connect_external(given: Addresses) -> None:
    try:
        roles.refuse_superuser(given.runtime)
        with psycopg.connect(given.owner):
            pass
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise Stop(f"The database at DATABASE_URL does not answer: {error}") from None


def migrate(target: Addresses) -> None:
    """Bring the tables up to date as the owner; skipped when the database already carries this code's fingerprint."""
    current = _migrations_fingerprint()
    with psycopg.connect(target.owner) as connection:
        if _recorded_fingerprint(connection) == current:
            return
    say("Migrating the database")
    environment = {**os.environ, "DATABASE_URL": target.runtime, "DATABASE_OWNER_URL": target.owner}
    command = [sys.executable, "-m", "tformance.project.migrate"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Stop(f"The database could not be migrated:\n{result.stdout}{result.stderr}".rstrip())
    with psycopg.connect(target.owner) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(current)))


def prepare(cluster: Cluster) -> Addresses:
    """Roles, rights, queue and tables in our own server."""
    passwords = {role: cluster.password(role) for role in (roles.OWNER, roles.RUNTIME)}
    target = addresses(cluster)
    roles.prepare_server(cluster.url(SUPERUSER, "postgres"), passwords)
    roles.prepare_database(target.owner)
    migrate(target)
    return target


def _join(cluster: Cluster, stay: ExitStack) -> bool:
    """Register as a user until `stay` closes; whether the server had to be started."""
    with lock(paths.data() / STARTING):
        stay.enter_context(lock(paths.data() / USING, shared=True))
        if _product_serves(cluster):
            return False
        _start(cluster)
        return True


def _start(cluster: Cluster) -> None:
    with ExitStack() as unless_ready:
        unless_ready.callback(cluster.stop)
        cluster.start()
        prepare(cluster)
        unless_ready.pop_all()


def _product_serves(cluster: Cluster, patience: float = 60) -> bool:
    """Whether the server answers; while the product runs, a server that fell is its supervisor's to lift."""
    deadline = time.monotonic() + patience
    while not cluster.is_ready():
        if is_free(paths.data() / PRODUCT):
            return False
        if time.monotonic() > deadline:
            raise Stop("The product runs, but its database does not answer: see ./run doctor.")
        time.sleep(0.2)
    return True


def _migrations_fingerprint() -> str:
    files = [*paths.PACKAGE.rglob("migrations/*.py"), paths.PACKAGE / "project" / "settings.py"]
    return f"{fingerprint.of_files(files)} {fingerprint.of_packages('django', 'django-allauth')}"


def _recorded_fingerprint(connection: psycopg.Connection) -> str | None:
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return row[0] if row else None
