"""An App is made, installed, asked as itself, suspended and removed as at GitHub."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from tformance.sandbox.control import do
from tformance.sandbox.server import Sandbox
from tformance.sandbox.tests.conftest import Client, Receiver, receiving, running

FORM = "application/x-www-form-urlencoded"


class Made:
    """An App at a running local GitHub, with its secrets as the product would hold them."""

    def __init__(self, sandbox: Sandbox, client: Client, receiver: Receiver, **more: Any) -> None:
        self.sandbox, self.client, self.receiver = sandbox, client, receiver
        self.manifest = {
            "name": "Measures of Meridian",
            "url": "http://product.example",
            "redirect_url": "http://product.example/made",
            "callback_urls": ["http://product.example/signed-in"],
            "setup_url": "http://product.example/installed",
            "hook_attributes": {"url": receiver.url},
            "default_permissions": {"pull_requests": "read", "contents": "read", "checks": "read"},
            "default_events": ["pull_request", "push"],
            "public": False,
        } | more
        self.secrets: dict[str, Any] = self._register()

    def form(self, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
        return self.client.send("POST", path, urlencode(fields).encode(), **{"Content-Type": FORM})

    def _register(self) -> dict[str, Any]:
        manifest = json.dumps(self.manifest)
        status, _, page = self.form("/organizations/meridian-works/settings/apps/new?state=s", manifest=manifest)
        assert status == 200
        assert b"Create GitHub App" in page
        assert b"pull_requests: read" in page
        _, headers, _ = self.form("/settings/apps", manifest=manifest, state="s", owner="meridian-works")
        self.returned = parse_qs(urlsplit(headers["location"]).query)
        status, _, body = self.client.send("POST", f"/app-manifests/{self.returned['code'][0]}/conversions")
        assert status == 201
        found: dict[str, Any] = json.loads(body)
        return found

    def bearer(self, **claims: Any) -> str:
        now = int(time.time())
        told = {"iss": self.secrets["client_id"], "iat": now - 30, "exp": now + 540} | claims
        return jwt.encode(told, self.secrets["pem"], "RS256")

    def ask(
        self, method: str, path: str, token: str | None = None, body: bytes = b""
    ) -> tuple[int, dict[str, str], Any]:
        status, headers, text = Client(self.client.port, token or self.bearer()).send(method, path, body)
        return status, headers, json.loads(text) if text else None

    def install(self, **fields: str) -> int:
        chosen = {"account": "meridian-works", "selection": "all", "state": "i"} | fields
        status, headers, _ = self.form(f"/apps/{self.secrets['slug']}/installations", **chosen)
        assert status == 302
        back = urlsplit(headers["location"])
        told = parse_qs(back.query)
        assert (back.path, told["setup_action"], told["state"]) == ("/installed", ["install"], ["i"])
        return int(told["installation_id"][0])

    def token(self, installation: int) -> str:
        status, _, body = self.ask("POST", f"/app/installations/{installation}/access_tokens")
        assert status == 201, body
        text: str = body["token"]
        return text


@pytest.fixture
def made(folder: Path) -> Iterator[Made]:
    with receiving() as receiver, running(folder) as (sandbox, client):
        yield Made(sandbox, client, receiver)


def test_a_code_gives_the_app_once_with_its_secrets(made: Made) -> None:
    assert made.returned["state"] == ["s"]
    assert made.secrets["pem"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert made.secrets["owner"]["login"] == "meridian-works"
    assert made.secrets["permissions"]["checks"] == "read"
    assert made.client.send("POST", f"/app-manifests/{made.returned['code'][0]}/conversions")[0] == 404


def test_only_a_fresh_token_signed_with_the_apps_key_is_the_app(made: Made) -> None:
    now = int(time.time())
    assert made.ask("GET", "/app")[2]["slug"] == "measures-of-meridian"
    other = jwt.encode({"iss": made.secrets["client_id"], "iat": now, "exp": now + 60}, "x" * 40, "HS256")
    assert made.ask("GET", "/app", other)[0] == 401
    assert made.ask("GET", "/app", made.bearer(exp=now - 1))[0] == 401
    status, _, refusal = made.ask("GET", "/app", made.bearer(exp=now + 1200))
    assert (status, "too far in the future" in refusal["message"]) == (401, True)
    assert made.ask("GET", "/app", made.bearer(iat=now + 600))[0] == 401
    assert made.ask("GET", "/app", made.bearer(iss="Iv23liunknown"))[2]["message"] == "Integration not found"
    assert made.client.get("/app")[0] == 401


def test_an_installation_gives_tokens_for_its_repositories_only(made: Made) -> None:
    names = sorted(row["name_with_owner"] for row in made.sandbox.data.repositories.values())
    number = made.install(selection="selected", repository=names[0])
    token = made.token(number)
    listed = made.ask("GET", "/installation/repositories", token)[2]
    assert [row["full_name"] for row in listed["repositories"]] == names[:1]
    assert made.ask("GET", f"/repos/{names[0]}", token)[0] == 200
    assert made.ask("GET", f"/repos/{names[1]}", token)[0] == 404
    assert made.ask("GET", "/user", token)[0] == 403
    assert made.ask("GET", f"/repos/{names[0]}/installation")[2]["id"] == number
    assert made.ask("GET", f"/repos/{names[1]}/installation")[0] == 404
    assert made.ask("GET", "/orgs/meridian-works/installation")[2]["repository_selection"] == "selected"


def test_what_the_permissions_leave_out_is_refused_beside_the_rest(made: Made) -> None:
    token = made.token(made.install())
    row = next(iter(made.sandbox.data.repositories.values()))
    _, answer = Client(made.client.port, token).query(
        "query($id: ID!) { node(id: $id) { id ... on Repository { "
        "pullRequests(first: 1) { totalCount } deployments(first: 1) { totalCount } } } }",
        id=str(row["id"]),
    )
    assert answer["data"]["node"]["pullRequests"]["totalCount"] > 0
    assert answer["data"]["node"]["deployments"] is None
    assert [(e["type"], e["message"]) for e in answer["errors"]] == [
        ("FORBIDDEN", "Resource not accessible by integration")
    ]
    assert made.ask("GET", "/orgs/meridian-works/members", token)[0] == 403


def test_a_suspended_installation_is_refused_and_a_removed_one_is_gone(made: Made) -> None:
    number = made.install()
    token = made.token(number)
    installation = made.sandbox.hub.apps.installations[number]
    do(made.sandbox.live, "suspend", {"installation": number})
    assert installation.suspended_at is not None
    assert made.ask("GET", "/installation/repositories", token)[0] == 403
    status, _, refusal = made.ask("POST", f"/app/installations/{number}/access_tokens")
    assert (status, refusal["message"]) == (403, "This installation has been suspended")
    do(made.sandbox.live, "unsuspend", {"installation": number})
    assert made.ask("GET", "/installation/repositories", token)[0] == 200
    do(made.sandbox.live, "uninstall", {"installation": number})
    assert made.ask("GET", "/installation/repositories", token)[0] == 401
    assert made.ask("POST", f"/app/installations/{number}/access_tokens")[0] == 404
    told = made.receiver.wait(4)
    assert [(event, body["action"]) for event, body, _ in told] == [
        ("installation", "created"),
        ("installation", "suspend"),
        ("installation", "unsuspend"),
        ("installation", "deleted"),
    ]
    assert made.install() != number


def test_tokens_end_after_their_life(folder: Path) -> None:
    with receiving() as receiver, running(folder, token_seconds=1) as (sandbox, client):
        made = Made(sandbox, client, receiver)
        token = made.token(made.install())
        assert made.ask("GET", "/installation/repositories", token)[0] == 200
        time.sleep(1.1)
        assert made.ask("GET", "/installation/repositories", token)[0] == 401


def test_messages_are_signed_logged_and_sent_again_on_request(made: Made) -> None:
    number = made.install()
    made.receiver.wait(1)
    made.receiver.answer = 500
    (merged,) = made.sandbox.live.merge(1, 0)
    event, body, headers = next(each for each in made.receiver.wait(3) if each[0] == "pull_request")
    assert (event, body["action"], body["pull_request"]["merged"]) == ("pull_request", "closed", True)
    assert body["installation"]["id"] == number
    assert body["pull_request"]["node_id"] == merged["id"]
    raw = made.receiver.raw[headers["X-GitHub-Delivery"]]
    signature = hmac.new(made.secrets["webhook_secret"].encode(), raw, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={signature}"
    assert headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(made.secrets["id"])
    failed = next(row for row in made.ask("GET", "/app/hook/deliveries")[2] if row["event"] == "pull_request")
    assert (failed["status_code"], failed["redelivery"]) == (500, False)
    made.receiver.answer = 202
    assert made.ask("POST", f"/app/hook/deliveries/{failed['id']}/attempts")[0] == 202
    *_, (_, _, again) = made.receiver.wait(4)
    assert again["X-GitHub-Delivery"] == headers["X-GitHub-Delivery"]
    whole = made.ask("GET", f"/app/hook/deliveries/{failed['id']}")[2]
    assert whole["request"]["payload"]["number"] == merged["number"]


def test_the_log_is_read_in_pages_behind_a_cursor(made: Made) -> None:
    made.install()
    made.sandbox.live.merge(2, 0)
    made.receiver.wait(5)
    status, headers, first = made.ask("GET", "/app/hook/deliveries?per_page=3")
    assert (status, len(first)) == (200, 3)
    following = headers["link"].split("<")[1].split(">")[0].removeprefix(made.sandbox.url)
    second = made.ask("GET", following)[2]
    ids = [row["id"] for row in first + second]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 5


def test_the_hooks_address_can_be_changed(made: Made) -> None:
    assert made.ask("GET", "/app/hook/config")[2]["url"] == made.receiver.url
    changed = made.ask("PATCH", "/app/hook/config", body=json.dumps({"url": "http://127.0.0.1:9/x"}).encode())[2]
    assert changed["url"] == "http://127.0.0.1:9/x"
