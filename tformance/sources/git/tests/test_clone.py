"""Which folders are clones, and that reading one leaves no trace."""

from pathlib import Path

import pytest

from tformance.sources.git.clone import open_clone
from tformance.sources.git.command import CloneError
from tformance.sources.git.history import read_commits
from tformance.sources.git.sizes import read_sizes
from tformance.sources.git.tests.scratch import Scratch, scratch


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    repository = scratch(tmp_path / "made")
    repository.commit("First", {"a.txt": "one\n"})
    repository.commit("Second", {"a.txt": "one\ntwo\n"})
    return repository


@pytest.mark.parametrize(
    ("remote", "name"),
    [
        ("https://token@example.org/harbour/pilot.git", "harbour/pilot"),
        ("git@example.org:harbour/pilot.git", "harbour/pilot"),
        ("ssh://git@example.org:2222/group/harbour/pilot", "harbour/pilot"),
        ("/srv/git/pilot.git", "made"),
        ("file:///srv/git/pilot.git", "made"),
    ],
)
def test_a_clone_is_named_by_its_remote_else_by_its_folder(made: Scratch, remote: str, name: str) -> None:
    assert open_clone(str(made.folder)).name == "made"
    made.git("remote", "add", "origin", remote)
    assert open_clone(str(made.folder)).name == name


def test_a_folder_inside_a_work_tree_stands_for_its_repository(made: Scratch) -> None:
    (made.folder / "deep").mkdir()
    assert open_clone(str(made.folder / "deep")).head == made.head()


def test_a_detached_head_has_no_branch(made: Scratch) -> None:
    assert open_clone(str(made.folder)).branch == "main"
    made.git("checkout", "-q", "--detach", "HEAD~1")
    clone = open_clone(str(made.folder))
    assert clone.branch is None
    assert len(list(read_commits(clone))) == 1


def test_a_branch_named_like_a_tag_keeps_its_name(made: Scratch) -> None:
    made.git("tag", "main")
    assert open_clone(str(made.folder)).branch == "main"


def test_a_bare_clone_is_read_like_any_other(made: Scratch, tmp_path: Path) -> None:
    bare = made.clone(tmp_path / "bare.git", "--bare")
    clone = open_clone(str(bare.folder))
    assert clone.name == "bare"
    assert [commit.message for commit in read_commits(clone)] == ["Second", "First"]


@pytest.mark.parametrize("kind", ["nothing", "file", "plain folder", "empty repository"])
def test_what_is_no_clone_gets_one_clear_sentence(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("text")
    elif kind == "plain folder":
        place.mkdir()
    elif kind == "empty repository":
        scratch(place)
    words = {"nothing": "no folder", "file": "no folder", "plain folder": "not a git", "empty repository": "no commits"}
    with pytest.raises(CloneError, match=words[kind]):
        open_clone(str(place))


def test_git_missing_is_said(made: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CloneError, match="Git is not installed"):
        open_clone(str(made.folder))


def test_the_environment_of_a_hook_does_not_lead_elsewhere(made: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_WORK_TREE", "/nowhere")
    assert open_clone(str(made.folder)).head == made.head()


def test_a_folder_of_somebody_else_can_be_read(made: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert open_clone(str(made.folder)).head == made.head()


def test_the_folders_configuration_starts_no_program(made: Scratch, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trap}\n")
    program.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "gpg.program", "core.sshCommand", "diff.x.textconv"):
        made.git("config", name, str(program))
    made.git("config", "log.showSignature", "true")
    (made.folder / ".git" / "info").mkdir(exist_ok=True)
    (made.folder / ".git" / "info" / "attributes").write_text("*.txt diff=x\n")
    clone = open_clone(str(made.folder))
    shas = [bytes.fromhex(commit.sha) for commit in read_commits(clone)]
    assert [change.additions for change in read_sizes(clone, shas) if change] == [1, 1]
    assert not trap.exists()


def test_nothing_is_ever_fetched(made: Scratch, tmp_path: Path) -> None:
    partial = made.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    trap = tmp_path / "trap"
    partial.git("config", "remote.origin.uploadpack", f"touch {trap}; git-upload-pack")
    clone = open_clone(str(partial.folder))
    shas = [bytes.fromhex(commit.sha) for commit in read_commits(clone)]
    assert list(read_sizes(clone, shas)) == [None, None]
    assert not trap.exists()


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_a_mailmap_that_is_not_there_does_not_stop_the_reading(made: Scratch, tmp_path: Path, kind: str) -> None:
    made.commit("Names", {".mailmap": "Ada Byron <ada@example.org>\n"})
    whole = open_clone(str(made.clone(tmp_path / "whole", "--bare").folder))
    partial = open_clone(str(made.clone(tmp_path / "partial", "--bare", f"--filter={kind}").folder))
    assert (whole.lacks_mailmap, partial.lacks_mailmap) == (False, True)
    assert [commit.person_name for commit in read_commits(whole)] == ["Ada Byron"] * 3
    assert [commit.person_name for commit in read_commits(partial)] == ["Ada"] * 3


def test_a_bare_clone_without_a_mailmap_lacks_none(made: Scratch, tmp_path: Path) -> None:
    assert not open_clone(str(made.clone(tmp_path / "bare", "--bare", "--filter=blob:none").folder)).lacks_mailmap
