"""One question to the local Jira, and the ways it is refused."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.limits import Spec
from tformance.sandbox.jira.world import World
from tformance.sandbox.reply import Asked, Body, Reply


@dataclass(frozen=True)
class Question(Asked):
    """`user` is who asks, None for somebody unknown; `base` is the address that links in the answer begin with."""

    world: World
    user: Row | None = None
    json: dict[str, Any] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    faults: Spec = field(default_factory=Spec)

    def sees(self, row: Row) -> bool:
        """Whether the asker may browse the project of this row; what belongs to no project is for everybody."""
        project = row.get("project_id")
        return project is None or (self.user is not None and str(project) not in self.world.hidden)

    def projects(self) -> list[Row]:
        return [row for row in self.world.projects.values() if self.sees({"project_id": row["id"]})]

    def project(self, reference: str) -> Row | None:
        row = self.world.project(reference)
        return row if row and self.sees({"project_id": row["id"]}) else None

    def issues(self) -> list[Row]:
        return [row for row in self.world.issues.values() if self.sees(row)]

    def issue(self, reference: str) -> Row | None:
        row = self.world.issue(reference)
        return row if row and self.sees(row) else None

    def number(self, name: str, usual: int, most: int) -> int:
        """A count in the query; raises Refusal for what is none."""
        text = self.query.get(name, str(usual))
        if not text.isdecimal():
            raise Refusal(400, f"The value '{text}' of {name} is no number.")
        return min(most, int(text))


class Refusal(Exception):
    """Jira's errors: `messages` stand in errorMessages."""

    def __init__(self, status: int, *messages: str, **errors: str) -> None:
        super().__init__(*messages)
        self.status, self.messages, self.errors = status, messages, errors

    @property
    def reply(self) -> Reply:
        return Reply(self.status, {"errorMessages": list(self.messages), "errors": dict(self.errors)})


def paged(asked: Question, rows: list[Any], usual: int = 50, most: int = 100) -> Row:
    """A page by `startAt` and `maxResults`, with the total."""
    start, size = asked.number("startAt", 0, 10**9), asked.number("maxResults", usual, most)
    page: Row = {"maxResults": size, "startAt": start, "total": len(rows)}
    return page | {"isLast": start + size >= len(rows), "values": rows[start : start + size]}


def linked(asked: Question, page: Row) -> Row:
    """The page with the addresses of itself and of the next one, as the platform's lists have them."""
    here = f"{asked.base}{asked.path}?maxResults={page['maxResults']}&startAt="
    links = {"self": f"{here}{page['startAt']}"}
    links |= {} if page["isLast"] else {"nextPage": f"{here}{page['startAt'] + page['maxResults']}"}
    return links | page


def ok(body: Body) -> Reply:
    return Reply(200, body)
