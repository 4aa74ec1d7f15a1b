"""`./run demo`: the sample organisation, read from the local GitHub by the same sync as everything else."""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tformance.accounts.first_team import own_teams
from tformance.accounts.models import Team
from tformance.accounts.teams import present
from tformance.curation import removing, sample
from tformance.faces.cli.output import Failed, say
from tformance.sandbox import generate
from tformance.sync import connections, health
from tformance.sync.connections import Connected

NAME = "Meridian Works"
DONE = "Sample data: complete, there is nothing more to read."
START_SECONDS = 60
TOKEN = "sample"  # the local GitHub takes any


def run(arguments: list[str]) -> int:
    """Start or finish the sample organisation; the product's worker does the reading."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument(
        "--remove", action="store_true", help="delete the sample organisation; it does not come back by itself"
    )
    wish.add_argument("--again", action="store_true", help="make it anew after it was removed")
    told = parser.parse_args(arguments)
    if told.remove:
        return _remove()
    if told.again:
        _bring_back()
    return _make(is_wanted=told.again)


def _make(*, is_wanted: bool) -> int:
    if sample.is_removed():
        shutil.rmtree(settings.DATA_DIR / "demo", ignore_errors=True)
        say("The sample organisation was removed: ./run demo --again brings it back.")
        return 0
    if not is_wanted and own_teams().exists() and not Team.objects.filter(is_demo=True).exists():
        say("There is real data here: the sample organisation is not made.")
        return 0
    team, _ = Team.objects.get_or_create(slug=sample.SLUG, defaults={"name": NAME, "is_demo": True})
    if any(each.reason == DONE for each in connections.connected(team.id)):
        return 0
    with _sandbox(_dataset(settings.DATA_DIR / "demo")) as api_url:
        connection = _connect(team, api_url)
        _wait(team)
        connections.pause(team.id, connection.id, DONE)
    return 0


def _remove() -> int:
    """At once, as whoever runs this wants it gone."""
    if not sample.remove():
        say("There is no sample organisation.")
    removing.finish()
    shutil.rmtree(settings.DATA_DIR / "demo", ignore_errors=True)
    return 0


def _bring_back() -> None:
    """What is left of the one before is deleted first."""
    removing.finish()
    sample.allow()


def _dataset(folder: Path) -> Path:
    """The generated folder; a half-written one is never used."""
    if not folder.exists():
        say("Making the sample organisation")
        unfinished = folder.with_name("demo.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        generate.write(unfinished)
        unfinished.rename(folder)
    return folder


@contextmanager
def _sandbox(folder: Path) -> Iterator[str]:
    """The local GitHub as a child process, on the port it had before if that is free."""
    port_file = folder / "port"
    port = port_file.read_text().strip() if port_file.exists() else "0"
    child, port = _started(folder, port_file, port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(10)


def _started(folder: Path, port_file: Path, port: str) -> tuple[subprocess.Popen[bytes], str]:
    port_file.unlink(missing_ok=True)
    words = ["sandbox", "--data", str(folder), "--port", port, "--port-file", str(port_file), "--tied"]
    child = subprocess.Popen([sys.executable, "-m", "tformance", *words], stdin=subprocess.PIPE)
    deadline = time.monotonic() + START_SECONDS
    while not (port_file.exists() and port_file.read_text().endswith("\n")):
        if child.poll() is not None and port != "0":
            return _started(folder, port_file, "0")
        if child.poll() is not None or time.monotonic() > deadline:
            raise Failed("The local GitHub of the sample organisation did not start.")
        time.sleep(0.05)
    return child, port_file.read_text().strip()


def _connect(team: Team, api_url: str) -> Connected:
    """Connections to an address the sandbox no longer has are let go; what they read stays."""
    for old in connections.connected(team.id):
        if old.api_url != api_url:
            connections.forget(team.id, old.id)
    connection = connections.connect_github(team.id, api_url, TOKEN)
    names = [choice.name for choice in connections.choices(team.id, connection.id)]
    connections.follow(team.id, connection.id, names)
    return connection


def _wait(team: Team) -> None:
    """It may be removed meanwhile."""
    while present().filter(pk=team.pk).exists() and not health.is_complete(team.id):
        time.sleep(0.5)
