"""The road at full length: thousands of pull requests, with everything going wrong at once."""

import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.journeys import road
from tformance.sync import health

FAULTS = "fail=0.1,max_page=10,partial=0.02,limit=1000000"


@pytest.mark.soak
@pytest.mark.parametrize("prs", [6_000, 50_000])
def test_a_large_organisation_arrives_whole_whatever_happens(live_db: str, tmp_path: Path, prs: int) -> None:
    truth = road.invent(tmp_path, prs=prs, people=40, repositories=12, months=18)
    with road.local_github(tmp_path, "limit=1000000") as github:
        calm, _ = road.connect("calm", github)
        started = time.monotonic()
        road.read_all(calm)
        print(f"{prs} pull requests undisturbed: {prs / (time.monotonic() - started):.0f} a second")  # noqa: T201
    assert health.is_complete(calm.pk)
    assert road.counts(calm) == road.planted(truth)
    total = next(stream for stream in health.totals(calm.pk) if stream.stream == "pull_requests")
    assert total.requests / prs <= 0.15
    assert total.points / prs <= 0.4
    with road.local_github(tmp_path, FAULTS) as github:
        team, _ = road.connect("troubled", github)
        for _ in range(3):
            kill_after(road.start_worker(team), random.uniform(3, 10))
        assert road.start_worker(team).wait(3600) == 0
    assert health.is_complete(team.pk)
    assert road.fingerprints(team) == road.fingerprints(calm)


def kill_after(worker: subprocess.Popen[bytes], seconds: float) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(seconds)
    worker.kill()
    worker.wait()
