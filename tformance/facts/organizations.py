"""Organisations of a page: members, teams and seats as whole sets, usage by day. The newest reading holds."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, NamedTuple

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.activity import settle_activity
from tformance.facts.actors import Actors
from tformance.facts.merging import Children, Version, as_json, is_covered, merged, readings_from_json
from tformance.facts.models.base import Fact
from tformance.facts.models.organization import (
    AiUsageDay,
    Organization,
    OrganizationMember,
    ProviderTeam,
    ProviderTeamMember,
    Seat,
    UsageCoverage,
)
from tformance.facts.records import OrganizationPage, ProviderTeamRecord, UsageDayRecord

IDENTITY: Final = ("source", "provider_id", "node_id", "login", "name")
USAGE: Final = tuple(each.name for each in fields(UsageDayRecord) if each.name not in ("tool", "actor", "day"))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of an organisation that are one child set: who is missing from a complete reading is gone.

    The first `keys` of the columns tell rows apart.
    """

    of: str
    model: type[Fact]
    columns: tuple[str, ...]
    keys: int

    def key(self, values: bulk.Row) -> str:
        return " ".join(map(str, values[: self.keys]))


class Stored(NamedTuple):
    id: int
    gone_at: datetime | None
    values: bulk.Row


MEMBERS: Final = Table("members", OrganizationMember, ("actor_id", "role"), keys=1)
TEAMS: Final = Table(
    "teams", ProviderTeam, ("provider_id", "node_id", "slug", "name", "parent_slug", "members_total"), keys=1
)
SEATS: Final = Table(
    "seats",
    Seat,
    ("tool", "actor_id", "assigned_at", "cancels_on", "last_active_at", "last_editor", "plan", "raw"),
    keys=2,
)


def store_organization(page: OrganizationPage, actors: Actors) -> int:
    """Returns how many rows changed; actors are stored already."""
    organization_id, child_sets, moved = _store_identity(page)
    changed = 0
    for table, total, rows in _read(page, actors):
        stored = _stored(table, organization_id)
        before = _children(table, child_sets, stored)
        version = Version(page.fetched_at, page.fetched_at)
        if is_covered(before, version):
            continue
        after = merged(before, {table.key(row): row for row in rows}, {"": total}, version)
        changed += _store_set(table, organization_id, stored, after, page.fetched_at)
        child_sets[table.of] = as_json(after, len(after.items))
        if table is TEAMS and page.teams is not None:
            changed += _store_team_members(organization_id, page.teams.items, actors)
    bulk.update(Organization, ("child_sets",), [(organization_id, child_sets)])
    return moved + changed + _store_usage(page, organization_id, actors) + _store_days(page, organization_id)


def _store_identity(page: OrganizationPage) -> tuple[int, dict[str, Any], int]:
    """Its row is locked first, so that readings of one organisation are written one after the other."""
    record = page.organization
    row = tuple(getattr(record, name) for name in IDENTITY)
    mine = Organization.everything.filter(source=record.source, provider_id=record.provider_id)
    locked = mine.select_for_update(no_key=True)
    found = locked.values_list("id", "fetched_at", "child_sets", "gone_at", *IDENTITY).first()
    if found is None:
        columns, first = (*IDENTITY, "fetched_at", "child_sets"), (*row, page.fetched_at, {})
        bulk.insert(Organization, current_team_id(), columns, [first], keep_existing=True)
        key, child_sets, _ = _store_identity(page)
        return key, child_sets, 1
    key, fetched_at, child_sets, gone_at, *before = found
    if page.fetched_at <= fetched_at:
        return key, child_sets, 0
    bulk.update(Organization, (*IDENTITY, "fetched_at", "gone_at"), [(key, *row, page.fetched_at, None)])
    return key, child_sets, int(row != tuple(before) or gone_at is not None)


def _read(page: OrganizationPage, actors: Actors) -> Iterator[tuple[Table, int, list[bulk.Row]]]:
    """The sets that were asked for, with the provider's count and a row for each item."""
    if page.members is not None:
        members = [(actors.id(each.actor), each.role) for each in page.members.items]
        yield MEMBERS, page.members.total, members
    if page.teams is not None:
        teams = [
            (*(getattr(each, name) for name in TEAMS.columns[:-1]), each.members.total) for each in page.teams.items
        ]
        yield TEAMS, page.teams.total, teams
    if page.seats is not None:
        seats = [
            (each.tool, actors.id(each.actor), *(getattr(each, name) for name in SEATS.columns[2:]))
            for each in page.seats.items
        ]
        yield SEATS, page.seats.total, seats


def _stored(table: Table, organization_id: int) -> dict[str, Stored]:
    rows = table.model.everything.filter(organization_id=organization_id).order_by("id")
    found = (
        Stored(key, gone_at, values) for key, gone_at, *values in rows.values_list("id", "gone_at", *table.columns)
    )
    return {table.key(each.values): each._replace(values=tuple(each.values)) for each in found}


def _children(table: Table, child_sets: Mapping[str, Any], stored: Mapping[str, Stored]) -> Children:
    if table.of not in child_sets:
        return Children()
    present = {key: each.values for key, each in stored.items() if each.gone_at is None}
    return Children(present, readings_from_json(child_sets[table.of]))


def _store_set(
    table: Table, organization_id: int, stored: Mapping[str, Stored], after: Children, fetched_at: datetime
) -> int:
    fresh = [row for key, row in after.items.items() if key not in stored]
    known = [(stored[key], row) for key, row in after.items.items() if key in stored]
    back = [old for old, _ in known if old.gone_at is not None]
    changed = [(old.id, None, *row) for old, row in known if old.gone_at is not None or old.values != row]
    gone = [old for key, old in stored.items() if key not in after.items and old.gone_at is None]
    extra = ("first_seen_at",) if table is MEMBERS else ()
    columns = ("organization_id", *table.columns, *extra)
    rows = [(organization_id, *row, *(fetched_at for _ in extra)) for row in fresh]
    bulk.insert(table.model, current_team_id(), columns, rows)
    bulk.update(table.model, ("gone_at", *table.columns), changed)
    bulk.update(table.model, ("gone_at",), [(old.id, fetched_at) for old in gone])
    people = 0
    if table is MEMBERS:
        people = settle_activity([row[0] for row in fresh] + [old.values[0] for old in (*back, *gone)])
    return len(fresh) + len(changed) + len(gone) + people


def _store_team_members(organization_id: int, teams: Collection[ProviderTeamRecord], actors: Actors) -> int:
    """A list that is not complete only adds."""
    ids = dict(ProviderTeam.objects.filter(organization_id=organization_id).values_list("provider_id", "id"))
    wanted = {(ids[team.provider_id], actors.id(each)) for team in teams for each in team.members.items}
    complete = {ids[team.provider_id] for team in teams if team.members.complete}
    found = ProviderTeamMember.objects.filter(provider_team__organization_id=organization_id)
    stored = {(team, actor): key for key, team, actor in found.values_list("id", "provider_team_id", "actor_id")}
    present = set(ids.values())
    gone = [
        key for pair, key in stored.items() if pair not in wanted and (pair[0] in complete or pair[0] not in present)
    ]
    fresh = sorted(wanted - stored.keys())
    bulk.insert(ProviderTeamMember, current_team_id(), ("provider_team_id", "actor_id"), fresh)
    return len(fresh) + bulk.delete(ProviderTeamMember, gone)


def _store_usage(page: OrganizationPage, organization_id: int, actors: Actors) -> int:
    read = {(used.tool, actors.id(used.actor), used.day): used for used in page.usage}
    if not read:
        return 0
    columns = ("organization_id", *USAGE, "fetched_at")
    mine = AiUsageDay.objects.filter(actor__in={key[1] for key in read}, day__in={key[2] for key in read})
    found = mine.order_by("id").select_for_update(no_key=True, of=("self",))
    stored = {row[1:4]: (row[0], row[4:]) for row in found.values_list("id", "tool", "actor_id", "day", *columns)}
    rows = {
        key: (organization_id, *(getattr(used, name) for name in USAGE), page.fetched_at) for key, used in read.items()
    }
    fresh = [(*key, *row) for key, row in rows.items() if key not in stored]
    later = [(stored[key], row) for key, row in rows.items() if key in stored and row[-1] > stored[key][1][-1]]
    bulk.insert(AiUsageDay, current_team_id(), ("tool", "actor_id", "day", *columns), fresh)
    bulk.update(AiUsageDay, columns, [(old[0], *row) for old, row in later])
    return len(fresh) + len([row for old, row in later if old[1][:-1] != row[:-1]])


def _store_days(page: OrganizationPage, organization_id: int) -> int:
    days = sorted(set(page.report_days))
    known = UsageCoverage.objects.filter(organization_id=organization_id, day__in=days)
    stored = {day: (key, fetched_at) for key, day, fetched_at in known.values_list("id", "day", "fetched_at")}
    fresh = [(organization_id, day, page.fetched_at) for day in days if day not in stored]
    later = [(key, page.fetched_at) for key, fetched_at in stored.values() if page.fetched_at > fetched_at]
    bulk.update(UsageCoverage, ("fetched_at",), later)
    return bulk.insert(UsageCoverage, current_team_id(), ("organization_id", "day", "fetched_at"), fresh)
