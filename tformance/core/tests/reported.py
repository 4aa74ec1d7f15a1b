"""A place where reports of faults arrive."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from tformance.core import reports


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """An address for reports, and the bodies that come to it."""
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


def messages(bodies: list[str]) -> list[str]:
    return [json.loads(body.splitlines()[-1])["message"] for body in bodies]
