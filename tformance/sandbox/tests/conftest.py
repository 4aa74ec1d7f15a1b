"""One small invented organisation for all tests, and a running local GitHub over it."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import pytest

from tformance.sandbox.dataset import Dataset
from tformance.sandbox.faults import parse_spec
from tformance.sandbox.generate import write
from tformance.sandbox.server import Sandbox

END = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("organisation")
    write(path, prs=400, people=20, repositories=4, months=6, end=END)
    return path


@pytest.fixture(scope="session")
def data(folder: Path) -> Dataset:
    return Dataset(folder)


@dataclass
class Client:
    """Plain HTTP with a token; `query` gives status and parsed body."""

    port: int
    token: str | None = "token"

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def query(self, text: str, **variables: Any) -> tuple[int, dict[str, Any]]:
        status, _, body = self.send("POST", "/graphql", json.dumps({"query": text, "variables": variables}).encode())
        return status, json.loads(body)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], Any]:
        status, found, body = self.send("GET", path, b"", **headers)
        return status, found, json.loads(body) if body else None


class Receiver(ThreadingHTTPServer):
    """Takes webhook messages; `answer` is the status it gives."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.answer = 202
        self.taken: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.raw: dict[str, bytes] = {}
        self.arrived = Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def wait(self, number: int) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
        """So many messages in the order of their arrival, (event, body, headers)."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.taken) >= number, 10)
            assert len(self.taken) >= number, [event for event, _, _ in self.taken]
            return list(self.taken)


class Taker(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()
        headers = dict(self.headers.items())
        body = json.loads(raw)
        with self.server.arrived:
            self.server.raw[headers.get("X-GitHub-Delivery") or headers["X-Atlassian-Webhook-Identifier"]] = raw
            self.server.taken.append((headers.get("X-GitHub-Event") or body["webhookEvent"], body, headers))
            self.server.arrived.notify_all()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        thread.join()
        receiver.server_close()


@contextmanager
def running(folder: Path, faults: str = "", tokens: str = "token", **more: Any) -> Iterator[tuple[Sandbox, Client]]:
    sandbox = Sandbox(folder, 0, tokens, parse_spec(faults), **more)
    thread = Thread(target=sandbox.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield sandbox, Client(sandbox.server_address[1])
    finally:
        sandbox.shutdown()
        thread.join()
        sandbox.server_close()


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[tuple[Sandbox, Client]]:
    with running(folder, "limit=1000000") as pair:
        yield pair


@pytest.fixture
def client(server: tuple[Sandbox, Client]) -> Client:
    return server[1]


def put(folder: Path, kind: str, *rows: dict[str, Any]) -> None:
    """Write a hand-made file of a dataset folder."""
    folder.mkdir(exist_ok=True)
    (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
