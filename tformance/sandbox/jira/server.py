"""The local Jira Cloud: HTTP around its routes, with tokens, consent, limits, faults and counters.

One address stands for the site, for `api.atlassian.com` and for `auth.atlassian.com`.
"""

import json
import time
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tformance.sandbox import serving
from tformance.sandbox.dataset import Row
from tformance.sandbox.faults import Fault, Luck
from tformance.sandbox.hooks import Deliveries, Hook
from tformance.sandbox.jira import control, events, oauth, routes
from tformance.sandbox.jira.asking import Question, Refusal
from tformance.sandbox.jira.events import Events
from tformance.sandbox.jira.grants import Grant, Grants
from tformance.sandbox.jira.limits import Limits, Spec
from tformance.sandbox.jira.live import Stage
from tformance.sandbox.jira.oauth import Client, OAuth
from tformance.sandbox.jira.world import World
from tformance.sandbox.reply import Reply
from tformance.sandbox.request import Request, query_of
from tformance.sandbox.serving import Connection, Count, Response, Serving

_OVERALL = {502: "Bad Gateway", 504: "Gateway Timeout"}
_UNAUTHORIZED = Reply(401, {"code": 401, "message": "Unauthorized"})
_SCOPE = Reply(401, {"code": 401, "message": "Unauthorized; scope does not match"})


class JiraSandbox(Serving):
    """One site behind one address. `tokens` as `grants.parsed` reads them, comma-separated; without any, all are taken.

    `hooks` are (address, secret) of webhooks that an administrator made.
    """

    def __init__(
        self,
        data: Path,
        port: int,
        tokens: str,
        faults: Spec,
        latency_ms: int = 0,
        client: Client | None = None,
        access_seconds: int = 3600,
        leeway_seconds: int = 600,
        hooks: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(port, Handler)
        self.folder, self.spec = data, faults
        self.latency = latency_ms / 1000
        self.grants = Grants(tokens)
        self.oauth = OAuth(self.grants, client or Client(), access_seconds, leeway_seconds)
        self.luck, self.limits = Luck(faults), Limits(faults)
        self.deliveries = Deliveries(faults, events.headers)
        self.hooks = [Hook(1 + place, url, secret) for place, (url, secret) in enumerate(hooks)]
        self.load()

    def load(self) -> None:
        """Read the folder (again); what was changed since is forgotten."""
        self.world = World(self.folder)
        self.stage = Stage(self.world, Events(self.world, self.url, self.deliveries, self.hooks))
        forbidden = self.world.project(self.spec.forbid) if self.spec.forbid else None
        self.world.hidden |= {str(forbidden["id"])} if forbidden else set()


class Handler(Connection):
    """One connection."""

    server: JiraSandbox

    def dispatch(self, body: bytes) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/_sandbox/"):
            return self.send(self._control(path.removeprefix("/_sandbox/"), body))
        if path == "/authorize":
            return self.send(_response(oauth.consent_page(self.server.oauth, self.server.world, self._asked(body))))
        if path == "/oauth/token" and self.command == "POST":
            return self._counted("POST /oauth/token", body, lambda: self.server.oauth.token(self._asked(body).form))
        if path == "/oauth/token/accessible-resources":
            return self._counted(f"GET {path}", body, self._resources)
        return self._api(path, body)

    def _asked(self, body: bytes) -> Request:
        kind = self.headers.get("Content-Type") or ""
        path = self.path.partition("?")[0]
        return Request(path, query_of(self.path), self.server.url, self.command, body, kind)

    def _control(self, name: str, body: bytes) -> Response:
        server = self.server
        if name == "stats":
            waiting = {"hooks": {"sent": server.deliveries.sent, "pending": server.deliveries.pending}}
            return Response(200, json.dumps(server.stats.report() | waiting).encode())
        if self.command == "POST" and name == "stats/reset":
            server.stats.reset()
            return Response(200, b"{}")
        if self.command == "POST" and name == "reload":
            server.load()
            return Response(200, b"{}")
        if self.command == "POST" and name == "do":
            return _response(control.play(server.stage, server.grants, server.oauth, body))
        return Response(404, b"{}")

    def _resources(self) -> Reply:
        found = self._bearer()
        if found is None:
            return _UNAUTHORIZED
        return oauth.resources(self.server.world, self.server.url, found[0].scopes or frozenset())

    def _bearer(self) -> tuple[Grant, Row] | None:
        given, _, token = (self.headers.get("Authorization") or "").partition(" ")
        server = self.server
        return server.grants.by_bearer(server.world, token) if given.lower() == "bearer" else None

    def _password(self) -> tuple[Grant, Row] | None:
        given, _, text = (self.headers.get("Authorization") or "").partition(" ")
        server = self.server
        return server.grants.by_password(server.world, text) if given.lower() == "basic" else None

    def _api(self, path: str, body: bytes) -> None:
        """An address of the site, or the same behind `/ex/jira/CLOUD`."""
        gate, inner = f"/ex/jira/{self.server.world.site['id']}", path
        through = path.startswith("/ex/jira/")
        if through:
            inner = path.removeprefix(gate) if path.startswith(f"{gate}/") else ""
        found = routes.route(self.command, inner)
        name = found.name if found else f"{self.command} unknown"
        answer = self._through if through else self._at_site
        self._counted(name, body, lambda: answer(found, inner, body), found)

    def _through(self, found: routes.Route | None, path: str, body: bytes) -> Reply:
        """With a token from consent, or a narrow token of a person: both by their scopes."""
        who = self._bearer() or self._password()
        if who is None:
            return _UNAUTHORIZED
        if found is None:
            return Reply(404, {"code": 404, "message": "Not Found"})
        if not who[0].may(found.scopes):
            return _SCOPE
        refused = self.server.limits.quota() if who[0].family else None
        if refused:
            return Reply(429, {"code": 429, "message": "Rate limit exceeded"}, refused)
        base = f"{self.server.url}/ex/jira/{self.server.world.site['id']}"
        reply = self._answered(found, path, body, base, who[1])
        if who[0].family:
            self.server.limits.spend(1 + _objects(reply.body))
            reply.headers |= self.server.limits.headers()
        return reply

    def _at_site(self, found: routes.Route | None, path: str, body: bytes) -> Reply:
        """With e-mail address and token; who is not known is nobody in particular, and told so by a header only."""
        who = self._password()
        given = self.headers.get("Authorization") or ""
        if given.lower().startswith("bearer"):
            return Reply(403, {"error": "Failed to parse Connect Session Auth Token"})
        if who and who[0].scopes is not None:
            who = None
        if found is None:
            return Reply(404, {"errorMessages": ["Not found"], "errors": {}})
        reply = self._answered(found, path, body, self.server.url, who[1] if who else None)
        if given and who is None:
            reply.headers |= {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
        return reply

    def _answered(self, found: routes.Route, path: str, body: bytes, base: str, user: Row | None) -> Reply:
        server = self.server
        try:
            sent: Any = json.loads(body) if body.strip() else {}
        except json.JSONDecodeError:
            return Refusal(400, "There was an error parsing JSON. Check that your request body is valid.").reply
        with server.world.lock:
            asked = Question(
                path,
                query_of(self.path),
                base,
                server.world,
                user,
                sent if isinstance(sent, dict) else {},
                ZoneInfo((user or {}).get("time_zone") or server.world.site["time_zone"]),
                server.spec,
            )
            try:
                return found.answer(asked)
            except Refusal as refusal:
                return refusal.reply

    def _counted(self, name: str, body: bytes, make: Any, found: routes.Route | None = None) -> None:
        """With latency, bursts and failures by chance around the answer."""
        started = time.perf_counter()
        if self.server.latency:
            time.sleep(self.server.latency)
        refused = self.server.limits.burst(name) if found else None
        digest = blake2b(f"{self.command} {self.path}".encode() + body, digest_size=16).digest()
        fault = None if refused else self.server.luck.draw(digest)
        if refused:
            response = _response(Reply(429, {"errorMessages": ["Rate limit exceeded."], "errors": {}}, refused))
        elif fault is Fault.RESET:
            self._count(name, started, Response(0, b"", fault=fault))
            return self.reset()
        else:
            response = self._failed(fault) if fault else _response(make())
        self._count(name, started, response)
        return self.send(response)

    def _failed(self, fault: Fault) -> Response:
        if fault is Fault.TIMEOUT:
            time.sleep(self.server.spec.timeout_seconds)
        status = 502 if fault is Fault.BAD_GATEWAY else 504
        page = f"<html><body><h1>{status} {_OVERALL[status]}</h1></body></html>"
        return Response(status, page.encode(), {"Content-Type": "text/html"}, fault=fault)

    def _count(self, name: str, started: float, response: Response) -> None:
        failed = int(response.fault is not None or response.status >= 400)
        seconds = time.perf_counter() - started
        self.server.stats.add(name, Count(1, 0, failed, len(response.body), seconds))


def _objects(body: Any) -> int:
    """How many objects an answer lists, as the quota counts them."""
    rows = body
    if isinstance(body, dict):
        rows = next((body[name] for name in ("issues", "values", "issueChangeLogs") if name in body), [body])
    return len(rows) if isinstance(rows, Sequence) else 0


def _response(reply: Reply) -> Response:
    """Text is a web page, everything else JSON."""
    if isinstance(reply.body, str):
        return Response(reply.status, reply.body.encode(), {"Content-Type": "text/html; charset=utf-8"} | reply.headers)
    body = json.dumps(reply.body, ensure_ascii=False).encode()
    return Response(reply.status, body, {"Content-Type": "application/json;charset=UTF-8"} | reply.headers)


def serve(sandbox: JiraSandbox, port_file: Path | None = None, tied: bool = False) -> None:
    """Answer until interrupted, as `serving.serve` says."""
    ready = f"Local Jira ready at {sandbox.url} ({len(sandbox.world.issues)} issues)"
    serving.serve(sandbox, ready, port_file, tied)
