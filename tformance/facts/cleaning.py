"""Texts that PostgreSQL cannot hold: NUL characters and lone surrogates become the replacement character."""

import dataclasses
import re
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_WITHOUT_TEXT: Final = (bool, int, int | None, datetime, datetime | None)

T = TypeVar("T")


def cleaned(value: T) -> T:
    """The same record (or tuple, or text) with storable texts; unchanged values are returned as they are."""
    return _cleaned(value)  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        items = tuple(map(_cleaned, value))
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        return {_text(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    kind: Any = type(value)
    changes = {}
    for name in _fields_with_text(kind):
        old = getattr(value, name)
        new = _cleaned(old)
        if new is not old:
            changes[name] = new
    return dataclasses.replace(value, **changes) if changes else value


def _text(text: str) -> str:
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


@lru_cache(maxsize=64)
def _fields_with_text(kind: type) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(field.name for field in dataclasses.fields(kind) if field.type not in _WITHOUT_TEXT)
