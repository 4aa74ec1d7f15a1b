"""The caches of one process, whose counts of tries stand in the database: a limit that each process has is none."""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache

PREFIX = "allauth:"  # of the keys that allauth counts under


class Counting(BaseCache):
    """Hands what is counted on to the cache `tries`."""

    def add(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._of(key).add(key, *args, **kwargs))

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        return self._of(key).get(key, *args, **kwargs)

    def set(self, key: Any, *args: Any, **kwargs: Any) -> None:
        self._of(key).set(key, *args, **kwargs)

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._of(key).delete(key, *args, **kwargs))

    def _of(self, key: Any) -> Any:
        return caches["tries"] if str(key).startswith(PREFIX) else super()


class LocalCache(Counting, LocMemCache):
    pass


class NoCache(Counting, DummyCache):
    pass
