"""Sizes are git's own numbers, and whatever a clone does not hold is missing one by one, never cut off."""

import random
from pathlib import Path

import pytest

from tformance.sources.git import sizes
from tformance.sources.git.changes import Change, FileChange
from tformance.sources.git.clone import Clone, open_clone
from tformance.sources.git.history import read_commits
from tformance.sources.git.sizes import read_sizes
from tformance.sources.git.tests.scratch import Scratch, scratch


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    return scratch(tmp_path / "made")


@pytest.fixture(params=[3, 2000], autouse=True)
def part(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the commits are shared out among readers, the answers are the same and in order."""
    monkeypatch.setattr(sizes, "_PART", request.param)


def _sizes(clone: Clone) -> dict[str, Change | None]:
    commits = list(read_commits(clone))
    changes = read_sizes(clone, [bytes.fromhex(commit.sha) for commit in commits])
    return {commit.message.strip(): change for commit, change in zip(commits, changes, strict=True)}


def test_files_are_told_by_what_happened_to_them(made: Scratch) -> None:
    text = "".join(f"{number}\n" for number in range(20))
    made.commit("Add", {"kept": text, "moved": text + "x\n", "image": b"\0\1\2"})
    (made.folder / "moved").rename(made.folder / "sub\tdir \u00e9")
    (made.folder / "kept").unlink()
    made.commit("Move and delete", {"image": b"\0\1\2\3"})
    change = _sizes(open_clone(str(made.folder)))["Move and delete"]
    assert change is not None
    assert sorted(change.files, key=lambda file: file.path) == [
        FileChange(b"image", "modified", 0, 0),
        FileChange(b"kept", "deleted", 0, 20),
        FileChange("sub\tdir \u00e9".encode(), "renamed", 0, 0),
    ]


def test_sizes_equal_those_that_git_prints(made: Scratch) -> None:
    dice = random.Random(5)
    for number in range(40):
        text = "".join(f"{dice.randrange(30)}\n" for _ in range(dice.randrange(60)))
        made.commit(f"Commit {number}", {f"{dice.choice('abcd')}/{dice.choice('xyz')}.txt": text})
    printed = made.git("log", "--numstat", "--format=").split()
    added = sum(int(count) for count in printed[0::3])
    deleted = sum(int(count) for count in printed[1::3])
    changes = [change for change in _sizes(open_clone(str(made.folder))).values() if change]
    assert (sum(change.additions for change in changes), sum(change.deletions for change in changes)) == (
        added,
        deleted,
    )
    assert len(changes) == 40


def test_an_empty_commit_changes_nothing_and_is_known(made: Scratch) -> None:
    made.commit("Full", {"a": "1\n"})
    made.commit("Empty")
    change = _sizes(open_clone(str(made.folder)))["Empty"]
    assert change is not None
    assert change.files == ()


def test_a_merge_changes_what_it_brings_to_its_first_parent(made: Scratch) -> None:
    made.commit("First", {"a": "1\n"})
    made.branch("side")
    made.commit("Side one", {"b": "1\n2\n"})
    made.commit("Side two", {"b": "1\n"})
    made.switch("main")
    made.merge("side", "Merge branch 'side'")
    change = _sizes(open_clone(str(made.folder)))["Merge branch 'side'"]
    assert change is not None
    assert (change.additions, change.deletions) == (1, 0)


def test_a_partial_clone_gives_the_sizes_it_holds(made: Scratch, tmp_path: Path) -> None:
    made.commit("First", {"kept": "a\n", "changed": "b\n"})
    made.commit("Second", {"changed": "b\n2\n"})
    made.commit("Third", {"kept": "a\n2\n"})
    made.commit("Fourth", {"new": "c\n"})
    partial = made.clone(tmp_path / "partial", "--filter=blob:none")  # its checkout brings the newest contents
    found = _sizes(open_clone(str(partial.folder)))
    assert {message: change.additions if change else None for message, change in found.items()} == {
        "Fourth": 1,
        "Third": None,
        "Second": None,
        "First": None,
    }


def test_a_clone_without_folders_keeps_all_its_commits(made: Scratch, tmp_path: Path) -> None:
    for number in range(5):
        made.commit(f"Commit {number}", {f"deep/{number}": "1\n"})
    treeless = made.clone(tmp_path / "treeless", "--filter=tree:0", "--no-checkout")
    found = _sizes(open_clone(str(treeless.folder)))
    assert len(found) == 5
    assert set(found.values()) == {None}


def test_a_clone_without_folders_gives_what_its_checkout_brought(made: Scratch, tmp_path: Path) -> None:
    made.commit("First", {"a": "1\n"})
    treeless = made.clone(tmp_path / "treeless", "--filter=tree:0")
    change = _sizes(open_clone(str(treeless.folder)))["First"]
    assert change is not None
    assert change.additions == 1


def test_the_border_of_a_shallow_clone_does_not_look_like_an_addition(made: Scratch, tmp_path: Path) -> None:
    for number in range(4):
        made.commit(f"Commit {number}", {"a": "x\n" * (number + 10)})
    shallow = made.clone(tmp_path / "shallow", "--depth=2")
    found = _sizes(open_clone(str(shallow.folder)))
    assert {message: change.additions if change else None for message, change in found.items()} == {
        "Commit 3": 1,
        "Commit 2": None,
    }


@pytest.mark.parametrize("broken", [{0}, {9}, {3, 4}, {0, 2, 5, 9}, set(range(10))])
def test_a_damaged_content_hides_only_the_commits_that_need_it(made: Scratch, broken: set[int]) -> None:
    for number in range(10):
        made.commit(f"Commit {number}", {f"file{number}": f"{number}\n"})
    for number in broken:
        name = made.git("rev-parse", f"HEAD:file{number}")
        content = made.folder / ".git" / "objects" / name[:2] / name[2:]
        content.chmod(0o644)
        content.write_bytes(b"damaged")
    found = _sizes(open_clone(str(made.folder)))
    assert {message for message, change in found.items() if change is None} == {f"Commit {n}" for n in broken}


def test_a_damaged_pack_hides_only_what_cannot_be_read(made: Scratch) -> None:
    dice = random.Random(1)
    for number in range(12):
        made.commit(f"Commit {number}", {f"file{number}": dice.randbytes(3000).hex()})
    damaged = made.git("rev-parse", "HEAD~5:file6")
    made.git("gc", "-q")
    (pack,) = (made.folder / ".git" / "objects" / "pack").glob("*.pack")
    listed = made.git("verify-pack", "-v", str(pack.with_suffix(".idx"))).splitlines()
    start = next(int(line.split()[4]) for line in listed if line.startswith(damaged))
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[start + 100 : start + 120] = b"\0" * 20
    pack.write_bytes(data)
    found = _sizes(open_clone(str(made.folder)))
    assert [message for message, change in found.items() if change is None] == ["Commit 6"]
