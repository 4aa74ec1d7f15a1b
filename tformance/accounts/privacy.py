"""What a team decided about who sees what: as the product has it, or stricter, never looser."""

from typing import NamedTuple

from tformance.accounts import audit
from tformance.accounts.models import LEAST_PEOPLE, MOST_PEOPLE, SeenBy, Team, User
from tformance.accounts.tenancy import tenant


class Privacy(NamedTuple):
    """So many people at least are in a group whose numbers are told, and who else sees those of single people."""

    least_people: int
    people_seen_by: SeenBy


class TooLoose(Exception):
    """So few people would be told of that nobody may decide so."""


class Changed(Exception):
    """Somebody else decided meanwhile."""


def of_team(team: Team) -> Privacy:
    return Privacy(team.least_people, SeenBy(team.people_seen_by))


def change(user: User, team_id: int, seen: Privacy, wanted: Privacy) -> bool:
    """From what was `seen` to what is `wanted`; returns whether that is news. Raises Changed and TooLoose."""
    if not LEAST_PEOPLE <= wanted.least_people <= MOST_PEOPLE:
        raise TooLoose
    with tenant(team_id):
        team = Team.objects.select_for_update(no_key=True).get(pk=team_id)
        before = of_team(team)
        if before == wanted:
            return False
        if before != seen:
            raise Changed
        team.least_people, team.people_seen_by = wanted
        team.save(update_fields=["least_people", "people_seen_by"])
        for about in _changes(before, wanted):
            audit.record(user, "privacy_changed", about)
    return True


def _changes(before: Privacy, after: Privacy) -> list[str]:
    found = []
    if before.least_people != after.least_people:
        found.append(f"smallest group: {before.least_people} → {after.least_people} people")
    if before.people_seen_by != after.people_seen_by:
        told = [each.people_seen_by.label.lower() for each in (before, after)]
        found.append(f"numbers of single people are seen by: {told[0]} → {told[1]}")
    return found
