"""A worker process that reads the toy source to the end: `python -m … TEAM_ID COUNT DIRECTORY`.

The directory holds a mark while a request is in flight, so that two at once are seen.
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import django

django.setup()

from tformance.sources.registry import SOURCES  # noqa: E402 needs the settings
from tformance.sync.drive import run_until_done  # noqa: E402
from tformance.sync.tests.toy import Fault, Provider  # noqa: E402

NEWEST = datetime(2026, 3, 10, 12, tzinfo=UTC)


def one_at_a_time(directory: Path) -> Fault:
    mark, trespass = directory / "in-flight", directory / "two-at-once"

    def ask(provider: Provider) -> None:
        if mark.exists() and _is_alive(int(mark.read_text() or 0)):
            trespass.touch()
        mark.write_text(str(os.getpid()))
        time.sleep(0.02)
        mark.unlink(missing_ok=True)

    return ask


def _is_alive(pid: int) -> bool:
    return pid != os.getpid() and Path(f"/proc/{pid}").exists()


def main(team_id: int, count: int, directory: Path) -> None:
    provider = Provider(before_page=one_at_a_time(directory))
    provider.fill(count, NEWEST)
    SOURCES["toy"] = provider.source()
    run_until_done(team_id, tick=lambda: None)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
