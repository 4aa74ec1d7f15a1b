"""Every address of the product and what each kind of visitor gets there: one line for each address, one row for each kind.

A new address fails until it stands in a list here. Names in braces are ids of things that the team has.
"""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from tformance.accounts.models import Membership, OldSlug, Role, Team, User
from tformance.faces.web.tests.belongings import IDS, Ids
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.outside import (
    ACCOUNT,
    ACCOUNT_READ,
    AWAY,
    HIDDEN,
    NO_PASSWORD,
    NOT_MINE,
    NOT_SET_UP,
    NOTHING,
    OLD,
    ONLY_POSTED,
    ONLY_READ,
    OPEN,
    WAYS_BACK,
)

PERIOD = "?from=2026-03-01&to=2026-03-31"
NAMED = re.compile(rb"\bAcme\b")
PAGES = [
    "/t/acme/",
    "/t/acme/now/",
    "/t/acme/explain/cycle_time/median/",
    "/t/acme/delivery/",
    "/t/acme/delivery/open/",
    "/t/acme/quality/",
    "/t/acme/review/",
    "/t/acme/review/people/",
    "/t/acme/review/threads/",
    "/t/acme/review/asked/",
    "/t/acme/people/",
    "/t/acme/me/",
    "/t/acme/me/seen/",
    "/t/acme/commits/",
    "/t/acme/files/",
    "/t/acme/deployments/",
    "/t/acme/deployments/list/",
    "/t/acme/glossary/",
    "/t/acme/copilot/",
    "/t/acme/health/",
    "/t/acme/health/live/",
    "/t/acme/health/details/",
    "/t/acme/pulls/",
    "/t/acme/pulls/filters/",
    "/t/acme/choices/repositories/",
    "/t/acme/choices/authors/",
    "/t/acme/choices/groups/",
    "/t/acme/pulls/acme/shop/7/",
    "/t/acme/connections/",
    "/t/acme/connections/live/",
    "/t/acme/tokens/",
]
FILES = [
    "/t/acme.csv",
    "/t/acme.json",
    "/t/acme/explain/cycle_time/median.csv",
    "/t/acme/explain/cycle_time/median.json",
    "/t/acme/delivery.csv",
    "/t/acme/delivery/open.csv",
    "/t/acme/quality.csv",
    "/t/acme/review.json",
    "/t/acme/review/asked.csv",
    "/t/acme/review/pairs.json",
    "/t/acme/people.csv",
    "/t/acme/commits.csv",
    "/t/acme/files.csv",
    "/t/acme/deployments.json",
    "/t/acme/deployments/list.csv",
    "/t/acme/glossary.csv",
    "/t/acme/glossary.json",
    "/t/acme/copilot.csv",
    "/t/acme/pulls.csv",
    "/t/acme/pulls.json",
]
OWN_PAGES = ["/t/acme/people/ada/"]
OWN_FILES = ["/t/acme/people/ada.csv"]
ADMIN_PAGES = [
    "/t/acme/settings/audit/",
    "/t/acme/settings/identities/",
    "/t/acme/settings/rules/progress/",
    "/t/acme/setup/chart/",
    "/t/acme/setup/chart/live/",
]
ADMIN_FILES = ["/t/acme/settings/audit.csv"]
# Pages with a form, and what an admin gets who posts nothing that it asks for.
FORMS = {
    "/t/acme/setup/team/": 422,
    "/t/acme/setup/source/": 302,
    "/t/acme/setup/people/": 422,
    "/t/acme/connections/new/": 200,
    "/t/acme/connections/app/": 422,
    "/t/acme/connections/github/": 422,
    "/t/acme/settings/": 200,
    "/t/acme/settings/members/": 422,
    "/t/acme/settings/identities/suggestions/": 404,
    "/t/acme/settings/groups/": 422,
    "/t/acme/settings/rules/": 422,
    "/t/acme/settings/privacy/": 422,
    "/t/acme/settings/retention/": 422,
    "/t/acme/settings/danger/": 200,
}
OF_IDS = {  # the same of single things: without the thing they are not found
    "/t/acme/connections/{connection}/repositories/": 200,
    "/t/acme/settings/identities/accounts/{account}/": 404,
    "/t/acme/settings/identities/people/{person}/": 404,
    "/t/acme/settings/identities/people/{person}/merge/{other}/": 302,
    "/t/acme/settings/groups/{group}/": 404,
    "/t/acme/settings/identities/people/{person}/erase/": 422,
    "/t/acme/connections/{connection}/remove/": 302,
}
LEADS_ON = ["/t/acme/setup/repositories/"]  # to another page
WAY_IN = ["/t/acme/setup/"]  # leads admins on, and is a page for everybody else
NOT_OFFERED = ["/t/acme/connections/oauth/"]  # until the operator sets it up
ACTIONS = [
    "/t/acme/setup/source/pass/",
    "/t/acme/connections/read/",
    "/t/acme/connections/{connection}/pause/",
    "/t/acme/connections/{connection}/resume/",
    "/t/acme/health/left-out/{item}/retry/",
    "/t/acme/settings/groups/{group}/delete/",
    "/t/acme/settings/members/{member}/role/",
    "/t/acme/settings/members/{member}/remove/",
    "/t/acme/settings/invitations/{invitation}/revoke/",
]
SHOWING_ACTIONS = [  # that answer with a page: the way to GitHub, a link to hand on
    "/t/acme/connections/app/{app}/install/",
    "/t/acme/connections/app/{app}/find/",
    "/t/acme/settings/invitations/{invitation}/send/",
]
OWN_ACTIONS = ["/t/acme/leave/", "/t/acme/pulls/views/"]
OWN_FORMS = ["/t/acme/tokens/new/"]
OWN_THINGS = [  # of the developer
    "/t/acme/tokens/{token}/revoke/",
    "/t/acme/pulls/views/{view}/rename/",
    "/t/acme/pulls/views/{view}/delete/",
]
READ = [*PAGES, *WAY_IN, *FILES, *OWN_PAGES, *OWN_FILES, *ADMIN_PAGES, *ADMIN_FILES]
POSTED = [*ACTIONS, *SHOWING_ACTIONS, *OWN_ACTIONS, *OWN_FORMS, *OWN_THINGS]


def everybody(status: int) -> tuple[int, ...]:
    return (status,) * 8


def signed_in(answer: int, otherwise: int = 302) -> tuple[int, ...]:
    return (otherwise, *(answer,) * 5, otherwise, otherwise)


Row = tuple[list[str], str, tuple[int, ...]]
# A stranger is admin of another team. A token is the developer's; a foreign one is the stranger's, of their team.
VISITORS: Final = ("nobody", "teamless", "stranger", "developer", "lead", "admin", "token", "foreign token")
OUTSIDE: Final = {"nobody", "teamless", "stranger", "foreign token"}
TABLE: Final[list[Row]] = [
    #                  nobody, teamless, stranger, developer, lead, admin, token, foreign token
    (PAGES, "GET", (302, 404, 404, 200, 200, 200, 401, 401)),
    (FILES, "GET", (302, 404, 404, 200, 200, 200, 200, 404)),
    (OWN_PAGES, "GET", (302, 404, 404, 403, 403, 200, 401, 401)),
    (OWN_FILES, "GET", (302, 404, 404, 403, 403, 200, 403, 404)),
    (ADMIN_PAGES, "GET", (302, 404, 404, 403, 403, 200, 401, 401)),
    (ADMIN_FILES, "GET", (302, 404, 404, 403, 403, 200, 403, 404)),
    ([*FORMS, *OF_IDS], "GET", (302, 404, 404, 403, 403, 200, 401, 401)),
    ([*NOT_OFFERED, *LEADS_ON], "GET", (302, 404, 404, 403, 403, 302, 401, 401)),
    (WAY_IN, "GET", (302, 404, 404, 200, 200, 302, 401, 401)),
    *(
        ([address], "POST", (302, 404, 404, 403, 403, answer, 401, 401))
        for address, answer in {**FORMS, **OF_IDS}.items()
    ),
    ([*NOT_OFFERED, *LEADS_ON, *ACTIONS], "POST", (302, 404, 404, 403, 403, 302, 401, 401)),
    (SHOWING_ACTIONS, "POST", (302, 404, 404, 403, 403, 200, 401, 401)),
    (OWN_ACTIONS, "POST", (302, 404, 404, 302, 302, 302, 401, 401)),
    (OWN_FORMS, "POST", (302, 404, 404, 422, 422, 422, 401, 401)),
    (OWN_THINGS, "POST", (302, 404, 404, 302, 404, 404, 401, 401)),
    (["/"], "GET", (302, 200, 302, 302, 302, 302, 302, 302)),
    (OPEN, "GET", everybody(200)),
    (["/account/", "/account/delete/", "/accounts/logout/", *ACCOUNT, *ACCOUNT_READ], "GET", signed_in(200)),
    (["/accounts/login/", "/accounts/signup/"], "GET", signed_in(302, 200)),
    (["/teams/new/"], "GET", (302, 403, 200, 403, 403, 200, 302, 302)),
    (["/invitations/"], "GET", signed_in(410)),
    (NO_PASSWORD, "GET", signed_in(403)),
    (NOT_MINE, "GET", signed_in(404)),
    (AWAY, "GET", everybody(302)),
    (WAYS_BACK, "GET", everybody(400)),
    (OLD, "GET", everybody(301)),
    (["/accounts/3rdparty/login/error/"], "GET", everybody(401)),
    ([*NOT_SET_UP, *NOTHING], "GET", everybody(404)),
    (["/account/", "/theme/", "/accounts/logout/", *AWAY], "POST", everybody(302)),
    (["/accounts/email/", "/accounts/sessions/"], "POST", everybody(302)),
    ([each for each in ACCOUNT if each not in ("/accounts/email/", "/accounts/sessions/")], "POST", signed_in(200)),
    (ACCOUNT_READ, "POST", signed_in(405)),
    (["/account/delete/"], "POST", signed_in(422)),
    (["/demo/remove/"], "POST", (302, 403, 302, 403, 403, 302, 302, 302)),
    (["/teams/new/"], "POST", (302, 403, 422, 403, 403, 422, 302, 302)),
    (["/invitations/{link}/"], "POST", signed_in(403)),
    (["/invitations/"], "POST", signed_in(410)),
    (NO_PASSWORD, "POST", signed_in(403)),
    (["/accounts/2fa/recovery-codes/"], "POST", signed_in(405)),
    ([each for each in NOT_MINE if each != "/accounts/2fa/recovery-codes/"], "POST", signed_in(404)),
    (["/accounts/login/", "/accounts/signup/"], "POST", signed_in(302, 200)),
    (["/accounts/password/reset/", "/accounts/password/reset/key/1-guess/"], "POST", everybody(200)),
    (["/welcome/"], "POST", everybody(403)),
    (["/healthz", "/readyz"], "POST", everybody(200)),
    (["/hooks/github/{endpoint}/"], "POST", everybody(401)),
    (OLD, "POST", everybody(301)),
    (["/accounts/confirm-email/guess/", *NOT_SET_UP, *NOTHING], "POST", everybody(404)),
    ([*POSTED, *ONLY_POSTED], "GET", everybody(405)),  # nothing changes by following a link
    ([*READ, *ONLY_READ], "POST", everybody(405)),
]


def test_every_address_stands_here() -> None:
    tried = {
        resolve(each.format(**IDS)).route for addresses, _, _ in TABLE for each in addresses if each not in NOTHING
    }
    assert set(routes(get_resolver())) - tried == HIDDEN
    rows = Counter((address, way) for addresses, way, _ in TABLE for address in addresses)
    assert {row: count for row, count in rows.items() if count > 1} == {}
    assert {address for address, _ in rows if not rows.keys() >= {(address, "GET"), (address, "POST")}} == set()


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern).removeprefix("^")
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from routes(each, route)


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_gets_what_the_table_says(visitor: str, visitors: dict[str, Client], ids: Ids) -> None:
    place, client = VISITORS.index(visitor), visitors[visitor]
    wrong: dict[str, tuple[object, ...]] = {}
    for addresses, way, expected in TABLE:
        for address in addresses:
            status, told = asked(client, way, address.format(**ids))
            if status != expected[place]:
                wrong[f"{way} {address}"] = (status, "not", expected[place])
            if visitor in OUTSIDE and "{link}" not in address and NAMED.search(told):
                wrong[f"{way} {address}"] = (status, "names the team", told)
    assert wrong == {}


def asked(client: Client, way: str, address: str) -> tuple[int, bytes]:
    """The status and what is told; whatever was done is undone."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer: Any = client.get(address + PERIOD) if way == "GET" else client.post(address, {"nothing": "1"})
        told = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies = cookies
    return int(answer.status_code), told


def test_a_sign_in_is_asked_for_and_leads_back(acme: Team) -> None:
    for page in (*PAGES, *FORMS, *POSTED):
        answer = Client().post(page.format(**IDS)) if page in POSTED else Client().get(page)
        assert answer["Location"].startswith(f"{reverse('account_login')}?next=/t/acme/"), page


@pytest.mark.parametrize("role", ["lead", "developer"])
def test_a_refusal_says_who_may(role: str, as_role: Visit) -> None:
    client = as_role(role)
    for page in (*ADMIN_PAGES, *FORMS):
        assert "Only admins" in client.get(page).content.decode(), page
    for page in ACTIONS:
        assert "Only admins" in client.post(page.format(**IDS)).content.decode(), page
    for page in (*OWN_PAGES, *OWN_FILES):
        assert "to whoever leads a group they are in, and to admins of Acme" in client.get(page).content.decode(), page
    assert "/t/acme/settings/" not in client.get("/t/acme/").content.decode()


def test_an_unknown_team_looks_like_a_foreign_one_to_anybody(as_role: Visit) -> None:
    assert Client().get("/t/nowhere/").status_code == 302
    assert as_role("stranger").get("/t/nowhere/").status_code == 404


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

    def test_it_is_open_on_a_loopback_host(self) -> None:
        for page in (*PAGES, *FILES, *OWN_PAGES, *OWN_FILES):
            assert Client().get(page + PERIOD).status_code == 200, page

    def test_the_first_page_shows_it_and_says_so(self) -> None:
        answer = Client().get("/")
        assert answer.status_code == 200
        assert "sample data that came through the real sync" in answer.content.decode()

    def test_elsewhere_it_needs_a_sign_in(self, settings: pytest.FixtureRequest) -> None:
        settings.HOST = "0.0.0.0"  # type: ignore[attr-defined]
        for page in ("/", *PAGES, *FILES, *OWN_PAGES, *OWN_FILES):
            assert Client().get(page).status_code == 302, page

    def test_it_is_never_changed(self, as_role: Visit) -> None:
        client = as_role("stranger")
        for page in (*POSTED, *FORMS, *OF_IDS, *NOT_OFFERED):
            answer = client.post(page.format(**IDS))
            assert answer.status_code == 403, page
            assert "can be read, not changed" in answer.content.decode(), page

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
