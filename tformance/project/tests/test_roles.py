"""An external PostgreSQL: prepared by one command, refused when its role sees everything."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tformance.project import paths
from tformance.project.postgres import roles
from tformance.project.postgres.cluster import SUPERUSER, Cluster
from tformance.project.terminal import Stop


@pytest.fixture(scope="module")
def admin_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    cluster = Cluster(tmp_path_factory.mktemp("external"), durable=False)
    cluster.start()
    yield cluster.url(SUPERUSER, "postgres")
    cluster.stop()


def setup_database(admin_url: str) -> dict[str, str]:
    command = [sys.executable, "-m", "tformance", "manage", "setup_database", admin_url]
    result = subprocess.run(command, cwd=paths.CHECKOUT, env=os.environ, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in result.stdout.splitlines())


def test_setup_makes_two_roles_and_may_be_repeated(admin_url: str) -> None:
    setup_database(admin_url)
    addresses = setup_database(admin_url)
    roles.refuse_superuser(addresses["DATABASE_URL"])
    with psycopg.connect(addresses["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE later (id int)")
    with psycopg.connect(addresses["DATABASE_URL"]) as runtime:
        runtime.execute("INSERT INTO later VALUES (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute("ALTER TABLE later ADD COLUMN mine int")


def test_the_product_does_not_start_as_a_superuser(admin_url: str) -> None:
    with pytest.raises(Stop, match="may see every team's rows"):
        roles.refuse_superuser(admin_url)


def test_a_web_server_does_not_load_as_a_superuser(admin_url: str) -> None:
    command = [sys.executable, "-c", "import tformance.project.wsgi"]
    environment = {**os.environ, "DATABASE_URL": admin_url}
    result = subprocess.run(command, cwd=paths.CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert "may see every team's rows" in result.stderr
