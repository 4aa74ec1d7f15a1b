"""The sandbox runs as a process of its own."""

import subprocess
import sys
from pathlib import Path

from tformance.sandbox.tests import jira_site
from tformance.sandbox.tests.conftest import Client
from tformance.sandbox.tests.jira_client import JiraClient

SANDBOX = [sys.executable, "-m", "tformance", "sandbox"]


def test_a_free_port_is_taken_and_written_down(folder: Path, tmp_path: Path) -> None:
    note = tmp_path / "port"
    words = ["--data", str(folder), "--token", "token", "--port-file", str(note)]
    process = subprocess.Popen([*SANDBOX, *words], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        port = int(note.read_text())
        assert f"http://127.0.0.1:{port}" in said
        assert Client(port).query("{ viewer { login } }")[0] == 200
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_the_jira_of_a_folder_is_a_process_too(tmp_path: Path) -> None:
    note = tmp_path / "port"
    words = ["--jira", "--data", str(jira_site.write(tmp_path / "site")), "--port-file", str(note)]
    process = subprocess.Popen([*SANDBOX, *words], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert "Local Jira ready" in process.stderr.readline()
        assert JiraClient(int(note.read_text())).get("/rest/api/3/myself")["displayName"] == "Ann Archer"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_folder_without_jira_says_so(tmp_path: Path) -> None:
    (tmp_path / "users.jsonl").write_text("")
    found = subprocess.run([*SANDBOX, "--jira", "--data", str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert (found.returncode, "no jira_issues.jsonl" in found.stderr) == (2, True)


def test_generate_and_check_from_the_command_line(tmp_path: Path) -> None:
    made = tmp_path / "organisation"
    for words in (["--generate", str(made), "--prs", "40"], ["--check", str(made)]):
        assert subprocess.run([*SANDBOX, *words], timeout=60).returncode == 0
    (made / "users.jsonl").write_text("[]\n")
    found = subprocess.run([*SANDBOX, "--check", str(made)], capture_output=True, text=True, timeout=60)
    assert found.returncode == 1
    assert "users.jsonl:1: [] is not of type 'object'" in found.stdout


def test_a_tied_server_ends_with_its_parent(folder: Path, tmp_path: Path) -> None:
    words = ["--data", str(folder), "--tied"]
    process = subprocess.Popen([*SANDBOX, *words], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stderr is not None
    process.stderr.readline()
    process.stdin.close()
    assert process.wait(10) == 0
