from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, TextField, Value, When
from django.db.models.functions import Concat

from tformance.facts.models.delivery import PRCheckRun
from tformance.measures.rows.checks import FAILED, PASSED, REPEATED
from tformance.measures.shape import Finish, Measure

ON_COMMIT = Case(
    When(PASSED | FAILED, then=Concat("head_sha", Value(" "), "name", output_field=TextField())),
    output_field=TextField(),
)
_OTHER_RUN = PRCheckRun._base_manager.filter(PASSED, head_sha=OuterRef("head_sha"), name=OuterRef("name"))
FLAKY = Case(
    When(FAILED & Exists(_OTHER_RUN), then=Concat("head_sha", Value(" "), "name", output_field=TextField())),
    output_field=TextField(),
)


def _share(lines: Sequence[tuple[Any, ...]]) -> tuple[float | None, int]:
    """Of how many checks on commits how many were flaky; one line."""
    ((checks, flaky),) = lines
    return (flaky / checks if checks else None), checks


MEASURE = Measure(
    id="flaky_share",
    question="What share of checks both fails and passes on the same commit?",
    title="Flaky checks",
    unit="checks",
    rows=REPEATED,
    value=None,
    statistics=("rate",),
    better="lower",
    source="Check runs of every head",
    notes=(
        "A check on a commit counts once, however often it ran. It is flaky when runs of it failed and passed on "
        "that commit. Seen only where every run of every head is read."
    ),
    finish=Finish(
        columns={"all": Count(ON_COMMIT, distinct=True), "flaky": Count(FLAKY, distinct=True)}, number=_share
    ),
)
