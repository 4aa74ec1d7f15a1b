"""`./run check`: everything that holds the house together and needs no running product."""

import subprocess
import sys
from pathlib import Path

from tformance.project import database, frontend, paths
from tformance.project.terminal import say

BIN = Path(sys.executable).parent
CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("mypy", "tformance", "tests"),
    ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_house.py"),
)
DJANGO_CHECKS: tuple[tuple[str, ...], ...] = (
    ("python", "-m", "django", "check", "--fail-level", "WARNING"),
    ("python", "-m", "django", "makemigrations", "--check", "--dry-run"),
)


def run() -> int:
    """Run all of them, then say which failed."""
    frontend.build()
    failed = [command for command in CHECKS if not _passes(command)]
    with database.available():
        failed += [command for command in DJANGO_CHECKS if not _passes(command)]
    for command in failed:
        say(f"Failed: {' '.join(command)}")
    return 1 if failed else 0


def _passes(command: tuple[str, ...]) -> bool:
    say(" ".join(command))
    return subprocess.run([str(BIN / command[0]), *command[1:]], cwd=paths.CHECKOUT, check=False).returncode == 0
