"""Pull requests and issues find each other, whichever comes first."""

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.models.planning import JiraIssue, JiraProject, PRJiraLink, PRJiraMention
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.tests import planning as p
from tformance.facts.write_planning import mark_issues_gone

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(db: None) -> Team:
    return t.team("links")


def links(team: Team) -> set[tuple[int, str, tuple[str, ...]]]:
    with tenant(team.id):
        found = PRJiraLink.objects.values_list("pull_request__number", "issue__jira_key", "places")
        return {(number, key, tuple(places)) for number, key, places in found}


def keys(team: Team) -> dict[int, str]:
    with tenant(team.id):
        return dict(PullRequest.objects.values_list("number", "jira_key"))


def test_a_link_says_everywhere_it_is_named(team: Team) -> None:
    p.write(team, p.page(p.issue(1), p.issue(2)))
    said = t.whole([t.commit(1, message="WEB-2 Do it"), t.commit(2, message="More of WEB-2")])
    t.write(team, t.page(t.pull_request(1, title="WEB-1: pay", head_ref="web-1-pay", body="After WEB-2", commits=said)))
    assert links(team) == {(1, "WEB-1", ("title", "branch")), (1, "WEB-2", ("body", "commit"))}
    assert keys(team) == {1: "WEB-1"}


def test_who_comes_first_does_not_matter(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, title="WEB-1"), t.pull_request(2, body="see UTF-8 and GPT-4")))
    assert links(team) == set()
    p.write(team, p.page())
    p.write(team, p.page(p.issue(1), fetched_at=t.at(25)))
    assert links(team) == {(1, "WEB-1", ("title",))}
    assert keys(team) == {1: "WEB-1", 2: ""}


def test_a_key_without_an_issue_is_a_mention_and_no_link(team: Team) -> None:
    p.write(team, p.page(p.issue(1)))
    t.write(team, t.page(t.pull_request(1, title="WEB-999")))
    assert (links(team), keys(team)) == (set(), {1: ""})
    with tenant(team.id):
        assert PRJiraMention.objects.get().key == "WEB-999"


def test_a_moved_issue_is_found_by_its_old_key_and_by_its_new_one(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, title="WEB-1"), t.pull_request(2, title="OPS-7 and WEB-1")))
    p.write(team, p.page(p.issue(1)))
    moved = p.issue(1, key="OPS", former_keys=("WEB-1",), updated_at=t.at(9))
    record = p.page(moved, project=p.project("OPS"), fetched_at=t.at(30))
    p.write(team, record)
    assert links(team) == {(1, "OPS-1", ("title",)), (2, "OPS-1", ("title",))}
    assert keys(team) == {1: "OPS-1", 2: "OPS-1"}


def test_an_issue_that_came_from_a_project_nobody_follows_is_found_by_its_old_key(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, title="OLD-5 Pay")))
    p.write(team, p.page(p.issue(1, former_keys=("OLD-5",))))
    assert links(team) == {(1, "WEB-1", ("title",))}


def test_a_text_that_changes_takes_its_links_with_it(team: Team) -> None:
    p.write(team, p.page(p.issue(1), p.issue(2)))
    t.write(team, t.page(t.open_pull_request(1, title="WEB-1")))
    t.write(team, t.page(t.open_pull_request(1, title="WEB-2", updated_at=t.at(9)), fetched_at=t.at(30)))
    assert links(team) == {(1, "WEB-2", ("title",))}
    assert keys(team) == {1: "WEB-2"}


def test_a_deleted_issue_is_linked_to_nothing_until_it_is_back(team: Team) -> None:
    p.write(team, p.page(p.issue(1)))
    t.write(team, t.page(t.pull_request(1, title="WEB-1")))
    with tenant(team.id):
        mark_issues_gone(JiraProject.objects.get().pk, [1], t.at(25))
    assert (links(team), keys(team)) == (set(), {1: ""})
    p.write(team, p.page(p.issue(1), fetched_at=t.at(26)))
    assert links(team) == {(1, "WEB-1", ("title",))}


def test_both_sides_know_each_other_and_no_other_team(team: Team) -> None:
    other = t.team("others")
    for each in (team, other):
        p.write(each, p.page(p.issue(1)))
        t.write(each, t.page(t.pull_request(1, title="WEB-1")))
    with tenant(team.id):
        pull, issue = PullRequest.objects.get(), JiraIssue.objects.get()
        assert list(pull.jira_issues.all()) == [issue]
        assert list(issue.related_prs.all()) == [pull]
