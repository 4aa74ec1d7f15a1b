"""Check runs as rows, on the day they were completed; those that still run have no day yet.

Checks of what automation opened count as well: they measure the checks, not people. A check run that decided nothing
(skipped, neutral, cancelled, stale) is a row without a value.
"""

from dataclasses import replace

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.models.pull_request import PullRequest
from tformance.measures.rows import axes
from tformance.measures.shape import Rows

PASSED = Q(conclusion="success")
FAILED = Q(conclusion__in=("failure", "timed_out", "startup_failure", "action_required", "error"))
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

# The same rows, for what only runs of every commit show.
REPEATED = replace(
    COMPLETED, id="check_runs_of_every_head", about=f"{COMPLETED.about} Of every commit.", stream="head_checks"
)
