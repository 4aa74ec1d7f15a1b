"""What happens at the door: who is let in, what is kept, and what a provider is answered."""

import hashlib
import hmac
import io
import json
import uuid
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.core.clock import now
from tformance.faces.hooks.views import MOST_BYTES
from tformance.sync.models import WebhookDelivery, WebhookEndpoint

SECRET = "It's a Secret to Everybody"
BODY = b'{"action": "opened", "number": 1}'


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(slug="acme", name="Acme")


@pytest.fixture
def endpoint(team: Team) -> WebhookEndpoint:
    return make_endpoint(team)


def make_endpoint(team: Team, secret: str = SECRET) -> WebhookEndpoint:
    sealed = settings.KEY_RING.seal(secret)
    return WebhookEndpoint.objects.create(team_id=team.pk, source="github", secret=sealed, created_at=now())


def send(
    endpoint: WebhookEndpoint | uuid.UUID, body: bytes = BODY, *, signed: bytes | None = None, **headers: str
) -> Any:
    given = {
        "X-Hub-Signature-256": signature(body if signed is None else signed),
        "X-GitHub-Delivery": "72d3162e-cc78",
        "X-GitHub-Event": "pull_request",
    }
    address = f"/hooks/github/{endpoint.pk if isinstance(endpoint, WebhookEndpoint) else endpoint}/"
    every = {name: value for name, value in (given | headers).items() if value}
    return Client(enforce_csrf_checks=True).post(address, body, "application/json", headers=every)


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def kept() -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.order_by("id"))


def test_a_genuine_message_is_kept_once_and_answered_202(endpoint: WebhookEndpoint) -> None:
    assert send(endpoint).status_code == 202
    [delivery] = kept()
    assert (delivery.event, delivery.action, delivery.state) == ("pull_request", "opened", "received")
    assert delivery.delivery_id == "72d3162e-cc78"
    assert b"opened" not in bytes(delivery.body or b"")
    assert send(endpoint).status_code == 200
    assert len(kept()) == 1


def test_the_published_vector_gets_in_and_is_no_json(endpoint: WebhookEndpoint) -> None:
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert send(endpoint, b"Hello, World!", **{"X-Hub-Signature-256": known}).status_code == 202
    [delivery] = kept()
    assert (delivery.state, delivery.note) == ("unknown", "The message is not JSON.")


@pytest.mark.parametrize("forged", ["", "sha256=" + "0" * 64, "sha1=abc", signature(b"{}"), signature(BODY, "other")])
def test_a_forged_or_missing_signature_is_refused_and_nothing_is_kept(endpoint: WebhookEndpoint, forged: str) -> None:
    assert send(endpoint, **{"X-Hub-Signature-256": forged}).status_code == 401
    assert kept() == []


def test_another_endpoints_secret_opens_nothing_here(endpoint: WebhookEndpoint) -> None:
    other = make_endpoint(Team.objects.create(slug="other", name="Other"), "another secret")
    assert send(other).status_code == 401
    assert kept() == []


def test_an_unknown_endpoint_or_source_is_not_there(endpoint: WebhookEndpoint) -> None:
    assert send(uuid.uuid4()).status_code == 404
    for source in ("gitlab", "git"):
        answer = Client().post(f"/hooks/{source}/{endpoint.pk}/", BODY, "application/json")
        assert answer.status_code == 404
    assert Client().post("/hooks/github/1/", BODY, "application/json").status_code == 404


def test_messages_are_only_posted(endpoint: WebhookEndpoint) -> None:
    assert Client().get(f"/hooks/github/{endpoint.pk}/").status_code == 405


def test_a_body_of_five_megabytes_gets_in_and_one_more_byte_does_not(endpoint: WebhookEndpoint) -> None:
    largest = b"[" + b" " * (MOST_BYTES - 2) + b"]"
    assert send(endpoint, largest).status_code == 202
    assert send(endpoint, largest + b" ", **{"X-GitHub-Delivery": "next"}).status_code == 413
    assert len(kept()) == 1


def test_a_body_that_is_said_to_be_too_large_is_not_read(endpoint: WebhookEndpoint) -> None:
    class Unreadable(io.BytesIO):
        def read(self, *_: int | None) -> bytes:
            raise AssertionError("it was read")

    extra = {"CONTENT_LENGTH": str(MOST_BYTES + 1), "wsgi.input": Unreadable()}
    assert Client().post(f"/hooks/github/{endpoint.pk}/", **extra).status_code == 413


@pytest.mark.parametrize("missing", ["X-GitHub-Delivery", "X-GitHub-Event"])
def test_a_message_that_does_not_say_what_it_is_is_refused(endpoint: WebhookEndpoint, missing: str) -> None:
    assert send(endpoint, **{missing: ""}).status_code == 400
    assert send(endpoint, **{missing: "x" * 101}).status_code == 400
    assert kept() == []


@pytest.mark.parametrize("state", ["received", "applied", "ignored", "unknown"])
def test_a_message_that_is_sent_again_stays_as_it_is(endpoint: WebhookEndpoint, state: str) -> None:
    send(endpoint)
    WebhookDelivery.objects.update(state=state, note="as it was")
    assert send(endpoint).status_code == 200
    [delivery] = kept()
    assert (delivery.state, delivery.note) == (state, "as it was")


def test_a_failed_message_that_is_sent_again_is_tried_again(endpoint: WebhookEndpoint) -> None:
    send(endpoint)
    WebhookDelivery.objects.update(state="failed", note="A fault.", attempts=5, body=None, settled_at=now())
    assert send(endpoint).status_code == 200
    [delivery] = kept()
    assert (delivery.state, delivery.note, delivery.attempts, delivery.settled_at) == ("received", "", 0, None)
    assert delivery.body is not None


def test_the_same_id_at_another_endpoint_is_another_message(endpoint: WebhookEndpoint, team: Team) -> None:
    assert send(endpoint).status_code == 202
    assert send(make_endpoint(team)).status_code == 202
    assert len(kept()) == 2


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"[1, 2]", b"null", b'{"action": ', b"[" * 200_000, b'{"action": 1e999}']
)
def test_whatever_is_signed_is_kept_and_never_a_fault(endpoint: WebhookEndpoint, body: bytes) -> None:
    assert send(endpoint, body).status_code == 202
    [delivery] = kept()
    assert delivery.state == ("unknown" if delivery.note else "received")


@given(body=st.binary(max_size=200), event=st.text("abc_ é", min_size=1, max_size=70))
@hypothesis.settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_any_bytes_and_names_are_answered(endpoint: WebhookEndpoint, body: bytes, event: str) -> None:
    answer = send(endpoint, body, **{"X-GitHub-Event": event, "X-GitHub-Delivery": str(uuid.uuid4())})
    assert answer.status_code in (202, 400)


def test_an_action_that_is_no_word_is_left_out(endpoint: WebhookEndpoint) -> None:
    assert send(endpoint, json.dumps({"action": "a\0b"}).encode()).status_code == 202
    assert kept()[0].action == ""


def test_a_message_costs_one_statement_and_nobody_is_asked_to_sign_in(endpoint: WebhookEndpoint) -> None:
    send(endpoint)
    with CaptureQueriesContext(connection) as captured:
        answer = send(endpoint, **{"X-GitHub-Delivery": "second"})
    assert answer.status_code == 202
    assert not answer.cookies
    assert len(captured) == 1
