"""Small real repositories for tests, made by git itself."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

START = 1_767_225_600  # 2026-01-01 00:00 UTC
DAY = 86_400
ADA = "Ada <ada@example.org>"


@dataclass
class Scratch:
    """A work tree; every commit is a day later than the one before."""

    folder: Path
    days: int = 0

    def git(self, *arguments: str, stdin: bytes = b"", who: Mapping[str, str] = MappingProxyType({})) -> str:
        command = ["git", "-c", "protocol.file.allow=always", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, check=True, env=_environment(who))
        return done.stdout.decode("utf-8", "replace").strip()

    def commit(
        self,
        message: str | bytes,
        files: Mapping[str, str | bytes] | None = None,
        author: str = ADA,
        at: int | None = None,
    ) -> str:
        """Write files, commit everything; gives the sha. Without files the commit is empty."""
        for name, text in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git("add", "-A")
        raw = message if isinstance(message, bytes) else message.encode()
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-", stdin=raw, who=self.who(author, at))
        return self.head()

    def merge(self, branch: str, message: str, author: str = ADA) -> str:
        self.git("merge", "-q", "--no-ff", "-m", message, branch, who=self.who(author))
        return self.head()

    def branch(self, name: str, start: str = "HEAD") -> None:
        self.git("checkout", "-q", "-b", name, start)

    def switch(self, name: str) -> None:
        self.git("checkout", "-q", name)

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def clone(self, folder: Path, *options: str) -> "Scratch":
        subprocess.run(
            ["git", "clone", "-q", *options, f"file://{self.folder}", str(folder)],
            check=True,
            capture_output=True,
            env=_environment({}),
        )
        return Scratch(folder)

    def who(self, author: str = ADA, at: int | None = None) -> dict[str, str]:
        """Author and committer of the next commit, for git's environment."""
        name, _, email = author.removesuffix(">").rpartition(" <")
        date = f"{START + self.days * DAY if at is None else at} +0000"
        self.days += 1
        return {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
        }


def scratch(folder: Path) -> Scratch:
    folder.mkdir(parents=True)
    made = Scratch(folder)
    made.git("init", "-q", "-b", "main")
    made.git("config", "uploadpack.allowFilter", "true")
    made.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return made


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"} | dict(more)
