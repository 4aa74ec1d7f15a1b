"""What a status means where nobody knows better, and how long to wait."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from tformance.core import http
from tformance.core.errors import RateLimited, Reconnect, Retry, Skip, SourceError, Unexpected

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def answered(status: int, **headers: str) -> httpx2.Response:
    return httpx2.Response(
        status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        request=httpx2.Request("GET", "https://example.org/a"),
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, Reconnect), (403, Reconnect), (404, Skip), (410, Skip), (408, Retry), (503, Retry), (418, Unexpected)],
)
def test_every_status_has_one_way_out(status: int, expected: type[SourceError]) -> None:
    assert type(http.error_of(answered(status), NOW)) is expected


@pytest.mark.parametrize("status", [200, 204, 304])
def test_a_success_is_no_error(status: int) -> None:
    assert http.error_of(answered(status), NOW) is None


def test_to_be_told_to_wait_is_a_rate_limit_whatever_the_status() -> None:
    for status in (403, 429, 503):
        error = http.error_of(answered(status, retry_after="30"), NOW)
        assert isinstance(error, RateLimited)
        assert error.until == NOW + timedelta(seconds=30)


def test_later_without_a_time_is_a_minute() -> None:
    error = http.error_of(answered(429), NOW)
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(minutes=1)


def test_retry_after_may_be_a_date() -> None:
    waiting = answered(503, retry_after="Fri, 20 Nov 2026 12:05:00 GMT")
    assert http.told_to_wait(waiting, NOW) == NOW + timedelta(minutes=5)


def test_an_unreadable_retry_after_says_nothing() -> None:
    assert http.told_to_wait(answered(503, retry_after="soon"), NOW) is None
