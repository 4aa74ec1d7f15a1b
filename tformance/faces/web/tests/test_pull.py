"""The review block of a pull request: what it says of rounds, answers and talk, and of what is not known."""

from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_boards import deploy
from tformance.faces.web.tests.test_pages import add, text
from tformance.facts import testing as t


def shown(team: Team, as_role: Visit, **fields: Any) -> str:
    add(team, 1, **fields)
    return text(as_role("admin").get("/t/acme/pulls/acme/shop/100/"))


def sent_back() -> dict[str, Any]:
    """Sent back after 1 h with a remark, pushed by force after 4 h, approved after 5 h."""
    answer = t.commit(5, committed_at=t.at(4))
    asked = t.review(1, state="changes_requested", submitted_at=t.at(1), body="Please split this.", comments_count=1)
    remark = t.comment(1, kind="review", created_at=t.at(1))
    summary = t.comment(2, author=t.actor("coderabbitai", kind="bot"))
    return {
        "reviews": t.whole([asked, t.review(2, submitted_at=t.at(5))]),
        "threads": t.whole([t.thread(1, comments=t.whole([remark]))]),
        "comments": t.whole([summary]),
        "commits": t.whole([answer]),
        "events": t.whole(
            [
                t.event(1, kind="head_ref_force_pushed", occurred_at=t.at(4)),
                t.event(2, kind="commit", occurred_at=t.at(4), after=answer.sha),
            ]
        ),
    }


def test_rounds_answers_and_talk_are_told(acme: Team, as_role: Visit) -> None:
    page = shown(acme, as_role, **sent_back())
    assert "Rounds 1 " in page
    assert "Answered in 3 h " in page
    assert "Commits after it 1, 1 push by force" in page
    assert "Comments 2 by people, 1 by bots" in page
    assert "Threads 1 by people, 1 open now" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Rounds no value without a review Answered in no value without a review"),
        ({"reviews": t.whole([t.review(1)])}, "Rounds none, no changes were asked for Answered in nothing to answer"),
        (
            {"reviews": t.whole([t.review(1, state="changes_requested", submitted_at=t.at(1))])},
            "Rounds 1 Answered in not answered by a push Commits after it 0 Comments 0 by people, 0 by bots",
        ),
        ({"threads": None}, "Threads not known, parts were not read"),
        ({"merged_by": t.actor("ada")}, "Review merged by its author without one"),
        ({"labels": ("hotfix",)}, "Hotfix by its label, branch or title"),
    ],
    ids=["nobody reviewed", "approved", "never answered", "not read", "merged alone", "hotfix"],
)
def test_null_is_shown_as_what_it_is(fields: dict[str, Any], words: str, acme: Team, as_role: Visit) -> None:
    page = " ".join(shown(acme, as_role, **fields).split())
    assert words in page


def test_what_it_reverts_is_told(acme: Team, as_role: Visit) -> None:
    add(acme, 1, first=50, opened_at=t.at(-5), merged_at=t.at(-4), closed_at=t.at(-4))
    assert "Reverts #50 Branch" in " ".join(shown(acme, as_role, body="Reverts acme/shop#50").split())


def test_checks_stand_by_the_commit_they_ran_on(acme: Team, as_role: Visit) -> None:
    checks = [t.check(1, conclusion="failure"), t.check(2, name="lint")]
    page = " ".join(shown(acme, as_role, checks=t.whole(checks)).split())
    assert "Checks 1 passed or running, 1 failed" in page
    assert "2 checks Check Outcome Seconds 00000000 last commit" in page
    assert page.index("last commit") < page.index("tests github-actions failure 900")


def test_deployments_that_contain_it_are_told_with_their_outcome(acme: Team, as_role: Visit) -> None:
    add(acme, 1)
    deploy(acme, 1, 30, 100, failure="hotfix", recovered_at=t.at(33))
    deploy(acme, 2, 40, 100)
    page = " ".join(text(as_role("admin").get("/t/acme/pulls/acme/shop/100/")).split())
    assert "In 2 deployments production 00000000" in page
    assert page.index("fixed in a hurry, put right after 3 h") < page.index("no signal of failure")
    assert "Merge to production 1 h" in page
