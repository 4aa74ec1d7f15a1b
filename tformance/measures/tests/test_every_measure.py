"""One week of a small team, and what every measure says of it, worked out by hand. A new measure needs a line here.

| | by | opened | merged | |
|---|---|---|---|---|
| 1 | ada | 0, as a draft until 1 | 8 | first commit at -2, reviewed at 4 and 6 by grace and at 6.5 by ann, pushes at 5.5 and, by force, at 7 |
| 2 | bob | 10 | 14 | takes 1 back, as a hotfix, merged by bob himself; grace looks at it at 20 |
| 3 | an agent | 20 | 30 | first commit at 19 |
| 4 | ada | 30 | closed at 40 | |
| 5 | bob | 50 | | now is 195 |

1 was brought to production at 9, 2 at 15; before them something unknown at 1, and at 40 something nobody compared.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.facts.records import PullRequestRecord
from tformance.facts.testing import (
    actor,
    at,
    check,
    comment,
    commit,
    comparison,
    deployed,
    deployment,
    event,
    file,
    linked_issue,
    open_pull_request,
    review,
    status,
    thread,
    whole,
)
from tformance.measures.catalogue import MEASURES
from tformance.measures.shape import Statistic
from tformance.measures.tests.conftest import Ask, Land, merged

MARK = "Change\n\nCo-authored-by: Claude <noreply@anthropic.com>"
ANN, BOB, AGENT = actor("ann"), actor("bob"), actor("copilot-swe-agent", kind="bot")
BOT = actor("coderabbitai", kind="bot")

# Statistic, value, how many it rests on, how many had none.
EXAMPLE: dict[str, tuple[Statistic, float, int, int]] = {
    "merged_prs": ("count", 3, 3, 0),
    "opened_prs": ("count", 5, 5, 0),
    "abandoned_share": ("share", 1 / 4, 4, 0),
    "active_authors": ("distinct", 2, 2, 0),
    "prs_per_author": ("median", 1, 2, 0),
    "cycle_time": ("median", 8, 3, 0),  # 4, 8, 10
    "lead_time": ("median", 10.5, 2, 1),  # 10, 11
    "ready_to_merge": ("median", 7, 3, 0),  # 4, 7, 10
    "time_to_merge": ("median", 10, 5, 0),  # 4/5 after 4, 3/5 after 8, 2/5 after 10
    "time_open": ("median", 77.5, 2, 0),  # 10, 145
    "review_time": ("median", 4, 1, 2),
    "time_to_first_response": ("median", 2, 1, 2),
    "coding_phase": ("median", 1.5, 2, 1),  # 1, 2
    "draft_phase": ("mean", 1 / 3, 3, 0),
    "pickup_time": ("median", 3, 1, 2),
    "review_phase": ("median", 2.5, 1, 2),
    "merge_phase": ("median", 1.5, 1, 2),
    "deploy_phase": ("median", 1, 2, 1),
    "size": ("median", 24, 3, 0),  # 4, 24, 40
    "lines_added": ("sum", 954, 3, 0),
    "lines_removed": ("sum", 14, 3, 0),
    "reviews_given": ("count", 4, 4, 0),
    "reviews_after_merge": ("share", 1 / 4, 4, 0),
    "active_reviewers": ("distinct", 2, 4, 0),
    "review_rounds": ("median", 1, 1, 2),
    "fix_response": ("median", 1.5, 1, 2),
    "commits_after_first_review": ("median", 1, 1, 2),
    "comments": ("sum", 3, 3, 0),
    "self_merged_unreviewed": ("share", 1 / 3, 3, 0),
    "revert_share": ("share", 1 / 3, 3, 0),
    "reverted_share": ("rate", 1, 1, 2),
    "time_to_revert": ("median", 6, 1, 2),
    "hotfix_share": ("share", 1 / 3, 3, 0),
    "ai_marked_share": ("share", 2 / 3, 3, 0),
    "ai_authored_share": ("share", 1 / 3, 3, 0),
    "ai_assisted_share": ("share", 1 / 3, 3, 0),
    "commits": ("count", 3, 3, 0),
    "ai_marked_commits": ("sum", 1, 3, 0),
    "reviewers": ("mean", 2 / 3, 3, 0),
    "force_pushes_after_review": ("median", 1, 1, 2),
    "review_threads": ("sum", 2, 3, 0),
    "unresolved_at_merge": ("sum", 1, 3, 0),
    "bot_comments": ("sum", 1, 3, 0),
    "time_to_first_bot_review": ("median", 2, 1, 2),
    "queue_time": ("median", 0.5, 1, 2),
    "draft_time": ("median", 1, 1, 2),
    "linked_issue_share": ("share", 1 / 3, 2, 1),
    "lead_time_for_changes": ("median", 11, 1, 1),
    "deploy_time": ("median", 1, 2, 0),
    "deployment_frequency": ("per_week", 4, 4, 0),
    "change_failure_rate": ("rate", 1 / 4, 4, 0),
    "recovery_time": ("median", 6, 1, 0),
    "failed_deployments": ("rate", 1 / 5, 5, 0),
    "unlinked_deployments": ("sum", 0, 2, 2),  # the first is not known, another was not compared
    "check_pass_rate": ("rate", 2 / 3, 3, 0),
    "check_duration": ("median", 0.25, 3, 0),
    "flaky_share": ("rate", 1 / 2, 2, 0),
    "resolved_share": ("rate", 1 / 2, 2, 0),
    "thread_resolution_time": ("median", 3, 1, 1),
    "comment_response": ("median", 0.5, 1, 1),
    "review_load": ("gini", 0.25, 2, 0),  # 3 and 1
    "review_agreement": ("rate", 1, 1, 0),
    "churn": ("sum", 68, 3, 0),
    "touching_prs": ("distinct", 3, 3, 0),
}


def reviewed() -> PullRequestRecord:
    said = {"kind": "review", "author": actor("grace")}
    first = comment(1, created_at=at(4), **said)
    answer = comment(2, kind="review", author=actor("ada"), created_at=at(4.5), in_reply_to=1)
    pushed = commit(501, committed_at=at(5.5))
    return merged(
        1,
        8,
        additions=930,
        deletions=10,
        commits=whole([commit(1, message=MARK), pushed]),
        events=whole(
            [
                event(1, kind="ready_for_review", occurred_at=at(1)),
                event(2, kind="commit", occurred_at=at(5.5), after=pushed.sha),
                event(3, kind="head_ref_force_pushed", occurred_at=at(7)),
                event(4, kind="added_to_merge_queue", occurred_at=at(7.5)),
            ]
        ),
        reviews=whole(
            [
                review(1, author=BOT, state="commented", submitted_at=at(2), body="Looked at it."),
                review(2, state="commented", submitted_at=at(4), comments_count=2),
                review(3, submitted_at=at(6)),
                review(4, author=ANN, submitted_at=at(6.5)),
            ]
        ),
        threads=whole(
            [
                thread(1, is_resolved=True, resolved_at=at(7), comments=whole([first, answer])),
                thread(2, comments=whole([comment(3, created_at=at(4), **said)])),
            ]
        ),
        files=whole([file("src/shop.py", additions=30, deletions=10), file("uv.lock", additions=900, deletions=0)]),
        checks=whole([check(1, conclusion="failure"), check(2), check(3, name="lint")]),
        linked_issues=whole([linked_issue(1)]),
    )


def others() -> Iterator[PullRequestRecord]:
    yield merged(
        2,
        14,
        opened=10,
        author=BOB,
        merged_by=BOB,
        body="Reverts acme/shop#1",
        labels=("hotfix",),
        reviews=whole([review(5, submitted_at=at(20))]),
        files=whole([file("docs/plan.md", additions=4, deletions=0)]),
        additions=4,
        deletions=0,
        linked_issues=whole([]),
    )
    made = commit(3, authored_at=at(19), committed_at=at(19))
    yield merged(3, 30, opened=20, author=AGENT, commits=whole([made]), files=whole([file("src/web.py")]))
    yield open_pull_request(4, state="closed", opened_at=at(30), closed_at=at(40), updated_at=at(40))
    yield open_pull_request(5, author=BOB, opened_at=at(50), updated_at=at(50))


@pytest.fixture
def week(land: Land, acme: Team) -> None:
    failed: dict[str, Any] = {"state": "failure", "created_at": at(35), "statuses": whole([status(4, "failure", 35.5)])}
    shipped = (deployed(1, 100, 1), deployed(2, 1, 9), deployed(3, 2, 15), deployed(5, 77, 40))
    compared = (comparison(100, 1, 1), comparison(1, 2, 2))
    land(reviewed(), *others(), deployments=(*shipped, deployment(4, **failed)), comparisons=compared)


@pytest.mark.usefixtures("week")
def test_every_measure_says_what_was_worked_out_by_hand(ask: Ask) -> None:
    found = {}
    for name, (statistic, *_) in EXAMPLE.items():
        total = ask(name, statistic).total
        found[name] = (statistic, pytest.approx(total.value), total.n, total.missing)
    assert found == EXAMPLE
    assert found.keys() == MEASURES.keys(), "every measure has an example"


def test_a_mean_stands_only_beside_the_median() -> None:
    for measure in MEASURES.values():
        assert measure.default_statistic != "mean", measure.id
        assert "mean" not in measure.statistics or "median" in measure.statistics, measure.id


def test_durations_have_the_usual_percentiles_and_no_sum() -> None:
    for measure in MEASURES.values():
        if measure.unit == "hours" and measure.finish is None:
            assert set(measure.statistics) >= {"median", "p75", "p90"}, measure.id
            assert "sum" not in measure.statistics, measure.id


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.id)
def test_every_measure_is_told_in_plain_words(measure: Any) -> None:
    assert measure.question.endswith("?")
    assert measure.title[0].isupper()
    assert measure.notes.endswith(".")
    assert measure.source
    assert measure.rows.about.endswith(".")
    assert not [word for word in ("null", "NULL", "timestamp", "_") if word in f"{measure.title} {measure.notes}"]
