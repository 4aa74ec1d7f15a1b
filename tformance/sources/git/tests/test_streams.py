"""What a connected clone hands over."""

import json
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tformance.core.errors import Reconnect
from tformance.facts.records import CommitRecord, PullRequestRecord, RepositoryPage
from tformance.sources.contract import Allowance, Cursor, Page, ScopeRef, Window
from tformance.sources.git import streams
from tformance.sources.git.source import SOURCE
from tformance.sources.git.tests.scratch import DAY, START, Scratch, scratch

EVERYTHING = Window()
BOB = "Bob <bob@example.org>"
AGENT = "devin-ai-integration[bot] <158243242+devin-ai-integration[bot]@users.noreply.github.com>"


class Lent:
    """A session for a source that needs neither secret nor budget."""

    def __init__(self) -> None:
        self.memory: MutableMapping[str, Any] = {}

    def clock(self) -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC)

    def secret(self) -> str:
        return ""

    def spend(self, requests: int, points: int, left: Allowance | None = None) -> None:
        raise AssertionError("a clone costs nothing")


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    """Days 0-6: a direct commit, a squash, a branch of two with the base merged in, its merge, a plain merge."""
    repository = scratch(tmp_path / "made")
    repository.commit("Start", {"a": "1\n"})
    repository.commit("Add b (#1)", {"b": "1\n2\n"}, author=AGENT)
    repository.branch("side", "HEAD~1")
    repository.commit("Side one", {"c": "1\n"}, author=BOB)
    repository.merge("main", "Merge branch 'main' into side", author=BOB)
    repository.commit("Side two", {"c": "1\n2\n3\n"}, author=BOB)
    repository.switch("main")
    repository.merge("side", "Merge pull request #2 from bob/side\n\nA side way\n")
    return repository


def _read(
    made: Scratch, window: Window = EVERYTHING, cursor: Cursor | None = None, lent: Lent | None = None
) -> list[Page]:
    return list(streams.fetch_pull_requests(lent or Lent(), _scope(made), window, cursor))


def _scope(made: Scratch) -> ScopeRef:
    return ScopeRef(str(made.folder), str(made.folder))


def _facts(made: Scratch, pages: list[Page]) -> RepositoryPage:
    """All pages together, over JSON as they are kept."""
    items = tuple(json.loads(json.dumps(item)) for page in pages for item in page.items)
    return SOURCE.stream("pull_requests").translate(_scope(made), items, pages[0].fetched_at)


def _pulls(made: Scratch) -> dict[int, PullRequestRecord]:
    return {record.number: record for record in _facts(made, _read(made)).pull_requests}


def test_a_squashed_pull_request_is_its_commit(made: Scratch) -> None:
    pull = _pulls(made)[1]
    assert (pull.title, pull.merge_kind, pull.state) == ("Add b", "squash", "merged")
    assert (pull.author.login, pull.author.kind) == ("devin-ai-integration", "bot")
    assert pull.commits is not None
    assert [commit.sha for commit in pull.commits.items] == [pull.merge_sha]
    assert pull.merged_at == datetime.fromtimestamp(START + DAY, UTC)


def test_a_merged_pull_request_has_the_commits_of_its_branch_oldest_first(made: Scratch) -> None:
    pull = _pulls(made)[2]
    assert (pull.title, pull.merge_kind, pull.head_ref) == ("A side way", "merge", "side")
    assert pull.commits is not None
    subjects = [commit.message.splitlines()[0] for commit in pull.commits.items]
    assert subjects == ["Side one", "Merge branch 'main' into side", "Side two"]
    assert (pull.author.login, pull.merged_by and pull.merged_by.login) == ("bob@example.org", "ada@example.org")


def test_a_pull_requests_size_is_what_it_changes_on_the_main_line(made: Scratch) -> None:
    pull = _pulls(made)[2]
    assert (pull.additions, pull.deletions, pull.changed_files) == (3, 0, 1)
    assert pull.files is not None
    assert [(file.path, file.change) for file in pull.files.items] == [("c", "added")]


def test_what_a_clone_cannot_know_is_absent_not_zero(made: Scratch) -> None:
    pull = _pulls(made)[2]
    assert pull.opened_at is None
    assert (pull.reviews, pull.threads, pull.comments, pull.checks, pull.events) == (None,) * 5


def test_every_commit_is_handed_over_once_and_merges_have_no_size_of_their_own(made: Scratch) -> None:
    commits: dict[str, CommitRecord] = {}
    for record in _facts(made, _read(made)).commits:
        assert record.sha not in commits
        commits[record.sha] = record
    assert len(commits) == int(made.git("rev-list", "--count", "HEAD"))
    assert {record.is_merge: record.additions is None for record in commits.values()} == {True: True, False: False}


def test_two_windows_share_the_history_between_them(made: Scratch) -> None:
    border = datetime.fromtimestamp(START + 2 * DAY, UTC)
    late, early = (_facts(made, _read(made, window)) for window in (Window(since=border), Window(until=border)))
    assert [pull.number for pull in late.pull_requests] == [2]
    assert [pull.number for pull in early.pull_requests] == [1]
    assert {c.sha for c in late.commits}.isdisjoint(c.sha for c in early.commits)


def test_reading_goes_on_behind_its_cursor_even_when_the_branch_has_moved(
    made: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_PAGE", 1)
    pages = _read(made)
    assert [page.seen for page in pages] == [1, 2, 3]
    assert pages[-1].cursor is None
    made.commit("Later (#3)", {"d": "1\n"})
    assert [page.items for page in _read(made, cursor=pages[0].cursor)] == [page.items for page in pages[1:]]


def test_commits_made_long_ago_are_found_when_they_land_now(made: Scratch) -> None:
    lent = Lent()
    before = _read(made, lent=lent)
    made.branch("old", "HEAD~1")
    made.commit("Made long ago", {"old": "1\n"}, at=START + 60)
    made.switch("main")
    made.merge("old", "Merge pull request #4 from bob/old\n\nOld work\n")
    made.commit("With a clock that is behind (#5)", {"e": "1\n"}, at=START + 120)
    assert before[-1].watermark is not None
    since = Window(since=before[-1].watermark + timedelta(seconds=1))
    found = _facts(made, _read(made, since, lent=lent))
    assert [pull.number for pull in found.pull_requests] == [5, 4]


def test_a_rewritten_history_is_read_whole_again(made: Scratch) -> None:
    lent = Lent()
    watermark = _read(made, lent=lent)[-1].watermark
    made.git("reset", "-q", "--hard", "HEAD~1")
    made.commit("Instead (#6)", {"f": "1\n"}, at=START + 2 * DAY)
    found = _facts(made, _read(made, Window(since=watermark), lent=lent))
    assert [pull.number for pull in found.pull_requests] == [6, 1]


def test_a_clone_that_is_gone_stops_the_connection(made: Scratch) -> None:
    scope = ScopeRef(str(made.folder / "gone"), "gone")
    with pytest.raises(Reconnect):
        list(streams.fetch_pull_requests(Lent(), scope, Window(), None))
    with pytest.raises(Reconnect):
        SOURCE.identify(Lent(), scope.api_url)


def test_the_clone_itself_is_a_repository(made: Scratch) -> None:
    stream = SOURCE.stream("repository")
    (page,) = stream.fetch(Lent(), _scope(made), Window(), None)
    record = stream.translate(_scope(made), page.items, page.fetched_at).repository
    assert (record.full_name, record.default_branch) == (SOURCE.identify(Lent(), str(made.folder)), "main")
