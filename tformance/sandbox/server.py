"""The local GitHub: HTTP around `answer` and `rest`, with tokens, budgets, faults and counters."""

import gzip
import json
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from graphql import GraphQLError

from tformance.sandbox import answer, rest
from tformance.sandbox.copilot import DOWNLOADS, Reports
from tformance.sandbox.cost import Refused
from tformance.sandbox.dataset import Dataset
from tformance.sandbox.faults import Fault, Faults, Spec, parse_spec
from tformance.sandbox.limits import Budget

DOCS = "https://docs.github.com/"
_MESSAGES = {401: "Bad credentials", 502: "Server Error", 504: "We couldn't respond to your request in time."}


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


class Sandbox(ThreadingHTTPServer):
    """One dataset behind one address.

    `tokens` are comma-separated, only the first can expire by a fault; without any, every token is taken.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, data: Path, port: int, tokens: str, faults: Spec, latency_ms: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.folder = data
        self.tokens = [token.strip() for token in tokens.split(",") if token.strip()]
        self.latency = latency_ms / 1000
        self.faults = Faults(faults)
        self.graphql_budget = Budget("graphql", faults.limit, faults.window)
        self.rest_budget = Budget("core", faults.limit, faults.window)
        self.stats = Stats()
        self.reports = Reports(not faults.no_reports, faults.late_days, faults.link_seconds)
        self.load()

    def load(self) -> None:
        """Read the folder (again); requests under way finish on the data they began with."""
        self.data = Dataset(self.folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Sandbox
    protocol_version = "HTTP/1.1"
    server_version = "tformance-sandbox"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Requests are counted, not printed."""

    def do_GET(self) -> None:
        path = self.path.removeprefix("/api/v3")
        if path == "/_sandbox/stats":
            return self._send(Response(200, json.dumps(self.server.stats.report()).encode()))
        if path.startswith(DOWNLOADS):
            return self._send(Response(*self.server.reports.download(self.server.data, path, self.headers.keys())))
        self._answer(f"GET {_pattern(path)}", blake2b(path.encode(), digest_size=16).digest(), lambda: self._rest(path))
        return None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_sandbox/stats/reset":
            self.server.stats.reset()
            return self._send(Response(200, b"{}"))
        if self.path == "/_sandbox/reload":
            self.server.load()
            return self._send(Response(200, b"{}"))
        if self.path not in ("/graphql", "/api/graphql"):
            return self._send(_plain(404, "Not Found"))
        return self._graphql(body)

    def _graphql(self, body: bytes) -> None:
        try:
            prepared = answer.prepare(body)
        except json.JSONDecodeError:
            return self._answer("graphql refused", body, lambda: _plain(400, "Problems parsing JSON"))
        except (GraphQLError, Refused) as error:
            refused = Response(200, answer.refusal(error))
            return self._answer("graphql refused", blake2b(body, digest_size=16).digest(), lambda: refused)
        return self._answer(prepared.name, prepared.digest, lambda: self._run(prepared), prepared)

    def _answer(self, name: str, digest: bytes, make: Any, prepared: answer.Prepared | None = None) -> None:
        started = time.perf_counter()
        if self.server.latency:
            time.sleep(self.server.latency)
        fault = self._gate() or self.server.faults.strike(digest, prepared.cost.pulls if prepared else 0)
        points = prepared.cost.points if prepared else 0
        if fault is Fault.RESET:
            self._count(name, started, Response(0, b"", {}, points, fault))
            return self._reset()
        response = make() if fault in (None, Fault.PARTIAL) else self._failed(fault, points)
        if fault is Fault.PARTIAL and prepared:
            response.body, response.fault = answer.partial(response.body), fault
        self._count(name, started, response)
        return self._send(response)

    def _gate(self) -> Fault | None:
        given = (self.headers.get("Authorization") or "").split(" ", 1)
        token = given[-1] if given[0].lower() in ("bearer", "token") else ""
        known = self.server.tokens
        if not token or (known and token not in known):
            return Fault.EXPIRED
        return self.server.faults.gate(not known or token == known[0], time.time())

    def _failed(self, fault: Fault, points: int) -> Response:
        spec = self.server.faults.spec
        if fault is Fault.EXPIRED:
            return _plain(401, _MESSAGES[401], fault)
        if fault is Fault.SECONDARY:
            status = 403 if self.server.faults.requests % 2 else 429
            response = _plain(status, "You have exceeded a secondary rate limit.", fault)
            response.headers["Retry-After"] = str(spec.retry_after)
            return response
        self.server.graphql_budget.spend(points)
        if fault is Fault.TIMEOUT:
            time.sleep(spec.timeout_seconds)
        status = 502 if fault is Fault.BAD_GATEWAY else 504
        response = _plain(status, _MESSAGES[status], fault)
        response.cost = points
        return response

    def _run(self, prepared: answer.Prepared) -> Response:
        budget, cost = self.server.graphql_budget, prepared.cost
        if not budget.spend(cost.points):
            return Response(200, answer.refusal(Refused("RATE_LIMITED", "API rate limit exceeded.")), budget.headers())
        parts = answer.execute(self.server.data, prepared)
        limits = answer.rate_limit(prepared, budget.columns(cost.points, cost.nodes))
        return Response(200, answer.body_of(limits + parts.fields, parts.errors), budget.headers(), cost.points)

    def _rest(self, path: str) -> Response:
        budgets = (self.server.rest_budget, self.server.graphql_budget)
        if path == "/rate_limit":
            states = {budget.resource: budget.state() for budget in budgets}
            states["search"] = states["core"] | {"limit": 30, "remaining": 30, "used": 0}  # nobody searches here
            return Response(200, json.dumps({"resources": states, "rate": states["core"]}).encode())
        reply = rest.get(self.server.data, path, self.server.url, self.server.reports)
        body = b"" if reply.body is None else json.dumps(reply.body).encode()
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        unchanged = self.headers.get("If-None-Match") == etag
        if not unchanged and not budgets[0].spend(1):
            response = _plain(403, "API rate limit exceeded")
            response.headers |= budgets[0].headers()
            return response
        headers = budgets[0].headers() | reply.headers | {"ETag": etag}
        return Response(304, b"", headers) if unchanged else Response(reply.status, body, headers, 1)

    def _count(self, name: str, started: float, response: Response) -> None:
        failed = int(response.fault is not None or response.status >= 400)
        seconds = time.perf_counter() - started
        self.server.stats.add(name, Count(1, response.cost, failed, len(response.body), seconds))

    def _send(self, response: Response) -> None:
        body = response.body
        self.send_response(response.status)
        if len(body) > 1000 and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for key, value in response.headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _reset(self) -> None:
        """Close without an answer."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _plain(status: int, message: str, fault: Fault | None = None) -> Response:
    body = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return Response(status, json.dumps(body).encode(), fault=fault)


def _pattern(path: str) -> str:
    """The path without names, so that counters stay few."""
    parts = path.partition("?")[0].split("/")
    return "/".join("*" if place > 1 and part not in ("repos",) else part for place, part in enumerate(parts))


def serve(
    data: Path,
    port: int,
    token: str,
    faults: str = "",
    latency_ms: int = 0,
    port_file: Path | None = None,
    tied: bool = False,
) -> None:
    """Serve the folder until interrupted; port 0 takes a free one, which `port_file` then holds.

    With `tied` it also ends when standard input does: no parent, no server.
    """
    sandbox = Sandbox(data, port, token, parse_spec(faults), latency_ms)
    if port_file:
        port_file.write_text(f"{sandbox.server_address[1]}\n")
    print(f"Local GitHub ready at {sandbox.url} ({len(sandbox.data.repositories)} repositories)", file=sys.stderr)
    if tied:
        Thread(target=_end_with_input, args=(sandbox,), daemon=True).start()
    try:
        sandbox.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.server_close()


def _end_with_input(sandbox: Sandbox) -> None:
    sys.stdin.read()
    sandbox.shutdown()
