"""Addresses that users give lead to public machines, unless the operator opens others."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tformance.core import http, reach
from tformance.core.errors import Retry, Unexpected
from tformance.core.reach import Reach

PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "169.254.169.254", "::1", "fe80::1", "::ffff:10.0.0.1"]


# The same written otherwise: by a number, in hexadecimal or octal digits, in short.
OTHERWISE = ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "0xA9FEA9FE"]
# IPv4 addresses that networks reach through IPv6 ones: translated, tunnelled, and two forms that nobody should use.
CARRIED = ["64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:a9fe:a9fe::1", "::ffff:0:a00:1", "::a00:1"]


@pytest.mark.parametrize("address", [*PRIVATE, *OTHERWISE, *CARRIED, "0.0.0.0", "100.64.0.1", "224.0.0.1", "fec0::1"])
def test_private_addresses_are_closed(address: str) -> None:
    with pytest.raises(Unexpected, match="ALLOW_PRIVATE_HOSTS"):
        Reach([]).address(address, 443)


@pytest.mark.parametrize("address", ["140.82.121.6", "2606:50c0:8000::154", "64:ff9b::8c52:7906"])
def test_public_addresses_are_open(address: str) -> None:
    assert Reach([]).address(address, 443) == address


def test_the_operator_opens_networks_addresses_and_names() -> None:
    assert Reach(["10.0.0.0/8"]).address("10.1.2.3", 443) == "10.1.2.3"
    assert Reach(["localhost"]).address("localhost", 443) in ("127.0.0.1", "::1")
    with pytest.raises(Unexpected):
        Reach(["10.0.0.0/8"]).address("192.168.0.9", 443)


@pytest.mark.parametrize("others", [["10.0.0.1"], ["140.82.121.6", "10.0.0.1"], ["140.82.121.6", "::1"]])
def test_a_public_name_that_leads_to_a_private_address_is_closed(
    others: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if only some of its addresses are."""
    told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in others]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)
    with pytest.raises(Unexpected, match="ALLOW_PRIVATE_HOSTS"):
        Reach([]).address("github.attacker.example", 443)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1"])
def test_what_a_cloud_tells_its_own_machines_is_open_only_by_name(address: str) -> None:
    with pytest.raises(Unexpected):
        Reach(["all"]).address(address, 80)
    assert Reach([address]).address(address, 80) == address


def test_the_sample_organisations_server_is_open_on_its_own_port_only(tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.write_text("9000\n")
    assert Reach([], sample_port=port).address("127.0.0.1", 9000) == "127.0.0.1"
    with pytest.raises(Unexpected):
        Reach([], sample_port=port).address("127.0.0.1", 9001)


@pytest.fixture
def closed() -> Iterator[None]:
    """A server that others can reach, for as long as the test takes."""
    before = reach._reach
    reach.open_to(Reach([]))
    yield
    reach.open_to(before)


def test_the_connection_itself_is_refused_before_anything_is_sent(closed: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        door = http.Door(f"http://127.0.0.1:{server.getsockname()[1]}", {"Authorization": "Bearer secret"})
        with pytest.raises(Unexpected, match="private address"):
            door.send("GET", "/user")
        door.close()
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_redirect_to_a_private_address_is_refused_too(tmp_path: Path) -> None:
    """The first answer comes from an address that is open; what it leads to is not."""
    before, port = reach._reach, tmp_path / "port"
    with (
        socket.create_server(("127.0.0.1", 0)) as secret,
        redirecting(f"http://127.0.0.1:{secret.getsockname()[1]}/") as at,
    ):
        secret.settimeout(0.2)
        port.write_text(str(at))
        reach.open_to(Reach([], sample_port=port))
        door = http.Door(f"http://127.0.0.1:{at}", {"Authorization": "Bearer secret"})
        with pytest.raises(Unexpected, match="private address"):
            door.send("GET", "/user")
        door.close()
        reach.open_to(before)
        with pytest.raises(TimeoutError):
            secret.accept()


@contextmanager
def redirecting(to: str) -> Iterator[int]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_link_that_a_provider_gives_leads_to_no_private_address_either(closed: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        with (
            pytest.raises(Unexpected, match="private address"),
            http.lines_at(f"http://127.0.0.1:{server.getsockname()[1]}/report") as lines,
        ):
            list(lines)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_that_nobody_knows_is_a_passing_fault(closed: None) -> None:
    door = http.Door("http://nobody.invalid", {})
    with pytest.raises(Retry):
        door.send("GET", "/")
    door.close()
