"""A connected clone down the whole road: the rows equal what `analyze` counts."""

from collections import Counter
from pathlib import Path

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PRCommit, PullRequest, Verdict
from tformance.facts.models.repository import Commit
from tformance.sources.git.tests.scratch import DAY, START, Scratch, scratch
from tformance.sync import connections, health, run
from tformance.sync.analyze import Analysis, analyze
from tformance.sync.lane import Lane
from tformance.sync.tests.conftest import make_team

AGENT = "devin-ai-integration[bot] <158243242+devin-ai-integration[bot]@users.noreply.github.com>"


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    repository = scratch(tmp_path / "made")
    repository.commit("Start", {"a": "1\n"})
    repository.commit("By an agent (#1)", {"b": "1\n"}, author=AGENT, at=START + 20 * DAY)
    repository.branch("side")
    repository.commit("Side one", {"c": "1\n"}, author="Bob <bob@example.org>", at=START + 25 * DAY)
    repository.commit("Side two\n\nCo-authored-by: Amp <amp@ampcode.com>\n", {"c": "2\n"}, at=START + 26 * DAY)
    repository.switch("main")
    repository.days = 40
    repository.merge("side", "Merge pull request #2 from bob/side\n\nSide\n")
    repository.commit("By hand (#3)", {"d": "1\n" * 30})
    return repository


@pytest.fixture
def team(db: None) -> Team:
    return make_team("acme")


def _synced(team: Team, made: Scratch) -> None:
    connections.connect_git(team.pk, made.folder)
    assert run.look_at_lane(Lane.objects.get(turns__team_id=team.pk).pk)
    assert health.is_complete(team.pk)


def _analyzed(made: Scratch) -> Analysis:
    return analyze(str(made.folder), lambda what, done, expected: None)


def test_rows_equal_the_analysis_of_the_same_clone(team: Team, made: Scratch) -> None:
    _synced(team, made)
    analysis = _analyzed(made)
    with tenant(team.pk):
        pulls = list(PullRequest.objects.all())
        assert Commit.objects.count() == analysis.total("commits")
        assert Commit.objects.filter(ai_marked=True).count() == analysis.ai.commits
        added = sum(commit.additions or 0 for commit in Commit.objects.all())
    assert added == analysis.total("additions")
    by_kind = Counter((f"{pull.merged_at:%Y-%m}", pull.merge_kind) for pull in pulls)
    assert by_kind == {
        (month.month, kind): n
        for month in analysis.in_order()
        for kind, n in (("merge", month.pr_merge), ("squash", month.pr_squash))
        if n
    }


def test_a_pull_request_row_says_what_a_clone_knows_and_nothing_more(team: Team, made: Scratch) -> None:
    _synced(team, made)
    with tenant(team.pk):
        agent, merged, by_hand = PullRequest.objects.order_by("number")
        links = PRCommit.objects.filter(pull_request=merged).count()
    assert (agent.ai_authored, agent.ai_tool, by_hand.ai_marked) == (Verdict.YES, "Devin", Verdict.NO_EVIDENCE)
    assert (merged.ai_authored, merged.ai_assisted, merged.ai_tool) == (Verdict.NO_EVIDENCE, Verdict.YES, "Amp")
    assert links == 2
    assert (by_hand.size_lines, by_hand.size_bucket, by_hand.is_complete) == (30, "S", True)
    assert (by_hand.pr_created_at, by_hand.cycle_time_hours, by_hand.review_time_hours) == (None, None, None)


def test_what_lands_later_is_added(team: Team, made: Scratch) -> None:
    _synced(team, made)
    made.commit("Later (#4)", {"e": "1\n"})
    connections.sync_now(team.pk)
    assert run.look_at_lane(Lane.objects.get(turns__team_id=team.pk).pk)
    with tenant(team.pk):
        assert set(PullRequest.objects.values_list("number", flat=True)) == {1, 2, 3, 4}
        assert Commit.objects.count() == _analyzed(made).total("commits")
