"""GitHub over HTTP: one question, one answer, and its errors by way out."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Self

import httpx2

from tformance.core import http
from tformance.core.errors import RateLimited, Reconnect, SourceError, TooLarge, Unexpected
from tformance.core.log import without_secrets
from tformance.sources.contract import Session

API_VERSION = "2022-11-28"
Json = dict[str, Any]

_SECONDARY = ("secondary rate limit", "abuse detection")
_LIMITED = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_FORBIDDEN = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})
_TOO_COSTLY = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"})
_TOO_SLOW = ("something went wrong while executing your query", "timeout", "timed out")


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
        response = self._send("POST", self._graphql, json={"query": document, "variables": variables}, resizable=True)
        answer = _json(response)
        data: Json | None = answer.get("data")
        budget = (data or {}).get("rateLimit") or {}
        resets = budget.get("resetAt")
        self._spend(budget.get("cost", 0), budget.get("remaining"), datetime.fromisoformat(resets) if resets else None)
        errors: list[Json] = answer.get("errors") or []
        if data is None or not all(_is_absence(error) for error in errors):
            raise self._refusal(errors, response, data)
        return data

    def ask(self, method: str, path: str, *, json: object = None, **params: str | int) -> httpx2.Response:
        """One REST answer with its headers."""
        response = self._send(method, path, json=json, params=params or None)
        self._spend(1, _remaining(response), _reset_at(response))
        return response

    def listing(self, path: str, inside: str = "", **params: str | int) -> Iterator[list[Json]]:
        """Pages of a REST list by GitHub's own links to the next; `inside` names the list where the answer is none."""
        following: str | None = path
        query: Mapping[str, str | int] | None = params
        while following:
            response = self._send("GET", following, params=query)
            self._spend(1, _remaining(response), _reset_at(response))
            answer = _json(response)
            yield answer[inside] if inside else answer
            following, query = response.links.get("next", {}).get("url"), None

    def _send(self, method: str, url: str, **request: Any) -> httpx2.Response:
        try:
            response = self._door.send(method, url, **request)
        except SourceError:
            self._spend(0, None, None)
            raise
        if not response.is_success:
            self._spend(0, _remaining(response), _reset_at(response))
            raise self._error(response)
        return response

    def _spend(self, points: int, remaining: int | None, reset_at: datetime | None) -> None:
        requests, self._paid = self._door.sent - self._paid, self._door.sent
        self._session.spend(requests, points, remaining, reset_at)

    def _error(self, response: httpx2.Response) -> SourceError:
        message = _message(response)
        if response.status_code in (403, 429) and (_remaining(response) == 0 or _is_secondary(message)):
            return self._limited(response)
        error = http.error_of(response, self._session.clock())
        assert error is not None
        return Reconnect(f"GitHub refuses the token: {message}") if isinstance(error, Reconnect) else error

    def _refusal(self, errors: list[Json], response: httpx2.Response, data: Json | None) -> SourceError:
        kinds = {str(error.get("type")) for error in errors}
        message = _shown(errors[0].get("message")) if errors else "no data"
        if kinds & _LIMITED or _is_secondary(message):
            return self._limited(response)
        if kinds & _FORBIDDEN:
            return Reconnect(f"The token may not read everything that is needed: {message}")
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


def _is_secondary(message: str) -> bool:
    return any(text in message.lower() for text in _SECONDARY)


def _remaining(response: httpx2.Response) -> int | None:
    text = response.headers.get("x-ratelimit-remaining", "")
    return int(text) if text.isdigit() else None


def _reset_at(response: httpx2.Response) -> datetime | None:
    text = response.headers.get("x-ratelimit-reset", "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdigit() else None
