"""A GitHub that knows one App, what it is lent, and who may see which installation; it counts what it is asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

APP_ID = 4711
READ_ALL = dict.fromkeys(
    [
        "metadata",
        "contents",
        "pull_requests",
        "issues",
        "checks",
        "statuses",
        "deployments",
        "actions",
        "merge_queues",
        "members",
    ],
    "read",
)


@lru_cache(maxsize=1)
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem() -> str:
    return key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@dataclass
class Account:
    """An installation; `seen_by` are the user tokens whose owners have a say in it."""

    login: str
    permissions: dict[str, str] = field(default_factory=lambda: dict(READ_ALL))
    is_suspended: bool = False
    repositories: tuple[str, ...] = ()
    seen_by: tuple[str, ...] = ()


@dataclass
class Token:
    """A token of a person; `scopes` is None for a fine-grained one."""

    login: str
    scopes: str | None = None
    expires: str = ""
    refuses: dict[str, str] = field(default_factory=dict)  # path → permission it lacks there
    sso: str = ""
    is_revoked: bool = False


@dataclass
class GitHub:
    accounts: dict[int, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # OAuth code → user token
    manifests: dict[str, dict[str, Any]] = field(default_factory=dict)  # manifest code → App
    lifetime: timedelta = timedelta(hours=1)
    lent: int = 0
    refreshes: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    pause: float = 0.0
    url: str = ""

    def app(self) -> dict[str, Any]:
        return {
            "id": APP_ID,
            "slug": "tformance-acme",
            "client_id": "Iv1.app",
            "client_secret": "app-secret",
            "webhook_secret": "hook-secret",
            "pem": pem(),
            "owner": {"login": "acme", "type": "Organization"},
        }


Answer = tuple[int, Any, dict[str, str]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: GitHub

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, sent: bytes) -> None:
        path = urlsplit(self.path).path.removeprefix("/api/v3")
        self.world.asked.append((self.command, path))
        body = json.loads(sent) if sent else {}
        status, answer, headers = route(self.world, self.command, path, self.headers.get("Authorization") or "", body)
        text = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)


def route(world: GitHub, method: str, path: str, authorization: str, body: dict[str, Any]) -> Answer:
    if path == "/login/oauth/access_token":
        return _exchange(world, body)
    if path.startswith("/app-manifests/"):
        app = world.manifests.pop(path.split("/")[2], None)
        return (201, app, {}) if app else (404, {"message": "Not Found"}, {})
    if path == "/app" or path.startswith("/app/"):
        return _as_app(world, path, authorization.removeprefix("Bearer "))
    return _as_token(world, path, authorization.removeprefix("Bearer "), body)


def _exchange(world: GitHub, body: dict[str, Any]) -> Answer:
    world.exchanges.append(body)
    if body.get("grant_type") == "refresh_token":
        time.sleep(world.pause)
        world.refreshes += 1
        if body["refresh_token"] != f"refresh-{world.refreshes - 1}":
            return 200, {"error": "bad_refresh_token", "error_description": "The refresh token is incorrect"}, {}
        pair = {"access_token": f"access-{world.refreshes}", "refresh_token": f"refresh-{world.refreshes}"}
        world.tokens[pair["access_token"]] = Token("ada", "repo")
        return 200, {**pair, "expires_in": 28800, "refresh_token_expires_in": 15897600}, {}
    token = world.codes.pop(body.get("code", ""), None)
    if token is None:
        return 200, {"error": "bad_verification_code", "error_description": "The code is incorrect or expired."}, {}
    return 200, {"access_token": token, "scope": world.tokens[token].scopes or "", "token_type": "bearer"}, {}


def _as_app(world: GitHub, path: str, token: str) -> Answer:
    public = key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        claims = jwt.decode(token, public, algorithms=["RS256"])
    except jwt.InvalidTokenError as error:
        return 401, {"message": f"A JSON web token could not be decoded: {error}"}, {}
    assert claims["exp"] - claims["iat"] <= 600
    if path == "/app":
        return 200, world.app(), {}
    if path == "/app/installations":
        return 200, [_installation(number, account) for number, account in world.accounts.items()], {}
    number = int(path.split("/")[3])
    account = world.accounts.get(number)
    if account is None:
        return 404, {"message": "Not Found"}, {}
    if not path.endswith("/access_tokens"):
        return 200, _installation(number, account), {}
    if account.is_suspended:
        return 403, {"message": "This installation has been suspended"}, {}
    time.sleep(world.pause)
    world.lent += 1
    ends = datetime.now(UTC) + world.lifetime
    lent = {"token": f"ghs_{number}_{world.lent}", "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return 201, lent | {"permissions": account.permissions}, {}


def _installation(number: int, account: Account) -> dict[str, Any]:
    return {
        "id": number,
        "account": {"login": account.login, "id": number + 1000, "node_id": f"O_{account.login}"},
        "target_type": "Organization",
        "permissions": account.permissions,
        "suspended_at": "2026-11-01T00:00:00Z" if account.is_suspended else None,
    }


def _as_token(world: GitHub, path: str, token: str, body: dict[str, Any]) -> Answer:
    if token.startswith("ghs_"):
        account = world.accounts.get(int(token.split("_")[1]))
        if account is None or account.is_suspended:
            return 401, {"message": "Bad credentials"}, {}
        if path == "/installation/repositories":
            listed = [_repository(name) for name in account.repositories]
            return 200, {"total_count": len(listed), "repositories": listed}, {}
        return 200, [], {}
    person = world.tokens.get(token)
    if person is None or person.is_revoked:
        return 401, {"message": "Bad credentials"}, {}
    headers = {"github-authentication-token-expiration": person.expires} if person.expires else {}
    if person.scopes is not None:
        headers["X-OAuth-Scopes"] = person.scopes
    return _of_person(world, person, token, path, body, headers)


def _of_person(
    world: GitHub, person: Token, token: str, path: str, body: dict[str, Any], headers: dict[str, str]
) -> Answer:
    if path in person.refuses:
        asked = {"X-Accepted-GitHub-Permissions": f"{person.refuses[path]}=read"}
        return 403, {"message": "Resource not accessible by personal access token"}, headers | asked
    if person.sso and path.startswith("/repos/"):
        return (
            403,
            {"message": "Resource protected by organization SAML enforcement."},
            headers | {"X-GitHub-SSO": f"required; url={person.sso}"},
        )
    if path == "/user/installations":
        mine = {number: account for number, account in world.accounts.items() if token in account.seen_by}
        listed = [_installation(number, account) for number, account in mine.items()]
        return 200, {"total_count": len(listed), "installations": listed}, headers
    if path == "/user":
        return 200, {"login": person.login, "id": 1}, headers
    if path.endswith("graphql"):
        return 200, {"data": {"viewer": {"login": person.login}, "rateLimit": None}}, headers
    if path == "/user/repos":
        return 200, [_repository(f"{person.login}/shop")], headers
    return 200, [], headers


def _repository(name: str) -> dict[str, Any]:
    return {"full_name": name, "node_id": f"R_{name}", "private": True, "pushed_at": "2026-11-20T09:30:00Z"}


@contextmanager
def served() -> Iterator[GitHub]:
    world = GitHub()
    handler = type("Bound", (_Handler,), {"world": world})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    world.url = f"http://127.0.0.1:{server.server_address[1]}/api/v3"
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()


def request_words(address: str) -> dict[str, str]:
    """The query of an address, each name once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
