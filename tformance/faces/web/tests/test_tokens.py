"""Programs read files with a token: as its owner, of one team, until it ends, and nothing else."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tformance.accounts import tokens
from tformance.accounts.models import ApiToken, AuditEntry, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.faces.web.tests.conftest import Visit

pytestmark = pytest.mark.django_db

PULLS = "/t/acme/pulls.csv?state=all&from=2026-03-01&to=2026-03-31"
FILES = [PULLS, "/t/acme.csv", "/t/acme.json", "/t/acme/glossary.json", "/t/acme/delivery.csv"]


@pytest.fixture
def ada(acme: Team) -> User:
    user = User.objects.create_user("ada@acme.example")
    Membership.objects.create(team=acme, user=user, role=Role.DEVELOPER)
    return user


@pytest.fixture
def secret(ada: User, acme: Team) -> str:
    return tokens.make(ada, acme.pk, "nightly", 90)


def read(address: str, secret: str, method: str = "GET") -> Any:
    return Client(headers={"authorization": f"Bearer {secret}"}).generic(method, address)


@pytest.mark.parametrize("address", FILES)
def test_files_are_read_without_a_session(address: str, secret: str) -> None:
    answer = read(address, secret)
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies


def test_what_is_read_is_the_teams(secret: str, other: Team) -> None:
    body = b"".join(read(PULLS, secret).streaming_content).decode()
    assert "Acme's change" in body
    assert "Other's secret" not in body


@pytest.mark.parametrize("address", ["/t/acme/", "/t/acme/pulls/", "/account/", "/t/acme/tokens/", "/t/acme/settings/"])
def test_pages_are_not(address: str, secret: str) -> None:
    assert read(address, secret).status_code in (302, 401)


@pytest.mark.parametrize(
    "address", ["/t/acme/pulls.csv", "/t/acme/tokens/new/", "/t/acme/leave/", "/t/acme/pulls/views/"]
)
def test_nothing_is_changed_with_it(address: str, secret: str, acme: Team) -> None:
    assert read(address, secret, "POST").status_code in (401, 403, 405)
    assert Membership.objects.filter(team=acme).exists()


def test_it_is_for_one_team_even_if_its_owner_has_more(secret: str, ada: User, other: Team) -> None:
    Membership.objects.create(team=other, user=ada, role=Role.ADMIN)
    assert read("/t/other/pulls.csv", secret).status_code == 404


def test_it_may_what_its_owner_may_at_that_moment(secret: str, ada: User, acme: Team) -> None:
    assert read("/t/acme/settings/audit.csv", secret).status_code == 403
    Membership.objects.filter(user=ada).update(role=Role.ADMIN)
    assert read("/t/acme/settings/audit.csv", secret).status_code == 200
    Membership.objects.filter(user=ada).delete()
    assert read(PULLS, secret).status_code == 404


@pytest.mark.parametrize("ends", ["revoked", "expired", "closed"])
def test_it_ends(ends: str, secret: str, ada: User, acme: Team) -> None:
    if ends == "revoked":
        assert tokens.revoke(ada, acme.pk, ApiToken.objects.get().pk)
    elif ends == "expired":
        ApiToken.objects.update(expires_at=clock.now())
    else:
        User.objects.update(is_active=False)
    answer = read(PULLS, secret)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_wrong_one_opens_nothing(secret: str) -> None:
    digest = ApiToken.objects.get().digest
    for guess in ("tformance_", "tformance_x", secret[:-1], f"{secret}x", f"tformance_{digest}", f"{secret} {secret}"):
        assert read(PULLS, guess).status_code == 401


@pytest.mark.parametrize("foreign", ["", "x", "eyJhbGciOi.x.y"])
def test_what_is_none_of_ours_opens_nothing_and_stands_in_no_ones_way(foreign: str, as_role: Visit) -> None:
    """A proxy before us may send along a token of its own."""
    assert read(PULLS, foreign).status_code == 302
    assert as_role("admin").get("/t/acme/", headers={"authorization": f"Bearer {foreign}"}).status_code == 200


def test_a_wrong_one_is_not_helped_by_a_session(as_role: Visit) -> None:
    assert as_role("admin").get(PULLS, headers={"authorization": "Bearer tformance_x"}).status_code == 401


def test_only_the_digest_is_kept_and_the_last_use(secret: str) -> None:
    kept = ApiToken.objects.get()
    assert kept.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert kept.last_used_at is None
    read(PULLS, secret)
    assert ApiToken.objects.get().last_used_at is not None


class TestPage:
    def test_it_is_made_shown_once_and_written_down(self, as_role: Visit, acme: Team) -> None:
        client = as_role("developer")
        page = client.post("/t/acme/tokens/new/", {"name": "nightly", "days": "30"}).content.decode()
        secret = page.split('id="token">')[1].split("<")[0]
        assert read(PULLS, secret).status_code == 200
        shown = client.get("/t/acme/tokens/").content.decode()
        assert "nightly" in shown
        assert secret not in shown
        kept = ApiToken.objects.get()
        assert kept.expires_at - kept.created_at == timedelta(days=30)
        with tenant(acme.pk):
            assert AuditEntry.objects.get().about == "nightly, for 30 days"

    @pytest.mark.parametrize("given", [{"days": "366"}, {"days": "0"}, {"days": "x"}, {"name": ""}, {"days": "9" * 30}])
    def test_it_has_a_name_and_ends_within_a_year(self, given: dict[str, str], as_role: Visit) -> None:
        answer = as_role("admin").post("/t/acme/tokens/new/", {"name": "nightly", "days": "90", **given})
        assert answer.status_code == 422
        assert not ApiToken.objects.exists()

    def test_what_else_a_form_says_is_not_believed(self, as_role: Visit, other: Team) -> None:
        wishes = {"team": str(other.pk), "user": "1", "scope": "write", "last_used_at": "2026-01-01"}
        as_role("developer").post("/t/acme/tokens/new/", {"name": "nightly", "days": "90", **wishes})
        kept = ApiToken.objects.get()
        assert (kept.team.slug, kept.user.email, kept.scope) == ("acme", "developer@acme.example", "read")

    def test_nobody_sees_or_revokes_anothers(self, secret: str, as_role: Visit) -> None:
        token = ApiToken.objects.get()
        admin = as_role("admin")
        assert "nightly" not in admin.get("/t/acme/tokens/").content.decode()
        assert admin.post(f"/t/acme/tokens/{token.pk}/revoke/").status_code == 404
        assert read(PULLS, secret).status_code == 200

    def test_its_owner_revokes_it(self, secret: str, ada: User) -> None:
        client = Client()
        client.force_login(ada)
        client.post(f"/t/acme/tokens/{ApiToken.objects.get().pk}/revoke/")
        assert read(PULLS, secret).status_code == 401

    def test_there_is_room_for_so_many(self, as_role: Visit) -> None:
        client = as_role("admin")
        for _ in range(tokens.MOST):
            client.post("/t/acme/tokens/new/", {"name": "nightly", "days": "90"})
        answer = client.post("/t/acme/tokens/new/", {"name": "nightly", "days": "90"})
        assert "revoke one first" in answer.content.decode()
        assert ApiToken.objects.count() == tokens.MOST
