"""The rules of the one writer."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import NoTenant, tenant
from tformance.facts import testing as t
from tformance.facts.models.delivery import Deployment, PRCheckRun
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.pull_request import AIEvidence, PRCommit, PRFile, PullRequest
from tformance.facts.models.repository import Commit, DataVersion, Repository
from tformance.facts.models.review import PRComment, PRReview
from tformance.facts.records import GHOST, ChildSet, PullRequestRecord
from tformance.facts.tests.dump import dump
from tformance.facts.write import Written, derive_stale, write_page


@pytest.fixture
def team(db: None) -> Team:
    return t.team()


def full(number: int) -> PullRequestRecord:
    """A pull request with some of everything."""
    keys = [number * 10, number * 10 + 1]
    return t.pull_request(
        number,
        reviews=t.whole([t.review(key) for key in keys]),
        threads=t.whole([t.thread(number, comments=t.whole([t.comment(key, kind="review") for key in keys]))]),
        comments=t.whole([t.comment(key) for key in keys]),
        commits=t.whole([t.commit(key) for key in keys]),
        files=t.whole([t.file(f"src/{key}.py") for key in keys]),
        checks=t.whole([t.check(key) for key in keys]),
        events=t.whole([t.event(key) for key in keys]),
    )


def test_an_older_reading_never_overwrites_a_newer_one(team: Team) -> None:
    new, old = t.pull_request(title="New", updated_at=t.at(9)), t.pull_request(title="Old", updated_at=t.at(8))
    t.write(team, t.page(new), t.page(old, fetched_at=t.at(99)))
    with tenant(team.id):
        assert PullRequest.objects.get().title == "New"


def test_of_two_readings_of_one_change_the_later_one_holds(team: Team) -> None:
    t.write(team, t.page(t.pull_request(title="Later"), fetched_at=t.at(50)))
    t.write(team, t.page(t.pull_request(title="Earlier"), fetched_at=t.at(49)))
    with tenant(team.id):
        assert PullRequest.objects.get().title == "Later"


def test_a_pull_request_twice_in_a_page_is_one_row(team: Team) -> None:
    new, old = t.pull_request(title="New", updated_at=t.at(9)), t.pull_request(title="Old")
    t.write(team, t.page(new, old))
    with tenant(team.id):
        assert PullRequest.objects.get().title == "New"


def test_what_became_of_a_page_is_counted(team: Team) -> None:
    page = t.page(full(1), full(2), deployments=(t.deployment(),))
    assert t.write(team, page).created == 3
    assert t.write(team, page) == Written(unchanged=3)
    again = t.write(team, replace(page, fetched_at=t.at(30)))
    assert (again.updated, again.unchanged, again.rows) == (0, 3, 0)
    changed = t.page(replace(full(1), url="https://other", updated_at=t.at(31)), full(2), fetched_at=t.at(32))
    assert t.write(team, changed) == Written(updated=1, unchanged=1, rows=1)


def test_the_data_version_moves_only_with_the_data(team: Team) -> None:
    def version() -> int:
        with tenant(team.id):
            return DataVersion.objects.get().version

    t.write(team, t.page(full(1)))
    first = version()
    t.write(team, t.page(full(1)), t.page(full(1), fetched_at=t.at(30)))
    assert version() == first
    t.write(team, t.page(full(2)))
    assert version() == first + 1


def test_a_complete_set_takes_away_what_it_does_not_have(team: Team) -> None:
    t.write(team, t.page(full(1)))
    t.write(team, t.page(replace(full(1), files=t.whole([t.file("src/10.py")]), updated_at=t.at(9))))
    with tenant(team.id):
        assert [file.path for file in PRFile.objects.all()] == ["src/10.py"]


def test_a_part_never_takes_anything_away(team: Team) -> None:
    t.write(team, t.page(full(1)))
    part = ChildSet((t.file("src/10.py", additions=99), t.file("src/new.py")), total=40)
    t.write(team, t.page(replace(full(1), files=part, updated_at=t.at(9))))
    with tenant(team.id):
        stored = PullRequest.objects.get()
        files = dict(PRFile.objects.values_list("path", "additions"))
    assert files == {"src/10.py": 99, "src/11.py": 20, "src/new.py": 20}
    assert not stored.is_complete
    assert (stored.child_sets["files"]["total"], stored.child_sets["files"]["stored"]) == (40, 3)
    assert stored.size_lines is None


def test_parts_of_one_reading_add_up_to_a_complete_set(team: Team) -> None:
    t.write(team, t.page(full(1)))
    changed = replace(full(1), updated_at=t.at(9))
    for path in ("src/a.py", "src/b.py"):
        t.write(team, t.page(replace(changed, files=ChildSet((t.file(path),), total=2))))
    with tenant(team.id):
        assert sorted(PRFile.objects.values_list("path", flat=True)) == ["src/a.py", "src/b.py"]
        assert PullRequest.objects.get().is_complete


def test_a_set_that_was_not_asked_for_stays(team: Team) -> None:
    t.write(team, t.page(full(1)))
    t.write(team, t.page(replace(full(1), reviews=None, threads=None, updated_at=t.at(9))))
    with tenant(team.id):
        assert PRReview.objects.count() == 2
        assert PRComment.objects.filter(kind="review").count() == 2
        assert PullRequest.objects.get().is_complete


def test_a_commit_of_two_pull_requests_is_one_row_with_a_place_in_each(team: Team) -> None:
    first = t.pull_request(1, commits=t.whole([t.commit(1), t.commit(2)]))
    second = t.pull_request(2, commits=t.whole([t.commit(2), t.commit(3)]))
    t.write(team, t.page(first, second))
    with tenant(team.id):
        places = PRCommit.objects.order_by("pull_request__number", "position")
        assert list(places.values_list("pull_request__number", "position", "commit__sha")) == [
            (1, 0, t.commit(1).sha),
            (1, 1, t.commit(2).sha),
            (2, 0, t.commit(2).sha),
            (2, 1, t.commit(3).sha),
        ]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_commit_of_two_repositories_belongs_to_the_one_with_the_lowest_id(team: Team, order: tuple[int, ...]) -> None:
    for key in order:
        commit = t.commit(1, additions=None if key == 1 else 5, author=None if key == 1 else t.actor())
        t.write(team, t.page(repository=t.repository(f"acme/{key}", provider_id=key), commits=(commit,)))
    with tenant(team.id):
        stored = Commit.objects.select_related("repository", "author").get()
        assert (stored.repository.provider_id, stored.additions, stored.author.login) == (1, 5, "ada")


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_check_of_two_pull_requests_belongs_to_the_one_with_the_lowest_id(team: Team, order: tuple[int, ...]) -> None:
    for number in (*order, *order):
        t.write(team, t.page(t.pull_request(number, checks=t.whole([t.check(7)]))))
    with tenant(team.id):
        assert PRCheckRun.objects.get().pull_request.number == 1


def test_only_insiders_who_are_people_become_members(team: Team) -> None:
    authors = {
        "ada": ("user", "MEMBER"),
        "eve": ("user", "CONTRIBUTOR"),
        "dependabot": ("bot", "MEMBER"),
        "k8s-ci-robot": ("user", "COLLABORATOR"),
        "abbott": ("user", "OWNER"),
    }
    records = [
        t.pull_request(number, author=t.actor(login, kind=kind), author_association=association)
        for number, (login, (kind, association)) in enumerate(authors.items(), start=1)
    ]
    t.write(team, t.page(*records))
    with tenant(team.id):
        assert set(TeamMember.objects.values_list("github_username", flat=True)) == {"ada", "abbott"}
        assert set(Actor.objects.filter(is_automation=True).values_list("login", flat=True)) == {
            "dependabot",
            "k8s-ci-robot",
        }
        assert Actor.objects.get(login="abbott").member.display_name == "Abbott"


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_a_renamed_account_keeps_its_history_and_its_member(team: Team, order: tuple[int, ...]) -> None:
    logins = {1: "ada", 2: "lovelace", 3: "countess"}
    for time in order:
        author = t.actor("ada", provider_id=1)
        record = t.pull_request(time, author=replace(author, login=logins[time], name=logins[time].title()))
        t.write(team, t.page(record, fetched_at=t.at(time)))
    with tenant(team.id):
        actor = Actor.objects.get(provider_id=1)
        assert (actor.login, actor.former_logins, actor.login_seen_at) == ("countess", ["ada", "lovelace"], t.at(3))
        member = TeamMember.objects.get()
        assert (actor.member_id, member.github_username, member.display_name) == (member.id, "countess", "Countess")


def test_a_login_that_changed_hands_is_no_conflict(team: Team) -> None:
    first, second = t.actor("ada", provider_id=1), t.actor("ada", provider_id=2)
    t.write(team, t.page(t.pull_request(1, author=first)), t.page(t.pull_request(2, author=second)))
    with tenant(team.id):
        assert TeamMember.objects.filter(github_username="ada").count() == 2


def test_deleted_accounts_are_one_unknown_actor(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1, author=GHOST), t.pull_request(2, author=GHOST)))
    with tenant(team.id):
        ghost = Actor.objects.get(kind="ghost")
        assert (ghost.provider_id, ghost.pull_requests.count(), ghost.member) == (0, 2, None)


def test_who_turns_out_to_be_a_bot_no_longer_counts_anywhere(team: Team) -> None:
    helper = t.actor("helper")
    reviewed = t.pull_request(1, reviews=t.whole([t.review(1, author=helper)]))
    t.write(team, t.page(reviewed), t.page(t.pull_request(2, author=helper)))
    t.write(team, t.page(t.pull_request(3, author=replace(helper, kind="bot")), fetched_at=t.at(30)))
    with tenant(team.id):
        first, second = PullRequest.objects.get(number=1), PullRequest.objects.get(number=2)
        assert (first.review_time_hours, first.first_bot_review_at, second.by_automation) == (None, t.at(5), True)
        assert not PRReview.objects.get().counts


def test_what_comes_late_is_counted_and_for_whom_it_really_was(team: Team) -> None:
    helper = t.actor("helper")
    said = t.whole([t.comment(1, author=helper)])
    assert t.written(team, t.pull_request(1)).total_comments == 0
    assert t.written(team, t.pull_request(1, comments=said, updated_at=t.at(9))).total_comments == 1
    t.write(team, t.page(t.pull_request(2, author=replace(helper, kind="bot")), fetched_at=t.at(30)))
    with tenant(team.id):
        stored = PullRequest.objects.get(number=1)
        assert (stored.total_comments, stored.bot_comments) == (0, 1)


def test_texts_that_the_database_cannot_hold_are_mended(team: Team) -> None:
    record = t.pull_request(
        1, title="a\x00b", body="c\ud800d", labels=("e\x00",), comments=t.whole([t.comment(1, body="\x00")])
    )
    t.write(team, t.page(record))
    assert t.write(team, t.page(record)).rows == 0
    with tenant(team.id):
        stored = PullRequest.objects.get()
        assert (stored.title, stored.body, stored.labels) == ("a\ufffdb", "c\ufffdd", ["e\ufffd"])


def test_evidence_of_ai_follows_the_text(team: Team) -> None:
    trailer = "Fix it\n\nCo-authored-by: Claude <noreply@anthropic.com>"
    marked = t.pull_request(1, commits=t.whole([t.commit(1, message=trailer)]))
    assert t.written(team, marked).ai_assisted == "yes"
    with tenant(team.id):
        mark = AIEvidence.objects.get()
        assert (mark.commit_sha, mark.tool) == (t.commit(1).sha, "Claude Code")
        assert Commit.objects.get(sha=t.commit(1).sha).ai_marked
    plain = replace(marked, commits=t.whole([t.commit(2)]), updated_at=t.at(9))
    assert t.written(team, plain).ai_marked == "no_evidence"
    with tenant(team.id):
        assert not AIEvidence.objects.exists()


def test_without_all_commits_nothing_is_known_about_ai(team: Team) -> None:
    assert t.written(team, t.pull_request(1, commits=ChildSet((t.commit(1),), total=2))).ai_marked == "unknown"


def test_rows_of_an_older_definition_are_derived_again(team: Team) -> None:
    t.write(team, t.page(full(1), full(2)))
    with tenant(team.id):
        PullRequest.objects.update(derived_version=1, size_lines=99999)
        assert derive_stale(limit=1) == 1
        assert sorted(PullRequest.objects.values_list("size_lines", flat=True)) == [48, 99999]
    t.write(team, t.page(full(1), full(2)))
    with tenant(team.id):
        assert list(PullRequest.objects.values_list("size_lines", flat=True)) == [48, 48]
        assert derive_stale() == 0


def test_states_of_a_deployment_are_only_added(team: Team) -> None:
    later = t.deployment(state="inactive", updated_at=t.at(20), statuses=t.whole())
    t.write(
        team, t.page(deployments=(t.deployment(),)), t.page(deployments=(later,)), t.page(deployments=(t.deployment(),))
    )
    with tenant(team.id):
        stored = Deployment.objects.get()
        assert (stored.state, [status.state for status in stored.statuses.all()]) == ("inactive", ["success"])


def test_what_reappears_is_no_longer_gone(team: Team) -> None:
    t.write(team, t.page(t.pull_request()))
    with tenant(team.id):
        PullRequest.objects.update(gone_at=t.at(30))
    t.write(team, t.page(t.pull_request(), fetched_at=t.at(29)))
    with tenant(team.id):
        assert not PullRequest.objects.exists()
    t.write(team, t.page(t.pull_request(), fetched_at=t.at(31)))
    with tenant(team.id):
        assert PullRequest.objects.exists()


def test_a_page_costs_as_many_statements_at_any_size(team: Team) -> None:
    def statements(numbers: range) -> int:
        with tenant(team.id), CaptureQueriesContext(connection) as queries:
            write_page(t.page(*map(full, numbers)), team_id=team.id)
        return len(queries)

    t.write(team, t.page(t.pull_request(99)))
    few, many = statements(range(1, 3)), statements(range(10, 40))
    assert few == many <= 38


def test_a_page_is_written_inside_its_tenant_only(team: Team) -> None:
    with pytest.raises(NoTenant):
        write_page(t.page(), team_id=team.id)
    with tenant(team.id), pytest.raises(ValueError, match="tenant"):
        write_page(t.page(), team_id=team.id + 1)


def test_the_same_page_in_two_teams_never_meets(team: Team) -> None:
    other = t.team("globex")
    page = t.page(full(1), deployments=(t.deployment(),))
    t.write(team, page)
    before = dump(team)
    t.write(other, page, t.page(replace(full(1), title="Other", updated_at=t.at(9)), fetched_at=t.at(40)))
    assert dump(team) == before
    with tenant(other.id), connection.cursor() as cursor:
        for model in (PullRequest, Actor, Commit, Repository, PRReview, PRFile):
            cursor.execute(f"SELECT DISTINCT team_id FROM {model._meta.db_table}")
            assert cursor.fetchall() == [(other.id,)]
        cursor.execute("UPDATE facts_pullrequest SET title = 'stolen'")
        cursor.execute("DELETE FROM facts_prfile")
    assert dump(team) == before


def test_two_workers_that_meet_the_same_new_accounts_both_succeed(live_db: str) -> None:
    """Many pages at once, of two repositories, with the same people and commits, none of them stored before."""
    team = t.team()

    def work(key: int) -> None:
        try:
            repository = t.repository(f"acme/{key % 2}", provider_id=key % 2 + 1)
            record = replace(full(1), provider_id=key, number=key)
            people = t.whole([t.comment(key * 100 + n, author=t.actor(f"p{n}")) for n in range(20)])
            commits = t.whole([t.commit(n) for n in range(20)])
            bare = dict.fromkeys(("reviews", "threads", "checks"))
            t.write(team, t.page(replace(record, comments=people, commits=commits, **bare), repository=repository))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(1, 13)))
    with tenant(team.id):
        assert (PullRequest.objects.count(), Commit.objects.count(), Actor.objects.count()) == (12, 20, 22)
