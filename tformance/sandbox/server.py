"""The local GitHub: HTTP around `answer` and `rest`, with tokens, budgets, faults and counters."""

import json
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from graphql import GraphQLError

from tformance.sandbox import answer, app_rest, control, rest, serving, site
from tformance.sandbox.apps import App
from tformance.sandbox.copilot import DOWNLOADS, Reports
from tformance.sandbox.cost import Refused
from tformance.sandbox.execute import Forbidden
from tformance.sandbox.faults import Fault, Faults, Spec
from tformance.sandbox.hub import TOKEN_SECONDS, Hub
from tformance.sandbox.limits import Budget
from tformance.sandbox.live import Live
from tformance.sandbox.living import Living
from tformance.sandbox.reply import Reply, missing, refused
from tformance.sandbox.request import Request, query_of
from tformance.sandbox.serving import Connection, Count, Response, Serving
from tformance.sandbox.tokens import Grant
from tformance.sandbox.view import sso_refusal

DOCS = "https://docs.github.com/"
_MESSAGES = {401: "Bad credentials", 502: "Server Error", 504: "We couldn't respond to your request in time."}


class Sandbox(Serving):
    """One dataset behind one address.

    `tokens` as `tokens.parse` reads them, comma-separated; only the first can expire by a fault; without any, every
    token is taken. `hooks` are (address, secret) of organisation hooks.
    """

    def __init__(
        self,
        data: Path,
        port: int,
        tokens: str,
        faults: Spec,
        latency_ms: int = 0,
        hooks: Sequence[tuple[str, str]] = (),
        token_seconds: int = TOKEN_SECONDS,
    ) -> None:
        super().__init__(port, Handler)
        self.hub = Hub(data, tokens, faults, list(hooks), token_seconds)
        self.hub.base = self.url
        self.live = Live(self.hub)
        self.latency = latency_ms / 1000
        self.faults = Faults(faults)
        self.graphql_budget = Budget("graphql", faults.limit, faults.window)
        self.rest_budget = Budget("core", faults.limit, faults.window)
        self.reports = Reports(not faults.no_reports, faults.late_days, faults.link_seconds)

    @property
    def data(self) -> Living:
        return self.hub.data

    def load(self) -> None:
        """Read the folder (again); requests under way finish on the data they began with."""
        self.hub.load()
        self.live.forget()


class Handler(Connection):
    """One connection."""

    server: Sandbox

    def dispatch(self, body: bytes) -> None:
        target = self.path.removeprefix("/api/v3")
        if target.startswith("/_sandbox/"):
            return self.send(self._control(target, body))
        if target.startswith(DOWNLOADS):
            return self.send(Response(*self.server.reports.download(self.server.data, target, self.headers.keys())))
        if self.command == "POST" and self.path in ("/graphql", "/api/graphql"):
            return self._graphql(body)
        page = site.answer(self.server.hub, self._asked(target, body, None))
        if page is not None:
            return self.send(_response(page))
        digest = blake2b(f"{self.command} {target}".encode(), digest_size=16).digest()
        return self._answer(f"{self.command} {_pattern(target)}", digest, lambda who: self._rest(target, body, who))

    def _asked(self, target: str, body: bytes, bearer: Grant | App | None) -> Request:
        kind, cookie = self.headers.get("Content-Type") or "", self.headers.get("Cookie") or ""
        path = target.partition("?")[0]
        return Request(path, query_of(target), self.server.url, self.command, body, kind, cookie, bearer)

    def _control(self, target: str, body: bytes) -> Response:
        server, name = self.server, target.removeprefix("/_sandbox/")
        if name == "stats":
            waiting = {"hooks": {"sent": server.hub.deliveries.sent, "pending": server.hub.deliveries.pending}}
            return Response(200, json.dumps(server.stats.report() | waiting).encode())
        if self.command != "POST":
            return _plain(404, "Not Found")
        if name == "stats/reset":
            server.stats.reset()
            return Response(200, b"{}")
        if name == "reload":
            server.load()
            return Response(200, b"{}")
        return _response(control.play(server.live, name, body))

    def _graphql(self, body: bytes) -> None:
        try:
            prepared = answer.prepare(body)
        except json.JSONDecodeError:
            return self._answer("graphql refused", body, lambda _who: _plain(400, "Problems parsing JSON"))
        except (GraphQLError, Refused) as error:
            refused = Response(200, answer.refusal(error))
            return self._answer("graphql refused", blake2b(body, digest_size=16).digest(), lambda _who: refused)
        return self._answer(prepared.name, prepared.digest, lambda who: self._run(prepared, who), prepared)

    def _answer(self, name: str, digest: bytes, make: Any, prepared: answer.Prepared | None = None) -> None:
        started = time.perf_counter()
        if self.server.latency:
            time.sleep(self.server.latency)
        who = self._bearer()
        fault = self._gate(who) or self.server.faults.strike(digest, prepared.cost.pulls if prepared else 0)
        points = prepared.cost.points if prepared else 0
        if fault is Fault.RESET:
            self._count(name, started, Response(0, b"", {}, points, fault))
            return self.reset()
        if isinstance(who, Response):
            response = who
        else:
            response = make(who) if fault in (None, Fault.PARTIAL) else self._failed(fault, points)
        if fault is Fault.PARTIAL and prepared:
            response.body, response.fault = answer.partial(response.body), fault
        self._count(name, started, response)
        return self.send(response)

    def _bearer(self) -> Grant | App | Response | None:
        """Who asks, or what GitHub refuses them with; nobody is nobody yet, a wrong token is refused."""
        given = (self.headers.get("Authorization") or "").split(" ", 1)
        token = given[-1] if given[0].lower() in ("bearer", "token") else ""
        if token.count(".") == 2 and not self.server.hub.tokens.knows(token):
            app = self.server.hub.apps.authenticate(token)
            return _plain(401, app, Fault.EXPIRED) if isinstance(app, str) else app
        grant = self.server.hub.tokens.find(token)
        if grant is None:
            return None if "/app-manifests/" in self.path else _plain(401, _MESSAGES[401], Fault.EXPIRED)
        installation = self.server.hub.apps.installations.get(grant.installation or 0)
        if installation is not None and installation.suspended_at:
            return _plain(403, app_rest.SUSPENDED, Fault.EXPIRED)
        return grant

    def _gate(self, who: Grant | App | Response | None) -> Fault | None:
        """Faults of the connection as a whole; a refusal needs no further fault."""
        if isinstance(who, Response):
            return None
        tokens = self.server.hub.tokens
        first = not tokens.first or (isinstance(who, Grant) and who.token == tokens.first)
        return self.server.faults.gate(first, time.time())

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

    def _run(self, prepared: answer.Prepared, who: Grant | App | None) -> Response:
        budget, cost = self.server.graphql_budget, prepared.cost
        if not isinstance(who, Grant):
            return _plain(401, _MESSAGES[401], Fault.EXPIRED)
        if not budget.spend(cost.points):
            return Response(200, answer.refusal(Refused("RATE_LIMITED", "API rate limit exceeded.")), budget.headers())
        data = self.server.data
        with data.lock:
            parts = answer.execute(self.server.hub.seen_by(who), prepared)
        limits = answer.rate_limit(prepared, budget.columns(cost.points, cost.nodes))
        headers = budget.headers() | rest.headers(who)
        return Response(200, answer.body_of(limits + parts.fields, parts.errors), headers, cost.points)

    def _rest(self, target: str, sent: bytes, who: Grant | App | None) -> Response:
        budgets = (self.server.rest_budget, self.server.graphql_budget)
        if target == "/rate_limit":
            states = {budget.resource: budget.state() for budget in budgets}
            states["search"] = states["core"] | {"limit": 30, "remaining": 30, "used": 0}  # nobody searches here
            return Response(200, json.dumps({"resources": states, "rate": states["core"]}).encode())
        reply = self._found(self._asked(target, sent, who), target, who)
        body = _response(reply).body
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        unchanged = self.command == "GET" and self.headers.get("If-None-Match") == etag
        if not unchanged and not budgets[0].spend(1):
            response = _plain(403, "API rate limit exceeded")
            response.headers |= budgets[0].headers()
            return response
        headers = budgets[0].headers() | reply.headers | {"ETag": etag}
        return Response(304, b"", headers) if unchanged else Response(reply.status, body, headers, 1)

    def _found(self, asked: Request, target: str, who: Grant | App | None) -> Reply:
        hub = self.server.hub
        with hub.data.lock:
            reply = app_rest.answer(hub, asked)
            if reply is None and isinstance(who, Grant) and asked.method == "GET":
                reply = self._read(target, who)
        return reply or missing()

    def _read(self, target: str, who: Grant) -> Reply:
        """What the data has to say, under the token's rights."""
        hub = self.server.hub
        blocked = sso_refusal(hub.data, who, target)
        if blocked is not None:
            return blocked
        try:
            reply = rest.get(hub.seen_by(who), target, self.server.url, self.server.reports)
        except Forbidden as error:
            return refused(403, error.message)
        return Reply(reply.status, reply.body, reply.headers | rest.headers(who))

    def _count(self, name: str, started: float, response: Response) -> None:
        failed = int(response.fault is not None or response.status >= 400)
        seconds = time.perf_counter() - started
        self.server.stats.add(name, Count(1, response.cost, failed, len(response.body), seconds))


def _plain(status: int, message: str, fault: Fault | None = None) -> Response:
    body = {"message": message, "documentation_url": DOCS, "status": str(status)}
    return Response(status, json.dumps(body).encode(), fault=fault)


def _response(reply: Reply) -> Response:
    """Text is a web page, everything else JSON, nothing an empty body."""
    if isinstance(reply.body, str):
        return Response(reply.status, reply.body.encode(), {"Content-Type": "text/html; charset=utf-8"} | reply.headers)
    return Response(reply.status, b"" if reply.body is None else json.dumps(reply.body).encode(), dict(reply.headers))


def _pattern(path: str) -> str:
    """The path without names, so that counters stay few."""
    parts = path.partition("?")[0].split("/")
    return "/".join("*" if place > 1 and part not in ("repos",) else part for place, part in enumerate(parts))


def serve(sandbox: Sandbox, port_file: Path | None = None, tied: bool = False) -> None:
    """Answer until interrupted, as `serving.serve` says."""
    ready = f"Local GitHub ready at {sandbox.url} ({len(sandbox.data.repositories)} repositories)"
    serving.serve(sandbox, ready, port_file, tied)
