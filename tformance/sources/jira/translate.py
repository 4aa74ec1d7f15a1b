"""What Jira says, in the words of facts. Pure: the same items always give the same records."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Final, TypeVar, cast

from tformance.facts.planning_records import (
    AssignmentRecord,
    Category,
    EstimateRecord,
    IssueRecord,
    ProjectPage,
    ProjectRecord,
    SitePage,
    SprintMoveRecord,
    SprintRecord,
    StatusRecord,
    TransitionRecord,
)
from tformance.facts.records import ActorRecord
from tformance.sources.contract import Item, ScopeRef
from tformance.sources.jira.client import Json

T = TypeVar("T")
CATEGORIES: Final = frozenset({"new", "indeterminate", "done"})
CENT: Final = Decimal("0.01")


def site_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> SitePage:
    """`items` are accounts of one site and not empty."""
    return SitePage(items[0]["site"], fetched_at, tuple([account(item["user"]) for item in items]))


def project_page(scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> ProjectPage:
    return ProjectPage(_project(scope, items[0]["known"]), fetched_at)


def sprints_page(scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> ProjectPage:
    """`items` are boards of one project with all their sprints, and not empty."""
    sprints = {sprint["id"]: _sprint(sprint) for item in items for sprint in item["sprints"]}
    boards = tuple([int(item["board"]["id"]) for item in items])
    project = _project(scope, items[0]["known"])
    return ProjectPage(project, fetched_at, sprints=tuple(sprints.values()), boards=boards)


def issues_page(scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> ProjectPage:
    """`items` are of one project and not empty."""
    sprints = {each["id"]: _sprint(each) for item in items for each in _sprints_of(item)}
    project = _project(scope, items[0]["known"])
    return ProjectPage(project, fetched_at, tuple([_issue(item) for item in items]), tuple(sprints.values()))


def account(user: Json) -> ActorRecord:
    """A Jira account has no name that it is called by: its opaque id stands for one."""
    return ActorRecord(
        provider_id=_number(user["accountId"]),
        login=user["accountId"],
        kind="app" if user.get("accountType") == "app" else "user",
        node_id=user["accountId"],
        name=user.get("displayName") or "",
        email=user.get("emailAddress") or "",
    )


def _account_or_none(user: Json | None) -> ActorRecord | None:
    """Of accounts that were erased histories may have nothing but a name."""
    return account(user) if user and user.get("accountId") else None


def _number(account_id: str) -> int:
    """The same positive number for the same id, always."""
    return int.from_bytes(blake2b(account_id.encode(), digest_size=8).digest(), "big") >> 1


def _project(scope: ScopeRef, known: Json) -> ProjectRecord:
    project = known["project"]
    return ProjectRecord(
        site=known["site"],
        provider_id=int(project["id"]),
        key=project["key"],
        name=project["name"],
        url=f"{scope.api_url.rstrip('/')}/browse/{project['key']}",
        style=project["style"] or "",
        points_field=known["points"],
    )


def _issue(item: Item) -> IssueRecord:
    issue, known = item["issue"], item["known"]
    fields = issue["fields"]
    return IssueRecord(
        provider_id=int(issue["id"]),
        key=issue["key"],
        former_keys=_former_keys(item),
        summary=_text(fields["summary"]),
        issue_type=fields["issuetype"]["name"],
        is_subtask=fields["issuetype"]["subtask"],
        status=StatusRecord(fields["status"]["name"], _category(fields["status"]["statusCategory"]["key"])),
        priority=_name(fields.get("priority")),
        labels=tuple(fields.get("labels") or ()),
        parent_id=int(fields["parent"]["id"]) if fields.get("parent") else None,
        assignee=_account_or_none(fields.get("assignee")),
        reporter=_account_or_none(fields.get("reporter")),
        points=_points(fields.get(known["points"])),
        resolution=_name(fields.get("resolution")),
        resolved_at=_instant(fields["resolutiondate"]) if fields.get("resolutiondate") else None,
        created_at=_instant(fields["created"]),
        updated_at=_instant(fields["updated"]),
        sprints=tuple([int(each["id"]) for each in _sprints_of(item)]),
        transitions=_changes(item, "status", lambda entry, change: _transition(entry, change, known["categories"])),
        sprint_moves=_changes(item, known["sprint"], _sprint_move),
        estimates=_changes(item, known["points"], _estimate),
        assignments=_changes(item, "assignee", _assignment),
    )


def _changes(item: Item, field: str, read: Callable[[Json, Json], T]) -> tuple[T, ...]:
    """What happened to a field, the oldest first."""
    return tuple([read(entry, change) for entry, change in _history(item) if field and change.get("fieldId") == field])


def _history(item: Item) -> Iterator[tuple[Json, Json]]:
    for entry in sorted(item["history"], key=lambda entry: (_instant(entry["created"]), int(entry["id"]))):
        yield from ((entry, change) for change in entry["items"])


def _former_keys(item: Item) -> tuple[str, ...]:
    told = [change["fromString"] for _, change in _history(item) if change["field"] == "Key"]
    return tuple(dict.fromkeys(key for key in told if key and key != item["issue"]["key"]))


def _transition(entry: Json, change: Json, categories: dict[str, str]) -> TransitionRecord:
    def status(side: str) -> StatusRecord:
        return StatusRecord(change.get(f"{side}String") or "", _category(categories.get(str(change[side]), "")))

    author = _account_or_none(entry.get("author"))
    return TransitionRecord(int(entry["id"]), _instant(entry["created"]), status("from"), status("to"), author)


def _sprint_move(entry: Json, change: Json) -> SprintMoveRecord:
    return SprintMoveRecord(_instant(entry["created"]), _ids(change.get("from")), _ids(change.get("to")))


def _ids(text: str | None) -> tuple[int, ...]:
    return tuple([int(part) for part in (text or "").split(",") if part.strip()])


def _estimate(entry: Json, change: Json) -> EstimateRecord:
    return EstimateRecord(
        _instant(entry["created"]), _points(change.get("fromString")), _points(change.get("toString"))
    )


def _points(value: float | str | None) -> Decimal | None:
    """In hundredths, as they are stored."""
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value)).quantize(CENT)
    except InvalidOperation as error:
        raise ValueError(f"{value} is no estimate") from error


def _assignment(entry: Json, change: Json) -> AssignmentRecord:
    def person(side: str) -> ActorRecord | None:
        return _account_or_none({"accountId": change.get(side), "displayName": change.get(f"{side}String")})

    return AssignmentRecord(_instant(entry["created"]), person("from"), person("to"))


def _sprints_of(item: Item) -> list[Json]:
    return item["issue"]["fields"].get(item["known"]["sprint"]) or []


def _sprint(found: Json) -> SprintRecord:
    """As a board lists it, or as an issue has it."""
    board = found.get("originBoardId") or found.get("boardId")
    starts, ends, done = (found.get(name) for name in ("startDate", "endDate", "completeDate"))
    return SprintRecord(
        provider_id=int(found["id"]),
        board=int(board) if board else None,
        name=found["name"],
        state=found["state"].lower(),
        starts_at=_instant(starts) if starts else None,
        ends_at=_instant(ends) if ends else None,
        completed_at=_instant(done) if done else None,
    )


def _category(key: str) -> Category:
    return cast(Category, key) if key in CATEGORIES else ""


def _instant(value: str | int) -> datetime:
    """Text with an offset; histories in bulk have milliseconds since 1970."""
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC)
    return datetime.fromisoformat(value).astimezone(UTC)


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _name(value: Json | None) -> str:
    return str(value["name"]) if value else ""
