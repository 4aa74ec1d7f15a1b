"""One request to the local GitHub, apart from HTTP."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tformance.sandbox.apps import App
from tformance.sandbox.reply import Asked, Reply
from tformance.sandbox.tokens import Grant


@dataclass(frozen=True)
class Request(Asked):
    """`bearer` is who asks: a token's grant, an App by its JWT, or nobody."""

    method: str = "GET"
    raw: bytes = b""
    content_type: str = ""
    cookie: str = ""
    bearer: Grant | App | None = None

    @property
    def form(self) -> dict[str, str]:
        """Fields of a form or of a JSON object; the last value of each. Raises JSONDecodeError."""
        if "json" in self.content_type:
            return {key: str(value) for key, value in self.json.items()}
        return {key: values[-1] for key, values in parse_qs(self.raw.decode(), keep_blank_values=True).items()}

    @property
    def all_of_form(self) -> dict[str, list[str]]:
        return parse_qs(self.raw.decode())

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object, empty without one. Raises JSONDecodeError."""
        found = json.loads(self.raw) if self.raw.strip() else {}
        return found if isinstance(found, dict) else {}


def query_of(target: str) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(target).query).items()}


def moved(address: str, **query: str | None) -> Reply:
    """A redirect with these values added to its address."""
    added = urlencode({key: value for key, value in query.items() if value is not None})
    joint = "&" if "?" in address else "?"
    return Reply(302, "", {"Location": f"{address}{joint}{added}" if added else address})
