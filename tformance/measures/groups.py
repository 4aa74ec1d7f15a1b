"""The teams of people that rows can be narrowed to. Call it inside `tenant()`."""

from django.db.models import Exists, OuterRef

from tformance.facts.models.organization import ProviderTeam, ProviderTeamMember
from tformance.measures import guard
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.result import Key


def known_groups() -> tuple[Key, ...]:
    """Those of the provider that somebody is in, by name; one statement."""
    somebody = Exists(ProviderTeamMember.objects.filter(provider_team=OuterRef("pk")))
    found = ProviderTeam.objects.filter(somebody).order_by("name", "pk").values_list("pk", "name")
    return tuple(Key(*pair) for pair in found)


def groups_to_choose() -> tuple[Key, ...]:
    """Those that the viewer may choose, and last who is in none; empty where there are none at all."""
    known = known_groups()
    return guard.choosable_groups([*known, Key(None, DIMENSIONS["group"].absent)]) if known else ()
