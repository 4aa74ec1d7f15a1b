"""Answers kept until the team's data or a definition moves on, at most 300 seconds; see CACHE_URL."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.cache import cache

from tformance.accounts.tenancy import current_team_id
from tformance.facts.models.repository import DataVersion

BOUND_SECONDS = 300


def remembered(wanted: Mapping[str, Callable[[], Any]], now: datetime) -> dict[str, Any]:
    """What each function gives, by its name; a name says everything the answer depends on but the team's data.

    The version is read before the data, so that nothing older than it can be kept under it.
    """
    prefix = f"{current_team_id()}:{_data_version()}:{now:%Y%m%d%H}"
    address = {name: hashlib.sha256(f"{prefix}:{name}".encode()).hexdigest() for name in wanted}
    kept = cache.get_many(address.values())
    found = {name: kept[key] if (key := address[name]) in kept else look_up() for name, look_up in wanted.items()}
    fresh = {address[name]: value for name, value in found.items() if address[name] not in kept}
    if fresh:
        cache.set_many(fresh, BOUND_SECONDS)
    return found


def _data_version() -> str:
    version = DataVersion.objects.values_list("version", "team__definition_version").first()
    return "empty" if version is None else "{}.{}".format(*version)
