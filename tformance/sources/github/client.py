"""GitHub over HTTP: one question, one answer, and its errors by way out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import httpx2

from tformance.core import http
from tformance.core.errors import RateLimited, Reconnect, Skip, SourceError, TooLarge, Unexpected
from tformance.core.log import without_secrets
from tformance.sources.contract import Allowance, Session

API_VERSION = "2022-11-28"
Json = dict[str, Any]

_SECONDARY = ("secondary rate limit", "abuse detection")
_LIMITED = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_FORBIDDEN = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
_SUSPENDED = "suspended"
_TOO_COSTLY = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"})
_TOO_SLOW = ("something went wrong while executing your query", "timeout", "timed out")


ETAGS = "etags"  # in the session's memory: list → its pages' addresses and etags
MOST_LISTS = 4
MOST_PAGES = 20  # of a list whose etags are kept

Path = tuple[str | int, ...]


class Denied(Skip):
    """The token may not read one thing; others it may."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`denied` are the places in `data` that are null because the token may not read them, `reason` GitHub's words."""

    data: Json
    denied: tuple[Path, ...]
    reason: str


class Client:
    """A conversation with one GitHub, paid from the session's budget; use it with `with`."""

    def __init__(self, session: Session, api_url: str) -> None:
        self._session = session
        self._graphql = graphql_url(api_url)
        self._paid = 0
        headers = {
            "Authorization": f"Bearer {session.secret()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": API_VERSION,
        }
        self._door = http.Door(api_url.rstrip("/"), headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def query(self, document: str, **variables: object) -> Json:
        """The data of an answer; things that do not exist (any more) are null in it.

        TooLarge also when GitHub answers only in part: with fewer things asked for at once the one that fails shows.
        """
        answer = self.readable(document, **variables)
        if answer.denied:
            raise Denied(answer.reason, item=str(answer.denied[0][-1]))
        return answer.data

    def readable(self, document: str, **variables: object) -> Answer:
        """As `query`, but what the token may not read is left out and named."""
        response = self._send("POST", self._graphql, json={"query": document, "variables": variables}, resizable=True)
        answer = _json(response)
        data: Json | None = answer.get("data")
        budget = (data or {}).get("rateLimit") or {}
        self._spend(budget.get("cost", 0), _left_of(budget, response) or _left(response))
        errors: list[Json] = [error for error in answer.get("errors") or () if not _is_absence(error)]
        denied = [error for error in errors if _is_denial(error)]
        if data is None or len(denied) < len(errors):
            raise self._refusal(errors, response, data)
        reason = f"The token may not read everything: {_shown(denied[0].get('message'))}" if denied else ""
        return Answer(data, tuple([tuple(error["path"]) for error in denied]), reason)

    def ask(self, method: str, path: str, *, json: object = None, **params: str | int) -> httpx2.Response:
        """One REST answer with its headers."""
        response = self._send(method, path, json=json, params=params or None)
        self._spend(1, _left(response))
        return response

    def listing(self, path: str, inside: str = "", **params: str | int) -> Iterator[Any]:
        """Pages of a REST answer by GitHub's own links to the next; `inside` names the list that is wanted of each."""
        for response in self._responses(path, params):
            answer = _json(response)
            yield answer[inside] if inside else answer

    def whole_listing(self, path: str, **params: str | int) -> list[Any]:
        """All pages; what they are is kept for `listing_if_changed`."""
        pages, etags = [], []
        for response in self._responses(path, params):
            pages.append(_json(response))
            etags.append([str(response.request.url), response.headers.get("etag", "")])
        rest = {key: value for key, value in self._session.memory.get(ETAGS, {}).items() if key != path}
        kept = dict(list(rest.items())[1 - MOST_LISTS :])
        if len(etags) <= MOST_PAGES and all(etag for _, etag in etags):
            kept[path] = etags
        self._session.memory[ETAGS] = kept
        return pages

    def listing_if_changed(self, path: str, **params: str | int) -> list[Any] | None:
        """All pages, or None where none changed since they were last read this way, which costs no budget."""
        known = self._session.memory.get(ETAGS, {})
        if path in known and all(self._is_unchanged(url, etag) for url, etag in known[path]):
            return None
        return self.whole_listing(path, **params)

    def _is_unchanged(self, url: str, etag: str) -> bool:
        response = self._send("GET", url, headers={"If-None-Match": etag})
        is_unchanged = response.status_code == 304
        self._spend(0 if is_unchanged else 1, _left(response))
        return is_unchanged

    def _responses(self, path: str, params: dict[str, str | int]) -> Iterator[httpx2.Response]:
        response = self.ask("GET", path, **params)
        yield response
        while following := response.links.get("next", {}).get("url"):
            response = self.ask("GET", following)
            yield response

    def _send(self, method: str, url: str, **request: Any) -> httpx2.Response:
        try:
            response = self._door.send(method, url, **request)
        except SourceError:
            self._spend(0)
            raise
        if not response.is_success and response.status_code != 304:
            self._spend(0, _left(response))
            raise self._error(response)
        return response

    def _spend(self, points: int, left: Allowance | None = None) -> None:
        requests, self._paid = self._door.sent - self._paid, self._door.sent
        self._session.spend(requests, points, left)

    def _error(self, response: httpx2.Response) -> SourceError:
        message = _message(response)
        if response.status_code in (403, 429) and (_remaining(response) == 0 or _is_secondary(message)):
            return self._limited(response)
        if response.status_code == 403 and response.request.method == "GET" and _SUSPENDED not in message:
            return Denied(_needed(response, message), item=response.request.url.path)
        error = http.error_of(response, self._session.clock())
        assert error is not None
        return (
            _refused(message, "revoked" if response.status_code == 401 else "")
            if isinstance(error, Reconnect)
            else error
        )

    def _refusal(self, errors: list[Json], response: httpx2.Response, data: Json | None) -> SourceError:
        kinds = {str(error.get("type")) for error in errors}
        message = _shown(errors[0].get("message")) if errors else "no data"
        if kinds & _LIMITED or _is_secondary(message):
            return self._limited(response)
        if kinds and kinds <= {"INSUFFICIENT_SCOPES"}:
            return Denied(f"The token may not read this: {message}", item="")
        if kinds & _FORBIDDEN:
            return _refused(message)
        if data is not None or kinds & _TOO_COSTLY or any(text in message.lower() for text in _TOO_SLOW):
            return TooLarge(f"GitHub could not answer completely: {message}")
        return Unexpected(f"GitHub does not answer the question: {message}")

    def _limited(self, response: httpx2.Response) -> RateLimited:
        now = self._session.clock()
        until = http.told_to_wait(response, now)
        if until is None and _remaining(response) == 0:
            until = _reset_at(response)
        return RateLimited("GitHub's rate limit is used up for now", until or now + http.DEFAULT_WAIT)


def graphql_url(api_url: str) -> str:
    """GitHub Enterprise Server serves REST at `/api/v3` and GraphQL at `/api/graphql`."""
    base = api_url.rstrip("/")
    return f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"


def _json(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise Unexpected(
            f"{response.request.url.host} does not answer as GitHub does; is the address right?"
        ) from error


def _message(response: httpx2.Response) -> str:
    try:
        return _shown(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code}"


def _shown(message: object) -> str:
    return without_secrets(str(message))[:300]


def _is_absence(error: Json) -> bool:
    """One of the things asked for by id or name does not exist, which is an answer."""
    return error.get("type") == "NOT_FOUND" and len(error.get("path") or ()) <= 2


def _is_denial(error: Json) -> bool:
    """One thing that was asked for may not be read with this token."""
    return error.get("type") in _FORBIDDEN and bool(error.get("path"))


def _refused(message: str, problem: str = "") -> Reconnect:
    """`problem` is the kind of trouble that the status tells; a suspension is told by the words only."""
    is_suspended = _SUSPENDED in message.lower()
    return Reconnect(f"GitHub refuses the token: {message}", _SUSPENDED if is_suspended else problem)


def _needed(response: httpx2.Response, message: str) -> str:
    """What the token lacks, in GitHub's own words where it says so."""
    if "x-github-sso" in response.headers:
        return "The organisation asks for single sign-on; authorise the token for it in GitHub's token settings"
    permissions = response.headers.get("x-accepted-github-permissions", "").replace("_", " ").replace("=", ": ")
    scopes = response.headers.get("x-accepted-oauth-scopes", "").replace(", ", " or ")
    if scopes and response.headers.get("x-oauth-scopes") is not None:
        permissions = f"the scope {scopes}"
    needs = f"; it needs {_shown(permissions)}" if permissions else ""
    return f"The token may not read {response.request.url.path}{needs} ({message})"


def _is_secondary(message: str) -> bool:
    return any(text in message.lower() for text in _SECONDARY)


def _left_of(budget: Json, response: httpx2.Response) -> Allowance | None:
    """What GraphQL says itself of its points."""
    if budget.get("remaining") is None or not budget.get("resetAt"):
        return None
    return Allowance("graphql", budget["remaining"], datetime.fromisoformat(budget["resetAt"]), _limit(response))


def _left(response: httpx2.Response) -> Allowance | None:
    """What the headers say; without a name it is REST's budget."""
    remaining, reset_at = _remaining(response), _reset_at(response)
    if remaining is None or reset_at is None:
        return None
    return Allowance(response.headers.get("x-ratelimit-resource", "core"), remaining, reset_at, _limit(response))


def _limit(response: httpx2.Response) -> int | None:
    text = response.headers.get("x-ratelimit-limit", "")
    return int(text) if text.isdigit() else None


def _remaining(response: httpx2.Response) -> int | None:
    text = response.headers.get("x-ratelimit-remaining", "")
    return int(text) if text.isdigit() else None


def _reset_at(response: httpx2.Response) -> datetime | None:
    text = response.headers.get("x-ratelimit-reset", "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else None
