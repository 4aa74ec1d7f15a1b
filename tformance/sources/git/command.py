"""Running git on a folder that is only read: it may be bare, partial, damaged or somebody else's.

Nothing is ever fetched, nothing in the folder's configuration may start a program, and the settings of whoever runs it
change no figure. Git's exit code and messages are always read.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tformance.core.errors import Reconnect

_CHUNK = 1 << 20
_SETTINGS = (
    "safe.directory=*",
    "core.fsmonitor=false",
    "diff.renames=true",
    "log.showSignature=false",
    "log.showRoot=true",
    "color.ui=false",
)
_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # git before 2.45 does not know the line above: its fetch finds no way out
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}


class CloneError(Reconnect):
    """The folder cannot be read as a clone, or git is not there; the text says why in one sentence."""


class GitFailed(Exception):
    """Git ended with an error; `str()` is the first thing it complained about."""


@dataclass(frozen=True, slots=True)
class Git:
    """Git, run inside one folder, with `settings` ("name=value") of its own."""

    folder: Path
    settings: tuple[str, ...] = ()

    def text(self, *arguments: str) -> str:
        """The whole output of a short command, without the last line end."""
        return b"".join(self.stream(*arguments)).decode("utf-8", "replace").rstrip("\n")

    def stream(self, *arguments: str, lines_in: Iterable[bytes] = ()) -> Iterator[bytes]:
        """The output in pieces; raises GitFailed after the last one if git was not content."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as complaints:
            given.writelines(line + b"\n" for line in lines_in)
            given.seek(0)
            process = subprocess.Popen(
                self._command(arguments), stdin=given, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
            )
            try:
                code = yield from _pieces(process)
            finally:
                process.kill()
                process.wait()
            if code:
                complaints.seek(0)
                raise GitFailed(_first_complaint(complaints.read(_CHUNK)) or f"git ended with code {code}")

    def fields(self, *arguments: str, lines_in: Iterable[bytes] = ()) -> Iterator[bytes]:
        """The output cut at its NUL bytes; a last field without one is incomplete and left out."""
        rest: list[bytes] = []
        for piece in self.stream(*arguments, lines_in=lines_in):
            head, *tail = piece.split(b"\0")
            rest.append(head)
            if tail:
                yield b"".join(rest)
                rest = [tail.pop()]
                yield from tail

    def _command(self, arguments: Iterable[str]) -> list[str]:
        program = shutil.which("git")
        if not program:
            raise CloneError("Git is not installed on this machine, or not in PATH.")
        settings = [part for setting in (*_SETTINGS, *self.settings) for part in ("-c", setting)]
        return [program, "-C", str(self.folder), "--no-pager", "--no-optional-locks", *settings, *arguments]


def _pieces(process: subprocess.Popen[bytes]) -> Generator[bytes, None, int]:
    """What a program prints; returns the code it ended with."""
    assert process.stdout is not None
    with process.stdout as output:
        while piece := os.read(output.fileno(), _CHUNK):
            yield piece
    return process.wait()


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | _ENVIRONMENT


def _first_complaint(messages: bytes) -> str:
    lines = messages.decode("utf-8", "replace").splitlines()
    return next((line.removeprefix("fatal: ") for line in lines if line.startswith(("fatal: ", "error: "))), "")
