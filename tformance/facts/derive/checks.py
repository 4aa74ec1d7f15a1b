"""Which checks of a commit cannot make up their mind."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from tformance.facts.records import CheckRecord

PASSED: Final = frozenset({"success"})
FAILED: Final = frozenset({"failure", "timed_out", "startup_failure", "action_required", "error"})
DECIDED: Final = PASSED | FAILED


def flaky(checks: Iterable[CheckRecord]) -> dict[str, bool]:
    """By node id, of each name on each commit the run that decided first: whether other runs decided otherwise.

    A check counts once, however often it ran on a commit; runs that decided nothing or still run say nothing.
    """
    decided: defaultdict[tuple[str, str], list[tuple[datetime, int, str, bool]]] = defaultdict(list)
    for run in checks:
        if run.completed_at is not None and run.conclusion in DECIDED:
            order = (run.completed_at, run.run_id or 0, run.node_id)
            decided[run.head_sha, run.name].append((*order, run.conclusion in PASSED))
    return {min(runs)[2]: len({passed for *_, passed in runs}) > 1 for runs in decided.values()}
