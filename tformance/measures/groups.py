"""The teams of people that rows can be narrowed to. Call it inside `tenant()`."""

from django.db.models import Exists, OuterRef

from tformance.facts.models.organization import ProviderTeam, ProviderTeamMember
from tformance.measures.result import Key


def known_groups() -> tuple[Key, ...]:
    """Those of the provider that somebody is in, by name; one statement."""
    somebody = Exists(ProviderTeamMember.objects.filter(provider_team=OuterRef("pk")))
    found = ProviderTeam.objects.filter(somebody).order_by("name", "pk").values_list("pk", "name")
    return tuple(Key(*pair) for pair in found)
