"""What each measure says where a naive one would go wrong, and why some meet no trap."""

from pathlib import Path

import pytest

from tests.journeys.traps.asked import Asked
from tformance.measures.catalogue import MEASURES
from tformance.measures.shape import Statistic

CASES: list[tuple[str, str, Statistic, float | None]] = [
    ("drafts", "ready_to_merge", "median", 12 - 8),
    ("ai-review-first", "time_to_first_response", "median", 1),
    ("coverage-bot", "bot_comments", "sum", 1),
    ("coverage-bot", "comments", "sum", 0),
    ("coverage-bot", "ai_assisted_share", "share", 0),
    ("coverage-bot", "ai_authored_share", "share", 0),
    ("coverage-bot", "ai_marked_commits", "sum", 0),
    ("own-review", "reviewers", "median", 1),
    ("review-after-merge", "reviews_after_merge", "share", 1),
    ("review-after-merge", "reviewers", "median", 0),
    ("one-push-for-two", "review_agreement", "rate", 0),
    ("approvals", "review_agreement", "rate", None),  # a word that was taken back is none
    ("in-both-1", "review_load", "gini", None),  # with one alone there is nothing to share
    ("rebased", "force_pushes_after_review", "median", None),  # nobody reviewed
    ("squash", "commits_after_first_review", "median", 1),
    ("squash", "deploy_phase", "median", 2),
    ("squash", "deploy_time", "median", 2),
    ("generated", "size", "median", 20),
    ("generated", "churn", "sum", 20),
    ("generated", "touching_prs", "distinct", 1),
    ("generated", "lines_added", "sum", 5_020),
    ("moved-files", "lines_removed", "sum", 1),
    ("reverts-of-reverts", "time_to_revert", "median", 2),
    ("two-failures", "hotfix_share", "share", 1 / 4),
    ("other-commit", "unlinked_deployments", "sum", 1),
]
UNTRAPPED = {
    "linked_issue_share": "the provider itself says which issues a merge closes: nothing is read out of texts",
    "review_threads": "whose threads count is a rule of one line, shown by hand",
    "unresolved_at_merge": "the same threads, as they stood when last read",
    "resolved_share": "the same threads",
    "thread_resolution_time": "only messages bring it, and those are shown where messages are",
    "comment_response": "shown by hand: the author's and bots' answers are none",
    "check_pass_rate": "which ends decide is a table, shown by hand",
    "check_duration": "the same ends, where both instants are known",
    "flaky_share": "shown by hand: failing and passing on one commit",
}


@pytest.mark.parametrize(("repository", "measure", "statistic", "value"), CASES)
def test_a_measure_is_not_trapped(
    repository: str, measure: str, statistic: Statistic, value: float | None, asked: Asked
) -> None:
    assert asked.value(repository, measure, statistic) == (value if value is None else pytest.approx(value))


def test_what_is_not_merged_lasts_until_it_is_closed_or_now(asked: Asked) -> None:
    row = asked.measure("unmerged", "time_open", "median")
    assert (row.n, (row.value or 0) > 15) == (2, True)


SAID = "\n".join(
    path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name
)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_meets_a_trap_or_says_why_none(measure: str) -> None:
    is_trapped = measure in {"time_open", *(case[1] for case in CASES)} or f'"{measure}"' in SAID
    assert is_trapped is (measure not in UNTRAPPED)
