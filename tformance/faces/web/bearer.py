"""Programs that read a team's files with a token instead of a session."""

from django.http import HttpRequest

from tformance.accounts import tokens
from tformance.accounts.models import ApiToken

FILES = (".csv", ".json")


class BadToken(Exception):
    """The message is for whoever runs the program."""


def bearer_of(request: HttpRequest) -> ApiToken | None:
    """The token of the request, whose owner is the visitor from here on; None without one. Raises BadToken.

    It is good for reading files only: for everything else there are sign-ins.
    """
    way, _, secret = request.headers.get("Authorization", "").partition(" ")
    if way.lower() != "bearer" or not secret.startswith(tokens.PREFIX):
        return None  # some proxies send along tokens of their own
    if request.method not in ("GET", "HEAD") or not request.path.endswith(FILES):
        raise BadToken("A token reads addresses that end with .csv or .json, and nothing else.")
    token = tokens.used(secret.strip())
    if token is None:
        raise BadToken("The token is unknown, revoked or too old.")
    request.user = token.user
    return token
