"""The sandbox runs as a process of its own."""

import subprocess
import sys
from pathlib import Path

from tformance.sandbox.tests.conftest import Client


def test_a_free_port_is_taken_and_written_down(folder: Path, tmp_path: Path) -> None:
    note = tmp_path / "port"
    words = ["serve", "--data", str(folder), "--token", "token", "--port-file", str(note)]
    process = subprocess.Popen([sys.executable, "-m", "tformance.sandbox", *words], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        port = int(note.read_text())
        assert f"http://127.0.0.1:{port}" in said
        assert Client(port).query("{ viewer { login } }")[0] == 200
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_generate_and_check_from_the_command_line(tmp_path: Path) -> None:
    made = tmp_path / "organisation"
    for words in (["generate", "--data", str(made), "--prs", "40"], ["check", "--data", str(made)]):
        assert subprocess.run([sys.executable, "-m", "tformance.sandbox", *words], timeout=60).returncode == 0
    (made / "users.jsonl").write_text("[]\n")
    checked = [sys.executable, "-m", "tformance.sandbox", "check", "--data", str(made)]
    found = subprocess.run(checked, capture_output=True, text=True, timeout=60)
    assert found.returncode == 1
    assert "users.jsonl:1: [] is not of type 'object'" in found.stdout
