"""Commits come whole, whatever is in them."""

from pathlib import Path

import pytest

from tformance.sources.git.clone import open_clone
from tformance.sources.git.command import GitFailed
from tformance.sources.git.history import read_commits, read_main_line
from tformance.sources.git.tests.scratch import Scratch, scratch
from tformance.sources.git.translate import commit_record, person_key


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    return scratch(tmp_path / "made")


def test_the_mailmap_says_who_somebody_is_and_the_commit_keeps_its_words(made: Scratch) -> None:
    made.commit("One", {".mailmap": "Ada Byron <ada@example.org> <ADA@Old.example>\n"}, author="ada <ADA@Old.example>")
    (commit,) = read_commits(open_clone(str(made.folder)))
    assert (commit.author_name, commit.author_email) == ("ada", "ADA@Old.example")
    assert (commit.person_name, person_key(commit)) == ("Ada Byron", "ada@example.org")


def test_a_message_in_another_encoding_is_read_and_broken_bytes_are_replaced(made: Scratch) -> None:
    first = made.commit("caf?", {"a": "1"})
    raw = made.git("cat-file", "commit", first).encode().replace(b"caf?", b"caf\xe9") + b"\n"
    made.git("update-ref", "HEAD", made.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw))
    made.git("config", "i18n.commitEncoding", "ISO-8859-1")
    made.commit(b"na\xefve", {"a": "2"})
    assert [commit.message.strip() for commit in read_commits(open_clone(str(made.folder)))] == ["naïve", "caf\ufffd"]


def test_a_message_of_a_megabyte_comes_whole(made: Scratch) -> None:
    made.commit("Long\n\n" + "word " * 200_000, {"a": "1"})
    made.commit("Short", {"a": "2"})
    assert [len(commit.message) > 1_000_000 for commit in read_commits(open_clone(str(made.folder)))] == [False, True]


def test_an_empty_message_does_not_shift_the_next_commit(made: Scratch) -> None:
    made.commit("First", {"a": "1"})
    tree = made.git("write-tree")
    made.git("update-ref", "HEAD", made.git("commit-tree", "-p", "HEAD", tree, who=made.who()))
    made.commit("Last", {"a": "2"})
    assert [commit.message.strip() for commit in read_commits(open_clone(str(made.folder)))] == ["Last", "", "First"]


def test_the_main_line_follows_first_parents(made: Scratch) -> None:
    first = made.commit("First", {"a": "1"})
    made.branch("side")
    made.commit("Side", {"b": "1"})
    made.switch("main")
    merge = made.merge("side", "Merge branch 'side'")
    clone = open_clone(str(made.folder))
    assert read_main_line(clone) == [merge, first]
    assert [commit.is_merge for commit in read_commits(clone)] == [True, False, False]


def test_an_instant_that_no_calendar_holds_is_replaced_by_the_other_one(made: Scratch) -> None:
    made.commit("First", {"a": "1"})
    raw = made.git("cat-file", "commit", "HEAD").replace("1767225600", "99999999999999", 1)
    made.git("update-ref", "HEAD", made.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode() + b"\n"))
    (commit,) = read_commits(open_clone(str(made.folder)))
    assert commit.authored_at is None
    assert commit_record(commit).authored_at == commit_record(commit).committed_at


def test_a_commit_that_cannot_be_read_is_an_error_not_an_end(made: Scratch) -> None:
    first = made.commit("First", {"a": "1"})
    made.commit("Second", {"a": "2"})
    (made.folder / ".git" / "objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(GitFailed):
        list(read_commits(open_clone(str(made.folder))))
