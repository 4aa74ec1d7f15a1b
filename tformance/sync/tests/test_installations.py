"""An App is connected where the signed-in person has a say in it, and follows what GitHub tells about it."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.errors import Reconnect, Skip
from tformance.facts import testing
from tformance.facts.coverage import write_coverage
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.repository import Repository
from tformance.sync import connections, credentials, grants, installations
from tformance.sync.installations import App
from tformance.sync.models import AppRegistration, Connection, Route, Scope, WebhookEndpoint
from tformance.sync.tests import github
from tformance.sync.tests.conftest import make_team
from tformance.sync.tests.github import READ_ALL, Account, GitHub, Token

BACK = "http://127.0.0.1:8000/back/"


@pytest.fixture
def world() -> Iterator[GitHub]:
    with github.served() as world:
        world.manifests["fresh"] = world.app()
        world.accounts[7] = Account("acme", repositories=("acme/shop", "acme/app"), seen_by=("user-ada",))
        world.accounts[8] = Account("other", seen_by=("user-eve",))
        world.tokens = {"user-ada": Token("ada"), "user-eve": Token("eve")}
        world.codes = {"ada-signs-in": "user-ada", "eve-signs-in": "user-eve"}
        yield world


@pytest.fixture
def acme(db: None) -> Team:
    return make_team("acme")


@pytest.fixture
def app(acme: Team, world: GitHub) -> App:
    return installations.made(acme.pk, world.url, "fresh", str(uuid4()))


def connect(team: Team, app: App, number: int | None = 7, code: str = "ada-signs-in") -> Connection:
    installations.connect(team.pk, app.id, number, code, "verifier", BACK)
    with tenant(team.pk):
        connection: Connection = Connection.objects.get()
    return connection


def now_of(connection: Connection) -> tuple[str, str]:
    with tenant(connection.team_id):
        stored = Connection.objects.get(pk=connection.pk)
    return stored.state, stored.problem


def test_the_secrets_of_a_new_app_are_kept_sealed(app: App) -> None:
    stored = AppRegistration.objects.get()
    assert (stored.app_id, stored.slug, stored.owner) == (github.APP_ID, "tformance-acme", "acme")
    assert b"PRIVATE KEY" not in bytes(stored.credentials)
    assert credentials.app_secrets(stored).client_secret == "app-secret"
    assert b"hook-secret" not in bytes(WebhookEndpoint.objects.get().secret)


def test_an_app_behind_a_firewall_has_no_address_for_messages(acme: Team, world: GitHub) -> None:
    made = installations.made(acme.pk, world.url, "fresh", "")
    assert not made.sends_news
    assert not WebhookEndpoint.objects.exists()


def test_a_code_works_once(acme: Team, world: GitHub, app: App) -> None:
    with pytest.raises(Skip):
        installations.made(acme.pk, world.url, "fresh", "")
    assert AppRegistration.objects.count() == 1


def test_the_form_asks_for_nothing_but_reading() -> None:
    addresses = dict.fromkeys(("home", "made", "installed", "signed_in", "hook"), BACK)
    form = installations.form(
        "tformance", "https://ghe.example/api/v3", "acme", "s", addresses, is_reachable=False, copilot=True
    )
    assert form.action == "https://ghe.example/organizations/acme/settings/apps/new?state=s"
    assert set(form.manifest["default_permissions"].values()) == {"read"}
    assert form.manifest["hook_attributes"]["active"] is False
    assert form.manifest["default_events"] == []
    assert {each.key for each in installations.asked_for(with_copilot=True)} == set(
        form.manifest["default_permissions"]
    )


def test_an_own_installation_is_connected_with_what_it_may_read(acme: Team, app: App) -> None:
    connection = connect(acme, app)
    assert (connection.kind, connection.account, connection.installation_id) == ("app", "acme", 7)
    assert connection.granted == READ_ALL
    seen = connections.choices(acme.pk, connection.pk)
    assert [choice.name for choice in seen] == ["acme/shop", "acme/app"]


def test_a_forged_installation_is_refused(acme: Team, app: App, world: GitHub) -> None:
    """Whoever writes another's number into the address gets nothing: their own sign-in does not have it."""
    with pytest.raises(Reconnect):
        installations.connect(acme.pk, app.id, 8, "ada-signs-in", "verifier", BACK)
    assert connections.connected(acme.pk) == ()
    assert world.lent == 0


def test_the_sign_in_proves_who_began_it(acme: Team, app: App, world: GitHub) -> None:
    connect(acme, app)
    assert world.exchanges[0]["code_verifier"] == "verifier"


def test_another_team_cannot_use_the_app(app: App) -> None:
    other = make_team("other")
    with pytest.raises(AppRegistration.DoesNotExist):
        installations.connect(other.pk, app.id, 7, "ada-signs-in", "verifier", BACK)
    with pytest.raises(AppRegistration.DoesNotExist):
        installations.install_url(other.pk, app.id, "state")
    assert installations.registered(other.pk) == ()


def test_a_suspended_installation_rests_until_it_is_unsuspended(acme: Team, app: App, world: GitHub) -> None:
    connection = connect(acme, app)
    installations.changed(app.id, 7, "suspended")
    assert now_of(connection) == ("reconnect", "suspended")
    installations.changed(app.id, 7, "unsuspended")
    assert now_of(connection) == ("active", "")


def test_an_app_that_is_installed_again_goes_on_with_its_history(acme: Team, app: App, world: GitHub) -> None:
    connection = connect(acme, app)
    connections.follow(acme.pk, connection.pk, ["acme/shop"])
    installations.changed(app.id, 7, "deleted")
    assert now_of(connection) == ("reconnect", "uninstalled")
    world.accounts[9] = world.accounts.pop(7)
    installations.changed(app.id, 9, "created")
    assert now_of(connection) == ("active", "")
    (again,) = connections.connected(acme.pk)
    assert (again.id, again.repositories) == (connection.pk, ("acme/shop",))
    with tenant(acme.pk):
        stored = Connection.objects.get()
    assert credentials.credential_for(stored, "reading")().startswith("ghs_9_")


def test_news_of_an_installation_that_nobody_connected_changes_nothing(acme: Team, app: App, world: GitHub) -> None:
    connection = connect(acme, app)
    for change in ("suspended", "deleted", "created"):
        installations.changed(app.id, 8, change)
    assert now_of(connection) == ("active", "")


def test_a_permission_that_was_taken_away_is_named(acme: Team, app: App, world: GitHub) -> None:
    connect(acme, app)
    world.accounts[7].permissions = {name: "read" for name in READ_ALL if name != "deployments"}
    installations.changed(app.id, 7, "permissions")
    (known,) = connections.connected(acme.pk)
    needed = [lack.words for lack in known.lacks if lack.is_needed]
    assert needed == ["cannot read deployments: grant Deployments: read-only"]
    assert any(lack.words.startswith("No Copilot figures") for lack in known.lacks)


def test_what_a_classic_token_lacks_is_told_by_its_scopes(acme: Team, world: GitHub) -> None:
    world.tokens["classic"] = Token("ada", scopes="public_repo")
    made = connections.connect_github(acme.pk, world.url, "classic")
    lacks = grants.examine(acme.pk, made.id, ["ada/shop"]).lacks
    assert {lack.permission for lack in lacks} == {"repo", "read:org", "manage_billing:copilot"}


def test_what_a_fine_grained_token_lacks_is_found_by_asking(acme: Team, world: GitHub) -> None:
    world.tokens["fine"] = Token(
        "ada", expires="2026-12-24 09:30:00 UTC", refuses={"/repos/ada/shop/deployments": "deployments"}
    )
    made = connections.connect_github(acme.pk, world.url, "fine")
    (lack,) = grants.examine(acme.pk, made.id, ["ada/shop", "ada/app"]).lacks
    assert lack.words == "cannot read deployments: grant Deployments: read-only"
    (known,) = connections.connected(acme.pk)
    assert known.lacks == (lack,)
    assert str(known.expires_at) == "2026-12-24 09:30:00+00:00"


def test_what_nobody_follows_any_more_is_not_called_complete(acme: Team, app: App) -> None:
    connection = connect(acme, app)
    connections.follow(acme.pk, connection.pk, ["acme/shop"])
    testing.write(acme, testing.page(testing.pull_request(1)))
    with tenant(acme.pk):
        repository = Repository.objects.get()
        Scope.objects.filter(kind="repository").update(repository=repository)
        write_coverage(repository.pk, "pull_requests", None, connection.created_at)
        scope = Scope.objects.get(kind="repository")
    Route.objects.create(
        api_url=connection.api_url,
        kind="repository",
        subject=77,
        team_id=acme.pk,
        connection_id=connection.pk,
        scope_id=scope.pk,
    )
    connections.unfollow(acme.pk, connection.pk, "acme/shop")
    with tenant(acme.pk):
        assert not Coverage.objects.exists()
    assert not Route.objects.exists()
