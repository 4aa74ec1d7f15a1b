"""The house keeps its rules, and the rules notice when it does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house

CHECKOUT = Path(__file__).resolve().parents[1]

# Appended to (or made as) a module of a copy: what is wrong, and the words that must name it.
IMPORTS = {
    "tformance/core/clock.py": ("from tformance.accounts import tenancy", "core.clock -> tformance.accounts.tenancy"),
    "tformance/core/errors.py": ("import django", "core.errors -> django"),
    "tformance/facts/records.py": ("from tformance.sync import models", "facts.records -> tformance.sync.models"),
    "tformance/measures/query.py": ("from tformance.sources import contract", "measures.query -> tformance.sources"),
    "tformance/measures/answer.py": ("from tformance.facts import write", "measures.answer -> tformance.facts.write"),
    "tformance/measures/shape.py": ("from tformance.sync import models", "measures.shape -> tformance.sync.models"),
    "tformance/faces/web/shell.py": (
        "from tformance.facts.models import review",
        "web.shell -> tformance.facts.models",
    ),
    "tformance/faces/web/door.py": ("from tformance.faces.cli import main", "faces.web.door -> tformance.faces.cli"),
    "tformance/faces/web/entry.py": ("from tformance.sandbox import server", "web.entry -> tformance.sandbox"),
    "tformance/sources/github/client.py": (
        "from tformance.sources.git import clone",
        "github.client -> tformance.sources.git",
    ),
    "tformance/sandbox/server.py": ("from tformance.sources import contract", "sandbox.server -> tformance.sources"),
    "tformance/drawer/__init__.py": ("", "tformance.drawer"),
}
TEXTS = {
    "tformance/measures/helpers.py": ("", "helpers is a drawer"),
    "tformance/facts/long.py": ("\n" * 401, "longer than 400 lines"),
    "tformance/facts/deep.py": ("def deep() -> None:\n" + "    deep()\n" * 50, "deep has 51 lines"),
    "tformance/sync/broad.py": ("try:\n    pass\nexcept Exception:\n    pass", "broad except"),
    "tformance/measures/sql.py": ("def rows(cursor):\n    cursor.execute('SELECT 1')", "raw SQL"),
    "tformance/sync/slow.py": ("import time\ntime.sleep(1)", "waits"),
    "tformance/facts/loud.py": ("print(1)", "prints"),
    "tformance/sync/late.py": ("def late():\n    from tformance.core import clock", "imports our own code inside late"),
    "tformance/facts/signal.py": ("from django.db.models.signals import post_save", "uses signals"),
    "tformance/measures/rows/clever.py": ("from django.db import connection", "imports django.db"),
    "tformance/facts/path.py": (f"HERE = '/{'home'}/me'", "a path of one machine"),
    "tformance/sync/nosy.py": (
        "def nosy(connection):\n    return connection.secret",
        "opens a connection's credential",
    ),
    "tformance/sync/tests/__init__.py": ("from tformance.core import clock", "__init__ is empty"),
}


def test_the_house_keeps_its_rules() -> None:
    assert house.violations(CHECKOUT) == []


def test_every_exception_from_a_rule_is_still_needed() -> None:
    for place in {**house.BROAD_EXCEPTS, **house.RAW_SQL, **house.SLEEPS, **house.PRINTS}:
        assert (CHECKOUT / place).exists(), f"{place} is gone: take it off the list"


def test_the_import_contracts_notice_every_violation(broken_copy: Path) -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(broken_copy), "COLUMNS": "300"}
    report = subprocess.run(command, cwd=broken_copy, env=environment, capture_output=True, text=True, check=False)
    assert report.returncode == 1
    missed = [words for _, words in IMPORTS.values() if words not in report.stdout]
    assert missed == [], report.stdout


def test_the_house_rules_notice_every_violation(broken_copy: Path) -> None:
    found = house.violations(broken_copy)
    missed = [
        f"{path}: {words}"
        for path, (_, words) in TEXTS.items()
        if not any(line.startswith(f"{path}:") and words in line for line in found)
    ]
    assert missed == []


@pytest.fixture(scope="module")
def broken_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with every violation in it."""
    copy = tmp_path_factory.mktemp("house")
    for folder in ("tformance", "tests", "tools"):
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(CHECKOUT / file, copy / file)
    for path, (text, _) in {**IMPORTS, **TEXTS}.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        with (copy / path).open("a") as module:
            module.write(f"\n{text}\n")
    return copy
