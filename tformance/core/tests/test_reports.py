import json
from collections.abc import Iterator

import pytest

from tformance.core import reports
from tformance.core.tests.reported import listening


@pytest.fixture
def received() -> Iterator[tuple[str, list[str]]]:
    with listening() as place:
        yield place


def test_a_report_arrives_without_secrets(received: tuple[str, list[str]]) -> None:
    address, bodies = received
    reports.tell(address)
    reports.send("pull_requests 17 could not be read with ghp_abcdefgh12345678")
    (body,) = bodies
    event = json.loads(body.splitlines()[-1])
    assert event["message"] == "pull_requests 17 could not be read with [hidden]"
    assert event["level"] == "error"
    assert not event.get("server_name")


def test_without_an_address_nobody_is_told(received: tuple[str, list[str]]) -> None:
    reports.tell("")
    reports.send("nobody hears this")
    assert received[1] == []
