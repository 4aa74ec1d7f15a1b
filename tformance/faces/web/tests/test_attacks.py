"""Somebody who may do something tries to do more: with ids of others, with fields that no form has, from other sites."""

import json
import time
from collections import Counter
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.belongings import Ids
from tformance.faces.web.tests.test_account import PASSWORD, code_of, switch_on
from tformance.faces.web.tests.test_door import FORMS, OF_IDS, PERIOD, TABLE
from tformance.faces.web.tests.test_huge import IN_LISTS
from tformance.facts.models.people import Actor

pytestmark = pytest.mark.django_db

Row = tuple[int, str, dict[str, Any]]  # who sees it, its table, what it says
VARYING: Final = {"id", "digest", "secret", "subject", "version", "body", "last_login"}
NOT_OURS: Final = {"django_session", "accounts_tries", "usersessions_usersession"}
FORGED: Final = {
    **dict.fromkeys(("id", "pk", "installation_id", "app", "app_id", "lead", "member", "user", "user_id"), "987654"),
    **dict.fromkeys(("digest", "secret", "scope", "source", "kind", "state", "verdict", "subject", "who"), "stolen"),
    **dict.fromkeys(("created_at", "expires_at", "accepted_at", "at", "invited_at", "joined_on"), "2099-01-01"),
    **dict.fromkeys(("is_demo", "is_staff", "is_superuser", "is_active", "is_automation", "verified", "primary"), "on"),
    "role": "admin",
    "slug": "stolen",
    "email": "stolen@evil.example",
    "definition_version": "987654",
}
GIVEN: Final[dict[str, dict[str, str]]] = {
    "/account/": {"name": "Another name"},
    "/teams/new/": {"name": "Second", "zone": "UTC"},
    "/t/acme/setup/team/": {"name": "Acme two", "zone": "UTC"},
    "/t/acme/setup/people/": {"email": "y@acme.example", "role": "developer"},
    "/t/acme/settings/?general": {"part": "general", "name": "Acme two", "zone": "UTC"},
    "/t/acme/settings/?address": {"part": "address", "slug": "acme-two"},
    "/t/acme/settings/members/": {"email": "x@acme.example", "role": "developer"},
    "/t/acme/settings/members/{member}/role/": {"role": "lead"},
    "/t/acme/settings/groups/": {"name": "Second"},
    "/t/acme/settings/groups/{group}/?change": {"do": "change", "name": "Renamed", "lead": ""},
    "/t/acme/settings/groups/{group}/?add": {
        "do": "add",
        "person": "{other}",
        "joined_on": "2026-01-05",
        "left_on": "",
    },
    "/t/acme/settings/groups/{group}/?end": {"do": "end", "stay": "{stay}"},
    "/t/acme/settings/identities/accounts/{account}/": {"do": "bot"},
    "/t/acme/settings/identities/people/{person}/": {"do": "dates", "joined_on": "2026-01-05", "left_on": ""},
    "/t/acme/settings/identities/people/{person}/merge/{other}/": {"sure": "yes"},
    "/t/acme/settings/rules/": {"part": "hotfixes", "seen": "1", "labels": "urgent", "branches": "", "titles": ""},
    "/t/acme/settings/privacy/": {
        "least_people": "8",
        "people_seen_by": "admins",
        "seen_people": "5",
        "seen_by": "leads",
    },
    "/t/acme/settings/retention/": {"years": "5", "months": "12", "agreed": "on"},
    "/t/acme/settings/danger/": {"part": "data", "typed": "acme"},
    "/t/acme/tokens/new/": {"name": "weekly", "days": "30"},
    "/t/acme/pulls/views/": {"name": "With AI", "query": "?ai=yes"},
    "/t/acme/connections/{connection}/repositories/": {"repository": "acme/shop", "anyway": "1"},
    "/t/acme/connections/{connection}/pause/": {},
    "/t/acme/connections/{connection}/remove/": {},
}


def rows_of(*teams: Team) -> list[Row]:
    """All that is stored, as each of these teams may see it."""
    found: list[Row] = []
    for team in teams:
        with tenant(team.pk), connection.cursor() as cursor:
            for table in sorted({model._meta.db_table for model in apps.get_models()} - NOT_OURS):
                cursor.execute(f'SELECT to_jsonb(t) FROM "{table}" t')
                found += [(team.pk, table, json.loads(row)) for (row,) in cursor.fetchall()]
    return found


def told(rows: list[Row]) -> Counter[str]:
    """Without what differs each time: keys, instants, secrets, and what names a row by them."""
    known = {team for team, _, _ in rows}
    return Counter(
        f"{team} {table} {sorted((name, _steady(name, value, known)) for name, value in row.items() if name not in VARYING)}"
        for team, table, row in rows
    )


def _steady(name: str, value: Any, known: set[int]) -> str:
    if name == "at" or name.endswith("_at"):
        return "never" if value is None else "once"
    return "of a new team" if name == "team_id" and value not in known else str(value)


def test_an_id_of_another_team_is_the_id_of_nothing(
    visitors: dict[str, Client], both: tuple[Ids, Ids], acme: Team, other: Team
) -> None:
    theirs, client, before = both[1], visitors["admin"], told(rows_of(acme, other))
    reached = {}
    for addresses, way, _ in TABLE:
        for address in addresses:
            if address.startswith("/t/acme/") and "{" in address:
                at, body = address.format(**theirs), {"role": "admin", "name": "Stolen", "do": "change"}
                answer = client.post(at, body) if way == "POST" else client.get(at)
                reached[f"{way} {address}"] = answer.status_code
    posted = {each for each in reached if each.startswith("POST")}
    assert len(posted) > 15
    assert {each: status for each, status in reached.items() if status not in (404, 405)} == {}
    assert {each for each in posted if reached[each] != 404} == set()
    assert told(rows_of(acme, other)) == before


def test_an_id_of_another_team_in_a_filter_finds_nothing(visitors: dict[str, Client], ids: Ids, other: Team) -> None:
    with tenant(other.pk):
        foreign = Actor.objects.get(login="mallory").pk
    for name in ("author", "reviewer", "repository", "group", "reviewer_group"):
        for page in ("", "pulls/", "pulls.csv", "delivery/", "review/", "people/", "deployments/", "pulls/filters/"):
            answer: Any = visitors["admin"].get(f"/t/acme/{page}{PERIOD}&{name}={foreign}")
            said = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert b"mallory" not in said.lower(), (page, name)
            assert b"secret" not in said.lower(), (page, name)


@pytest.mark.parametrize(
    "said",
    [
        "x'; SELECT set_config('app.team_id', '{team}', true); --",
        "x') OR team_id = {team} --",
        "' UNION SELECT title FROM facts_pullrequest WHERE team_id = {team} --",
        "%' OR '1'='1",
        "\\'; RESET app.team_id; --",
    ],
)
def test_no_word_in_an_address_names_another_team_to_the_database(
    said: str, visitors: dict[str, Client], ids: Ids, other: Team
) -> None:
    word = quote(said.format(team=other.pk))
    for at in (*(f"pulls.json?{name}={word}" for name in IN_LISTS), f"pulls/{word}/shop/7/", f"people/{word}.csv"):
        answer: Any = visitors["admin"].get(f"/t/acme/{at}")
        told = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code in (200, 400, 404), at
        assert b"Other's secret" not in told, at
        assert b"mallory" not in told, at
    assert visitors["admin"].get(f"/t/{word}/").status_code == 404


def test_every_form_of_settings_is_tried_with_more_fields_than_it_has() -> None:
    """A new form stands in GIVEN, or here because it stores nothing by itself."""
    without = {
        "/t/acme/connections/new/",  # leads on only
        "/t/acme/connections/app/",  # goes to GitHub
        "/t/acme/connections/github/",  # asks GitHub first
        "/t/acme/settings/identities/suggestions/",  # names two accounts and no more
        "/t/acme/settings/identities/people/{person}/erase/",  # what it stores is made by chance
        "/t/acme/setup/source/",  # leads on only
    }
    assert {*FORMS, *OF_IDS} - {address.partition("?")[0] for address in GIVEN} == without


@pytest.mark.parametrize("address", GIVEN)
def test_fields_that_a_form_does_not_have_change_nothing(
    address: str, visitors: dict[str, Client], ids: Ids, acme: Team, other: Team
) -> None:
    given = {name: value.format(**ids) for name, value in GIVEN[address].items()}
    more = {"team": other.pk, "team_id": other.pk, "owner": other.pk, **FORGED}
    before = told(rows_of(acme, other))
    results = []
    for body in (given, {**more, **given}):
        with transaction.atomic():
            answer = visitors["admin"].post(address.format(**ids), body)
            assert answer.status_code in (200, 302)
            stored = rows_of(acme, other)
            transaction.set_rollback(True)
        results.append(told(stored))
        text = json.dumps(stored)
        assert not any(forged in text for forged in ("stolen", "2099-01-01", "987654"))
    assert results[0] != before
    assert results[0] == results[1]


def test_forms_of_other_sites_change_nothing(visitors: dict[str, Client], ids: Ids) -> None:
    """Every address that is posted to refuses a form without this site's own token; programs sign instead."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = visitors["admin"].cookies
    refused = {"/hooks/github/{endpoint}/": 401, "/nowhere/": 404, "/static/nothing.css": 404, "/t/": 404}
    wrong = {}
    for addresses, way, _ in TABLE:
        for address in addresses if way == "POST" else ():
            answer = client.post(address.format(**ids), {"name": "Evil"}, headers={"origin": "https://evil.example"})
            if answer.status_code != refused.get(address, 403):
                wrong[address] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("visitor", ["nobody", "developer"])
def test_nothing_leads_to_another_site(visitor: str, visitors: dict[str, Client], ids: Ids) -> None:
    client = visitors[visitor]
    evil = {"referer": "https://evil.example/", "hx-current-url": "https://evil.example/"}
    led = {}
    for addresses, way, _ in TABLE:
        for address in addresses:
            for elsewhere in ("//evil.example/", "https://evil.example/"):
                query = f"?next={quote(elsewhere)}&for={quote(elsewhere)}"
                with transaction.atomic():
                    kept = client.cookies.output()
                    answer = client.generic(way, address.format(**ids) + query, headers=evil)
                    transaction.set_rollback(True)
                if kept != client.cookies.output() and visitor == "developer":
                    client.force_login(User.objects.get(email="developer@acme.example"))
                going = urlsplit(answer.headers.get("Location", "")).netloc
                if going not in ("", "testserver"):
                    led[f"{way} {address}"] = answer.headers["Location"]
    assert led == {}


@pytest.mark.parametrize("path", ["//evil.example/t/acme", "//evil.example/%2e%2e", "/\\evil.example/t/acme"])
def test_a_path_that_looks_like_a_site_leads_to_none(path: str, acme: Team) -> None:
    answer = Client().get(path)
    assert not answer.headers.get("Location", "").startswith(("//", "/\\"))


class TestGuessing:
    """What cannot be guessed in five tries is not guessed: after that right answers are refused as well."""

    @pytest.fixture
    def ada(self, acme: Team) -> User:
        user = User.objects.create_user("ada@acme.example", PASSWORD, name="Ada")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        Membership.objects.create(team=acme, user=user, role=Role.ADMIN)
        return user

    def begun(self) -> Client:
        """A browser that knows the password and is asked for the second factor."""
        client = Client()
        answer = client.post("/accounts/login/", {"login": "ada@acme.example", "password": PASSWORD})
        assert answer["Location"] == "/accounts/2fa/authenticate/"
        return client

    @pytest.fixture
    def secret(self, ada: User) -> str:
        client = Client()
        client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        return switch_on(client)

    @pytest.mark.parametrize("kind", ["totp", "recovery codes"])
    def test_a_second_factor(self, kind: str, secret: str) -> None:
        codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
        right = code_of(secret, time.time() + 30) if kind == "totp" else codes[0]
        for _ in range(5):
            self.begun().post("/accounts/2fa/authenticate/", {"code": "000000"})
        last = self.begun()
        assert "Too many" in last.post("/accounts/2fa/authenticate/", {"code": right}).content.decode()
        assert last.get("/t/acme/").status_code == 302

    def test_the_password_of_a_browser_that_was_left_open(self, ada: User) -> None:
        client = Client()
        client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
        for _ in range(10):
            client.post("/accounts/reauthenticate/", {"password": "wrong"})
        assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 429
        assert client.get("/accounts/2fa/totp/activate/").status_code == 302
