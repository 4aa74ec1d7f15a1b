"""What every REST path answers with: a status, a body and headers, lists in pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

Body = dict[str, Any] | list[dict[str, Any]] | str | None  # text is a web page
MOST = 100


@dataclass
class Reply:
    status: int
    body: Body
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """The parts of a request: path, its pieces, query and the server's own address."""

    path: str
    query: dict[str, str]
    base: str

    @property
    def pieces(self) -> list[str]:
        return self.path.strip("/").split("/")


def missing() -> Reply:
    return refused(404, "Not Found")


def refused(status: int, message: str) -> Reply:
    return Reply(
        status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    )


def listed(rows: Sequence[Any], asked: Asked, shape: Callable[[Any], dict[str, Any]], usual: int = 30) -> Reply:
    """One page of a list, with GitHub's `Link` header."""
    chosen, headers = paged(rows, asked, usual)
    return Reply(200, [shape(row) for row in chosen], headers)


def paged(rows: Sequence[Any], asked: Asked, usual: int = 30) -> tuple[Sequence[Any], dict[str, str]]:
    size = max(1, min(max(MOST, usual), int(asked.query.get("per_page", usual))))
    number = max(1, int(asked.query.get("page", "1")))
    last = max(1, -(-len(rows) // size))
    links = [
        f'<{asked.base}{asked.path}?{urlencode(asked.query | {"page": page})}>; rel="{name}"'
        for name, page in (("first", 1), ("prev", number - 1), ("next", number + 1), ("last", last))
        if 1 <= page <= last and page != number and not (name in ("first", "prev") and number == 1)
    ]
    return rows[(number - 1) * size : number * size], {"Link": ", ".join(links)} if links else {}
