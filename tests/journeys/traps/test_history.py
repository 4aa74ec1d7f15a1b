from tests.journeys.traps import history
from tests.journeys.traps.asked import Asked
from tests.journeys.traps.stage import sha
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.repository import Commit


def test_a_squashed_pull_request_keeps_its_own_commits_and_is_found_by_its_merge(asked: Asked) -> None:
    pull = asked.pull("squash", 2)
    with tenant(asked.team.pk):
        assert PRCommit.objects.filter(pull_request=pull).count() == 3
    assert pull.commits_after_first_review == 1
    assert pull.deploy_time_hours == 2


def test_a_rebased_merge_keeps_the_commits_as_they_were_reviewed(asked: Asked) -> None:
    pull = asked.pull("rebase")
    with tenant(asked.team.pk):
        shas = list(PRCommit.objects.filter(pull_request=pull).values_list("commit__sha", flat=True))
    assert len(shas) == 2
    assert pull.merge_sha not in shas
    assert pull.coding_phase_hours == 5


def test_what_a_provider_cuts_off_is_marked_and_gives_no_number(asked: Asked) -> None:
    pull = asked.pull("too-many")
    assert not pull.is_complete
    assert (pull.lead_time_hours, pull.size_lines) == (None, None)
    row = asked.measure("too-many", "lead_time", "median")
    assert (row.n, row.missing) == (1, 1)


def test_lists_longer_than_a_page_are_read_to_their_end(asked: Asked) -> None:
    assert asked.value("many-comments", "comments") == 150
    assert asked.value("many-comments", "reviews_given", "count") == 120


def test_a_repository_of_more_than_a_thousand_is_read_whole(asked: Asked) -> None:
    assert asked.value("many-pulls", "merged_prs", "count") == history.MANY


def test_a_stacked_pull_request_is_delivered_with_the_one_below_it(asked: Asked) -> None:
    assert asked.pull("stacked", 2).deploy_time_hours == 4
    assert asked.pull("stacked", 3).deploy_time_hours == 14


def test_moving_merged_work_on_to_another_branch_is_no_new_work(asked: Asked) -> None:
    assert asked.value("promotion", "merged_prs", "count") == 2
    assert asked.value("backport", "merged_prs", "count") == 1


def test_a_commit_counts_once_in_however_many_repositories(asked: Asked) -> None:
    with tenant(asked.team.pk):
        shared = Commit.objects.filter(sha=sha("the same"))
        assert shared.count() == 1
        assert PullRequest.objects.filter(commit_links__commit__in=shared).count() == 2
