"""Texts that PostgreSQL cannot hold: NUL characters and lone surrogates become the replacement character."""

import dataclasses
import re
from functools import lru_cache
from typing import Any, TypeVar

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

T = TypeVar("T")


def cleaned(value: T) -> T:
    """The same record (or tuple, or text) with storable texts; unchanged values are returned as they are."""
    return _cleaned(value)  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        items = tuple(map(_cleaned, value))
        return value if all(map(_same, items, value)) else items
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {}
        for name in _field_names(type(value)):
            old = getattr(value, name)
            new = _cleaned(old)
            if new is not old:
                changes[name] = new
        return dataclasses.replace(value, **changes) if changes else value
    return value


def _text(text: str) -> str:
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    return _UNSTORABLE.sub("\ufffd", text)


def _same(one: object, other: object) -> bool:
    return one is other


@lru_cache(maxsize=64)
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))
