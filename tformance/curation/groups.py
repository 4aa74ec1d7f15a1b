"""Groups of people inside a team: who leads them, and who was in them since when. Each change is one transaction.

Raises Outdated where what it is about is no longer there, and Refused where it cannot be.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, Q
from django.db.models.functions import Lower

from tformance.accounts import audit
from tformance.accounts.models import Group, Membership, User
from tformance.curation.deciding import deciding
from tformance.facts.decisions import Outdated
from tformance.facts.models.organization import ProviderTeam, ProviderTeamMember
from tformance.facts.models.people import GroupMembership, TeamMember

LONGEST_NAME: Final = 200


class Refused(Exception):
    """It cannot be so; the words are for people."""


@dataclass(frozen=True, slots=True)
class Stay:
    """`left_on` is the first day on which they are not in the group; None: they still are."""

    id: int
    member: int
    name: str
    joined_on: date
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Listed:
    """`members` is how many people are in it on the day that was asked for."""

    id: int
    name: str
    lead: str
    members: int


@dataclass(frozen=True, slots=True)
class Whole:
    id: int
    name: str
    lead: int | None
    stays: tuple[Stay, ...]


@dataclass(frozen=True, slots=True)
class Theirs:
    """A team of the provider, of whose accounts so many belong to members."""

    id: int
    name: str
    members: int


def listed(today: date) -> tuple[Listed, ...]:
    """By name. Inside `tenant()`, as all that only reads here."""
    counted = Group.objects.annotate(here=Count("stays__member", filter=_here("stays__", today), distinct=True))
    rows = counted.select_related("lead").order_by(Lower("name"))
    return tuple(Listed(each.pk, each.name, str(each.lead or ""), each.here) for each in rows)


def whole(group: int) -> Whole | None:
    found = Group.objects.filter(pk=group).first()
    if found is None:
        return None
    stays = GroupMembership.objects.filter(group=found).select_related("member")
    rows = stays.order_by(Lower("member__display_name"), "member", "joined_on")
    return Whole(
        found.pk,
        found.name,
        found.lead_id,
        tuple(Stay(each.pk, each.member_id, each.member.display_name, each.joined_on, each.left_on) for each in rows),
    )


def teams_to_take() -> tuple[Theirs, ...]:
    """Of the provider, those with somebody in them who is a member here."""
    counted = ProviderTeam.objects.annotate(n=Count("members__actor__member", distinct=True)).filter(n__gt=0)
    return tuple(Theirs(*row) for row in counted.order_by(Lower("name")).values_list("pk", "name", "n"))


def make(team_id: int, user: User, name: str) -> int:
    with deciding(team_id):
        if Group.objects.filter(name=name).exists():
            raise Refused(f"There is a group called “{name}” already.")
        made = Group.objects.create(team_id=team_id, name=name)
        audit.record(user, "group_made", name, f"group {made.pk}")
        return int(made.pk)


def change(team_id: int, user: User, group: int, name: str, lead: int | None) -> None:
    with deciding(team_id):
        found = _group(group)
        if lead is not None and not Membership.objects.filter(team=team_id, user=lead).exists():
            raise Refused("Only somebody who belongs to the team can lead a group.")
        if Group.objects.filter(name=name).exclude(pk=group).exists():
            raise Refused(f"There is a group called “{name}” already.")
        if (found.name, found.lead_id) == (name, lead):
            return
        about = name if found.name == name else f"{found.name}, now {name}"
        found.name, found.lead_id = name, lead
        found.save(update_fields=["name", "lead"])
        audit.record(user, "group_changed", about, f"group {group}")


def delete(team_id: int, user: User, group: int) -> str:
    """Returns what it was called. The people stay, and all that they did."""
    with deciding(team_id):
        found = _group(group)
        found.delete()
        audit.record(user, "group_deleted", found.name, f"group {group}")
        return str(found.name)


def add(team_id: int, user: User, group: int, members: Iterable[int], joined_on: date, left_on: date | None) -> int:
    """Returns how many were not in it at that time already."""
    with deciding(team_id):
        found = _group(group)
        wanted = TeamMember.objects.filter(pk__in=list(members)).order_by("pk").select_for_update(no_key=True)
        new = [key for key in wanted.values_list("pk", flat=True) if not _during(group, key, joined_on, left_on)]
        _check(joined_on, left_on)
        rows = [GroupMembership(team_id=team_id, group=found, member_id=key) for key in new]
        for row in rows:
            row.joined_on, row.left_on = joined_on, left_on
        GroupMembership.objects.bulk_create(rows)
        if rows:
            audit.record(user, "group_people", f"{found.name}: {len(rows)} more", f"group {group}")
        return len(rows)


def take(team_id: int, user: User, group: int, theirs: int, joined_on: date) -> int:
    """Once, the members that a team of the provider has now; returns how many are new in the group."""
    with deciding(team_id):
        if not ProviderTeam.objects.filter(pk=theirs).exists():
            raise Outdated("This team is not known here.")
        accounts = ProviderTeamMember.objects.filter(provider_team=theirs, actor__member__isnull=False)
        return add(team_id, user, group, set(accounts.values_list("actor__member", flat=True)), joined_on, None)


def set_stay(team_id: int, user: User, group: int, stay: int, joined_on: date, left_on: date | None) -> None:
    with deciding(team_id):
        found, kept = _group(group), _stay(group, stay)
        _check(joined_on, left_on)
        if _during(group, kept.member_id, joined_on, left_on, without=stay):
            raise Refused("They are in the group at that time already, by another line.")
        if (kept.joined_on, kept.left_on) == (joined_on, left_on):
            return
        kept.joined_on, kept.left_on = joined_on, left_on
        kept.save(update_fields=["joined_on", "left_on"])
        audit.record(user, "group_people", f"{found.name}: {kept.member.display_name}", f"group {group}")


def end_stay(team_id: int, user: User, group: int, stay: int) -> None:
    """As if it never was."""
    with deciding(team_id):
        found, kept = _group(group), _stay(group, stay)
        kept.delete()
        audit.record(user, "group_people", f"{found.name}: not {kept.member.display_name}", f"group {group}")


def _here(to: str, day: date) -> Q:
    still = Q(**{f"{to}left_on__isnull": True}) | Q(**{f"{to}left_on__gt": day})
    return still & Q(**{f"{to}joined_on__lte": day})


def _during(group: int, member: int, joined_on: date, left_on: date | None, without: int | None = None) -> bool:
    stays = GroupMembership.objects.filter(group=group, member=member).exclude(pk=without)
    if left_on is not None:
        stays = stays.filter(joined_on__lt=left_on)
    return bool(stays.filter(Q(left_on__isnull=True) | Q(left_on__gt=joined_on)).exists())


def _check(joined_on: date, left_on: date | None) -> None:
    if left_on is not None and left_on <= joined_on:
        raise Refused("The day they left has to come after the day they joined.")


def _group(group: int) -> Group:
    found: Group | None = Group.objects.filter(pk=group).first()
    if found is None:
        raise Outdated("This group is no longer there.")
    return found


def _stay(group: int, stay: int) -> GroupMembership:
    found: GroupMembership | None = (
        GroupMembership.objects.filter(pk=stay, group=group).select_related("member").first()
    )
    if found is None:
        raise Outdated("This line is no longer there.")
    return found
