"""A running local Jira, and plain HTTP against it."""

import base64
import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from tformance.sandbox.faults import parse_spec
from tformance.sandbox.jira.limits import Spec
from tformance.sandbox.jira.server import JiraSandbox

Answer = tuple[int, dict[str, str], Any]


@dataclass
class JiraClient:
    """Asks as one account; `authorization` stands for another way of saying who asks."""

    port: int
    email: str = "ann@small.example"
    token: str = "token"
    authorization: str | None = None

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        pair = base64.b64encode(f"{self.email}:{self.token}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}" if self.authorization is None else self.authorization}
        sent = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, sent, headers | {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, json.loads(text) if "json" in found.get("content-type", "") else text.decode()

    def get(self, path: str) -> Any:
        """The body of an answer that must be 200."""
        status, _, body = self.send("GET", path)
        assert status == 200, body
        return body

    def post(self, path: str, body: Any) -> Any:
        status, _, found = self.send("POST", path, body)
        assert status == 200, found
        return found

    def search(self, jql: str, **more: Any) -> Any:
        return self.post("/rest/api/3/search/jql", {"jql": jql} | more)

    def keys(self, jql: str) -> list[str]:
        return [row["key"] for row in self.search(jql, fields=["key"])["issues"]]

    def refused(self, jql: str) -> list[str]:
        """The messages of a query that is refused."""
        status, _, body = self.send("POST", "/rest/api/3/search/jql", {"jql": jql})
        assert status == 400, body
        messages: list[str] = body["errorMessages"]
        return messages


@contextmanager
def running(folder: Path, faults: str = "", tokens: str = "", **more: Any) -> Iterator[tuple[JiraSandbox, JiraClient]]:
    sandbox = JiraSandbox(folder, 0, tokens, parse_spec(faults, Spec), **more)
    thread = Thread(target=sandbox.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield sandbox, JiraClient(sandbox.server_address[1])
    finally:
        sandbox.shutdown()
        thread.join()
        sandbox.server_close()
