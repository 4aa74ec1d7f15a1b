"""The only place that reads environment variables for the settings; a wrong value stops the start with one sentence."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def integer(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value not in TRUE_WORDS | FALSE_WORDS:
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")
    return value in TRUE_WORDS


def one_of(name: str, *known: str) -> str:
    """One of the known words; the first is the default."""
    value = text(name, known[0]).lower()
    if value not in known:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(known)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(name: str) -> dict[str, Any]:
    """A Django database from a PostgreSQL URL; without one, using the database fails and says which variable to set."""
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(text(name)))
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"{name} is not a PostgreSQL address: {error}") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "NAME": parts.pop("dbname", ""),
        "OPTIONS": parts,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def connection_string(name: str) -> str:
    """The same address in libpq's other notation; the queue's client loses the socket's directory of a URL."""
    return make_conninfo("", **conninfo_to_dict(text(name)))


def cache(name: str) -> dict[str, Any]:
    """`off`, `local` or a Redis address; entries live at most 300 seconds."""
    value = text(name, "local")
    if value == "off":
        return {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    if value == "local":
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "TIMEOUT": 300,
        }
    if value.startswith(("redis://", "rediss://", "unix://")):
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": value,
            "TIMEOUT": 300,
        }
    raise ImproperlyConfigured(f"{name} must be off, local or redis://…, not {value!r}.")


def _random_words() -> str:
    return secrets.token_urlsafe(48)


def kept_secret(name: str, file: Path, make: Callable[[], str] = _random_words) -> str:
    """The variable, or else the content of a 0600 file that `make` fills on first use."""
    given = text(name)
    if given:
        return given
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _existing_secret(name, file)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(make())
    return _existing_secret(name, file)


def _existing_secret(name: str, file: Path) -> str:
    secret = file.read_text().strip()
    if not secret:
        raise ImproperlyConfigured(f"The file for {name}, {file.name}, is empty: delete it to get a new secret.")
    return secret
