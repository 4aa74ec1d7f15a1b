"""An App's messages that never arrived are asked for again, and do what they would have done."""

import base64
import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest

from tests.journeys import road
from tests.journeys.road import LocalGitHub
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.sync import connections, inbox, installations, redelivery
from tformance.sync.models import Connection, WebhookDelivery

OWNER, VERIFIER = "meridian-works", "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://product.example/back"


@pytest.fixture
def github(live_db: str, tmp_path: Path) -> Iterator[LocalGitHub]:
    road.invent(tmp_path, prs=30, people=6, repositories=1, months=2)
    with road.local_github(tmp_path, "hook_lose=1") as github:
        yield github


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """The answer itself is wanted, not where it leads."""


def submit(github: LocalGitHub, path: str, **fields: str) -> dict[str, str]:
    """Send a form of the web pages; returns what the address they lead back to says."""
    opener = urllib.request.build_opener(_Stay)
    with pytest.raises(urllib.error.HTTPError) as answered:
        opener.open(github.url + path, urlencode(fields).encode())
    query = parse_qs(urlsplit(answered.value.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def do(github: LocalGitHub, action: str, **asked: str) -> dict[str, Any]:
    body = json.dumps({"action": action, **asked}).encode()
    with urllib.request.urlopen(github.url + "/_sandbox/do", body) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def connect(github: LocalGitHub, base: str) -> Team:
    """The team's own App is made, installed and followed, by the forms that a browser sends."""
    team, endpoint = Team.objects.create(slug="acme", name="acme"), str(uuid4())
    addresses = dict.fromkeys(("home", "made", "installed", "signed_in"), BACK)
    addresses["hook"] = f"{base}/hooks/github/{endpoint}/"
    form = installations.form("t", github.url, OWNER, "s", addresses, is_reachable=True, copilot=False)
    made = submit(github, "/settings/apps", manifest=json.dumps(form.manifest), state="s", owner=OWNER)
    app = installations.made(team.pk, github.url, made["code"], endpoint)
    installed = submit(github, f"/apps/{app.slug}/installations", account=OWNER, selection="all", state="i")
    client_id = parse_qs(
        urlsplit(installations.sign_in_url(team.pk, app.id, state="s", challenge=CHALLENGE, redirect_uri=BACK)).query
    )["client_id"][0]
    asked = {"client_id": client_id, "redirect_uri": BACK, "state": "s", "code_challenge": CHALLENGE}
    signed = submit(github, "/login/oauth/authorize", **asked, approve="yes")
    number = int(installed["installation_id"])
    [connected] = installations.connect(team.pk, app.id, number, signed["code"], VERIFIER, BACK)
    names = [choice.name for choice in connections.choices(team.pk, connected.id)]
    connections.follow(team.pk, connected.id, names)
    road.read_all(team)
    return team


def ask_for_missed(messages: int) -> None:
    """Ask, and wait until so many arrived in all; then take them up."""
    redelivery.ask_for_missed()
    deadline = time.monotonic() + 20
    while WebhookDelivery.objects.count() < messages and time.monotonic() < deadline:
        time.sleep(0.1)
    inbox.drain()


def problem(team: Team) -> tuple[str, str]:
    with tenant(team.pk):
        stored = Connection.objects.get()
    return stored.state, stored.problem


def test_lost_messages_are_asked_for_again_and_do_their_work(
    github: LocalGitHub, transactional_db: None, live_server: Any
) -> None:
    team = connect(github, live_server.url)
    ask_for_missed(1)  # that it was installed
    known = WebhookDelivery.objects.count()
    opened = do(github, "open_pull_request")
    ask_for_missed(known + 1)
    with tenant(team.pk):
        assert not PullRequest.objects.get(node_id=opened["id"]).is_complete
    merged = do(github, "merge_pull_request", id=opened["id"])
    ask_for_missed(known + 1 + len(merged["deliveries"]))
    road.read_all(team)
    with tenant(team.pk):
        pull = PullRequest.objects.get(node_id=opened["id"])
    assert (pull.state, pull.is_complete) == ("merged", True)

    for action, expected in (
        ("suspend", ("reconnect", "suspended")),
        ("unsuspend", ("active", "")),
        ("uninstall", ("reconnect", "uninstalled")),
    ):
        known = WebhookDelivery.objects.count()
        do(github, action)
        assert problem(team) != expected
        ask_for_missed(known + 1)
        assert problem(team) == expected


def test_without_any_message_reading_finds_out_what_became_of_the_installation(github: LocalGitHub) -> None:
    team = connect(github, "http://nobody.example")
    for action, expected in (
        ("suspend", ("reconnect", "suspended")),
        ("unsuspend", ("active", "")),
        ("uninstall", ("reconnect", "uninstalled")),
    ):
        do(github, action)
        connections.sync_now(team.pk)
        road.read_all(team)
        assert problem(team) == expected
