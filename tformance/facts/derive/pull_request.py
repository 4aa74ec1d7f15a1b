"""Everything that follows from a pull request and its children. Plain Python; the same record gives the same answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tformance.facts.derive import ai
from tformance.facts.derive.automation import is_automation
from tformance.facts.derive.iteration import Iteration, iteration
from tformance.facts.derive.outcome import is_hotfix, revert_claims
from tformance.facts.derive.picked import picked_shas
from tformance.facts.derive.reviews import first_bot_review
from tformance.facts.derive.rules import Rules
from tformance.facts.derive.signatures import VERSION as SIGNATURES_VERSION
from tformance.facts.derive.size import bucket, size_lines
from tformance.facts.derive.stamps import Stamps, Times, stamps, times
from tformance.facts.derive.waits import draft_time, queue_time
from tformance.facts.derive.work_type import WorkType, work_type
from tformance.facts.records import PullRequestRecord

# Raise the first number with every change of a rule in this folder: rows of an older version are derived again.
DERIVED_VERSION: Final = 9 * 1000 + SIGNATURES_VERSION


@dataclass(frozen=True, slots=True)
class Derived:
    stamps: Stamps
    times: Times
    queue_time: timedelta | None
    draft_time: timedelta | None
    first_bot_review_at: datetime | None
    size_lines: int | None
    size_bucket: str | None
    by_automation: bool
    iteration: Iteration
    revert_claims: tuple[str, ...]
    picked_shas: tuple[str, ...]
    is_hotfix: bool
    work_type: WorkType
    verdict: ai.Verdict
    evidence: tuple[ai.Evidence, ...]


def derive(record: PullRequestRecord, rules: Rules) -> Derived:
    at = stamps(record)
    lines = size_lines(record)
    evidence = tuple(ai.pull_request_evidence(record))
    return Derived(
        stamps=at,
        times=times(at),
        queue_time=queue_time(record),
        draft_time=draft_time(record),
        first_bot_review_at=first_bot_review(record),
        size_lines=lines,
        size_bucket=bucket(lines),
        by_automation=is_automation(record.author.kind, record.author.login, record.author.verdict),
        iteration=iteration(record),
        revert_claims=revert_claims(record),
        picked_shas=picked_shas(record),
        is_hotfix=is_hotfix(record, rules.hotfix),
        work_type=work_type(record),
        verdict=ai.verdict(record, evidence),
        evidence=evidence,
    )
