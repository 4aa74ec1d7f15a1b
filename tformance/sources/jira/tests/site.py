"""A running local Jira, and what a source needs to read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tformance.sandbox.tests.jira_client import JiraClient, running
from tformance.sandbox.tests.jira_site import write
from tformance.sources.contract import Page, ScopeRef, Window
from tformance.sources.jira.source import SOURCE
from tformance.sources.tests.lent import Lent

EVERYTHING = Window()


@dataclass
class Site:
    """The local Jira at `url`, read as `ann@small.example`."""

    url: str
    jira: JiraClient
    session: Lent = field(default_factory=lambda: Lent(token="ann@small.example:token"))
    memories: dict[str, dict[str, Any]] = field(default_factory=dict)

    def scope(self, name: str) -> ScopeRef:
        """The session remembers what it knows of that one."""
        self.session.memory = self.memories.setdefault(name, {})
        return ScopeRef(self.url, name, kind="project")

    def pages(self, stream: str, name: str = "WEB", window: Window = EVERYTHING, cursor: Any = None) -> list[Page]:
        return list(SOURCE.stream(stream).fetch(self.session, self.scope(name), window, cursor))

    def records(self, stream: str, name: str = "WEB", window: Window = EVERYTHING) -> Any:
        """What the pages say, as one page."""
        items = [item for page in self.pages(stream, name, window) for item in page.items]
        return SOURCE.stream(stream).translate(
            self.scope(name), tuple(items), datetime.fromisoformat("2026-04-01T00:00Z")
        )

    def do(self, action: str, **words: Any) -> Any:
        return self.jira.post("/_sandbox/do", {"action": action, **words})


@contextmanager
def site(folder: Path, faults: str = "", tokens: str = "", **more: Any) -> Iterator[Site]:
    with running(write(folder, **more), faults, tokens) as (sandbox, client):
        yield Site(sandbox.url, client)
