import pytest
from django.test import Client
from django.urls import URLPattern, resolve, reverse

from tformance.accounts.models import Membership, OldSlug, Role, Team, User
from tformance.faces.web import urls
from tformance.faces.web.tests.conftest import Visit

PERIOD = "?from=2026-03-01&to=2026-03-31"
PAGES = [
    "/t/acme/",
    "/t/acme.csv",
    "/t/acme.json",
    "/t/acme/now/",
    "/t/acme/explain/cycle_time/median/",
    "/t/acme/explain/cycle_time/median.csv",
    "/t/acme/explain/cycle_time/median.json",
    "/t/acme/delivery/",
    "/t/acme/delivery/open/",
    "/t/acme/delivery.csv",
    "/t/acme/quality/",
    "/t/acme/quality.csv",
    "/t/acme/review/",
    "/t/acme/review/people/",
    "/t/acme/review/threads/",
    "/t/acme/review/asked/",
    "/t/acme/review.json",
    "/t/acme/people/",
    "/t/acme/people.csv",
    "/t/acme/me/",
    "/t/acme/me/seen/",
    "/t/acme/commits/",
    "/t/acme/files/",
    "/t/acme/files.csv",
    "/t/acme/deployments/",
    "/t/acme/deployments/list/",
    "/t/acme/deployments.json",
    "/t/acme/glossary/",
    "/t/acme/glossary.csv",
    "/t/acme/glossary.json",
    "/t/acme/copilot/",
    "/t/acme/copilot.csv",
    "/t/acme/health/",
    "/t/acme/health/live/",
    "/t/acme/health/details/",
    "/t/acme/pulls/",
    "/t/acme/pulls.csv",
    "/t/acme/pulls.json",
    "/t/acme/pulls/filters/",
    "/t/acme/choices/repositories/",
    "/t/acme/choices/authors/",
    "/t/acme/choices/groups/",
    "/t/acme/pulls/acme/shop/7/",
    "/t/acme/connections/",
    "/t/acme/connections/live/",
    "/t/acme/tokens/",
]
OWN_PAGES = ["/t/acme/people/ada/", "/t/acme/people/ada.csv"]
ADMIN_PAGES = [
    "/t/acme/settings/audit/",
    "/t/acme/settings/audit.csv",
    "/t/acme/settings/identities/",
    "/t/acme/setup/chart/",
    "/t/acme/setup/chart/live/",
]
FORMS = [
    "/t/acme/connections/new/",
    "/t/acme/connections/app/",
    "/t/acme/connections/github/",
    "/t/acme/setup/team/",
    "/t/acme/setup/source/",
    "/t/acme/setup/people/",
    "/t/acme/settings/",
    "/t/acme/settings/members/",
    "/t/acme/settings/identities/suggestions/",
    "/t/acme/settings/groups/",
]
OF_IDS = [  # forms of what is there; without it they are not found
    "/t/acme/settings/identities/accounts/1/",
    "/t/acme/settings/identities/people/1/",
    "/t/acme/settings/identities/people/1/merge/2/",
    "/t/acme/settings/groups/1/",
]
INVITATION = "0b9c1d1e-0000-4000-8000-000000000001"
ACTIONS = [
    "/t/acme/setup/source/pass/",
    "/t/acme/connections/read/",
    "/t/acme/connections/1/pause/",
    "/t/acme/connections/1/resume/",
    "/t/acme/connections/app/1/install/",
    "/t/acme/connections/app/1/find/",
    "/t/acme/health/left-out/1/retry/",
    "/t/acme/settings/groups/1/delete/",
    "/t/acme/settings/members/1/role/",
    "/t/acme/settings/members/1/remove/",
    f"/t/acme/settings/invitations/{INVITATION}/send/",
    f"/t/acme/settings/invitations/{INVITATION}/revoke/",
]
OWN_ACTIONS = [
    "/t/acme/leave/",
    "/t/acme/tokens/new/",
    f"/t/acme/tokens/{INVITATION}/revoke/",
    "/t/acme/pulls/views/",
    "/t/acme/pulls/views/1/rename/",
    "/t/acme/pulls/views/1/delete/",
]
ASKS_PROVIDER = ["/t/acme/connections/1/repositories/", "/t/acme/connections/oauth/"]
LEADS_ON = ["/t/acme/setup/repositories/"]  # to another page
WAY_IN = ["/t/acme/setup/"]  # leads admins on, and is a page for everybody else
POSTED = ACTIONS + OWN_ACTIONS
EVERYTHING = PAGES + OWN_PAGES + ADMIN_PAGES + FORMS + OF_IDS + POSTED + ASKS_PROVIDER + LEADS_ON + WAY_IN


def test_every_team_address_is_tried_here() -> None:
    patterns = [p for p in urls.urlpatterns if isinstance(p, URLPattern) and str(p.pattern).startswith("t/")]
    tried = {resolve(page).url_name for page in EVERYTHING}
    assert {pattern.name for pattern in patterns} - tried == set()


@pytest.mark.parametrize("page", PAGES + OWN_PAGES + ADMIN_PAGES + FORMS)
def test_an_admin_sees_every_page(page: str, as_role: Visit) -> None:
    assert as_role("admin").get(page + PERIOD).status_code == 200


@pytest.mark.parametrize("page", LEADS_ON + WAY_IN)
def test_an_admin_is_led_on_inside_the_team(page: str, as_role: Visit) -> None:
    answer = as_role("admin").get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/t/acme/setup/")


@pytest.mark.parametrize("page", OWN_PAGES)
def test_a_persons_page_is_closed_to_developers_and_to_leads_of_others(page: str, as_role: Visit) -> None:
    for role in ("lead", "developer"):
        answer = as_role(role).get(page + PERIOD)
        assert answer.status_code == 403
        assert "to whoever leads a group they are in, and to admins of Acme" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES + WAY_IN)
def test_a_developer_sees_every_page(page: str, as_role: Visit) -> None:
    assert as_role("developer").get(page + PERIOD).status_code == 200


@pytest.mark.parametrize("page", EVERYTHING)
def test_a_team_does_not_exist_for_strangers(page: str, as_role: Visit) -> None:
    client = as_role("stranger")
    answer = client.post(page) if page in POSTED else client.get(page)
    assert answer.status_code == 404
    assert b"Acme" not in answer.content


@pytest.mark.parametrize("page", EVERYTHING)
def test_nobody_enters_without_signing_in(page: str, acme: Team) -> None:
    answer = Client().post(page) if page in POSTED else Client().get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_an_unknown_team_looks_like_a_foreign_one_to_anybody(as_role: Visit) -> None:
    assert Client().get("/t/nowhere/").status_code == 302
    assert as_role("stranger").get("/t/nowhere/").status_code == 404


@pytest.mark.parametrize("page", PAGES + OWN_PAGES + ADMIN_PAGES + WAY_IN)
def test_pages_are_only_read(page: str, as_role: Visit) -> None:
    assert as_role("admin").post(page).status_code == 405


@pytest.mark.parametrize("page", POSTED)
def test_nothing_changes_by_following_a_link(page: str, as_role: Visit) -> None:
    assert as_role("admin").get(page).status_code == 405


@pytest.mark.parametrize("role", ["lead", "developer"])
@pytest.mark.parametrize("page", FORMS + OF_IDS + ASKS_PROVIDER + LEADS_ON + ACTIONS)
def test_only_admins_change_connections_and_settings(page: str, role: str, as_role: Visit) -> None:
    answer = as_role(role).post(page)
    assert answer.status_code == 403
    assert "Only admins" in answer.content.decode()


@pytest.mark.parametrize("role", ["lead", "developer"])
@pytest.mark.parametrize("page", ADMIN_PAGES + FORMS)
def test_only_admins_see_settings(page: str, role: str, as_role: Visit) -> None:
    client = as_role(role)
    assert client.get(page).status_code == 403
    assert "/t/acme/settings/" not in client.get("/t/acme/").content.decode()


def test_a_connection_of_another_team_does_not_exist(as_role: Visit) -> None:
    assert as_role("admin").post("/t/acme/connections/999/pause/").status_code == 404


class TestMoved:
    """A team that was renamed is found by its old addresses, by whoever may enter it and nobody else."""

    @pytest.fixture(autouse=True)
    def moved(self, acme: Team) -> None:
        OldSlug.objects.create(slug="old-acme", team=acme)

    @pytest.mark.parametrize("rest", ["/", "/delivery/?period=90d&x=/t/old-acme/", ".csv", "/pulls/acme/shop/7/"])
    def test_its_pages_lead_on_for_good(self, rest: str, as_role: Visit) -> None:
        answer = as_role("developer").get(f"/t/old-acme{rest}")
        assert answer.status_code == 301
        assert answer["Location"] == f"/t/acme{rest}"

    def test_nothing_is_changed_under_the_old_name(self, as_role: Visit) -> None:
        assert as_role("admin").post("/t/old-acme/connections/read/").status_code == 404

    def test_strangers_do_not_learn_the_new_name(self, as_role: Visit) -> None:
        assert as_role("stranger").get("/t/old-acme/").status_code == 404
        assert Client().get("/t/old-acme/")["Location"].startswith(reverse("account_login"))


class TestDemo:
    @pytest.fixture(autouse=True)
    def demo(self, acme: Team) -> None:
        Team.objects.filter(pk=acme.pk).update(is_demo=True)

    @pytest.mark.parametrize("page", PAGES + OWN_PAGES)
    def test_it_is_open_on_a_loopback_host(self, page: str) -> None:
        assert Client().get(page + PERIOD).status_code == 200

    def test_the_first_page_shows_it_and_says_so(self) -> None:
        answer = Client().get("/")
        assert answer.status_code == 200
        assert "sample data that came through the real sync" in answer.content.decode()

    @pytest.mark.parametrize("page", ["/", *PAGES, *OWN_PAGES])
    def test_elsewhere_it_needs_a_sign_in(self, page: str, settings: pytest.FixtureRequest) -> None:
        settings.HOST = "0.0.0.0"  # type: ignore[attr-defined]
        assert Client().get(page).status_code == 302

    @pytest.mark.parametrize("page", POSTED)
    def test_it_is_never_changed(self, page: str, as_role: Visit) -> None:
        answer = as_role("stranger").post(page)
        assert answer.status_code == 403
        assert "can be read, not changed" in answer.content.decode()

    def test_people_of_other_teams_may_look(self, as_role: Visit) -> None:
        assert as_role("stranger").get("/t/acme/").status_code == 200


def test_home_leads_members_to_their_own_team(acme: Team) -> None:
    user = User.objects.create_user("ada@acme.example")
    Membership.objects.create(team=acme, user=user, role=Role.DEVELOPER)
    client = Client()
    client.force_login(user)
    assert client.get("/")["Location"] == "/t/acme/"


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(acme: Team) -> None:
    answer = Client().get("/t/acme/connections/live/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == reverse("account_login")
