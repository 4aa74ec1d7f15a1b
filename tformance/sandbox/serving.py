"""What every local provider is made of: a server that counts, answers in the background and ends in order."""

import gzip
import socket
import sys
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from tformance.sandbox.faults import Fault


@dataclass
class Count:
    """What one operation cost so far; `failed` counts answers made faulty on purpose or refused."""

    requests: int = 0
    points: int = 0
    failed: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass
class Stats:
    operations: dict[str, Count] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, name: str, count: Count) -> None:
        with self.lock:
            known = self.operations.setdefault(name, Count())
            for key, value in asdict(count).items():
                setattr(known, key, getattr(known, key) + value)

    def report(self) -> dict[str, Any]:
        with self.lock:
            rows = {name: asdict(count) for name, count in sorted(self.operations.items())}
        totals = {key: sum(row[key] for row in rows.values()) for key in asdict(Count())}
        return {**totals, "operations": rows}

    def reset(self) -> None:
        with self.lock:
            self.operations.clear()


@dataclass
class Response:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cost: int = 0
    fault: Fault | None = None


class Serving(ThreadingHTTPServer):
    """One provider behind one address of this machine."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: type["Connection"]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.stats = Stats()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """One connection; every request goes to `dispatch`."""

    protocol_version = "HTTP/1.1"
    server_version = "tformance-sandbox"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Requests are counted, not printed."""

    def do_GET(self) -> None:
        self.dispatch(self._body())

    def do_POST(self) -> None:
        self.dispatch(self._body())

    def do_PATCH(self) -> None:
        self.dispatch(self._body())

    def do_DELETE(self) -> None:
        self.dispatch(self._body())

    def dispatch(self, body: bytes) -> None:
        raise NotImplementedError

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(self, response: Response) -> None:
        body = response.body
        self.send_response(response.status)
        if len(body) > 1000 and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        if "Content-Type" not in response.headers:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for key, value in response.headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def reset(self) -> None:
        """Close without an answer."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def serve(sandbox: Serving, ready: str, port_file: Path | None = None, tied: bool = False) -> None:
    """Answer until interrupted; `ready` is said once it answers, `port_file` holds the port then.

    With `tied` it also ends when standard input does: no parent, no server.
    """
    if port_file:
        port_file.write_text(f"{sandbox.server_address[1]}\n")
    sys.stderr.write(f"{ready}\n")
    sys.stderr.flush()
    if tied:
        Thread(target=_end_with_input, args=(sandbox,), daemon=True).start()
    try:
        sandbox.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.server_close()


def _end_with_input(sandbox: Serving) -> None:
    sys.stdin.read()
    sandbox.shutdown()
