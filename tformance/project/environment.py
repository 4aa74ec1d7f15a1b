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


# How often something was tried is counted where all web processes see it.
TRIES = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "accounts_tries",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}


def cache(name: str) -> dict[str, Any]:
    """`off`, `local` or a Redis address; entries live at most 300 seconds."""
    value = text(name, "local")
    if value == "off":
        return {"BACKEND": "tformance.project.caches.NoCache"}
    if value == "local":
        return {
            "BACKEND": "tformance.project.caches.LocalCache",
            "TIMEOUT": 300,
        }
    if value.startswith(("redis://", "rediss://", "unix://")):
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": value,
            "TIMEOUT": 300,
        }
    raise ImproperlyConfigured(f"{name} must be off, local or redis://…, not {value!r}.")


def sign_in_sites() -> dict[str, Any]:
    """GitHub and an OpenID Connect provider as ways to sign in, each only where it is set up completely."""
    sites: dict[str, Any] = {"github": {}, "openid_connect": {}}
    if github := _app("GITHUB_LOGIN_CLIENT_ID", "GITHUB_LOGIN_CLIENT_SECRET"):
        sites["github"] = {"APPS": [github], "OAUTH_PKCE_ENABLED": True}
        if url := text("GITHUB_LOGIN_URL"):
            sites["github"]["GITHUB_URL"] = url
    if oidc := _app("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ISSUER"):
        server = {"server_url": text("OIDC_ISSUER").rstrip("/")}
        oidc |= {"provider_id": "oidc", "name": text("OIDC_NAME", "single sign-on"), "settings": server}
        sites["openid_connect"] = {"APPS": [oidc], "OAUTH_PKCE_ENABLED": True}
    return sites


def _app(client_id: str, secret: str, *needed: str) -> dict[str, Any]:
    """Empty where nothing is set; half of it stops the start."""
    names = (client_id, secret, *needed)
    missing = [name for name in names if not text(name)]
    if len(missing) == len(names):
        return {}
    if missing:
        raise ImproperlyConfigured(f"{' and '.join(missing)} must be set too, or none of {', '.join(names)}.")
    return {"client_id": text(client_id), "secret": text(secret)}


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
