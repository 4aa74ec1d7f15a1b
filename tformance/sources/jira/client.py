"""Jira Cloud over HTTP: one question, one answer, and its errors by way out.

A token that may do all its owner may is taken at the site itself, one with scopes at the gateway only. Nothing tells
them apart, so both doors are tried once, and which one opened is remembered.
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Final, Self

import httpx2

from tformance.core import http
from tformance.core.errors import RateLimited, Reconnect, Skip, SourceError, Unexpected
from tformance.core.log import without_secrets
from tformance.sources.contract import Session

Json = dict[str, Any]
API: Final = "/rest/api/3"
AGILE: Final = "/rest/agile/1.0"
GATEWAY: Final = "https://api.atlassian.com"
DOOR: Final = "door"  # in the session's memory: which base address took the token, and the site's id
MOST_PAGES: Final = 10_000  # of one list: more means that Jira gives the same page again

_REFUSED_LOGIN = ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")  # in a header beside an answer for nobody
_NO_SCOPE = "scope does not match"
_LIMITS = {
    "jira-burst-based": "too many questions at once",
    "jira-quota-global-based": "this hour's budget is used up",
    "jira-quota-tenant-based": "this hour's budget of the site is used up",
}
_RENEW = "make a new API token at id.atlassian.com and connect again"


class Denied(Skip):
    """The account may not read one thing; others it may."""


class Refused(Unexpected):
    """Jira does not understand the question, or does not know what it speaks of (HTTP 400)."""


class Client:
    """A conversation with one site; use it with `with`. `cloud` is the site's id, `me` the account that asks."""

    def __init__(self, session: Session, site: str) -> None:
        self._session, self.site = session, site.rstrip("/")
        pair = base64.b64encode(session.secret().encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}
        self._door = http.Door(self.site, {})  # as nobody, until we are let in
        self.cloud = ""
        self.me: Json = {}

    def __enter__(self) -> Self:
        with ExitStack() as unless_let_in:
            unless_let_in.callback(self._close)
            self._find_door()
            unless_let_in.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self._door.close()

    def get(self, path: str, **params: str | int) -> Any:
        return self._answer("GET", path, params=params or None)

    def post(self, path: str, body: Json) -> Json:
        """Of questions that are too long for an address; nothing is changed."""
        answer: Json = self._answer("POST", path, json=body)
        return answer

    def listing(self, path: str, size: int, **params: str | int) -> Iterator[Json]:
        """What is in all pages of a list that counts from `startAt`."""
        start = 0
        for _ in range(MOST_PAGES):
            page = self.get(path, startAt=start, maxResults=size, **params)
            yield from page["values"]
            start += len(page["values"])
            if page.get("isLast", True) or not page["values"]:
                return

    def _find_door(self) -> None:
        """The one that opened last comes first; a new token may be of the other kind."""
        known = self._session.memory.get(DOOR) or {"base": self.site, "cloud": self._cloud()}
        self.cloud = known["cloud"]
        bases = sorted((self.site, gateway_of(self.site, self.cloud)), key=lambda base: base != known["base"])
        for base in bases:
            try:
                self._enter(base)
            except Reconnect:
                if base == bases[-1]:
                    raise
            else:
                self._session.memory[DOOR] = {"base": base, "cloud": self.cloud}
                return

    def _cloud(self) -> str:
        """Said to everybody, and asked as nobody: a token with scopes is a wrong one at the site."""
        try:
            return str(self.get("/_edge/tenant_info")["cloudId"])
        except (Skip, LookupError, TypeError) as error:
            raise Unexpected(f"There is no Jira Cloud at {self.site}") from error

    def _enter(self, base: str) -> None:
        """Who is not known is nobody in particular to Jira, who sees nothing: so it is always asked who we are."""
        self._door.close()
        self._door = http.Door(base, self._headers)
        self.me = self.get(f"{API}/myself")

    def _answer(
        self, method: str, path: str, *, json: Json | None = None, params: Mapping[str, str | int] | None = None
    ) -> Any:
        sent = self._door.sent
        try:
            response = self._door.send(method, path, json=json, params=params)
        finally:
            self._session.spend(self._door.sent - sent, 0)
        error = self._error(response, path)
        if error:
            raise error
        try:
            return response.json()
        except ValueError as unreadable:
            raise Unexpected(f"{self.site} does not answer as Jira does; is the address right?") from unreadable

    def _error(self, response: httpx2.Response, path: str) -> SourceError | None:
        words = _messages(response)
        if response.status_code == 429:
            return self._limited(response)
        if response.headers.get("x-seraph-loginreason", "").startswith(_REFUSED_LOGIN):
            return Reconnect(f"Jira does not accept the e-mail address and the token: {_RENEW}")
        if response.status_code == 401 and _NO_SCOPE in words:
            return Denied(f"The token has no scope that lets it read {path}", item=path)
        if response.status_code == 401:
            return Reconnect(f"Jira refuses the token ({words}): {_RENEW}")
        if response.status_code == 403:
            return Denied(f"The account may not read {path} ({words})", item=path)
        if response.status_code == 400:
            return Refused(f"Jira refuses a question: {words}")
        return http.error_of(response, self._session.clock())

    def _limited(self, response: httpx2.Response) -> RateLimited:
        instant = self._session.clock()
        until = http.told_to_wait(response, instant) or instant + http.DEFAULT_WAIT
        reason = _LIMITS.get(response.headers.get("ratelimit-reason", ""), "too many questions")
        return RateLimited(f"Jira asks us to wait: {reason}", until)


def gateway_of(site: str, cloud: str) -> str:
    """Where tokens with scopes are taken; a site that is no https one is a local Jira, which is its own gateway."""
    return f"{GATEWAY if site.startswith('https://') else site}/ex/jira/{cloud}"


def _messages(response: httpx2.Response) -> str:
    """Jira's own words, in whichever of its shapes they come."""
    try:
        body = response.json()
    except ValueError:
        return f"HTTP {response.status_code}"
    if not isinstance(body, dict):
        return f"HTTP {response.status_code}"
    told = [*(body.get("errorMessages") or ()), *(body.get("errors") or {}).values(), body.get("message") or ""]
    return without_secrets(" ".join(str(each) for each in told if each))[:300] or f"HTTP {response.status_code}"
