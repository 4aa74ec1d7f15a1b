"""All that one local GitHub knows: data, tokens, Apps, hooks and what is sent to them."""

from pathlib import Path
from typing import Any

from tformance.sandbox.apps import Apps
from tformance.sandbox.events import Events
from tformance.sandbox.faults import Spec
from tformance.sandbox.hooks import Deliveries, Hook
from tformance.sandbox.living import Living
from tformance.sandbox.oauth import OAuth
from tformance.sandbox.shapes import Shapes
from tformance.sandbox.tokens import Grant, Tokens
from tformance.sandbox.view import View

TOKEN_SECONDS = 3600


class Hub:
    """`hooks` are organisation hooks as (address, secret); `token_seconds` is how long an installation's token lives."""

    def __init__(
        self,
        folder: Path,
        tokens: str,
        faults: Spec,
        hooks: list[tuple[str, str]],
        token_seconds: int = TOKEN_SECONDS,
    ) -> None:
        self.folder = folder
        self.base = ""
        self.token_seconds = token_seconds
        self.tokens = Tokens(tokens)
        self.apps = Apps()
        self.oauth = OAuth(self.tokens)
        self.deliveries = Deliveries(faults)
        self.hooks = [
            Hook(300_000_001 + place, url, secret, "organization", 1) for place, (url, secret) in enumerate(hooks)
        ]
        self.load()

    def load(self) -> None:
        """Read the folder (again); what moved since is forgotten, Apps and tokens stay."""
        self.data = Living(self.folder)
        self._views: dict[str, View] = {}

    def seen_by(self, grant: Grant) -> Any:
        """The data as far as this token may see it."""
        if grant.whole and grant.login is None:
            return self.data
        return self._views.setdefault(grant.token, View(self.data, grant))

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.data, self.base)

    @property
    def events(self) -> Events:
        return Events(self.shapes, self.apps, self.deliveries, self.hooks)
