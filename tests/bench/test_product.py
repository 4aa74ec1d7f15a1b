"""The product as people start it: how soon the first page is there, and what it holds when nobody uses it.

BENCH_IDLE is how many seconds nobody uses it. A start from nothing needs the package index: BENCH_COLD=1 asks for it.
"""

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.bench.figures import write_down
from tests.bench.test_intake import free_port
from tformance.project import paths

pytestmark = pytest.mark.bench

IDLE: Final = float(os.environ.get("BENCH_IDLE", "300"))
NUMBERS: Final = "t/demo/"
KEPT_OUT: Final = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "TFORMANCE_DATA",
    "DJANGO_SETTINGS_MODULE",
    "PYTEST_CURRENT_TEST",
)


@contextmanager
def product(checkout: Path, data: Path) -> Iterator[tuple[str, int, float]]:
    """Its address, its first process, and when it was started."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in KEPT_OUT}
    environment |= {"PORT": str(port), "TFORMANCE_DATA": str(data)}
    started = time.monotonic()
    with (data.parent / f"{data.name}.log").open("ab") as log:
        running = subprocess.Popen([str(checkout / "run")], env=environment, cwd=checkout, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}/", running.pid, started
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def seconds_until_first_numbers(url: str, started: float, patience: float = 300) -> float:
    """Until a page of the sample organisation says how many were merged."""
    while time.monotonic() - started < patience:
        try:
            with urllib.request.urlopen(url + NUMBERS, timeout=5) as response:
                if re.search(rb"pull requests? (was|were)? ?merged|merged", response.read()):
                    return round(time.monotonic() - started, 1)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"no numbers within {patience} s")


def test_the_product_starts_and_rests(tmp_path: Path) -> None:
    data = tmp_path / "data"
    found: dict[str, Any] = {}
    with product(paths.CHECKOUT, data) as (url, _, started):
        found["packages there, no data: s to the first demo page"] = seconds_until_first_numbers(url, started)
    with product(paths.CHECKOUT, data) as (url, first, started):
        found["packages and data there: s to the first demo page"] = seconds_until_first_numbers(url, started)
        time.sleep(IDLE)
        found["idle for s"] = IDLE
        found["MB by process"] = held = memory(first)
        found["MB"] = round(sum(held.values()))
        found["MB without the sample's provider"] = round(sum(mb for name, mb in held.items() if not is_provider(name)))
    write_down("product", found)


def memory(first: int) -> dict[str, float]:
    """Proportional set sizes of a process and all below it, in MB; pages that several share count once."""
    held: dict[str, float] = {}
    for process in (first, *below(first)):
        words = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:70].strip()
        lines = Path(f"/proc/{process}/smaps_rollup").read_text()
        match = re.search(r"^Pss:\s+(\d+) kB", lines, re.MULTILINE)
        held[f"{process} {words}"] = round(int(match[1]) / 1024, 1) if match else 0.0
    return held


def is_provider(name: str) -> bool:
    """The local GitHub that the sample organisation comes from, and the command that serves it."""
    return "tformance sandbox" in name or name.endswith("tformance demo")


def below(process: int) -> Iterator[int]:
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            yield child
            yield from below(child)


@pytest.mark.skipif("BENCH_COLD" not in os.environ, reason="installs from the package index: BENCH_COLD=1 asks for it")
def test_the_product_starts_from_a_clone(tmp_path: Path) -> None:
    checkout = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(paths.CHECKOUT), str(checkout)], check=True)
    with product(checkout, checkout / ".data") as (url, _, started):
        seconds = seconds_until_first_numbers(url, started)
    write_down("product-cold", {"nothing but Python and git: s to the first demo page": seconds})
