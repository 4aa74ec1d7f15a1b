"""The one door to other people's servers: timeouts, a few quick repeats, and errors by way out.

Nothing here waits for a rate limit: who is told to wait gets RateLimited and comes back later.
"""

import logging
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpcore2
import httpx2
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_chain,
    wait_fixed,
    wait_random,
)

from tformance.core.errors import RateLimited, Reconnect, Retry, Skip, SourceError, TooLarge, Unexpected
from tformance.core.reach import Checked

USER_AGENT = "tformance"
TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
PAUSES = (0.5, 1.0, 2.0)  # seconds before each repeat
JITTER = 0.25  # of a pause on top of it, so that many callers do not come back at the same instant
DEFAULT_WAIT = timedelta(minutes=1)  # where a provider says "later" without saying when

logging.getLogger("httpx2").setLevel(logging.WARNING)  # its line for each request says less than a step's counts

_OVERLOADED = frozenset({502, 504})
_PASSING = frozenset({408, 425, 500, 502, 503, 504})


class Door:
    """Requests to one provider, whose headers go to no other host. `sent` counts every attempt, repeats included."""

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        self.sent = 0
        self._http = httpx2.Client(
            base_url=base_url,
            headers={"User-Agent": USER_AGENT, **headers},
            timeout=TIMEOUT,
            follow_redirects=True,
            verify=_trusted(),
            transport=_transport(),
        )

    def close(self) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        resizable: bool = False,
    ) -> httpx2.Response:
        """The answer, also a refusal: the caller may know more about it than `error_of`.

        A `resizable` request is not repeated when the provider could not cope with it in time: TooLarge says
        that a smaller one may work. Everything else that passes is repeated; Retry when it does not pass.
        """
        request = self._http.build_request(method, path, json=json, params=params, headers=headers)
        if request.url.host != self._http.base_url.host:
            raise Unexpected(f"{self._http.base_url.host} sends us on to {request.url.host}")
        patiently = Retrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(len(PAUSES) + 1),
            wait=wait_chain(*[wait_fixed(pause) + wait_random(0, pause * JITTER) for pause in PAUSES]),
            retry_error_callback=_give_up,
        )
        return patiently(self._once, request, resizable)

    def _once(self, request: httpx2.Request, resizable: bool) -> httpx2.Response:
        self.sent += 1
        try:
            response = self._http.send(request)
        except httpx2.ReadTimeout as error:
            if resizable:
                raise TooLarge(f"{request.url.host} did not answer in time") from error
            raise _Passing(f"{request.url.host} did not answer in time") from error
        except httpx2.TransportError as error:
            raise _Passing(f"{request.url.host} cannot be reached ({type(error).__name__})") from error
        except httpx2.RequestError as error:
            raise Unexpected(f"{request.url.host} does not answer properly ({type(error).__name__})") from error
        if resizable and response.status_code in _OVERLOADED:
            raise TooLarge(f"{request.url.host} could not answer in time (HTTP {response.status_code})")
        if response.status_code in _PASSING and "retry-after" not in response.headers:
            raise _Passing(f"{request.url.host} answered HTTP {response.status_code}")
        return response


class LinkEnded(Skip):
    """A signed address is no longer valid; whoever gave it may give another."""


@contextmanager
def lines_at(address: str) -> Iterator[Iterator[str]]:
    """The lines of a file at a signed address, as they arrive. No credential of ours goes there.

    Raises LinkEnded, or Retry for a fault that passes, also while the lines are read.
    """
    host = httpx2.URL(address).host
    try:
        with (
            httpx2.Client(
                headers={"User-Agent": USER_AGENT}, timeout=TIMEOUT, verify=_trusted(), transport=_transport()
            ) as client,
            client.stream("GET", address) as response,
        ):
            if response.status_code in (401, 403, 404, 410):
                raise LinkEnded(f"{host} no longer takes the link (HTTP {response.status_code})", item=host)
            if not response.is_success:
                raise Retry(f"{host} answered HTTP {response.status_code}")
            yield response.iter_lines()
    except httpx2.RequestError as error:
        raise Retry(f"{host} cannot be read ({type(error).__name__})") from error


def _transport() -> httpx2.BaseTransport | None:
    """Without a proxy that decides for us, addresses are checked when they are connected to."""
    return None if urllib.request.getproxies() else _Direct()


class _Direct(httpx2.HTTPTransport):
    """Connects to what the operator of this server allows."""

    def __init__(self) -> None:
        super().__init__(verify=_trusted())
        self._pool = httpcore2.ConnectionPool(ssl_context=_trusted(), network_backend=Checked())


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Certificates are read once a process; that takes longer than many a request."""
    return httpx2.create_ssl_context()


class _Passing(Retry):
    """Worth another attempt at once."""


def _give_up(state: RetryCallState) -> None:
    assert state.outcome is not None
    error = state.outcome.exception()
    raise Retry(str(error)) from error


def error_of(response: httpx2.Response, now: datetime) -> SourceError | None:
    """What a status means where the provider says nothing better; None for a success."""
    status, host = response.status_code, response.request.url.host
    if response.is_success or status == 304:
        return None
    if status == 429 or "retry-after" in response.headers:
        return RateLimited(f"{host} asks us to wait (HTTP {status})", told_to_wait(response, now) or now + DEFAULT_WAIT)
    if status in (401, 403):
        return Reconnect(f"{host} does not accept the credential (HTTP {status})")
    if status in (404, 410):
        return Skip(f"{host} does not know {response.request.url.path}", item=response.request.url.path)
    if status in _PASSING:
        return Retry(f"{host} answered HTTP {status}")
    return Unexpected(f"{host} answered HTTP {status}")


def told_to_wait(response: httpx2.Response, now: datetime) -> datetime | None:
    """The instant of `Retry-After`, which is a number of seconds or an HTTP date; None where it is absent or unreadable."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        return now + timedelta(seconds=int(text))
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
