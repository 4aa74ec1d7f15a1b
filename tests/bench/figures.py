"""Timing, counting and writing down what the bench found."""

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from tformance.project import paths


@dataclass(frozen=True)
class Times:
    """Milliseconds of n calls; `busy` is what each kept a processor busy for, here and in its database connection.

    On a machine that others use as well only `busy` says what a call costs; parallel workers are not in it.
    """

    n: int
    median: float
    p95: float
    most: float
    busy: float


def timed(call: Callable[[], object], n: int) -> Times:
    """`n` calls after one that warms up connections and code."""
    call()
    before = _busy()
    taken = sorted(_milliseconds(call) for _ in range(n))
    busy = (_busy() - before) / n
    figures = (statistics.median(taken), taken[int(0.95 * (n - 1))], taken[-1], busy)
    return Times(n, *(round(figure, 1) for figure in figures))


def _busy() -> float:
    """Milliseconds of processor time so far."""
    mine = time.process_time() * 1000
    if connection.connection is None:
        return mine
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return mine + (int(server.read_text().split()[0]) / 1e6 if server.exists() else 0)


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def peak_growth_mb(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and by how much this process held more at most meanwhile than before."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _status("VmRSS")
    result = call()
    return result, (_status("VmHWM") - before) / 1024


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def growth(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The exponent between the first and the last size: 0 constant, 1 linear."""
    return round(statistics.linear_regression(_logs(sizes), _logs(values)).slope, 2)


def _logs(values: Sequence[float]) -> list[float]:
    return [math.log(value) for value in values]


def write_down(name: str, found: dict[str, Any]) -> None:
    """Print a section and keep it as JSON beside the others."""
    folder = paths.CHECKOUT / ".data" / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1, default=asdict)
    (folder / f"bench-{name}.json").write_text(text + "\n")
    sys.stdout.write(f"\n{name}\n{text}\n")
