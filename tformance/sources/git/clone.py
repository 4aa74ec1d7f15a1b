"""A clone on this machine: what it is, where its HEAD stands, and where its history is cut off."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from tformance.sources.git.command import CloneError, Git, GitFailed

# https://host/owner/name.git, ssh://git@host/owner/name, git@host:owner/name; a remote that is a folder has no owner
_REMOTE_NAME = re.compile(r"(?:\w+://[^/]+/|[^/:]+:(?!//))(?:.*/)?(?P<name>[^/]+/[^/]+?)(?:\.git)?/?")


@dataclass(frozen=True, slots=True)
class Clone:
    """`branch` is None when HEAD is detached; `borders` are the commits whose parents a shallow clone left out.

    `lacks_mailmap` says that the mailmap is not among what a partial clone holds.
    """

    git: Git
    name: str
    head: str
    branch: str | None
    borders: frozenset[bytes]
    lacks_mailmap: bool


def open_clone(path: str) -> Clone:
    """The clone in or around a folder; raises CloneError when there is none or it has no commits."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise CloneError(f"There is no folder {path}.")
    git = Git(folder.resolve())
    try:
        root = git.text("rev-parse", "--absolute-git-dir")
    except GitFailed as failure:
        raise CloneError(f"{path} is not a git repository ({failure}).") from failure
    try:
        head = git.text("rev-parse", "--verify", "--quiet", "HEAD")
    except GitFailed as failure:
        raise CloneError(f"The repository in {path} has no commits on its current branch.") from failure
    lacks_mailmap = _lacks_mailmap(git)
    if lacks_mailmap:
        git = replace(git, settings=("mailmap.blob=",))  # or git stops when it does not find it
    return Clone(git, _name(git, Path(root)), head, _branch(git), _borders(git), lacks_mailmap)


def _name(git: Git, git_folder: Path) -> str:
    """The last two parts of the remote's address ("owner/name"), else the folder's name."""
    try:
        remote = _REMOTE_NAME.fullmatch(git.text("config", "--get", "remote.origin.url"))
    except GitFailed:
        remote = None
    if remote:
        return remote["name"]
    return (git_folder.parent if git_folder.name == ".git" else git_folder).name.removesuffix(".git")


def _lacks_mailmap(git: Git) -> bool:
    """Only a bare clone takes the mailmap from its history."""
    if git.text("rev-parse", "--is-bare-repository") != "true":
        return False
    try:
        if git.text("ls-tree", "HEAD", ".mailmap"):
            git.text("cat-file", "blob", "HEAD:.mailmap")
    except GitFailed:
        return True
    return False


def _branch(git: Git) -> str | None:
    try:
        return git.text("symbolic-ref", "--quiet", "HEAD").removeprefix("refs/heads/")
    except GitFailed:
        return None


def _borders(git: Git) -> frozenset[bytes]:
    file = git.folder / git.text("rev-parse", "--git-path", "shallow")
    if not file.is_file():
        return frozenset()
    return frozenset(bytes.fromhex(line) for line in file.read_text().split())
