"""Check runs as rows, on the day they were completed; those that still run have no day yet.

Checks of what automation opened count as well: they measure the checks, not people. A check run that decided nothing
(skipped, neutral, cancelled, stale) is a row without a value.
"""

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.models.pull_request import PullRequest
from tformance.measures.shape import Rows

PASSED = Q(conclusion="success")
FAILED = Q(conclusion__in=("failure", "timed_out", "startup_failure", "action_required", "error"))
GONE = PullRequest._base_manager.filter(pk=OuterRef("pull_request_id"), gone_at__isnull=False)

COMPLETED = Rows(
    id="check_runs",
    model=PRCheckRun,
    anchor="completed_at",
    where=Q(completed_at__isnull=False, conclusion__isnull=False) & ~Q(Exists(GONE)),
    not_automation=Q(),
    columns={
        "repository": "pull_request__repository_id",
        "author": "pull_request__author_id",
        "ai": "pull_request__ai_marked",
        "ai_tool": "pull_request__ai_tool",
        "size": "pull_request__size_bucket",
        "state": "pull_request__state",
        "text": "pull_request__title",
        "check": "name",
        "head": Case(When(is_final_head=True, then=Value("last")), default=Value("earlier"), output_field=CharField()),
    },
)

# The same rows, for what only runs of every commit show.
REPEATED = Rows(
    id="check_runs_of_every_head",
    model=PRCheckRun,
    anchor="completed_at",
    where=COMPLETED.where,
    not_automation=Q(),
    columns=COMPLETED.columns,
    stream="head_checks",
)
