"""Stores projects, issues with their histories, and sprints. The newest reading of each holds, in any order."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.actors import Actors, Look
from tformance.facts.derive import planning
from tformance.facts.models.planning import (
    JiraEstimate,
    JiraIssue,
    JiraProject,
    JiraSprint,
    JiraSprintStay,
    JiraTransition,
)
from tformance.facts.planning_records import IssueRecord, ProjectPage, SitePage, SprintRecord
from tformance.facts.records import ActorRecord
from tformance.facts.touched import touch

SOURCE: Final = "jira"
PROJECT: Final = ("key", "name", "url", "style", "points_field")
SPRINT: Final = ("board", "name", "state", "starts_at", "ends_at", "completed_at")
SAID: Final = (
    *("jira_key", "former_keys", "summary", "issue_type", "is_subtask", "status", "status_category", "priority"),
    *("labels", "parent_jira_id", "assignee_id", "reporter_id", "points", "resolution", "resolved_at", "created_at"),
    "updated_at",
)
DERIVED: Final = ("started_at", "done_at", "cycle_time_hours", "lead_time_hours", "credited_id")
ISSUE: Final = ("project_id", *SAID, *DERIVED, "gone_at")
COUNTED_AT: Final = ("created_at", "resolved_at", "done_at")
_PLACE: Final = {name: place for place, name in enumerate(ISSUE)}


class Stored(NamedTuple):
    """An issue's row as it is; None where there is none but its id is known."""

    id: int
    fetched_at: datetime | None
    row: bulk.Row | None

    def value(self, column: str) -> Any:
        return None if self.row is None else self.row[_PLACE[column]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of an issue that are replaced as a whole; the first `keys` of the columns tell them apart."""

    model: type[Any]
    columns: tuple[str, ...]
    keys: int


TRANSITIONS: Final = Table(
    JiraTransition,
    ("provider_id", "at", "from_status", "from_category", "to_status", "to_category", "author_id"),
    keys=1,
)
STAYS: Final = Table(JiraSprintStay, ("sprint_id", "joined_at", "left_at"), keys=2)
ESTIMATES: Final = Table(JiraEstimate, ("at", "points"), keys=1)


class Outcome(NamedTuple):
    """How many rows changed, and the keys under which issues are, or were, to be found."""

    rows: int
    keys: frozenset[str]


def look_of_project(page: ProjectPage) -> Look:
    mentioned = {record.provider_id: record for issue in page.issues for record in _people(issue)}
    return Look(SOURCE, page.fetched_at, tuple(mentioned.values()), frozenset())


def look_of_site(page: SitePage) -> Look:
    return Look(SOURCE, page.fetched_at, page.accounts, frozenset())


def _people(issue: IssueRecord) -> Iterator[ActorRecord]:
    """Histories tell less of people than issues do, so they come first and are replaced."""
    told = [each.author for each in issue.transitions]
    told += [person for each in issue.assignments for person in (each.before, each.after)]
    yield from filter(None, (*told, issue.reporter, issue.assignee))


def store_project(page: ProjectPage, actors: Actors) -> Outcome:
    """Accounts are stored already."""
    project_id, rows = _store_identity(page)
    sprints, changed = _store_sprints(page)
    issues = _store_issues(page, project_id, actors, sprints)
    return Outcome(rows + changed + issues.rows, issues.keys)


def _store_identity(page: ProjectPage) -> tuple[int, int]:
    """Its row is locked first, so that pages of one project are written one after the other."""
    record = page.project
    row = tuple(getattr(record, name) for name in PROJECT)
    mine = JiraProject.everything.filter(site=record.site, provider_id=record.provider_id)
    found = mine.select_for_update(no_key=True).values_list("id", "fetched_at", "gone_at", *PROJECT).first()
    if found is None:
        columns = ("site", "provider_id", *PROJECT, "fetched_at")
        first = (record.site, record.provider_id, *row, page.fetched_at)
        fresh = bulk.insert(JiraProject, current_team_id(), columns, [first], keep_existing=True)
        return _store_identity(page)[0], fresh
    key, fetched_at, gone_at, *before = found
    if page.fetched_at <= fetched_at:
        return key, 0
    bulk.update(JiraProject, (*PROJECT, "fetched_at", "gone_at"), [(key, *row, page.fetched_at, None)])
    return key, int(row != tuple(before) or gone_at is not None)


def _store_sprints(page: ProjectPage) -> tuple[dict[int, int], int]:
    """Our keys of the sprints that the page speaks of, by the provider's; one that is only named is kept without words."""
    told = {record.provider_id: record for record in page.sprints}
    named = {stay.sprint for issue in page.issues for stay in planning.stays(issue)} | told.keys()
    site = page.project.site
    mine = JiraSprint.everything.filter(site=site, provider_id__in=sorted(named))
    fresh = bulk.insert(
        JiraSprint,
        current_team_id(),
        ("site", "provider_id", "name", "state"),
        [(site, key, "", "") for key in sorted(named - set(mine.values_list("provider_id", flat=True)))],
        keep_existing=True,
    )
    locked = mine.order_by("provider_id").select_for_update(no_key=True)
    rows = list(locked.values_list("provider_id", "id", "fetched_at", "gone_at", *SPRINT))
    changed = _renew_sprints(told, rows, page.fetched_at)
    return {row[0]: row[1] for row in rows}, fresh + changed + _lose_sprints(page, told.keys())


def _renew_sprints(told: Mapping[int, SprintRecord], rows: Sequence[bulk.Row], at: datetime) -> int:
    """Returns how many say something else than before."""
    changed, later = 0, []
    for key, row_id, fetched_at, gone_at, *before in rows:
        if key in told and (fetched_at is None or at > fetched_at):
            after = tuple(getattr(told[key], name) for name in SPRINT)
            changed += after != tuple(before) or gone_at is not None
            later.append((row_id, *after, at, None))
    bulk.update(JiraSprint, (*SPRINT, "fetched_at", "gone_at"), later)
    return changed


def _lose_sprints(page: ProjectPage, there: Collection[int]) -> int:
    """Of boards that were read whole, who is missing was deleted."""
    mine = JiraSprint.objects.filter(site=page.project.site, board__in=page.boards, fetched_at__lt=page.fetched_at)
    lost: int = mine.exclude(provider_id__in=there).update(gone_at=page.fetched_at)
    return lost


def _store_issues(page: ProjectPage, project_id: int, actors: Actors, sprints: Mapping[int, int]) -> Outcome:
    records = {each.provider_id: each for each in sorted(page.issues, key=lambda each: each.updated_at)}
    stored = _locked(page.project.site, records)
    newer = [key for key, old in stored.items() if _is_newer(records[key], page.fetched_at, old)]
    rows = {key: _row(records[key], project_id, actors, stored[key], page.fetched_at) for key in newer}
    changed = [key for key in newer if rows[key] != stored[key].row]
    _write_issues(page, stored, rows)
    children = sum(
        _store_children(table, {stored[key].id: _children(table, records[key], actors, sprints) for key in newer})
        for table in (TRANSITIONS, STAYS, ESTIMATES)
    )
    back = _bring_back(page.fetched_at, [stored[key] for key in records.keys() - set(newer)])
    _touch(stored, rows, changed)
    keys = {key for one in changed for row in (stored[one].row, rows[one]) if row for key in _keys(row)}
    return Outcome(len(changed) + children + len(back), frozenset(keys).union(back))


def _locked(site: str, records: Collection[int]) -> dict[int, Stored]:
    """The rows of these issues, and of new ones the ids they will have."""
    mine = JiraIssue.everything.filter(site=site, jira_id__in=sorted(records)).order_by("jira_id")
    rows = mine.select_for_update(no_key=True).values_list("jira_id", "id", "fetched_at", *ISSUE)
    found = {key: Stored(row_id, fetched_at, tuple(row)) for key, row_id, fetched_at, *row in rows}
    missing = sorted(set(records) - found.keys())
    fresh = zip(missing, bulk.new_ids(JiraIssue, len(missing)), strict=True)
    return found | {key: Stored(new_id, None, None) for key, new_id in fresh}


def _is_newer(record: IssueRecord, fetched_at: datetime, old: Stored) -> bool:
    if old.row is None or old.fetched_at is None:
        return True
    return (record.updated_at, fetched_at) > (old.value("updated_at"), old.fetched_at)


def _row(record: IssueRecord, project_id: int, actors: Actors, old: Stored, fetched_at: datetime) -> bulk.Row:
    course = planning.course(record)
    gone_at = old.value("gone_at")
    is_back = gone_at is None or fetched_at > gone_at or old.value("project_id") != project_id
    return (
        *(project_id, record.key, list(record.former_keys), record.summary, record.issue_type, record.is_subtask),
        *(record.status.name, record.status.category, record.priority, list(record.labels), record.parent_id),
        *(actors.id_or_none(record.assignee), actors.id_or_none(record.reporter), record.points, record.resolution),
        *(record.resolved_at, record.created_at, record.updated_at),
        *(course.started_at, course.done_at, course.cycle_time_hours, course.lead_time_hours),
        *(actors.id_or_none(course.credited), None if is_back else gone_at),
    )


def _write_issues(page: ProjectPage, stored: Mapping[int, Stored], rows: Mapping[int, bulk.Row]) -> None:
    at = page.fetched_at
    columns = ("id", "site", "jira_id", "fetched_at", *ISSUE)
    fresh = [(stored[key].id, page.project.site, key, at, *row) for key, row in rows.items() if stored[key].row is None]
    known = [(stored[key].id, at, *row) for key, row in rows.items() if stored[key].row is not None]
    bulk.insert(JiraIssue, current_team_id(), columns, fresh)
    bulk.update(JiraIssue, ("fetched_at", *ISSUE), known)


def _children(table: Table, record: IssueRecord, actors: Actors, sprints: Mapping[int, int]) -> Iterable[bulk.Row]:
    if table is STAYS:
        return [(sprints[stay.sprint], stay.joined_at, stay.left_at) for stay in planning.stays(record)]
    if table is ESTIMATES:
        return planning.estimates(record)
    return [
        (
            *(each.provider_id, each.at, each.before.name, each.before.category),
            *(each.after.name, each.after.category, actors.id_or_none(each.author)),
        )
        for each in record.transitions
    ]


def _store_children(table: Table, wanted: Mapping[int, Iterable[bulk.Row]]) -> int:
    """`wanted` are the rows of each issue; returns how many are new, changed or gone."""
    stored: dict[bulk.Row, tuple[int, bulk.Row]] = {}
    found = table.model.objects.filter(issue__in=sorted(wanted))
    for row_id, issue, *row in found.values_list("id", "issue_id", *table.columns):
        stored[issue, *row[: table.keys]] = row_id, tuple(row)
    rows = {(issue, *row[: table.keys]): tuple(row) for issue, mine in wanted.items() for row in mine}
    fresh = [(key[0], *row) for key, row in rows.items() if key not in stored]
    changed = [(stored[key][0], *row) for key, row in rows.items() if key in stored and stored[key][1] != row]
    bulk.insert(table.model, current_team_id(), ("issue_id", *table.columns), fresh)
    bulk.update(table.model, table.columns, changed)
    gone = bulk.delete(table.model, [row_id for key, (row_id, _) in stored.items() if key not in rows])
    return len(fresh) + len(changed) + gone


def _bring_back(at: datetime, others: Iterable[Stored]) -> list[str]:
    """What was gone and is read again is there, also where the reading tells nothing new of it; gives their keys."""
    back = [old for old in others if old.value("gone_at") is not None and at > old.value("gone_at")]
    bulk.update(JiraIssue, ("gone_at",), [(old.id, None) for old in back])
    touch(_instants(old.row for old in back))
    return [key for old in back if old.row for key in _keys(old.row)]


def mark_issues_gone(project_id: int, ids: Collection[int], at: datetime) -> frozenset[str]:
    """Issues that are in the project no more, by the provider's ids; gives the keys of those that this is news for."""
    leaving = JiraIssue.objects.filter(project_id=project_id, jira_id__in=sorted(ids), fetched_at__lt=at)
    rows = list(leaving.order_by("jira_id").select_for_update(no_key=True).values_list("id", *ISSUE))
    bulk.update(JiraIssue, ("gone_at",), [(row[0], at) for row in rows])
    touch(_instants(row[1:] for row in rows))
    return frozenset(key for row in rows for key in _keys(row[1:]))


def _keys(row: bulk.Row) -> Iterator[str]:
    yield row[_PLACE["jira_key"]]
    yield from row[_PLACE["former_keys"]]


def _touch(stored: Mapping[int, Stored], rows: Mapping[int, bulk.Row], changed: Collection[int]) -> None:
    """Days on which an issue counted, and on which it counts now."""
    touch(_instants(row for key in changed for row in (stored[key].row, rows[key])))


def _instants(rows: Iterable[bulk.Row | None]) -> Iterator[datetime | None]:
    for row in rows:
        if row is not None:
            yield from (row[_PLACE[name]] for name in COUNTED_AT)
