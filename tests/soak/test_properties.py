"""What holds for any facts is tried on many more of them than beside all the other tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TIMES = 15
PROPERTIES = (
    "tformance/measures/tests/test_invariants.py",
    "tformance/measures/tests/test_weekly_equal.py",
    "tformance/measures/tests/test_weekly_surveys.py",
    "tformance/measures/tests/test_periods.py",
)


@pytest.mark.soak
@pytest.mark.parametrize("module", PROPERTIES)
def test_a_property_holds_for_many_facts(module: str) -> None:
    """In a process and a database of its own."""
    environment = {**os.environ, "TEST_EXAMPLES": str(TIMES), "PYTEST_XDIST_WORKER": "many"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", module]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
