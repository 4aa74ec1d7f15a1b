"""Check runs as rows, on the day they were completed; those that still run have no day yet.

Checks of what automation opened count as well: they measure the checks, not people. A check run that decided nothing
(skipped, neutral, cancelled, stale) is a row without a value.
"""

from dataclasses import replace

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from tformance.facts.derive import checks
from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.models.pull_request import PullRequest
from tformance.measures.rows import axes
from tformance.measures.shape import Rows

PASSED = Q(conclusion__in=sorted(checks.PASSED))
FAILED = Q(conclusion__in=sorted(checks.FAILED))
GONE = PullRequest._base_manager.filter(pk=OuterRef("pull_request_id"), gone_at__isnull=False)

COMPLETED = Rows(
    id="check_runs",
    about="Checks that ended, on the day they did, whoever opened the pull request.",
    model=PRCheckRun,
    anchor="completed_at",
    where=Q(completed_at__isnull=False, conclusion__isnull=False) & ~Q(Exists(GONE)),
    not_automation=Q(),
    columns=axes.columns("pull_request__")
    | {
        "check": "name",
        "head": Case(When(is_final_head=True, then=Value("last")), default=Value("earlier"), output_field=CharField()),
    },
    holds=axes.holds("pull_request__"),
    pull="pull_request",
)

# Seen in full only where runs of every commit are read.
FIRST_RUNS = replace(
    COMPLETED,
    id="checks_of_commits",
    about="Checks of commits, each once however often it ran, on the day it first passed or failed.",
    where=COMPLETED.where & Q(is_flaky__isnull=False),
    stream="head_checks",
)
