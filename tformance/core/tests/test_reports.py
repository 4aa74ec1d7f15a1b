import gzip
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tformance.core import reports


@pytest.fixture
def received() -> Iterator[tuple[str, list[str]]]:
    """An address for reports, and the bodies that came to it."""
    bodies: list[str] = []

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append((gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Post)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://public@127.0.0.1:{server.server_port}/1", bodies
    server.shutdown()
    server.server_close()
    reports.tell("")


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
