"""What the keys of dimensions are called."""

from collections.abc import Iterable
from typing import Any

from tformance.facts.models.organization import ProviderTeam
from tformance.facts.models.people import Actor
from tformance.facts.models.repository import Repository
from tformance.measures.dimensions import DIMENSIONS

Labels = dict[tuple[str, int | str | None], str]

NAMED_BY: dict[str, tuple[Any, str]] = {
    "repository": (Repository, "full_name"),
    "actor": (Actor, "login"),
    "group": (ProviderTeam, "name"),
}


def labels_of(keys: dict[str, set[Any]]) -> Labels:
    """Labels for the keys seen of each dimension; one statement for each dimension whose keys are ids."""
    labels: Labels = {}
    for name, ids in keys.items():
        dimension = DIMENSIONS[name]
        names = {None: dimension.absent, "": dimension.absent, **_named(dimension.names, ids)}
        labels.update({(name, key): names.get(key, str(key)) for key in ids})
    return labels


def _named(kind: str, ids: Iterable[Any]) -> dict[Any, str]:
    if kind not in NAMED_BY:
        return {}
    model, column = NAMED_BY[kind]
    return dict(model.everything.filter(pk__in=[key for key in ids if key is not None]).values_list("pk", column))
