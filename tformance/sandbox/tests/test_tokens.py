"""Tokens may what they were given, until they end; people sign in as at GitHub."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tformance.sandbox.tests.conftest import Client, put, receiving, running
from tformance.sandbox.tests.test_apps import Made
from tformance.sandbox.tokens import parse

BACK = "http://product.example/signed-in"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def made(folder: Path) -> Iterator[Made]:
    with receiving() as receiver, running(folder) as (sandbox, client):
        yield Made(sandbox, client, receiver)


def approved(made: Made, query: str = "", **more: str) -> dict[str, list[str]]:
    fields = {"client_id": made.secrets["client_id"], "redirect_uri": BACK, "state": "s", "code_challenge": CHALLENGE}
    _, headers, _ = made.form(f"/login/oauth/authorize{query}", **(fields | {"approve": "yes"} | more))
    assert headers["location"].startswith(BACK)
    return parse_qs(urlsplit(headers["location"]).query)


def exchanged(made: Made, **fields: str) -> dict[str, Any]:
    known = {"client_id": made.secrets["client_id"], "client_secret": made.secrets["client_secret"]}
    status, _, body = made.form("/login/oauth/access_token", **(known | fields))
    assert status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def test_a_person_approves_and_is_known_by_the_token(made: Made) -> None:
    asked = {"client_id": made.secrets["client_id"], "redirect_uri": BACK, "state": "s"}
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    status, _, page = made.client.send("GET", f"/login/oauth/authorize?{urlencode(asked | pkce)}")
    assert (status, b"Approve" in page) == (200, True)
    back = approved(made, "?as=stranger")
    assert back["state"] == ["s"]
    tokens = exchanged(made, code=back["code"][0], redirect_uri=BACK, code_verifier=VERIFIER)
    assert (tokens["expires_in"], tokens["token_type"]) == (28800, "bearer")
    stranger = Client(made.client.port, tokens["access_token"])
    assert stranger.get("/user")[2]["login"] == "stranger"
    made.install()
    assert stranger.get("/user/installations")[2]["total_count"] == 0
    known = exchanged(made, code=approved(made)["code"][0], code_verifier=VERIFIER)
    person = Client(made.client.port, known["access_token"])
    assert person.get("/user/installations")[2]["total_count"] == 1


def test_codes_are_good_once_with_verifier_and_secret(made: Made) -> None:
    code = approved(made)["code"][0]
    assert exchanged(made, code=code, code_verifier="w" * 50)["error"] == "bad_verification_code"
    assert exchanged(made, code=code, code_verifier=VERIFIER)["error"] == "bad_verification_code"
    wrong = exchanged(made, code=approved(made)["code"][0], client_secret="no", code_verifier=VERIFIER)
    assert wrong["error"] == "incorrect_client_credentials"
    other = exchanged(made, code=approved(made)["code"][0], redirect_uri=f"{BACK}/x", code_verifier=VERIFIER)
    assert other["error"] == "redirect_uri_mismatch"
    assert approved(made, approve="no")["error"] == ["access_denied"]


def test_only_registered_addresses_are_returned_to(made: Made) -> None:
    asked = {"client_id": made.secrets["client_id"], "redirect_uri": "http://evil.example/signed-in"}
    status, headers, page = made.client.send("GET", f"/login/oauth/authorize?{urlencode(asked)}")
    assert b"not associated" in page
    assert "location" not in headers
    assert made.form("/login/oauth/authorize", **asked, approve="yes")[0] == 404
    assert status == 200


def test_a_refresh_token_is_used_once_and_ends_the_old_token(made: Made) -> None:
    first = exchanged(made, code=approved(made)["code"][0], code_verifier=VERIFIER)
    second = exchanged(made, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert Client(made.client.port, first["access_token"]).get("/user")[0] == 401
    assert Client(made.client.port, second["access_token"]).get("/user")[0] == 200
    again = exchanged(made, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again["error"] == "bad_refresh_token"


def test_classic_and_fine_grained_tokens_say_what_they_are(folder: Path) -> None:
    tokens = "ghp_a/repo+read:org,github_pat_b/contents:read/90d,ghp_c/repo/1s"
    with running(folder, tokens=tokens) as (_, client):
        _, classic, _ = Client(client.port, "ghp_a").get("/user")
        assert classic["x-oauth-scopes"] == "repo, read:org"
        _, fine, _ = Client(client.port, "github_pat_b").get("/user")
        assert "x-oauth-scopes" not in fine
        assert fine["github-authentication-token-expiration"].endswith(" UTC")
        members = Client(client.port, "github_pat_b").get("/orgs/meridian-works/members")
        assert (members[0], members[2]["message"]) == (403, "Resource not accessible by personal access token")
        assert Client(client.port, "ghp_a").get("/orgs/meridian-works/members")[0] == 200
        time.sleep(1.1)
        assert Client(client.port, "ghp_c").get("/user")[0] == 401


def test_private_repositories_need_the_scope_and_the_single_sign_on(tmp_path: Path) -> None:
    stamps = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    put(
        tmp_path,
        "repositories",
        {"id": "r", "name_with_owner": "o/hidden", "is_private": True, **stamps},
        {"id": "s", "name_with_owner": "o/shown", **stamps},
    )
    with running(tmp_path, tokens="a/repo+sso:o,b/public_repo,c/repo") as (_, client):
        status, headers, _ = Client(client.port, "a").get("/repos/o/hidden")
        assert (status, headers["x-github-sso"].startswith("required; url=")) == (403, True)
        assert Client(client.port, "a").get("/repos/o/shown")[0] == 200
        assert Client(client.port, "b").get("/repos/o/hidden")[0] == 404
        assert len(Client(client.port, "b").get("/user/repos")[2]) == 1
        assert len(Client(client.port, "c").get("/user/repos")[2]) == 2


def test_what_is_no_word_of_a_token_is_said() -> None:
    with pytest.raises(ValueError, match="no scope and no permission"):
        parse("a/anything")
    with pytest.raises(ValueError, match="no instant and no span"):
        parse("a/repo/soon")
