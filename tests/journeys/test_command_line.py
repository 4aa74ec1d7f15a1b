"""The commands as a person or a script runs them: exit codes, one JSON document on stdout, everything else on stderr."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys import road
from tests.journeys.road import LocalGitHub
from tformance.project.main import main

SMALL: dict[str, Any] = {"prs": 60, "people": 8, "repositories": 2, "months": 4}
EVER = ["--from", "2000-01-01", "--to", "2100-01-01"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    road.invent(tmp_path / "organisation", **SMALL)
    return tmp_path / "organisation"


@pytest.fixture
def github(live_db: str, folder: Path) -> Iterator[LocalGitHub]:
    with road.local_github(folder) as github:
        yield github


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "tformance", *words], capture_output=True, text=True, timeout=120)


def document(*words: str) -> Any:
    done = run(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def names(folder: Path) -> list[str]:
    lines = (folder / "repositories.jsonl").read_text().splitlines()
    return [json.loads(line)["name_with_owner"] for line in lines]


def connect(github: LocalGitHub, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    chosen = [word for name in names(folder) for word in ("--repo", name)]
    return run("connect", "github", "--api-url", github.url, "--token", road.TOKEN, *chosen, *words)


def test_connect_read_and_measure_agree_with_what_was_planted(github: LocalGitHub, folder: Path) -> None:
    assert connect(github, folder).returncode == 0
    read = document("sync", "--wait")
    assert read["complete"] is True
    pulls = next(stream for stream in read["streams"] if stream["stream"] == "pull_requests")
    assert (pulls["state"], pulls["fetched"], pulls["written"], pulls["skipped"]) == ("complete", 60, 60, {})
    planted = json.loads((folder / "truth.json").read_text())["by"]
    total = document("measure", "cycle_time", "--statistic", "p90", *EVER)
    (row,) = total["rows"]
    assert row["value"] == pytest.approx(planted["all"]["pull_requests"]["all"]["cycle_time"]["p90"])
    cut = document("measure", "merged_prs", "--by", "repository", *EVER)
    counted = {row["repository"]: row["value"] for row in cut["rows"]}
    expected = {name: cells["merged_prs"] for name, cells in planted["repository"]["pull_requests"].items()}
    assert counted == expected


def test_a_result_says_all_it_depends_on(github: LocalGitHub, folder: Path) -> None:
    connect(github, folder)
    run("sync", "--wait")
    result = document("measure", "merged_prs", "--every", "week", "--from", "2026-01-01", "--to", "2026-02-01")
    assert set(result) == {
        *("measure", "version", "statistic", "unit", "from", "to", "zone", "by", "every", "rows", "coverage"),
        "approximate",
    }
    assert (result["from"], result["to"], result["zone"], result["every"]) == (
        "2026-01-01",
        "2026-02-01",
        "UTC",
        "week",
    )
    assert all(set(row) == {"start", "value", "n", "missing"} for row in result["rows"])
    assert set(result["coverage"]) == {"from", "to", "complete"}


def test_a_clone_is_measured_as_git_counts_it(live_db: str, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for subject in ("First", "Second (#12)", "Third"):
        committed = ["git", "-C", str(clone), *identity, "commit", "-q", "--allow-empty", "-m", subject]
        subprocess.run(committed, check=True)
    assert run("connect", "git", str(clone)).returncode == 0
    assert run("sync", "--wait").returncode == 0
    assert document("measure", "commits", *EVER)["rows"][0]["value"] == 3
    assert document("measure", "merged_prs", "--by", "merge_kind", *EVER)["rows"] == [
        {"merge_kind": "squash", "value": 1, "n": 1, "missing": 0}
    ]


def test_an_unfinished_reading_fails_and_says_why(live_db: str, folder: Path) -> None:
    with road.local_github(folder, "expire_after=6") as github:
        assert connect(github, folder).returncode == 0
        done = run("sync", "--wait", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["complete"] is False
    assert "connect again" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["measure", "--list"], 0, ""),
        (["measure", "no_such_measure"], 2, "no_such_measure"),
        (["measure", "cycle_time", "--statistic", "count"], 2, "median"),
        (["measure", "cycle_time", "--from", "yesterday"], 2, "--from"),
        (["measure", "cycle_time", "--from", "2026-02-01", "--to", "2026-02-01"], 1, "There is no team yet"),
        (["measure", "cycle_time"], 1, "There is no team yet"),
        (["measure", "cycle_time", "--team", "nobody"], 1, "There is no team nobody"),
        (["sync", "--wait"], 1, "There is no team yet"),
        (["connect"], 2, "usage"),
        (["connect", "github", "--repo", "a/b", "--token", "t", "--api-url", "http://127.0.0.1:9"], 1, "127.0.0.1"),
        (["connect", "git", "/no/such/clone"], 1, "/no/such/clone"),
        (["sandbox"], 2, "--data"),
        (["sandbox", "--data", "/no/such/folder"], 1, "/no/such/folder"),
        (["no-such-command"], 2, ""),
    ],
)
def test_wrong_use_is_2_failure_is_1_and_both_say_what_is_wrong(
    live_db: str, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    try:
        ended = main(words)
    except SystemExit as stop:
        ended = int(str(stop.code))
    told = capsys.readouterr().err
    assert ended == code, told
    assert said in told
