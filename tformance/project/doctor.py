"""`./run doctor`: what this machine offers, and what stands in the way."""

import os
import platform
import shutil
from collections.abc import Callable

from tformance.project import database, loopback, paths, product
from tformance.project.environment import integer, text
from tformance.project.postgres import account, roles
from tformance.project.terminal import Stop, answer

Finding = tuple[bool, str]


def run() -> int:
    """Print one line per look; 1 when something has to be mended."""
    findings = [look() for look in LOOKS]
    for good, sentence in findings:
        answer(f"{'ok  ' if good else 'FAIL'}  {sentence}")
    return 0 if all(good for good, _ in findings) else 1


def _python() -> Finding:
    return True, f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"


def _disk() -> Finding:
    paths.data().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(paths.data()).free
    return free >= product.LEAST_FREE_BYTES, f"{free // 1_000_000_000} GB free where the data lie ({paths.data()})"


def _product() -> Finding:
    if product.running():
        return True, f"The product runs at {product.url() or 'its address (still starting)'}"
    return True, "The product is not running"


def _port() -> Finding:
    host, port = text("HOST", "127.0.0.1"), integer("PORT", 8000)
    if product.running() or loopback.port_is_free(host, port):
        return True, f"Port {port} on {host} is the product's or free"
    return False, f"Port {port} on {host} is taken: choose another one with PORT="


def _database() -> Finding:
    given = database.external()
    if given is None:
        return _embedded()
    try:
        database.connect_external(given)
    except Stop as problem:
        return False, str(problem)
    if roles.owns_tables(given.runtime):
        return True, "DATABASE_URL answers; its role owns the tables, so row-level security is a weaker second wall"
    return True, "DATABASE_URL answers with a role that row-level security binds"


def _embedded() -> Finding:
    try:
        cluster = database.embedded()
    except Stop as problem:
        return False, str(problem)
    state = "answers" if cluster.is_ready() else "is not running"
    return True, f"The embedded PostgreSQL {state}; it runs as {account.choose().value}, data in {cluster.home}"


def _settings() -> Finding:
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "CACHE_URL", "HOST", "PORT", "TFORMANCE_DATA")
    given = [name for name in names if name in os.environ]
    return True, f"Set in the environment: {', '.join(given) or 'nothing, everything is embedded'}"


LOOKS: tuple[Callable[[], Finding], ...] = (_python, _disk, _settings, _product, _port, _database)
