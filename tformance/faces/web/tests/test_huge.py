"""What no browser sends: bytes that are no text, values that no field can hold, far too much of everything.

All of it is refused or does nothing; nothing of it is a fault of the server.
"""

import copy
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from tformance.faces.web.tests.belongings import Ids
from tformance.faces.web.tests.test_door import PERIOD, READ, TABLE

pytestmark = pytest.mark.django_db

FORM: Final = "application/x-www-form-urlencoded"
ODD: Final = {
    "a NUL": "%00",
    "no UTF-8": "%FF%FE",
    "half a surrogate": "%ED%A0%80",
    "a number that nothing holds": "9" * 400,
    "digits of another script": quote("٣"),
    "the end of a header": "%0D%0ASet-Cookie:%20x=y",
    "a very long word": "x" * 60_000,
}
IN_LISTS: Final = (
    *("q", "tool", "label", "base", "work", "category", "folder", "asked", "state", "sort", "period", "from", "to"),
    *("repository", "author", "group", "reviewer", "reviewer_group", "over", "after", "column", "signal", "ai", "by"),
)
ELSEWHERE: Final = {
    "/t/acme/settings/audit/": ("kind", "before"),
    "/t/acme/settings/identities/": ("show", "page", "q"),
    "/t/acme/deployments/list/": ("after",),
    "/t/acme/choices/authors/": ("for",),
    "/connect/github/made/": ("state", "code"),
    "/accounts/login/": ("next",),
}
FIELDS: Final = (
    *("name", "slug", "zone", "email", "role", "person", "joined_on", "left_on", "lead", "stay", "theirs", "account"),
    *("user", "one", "other", "query", "days", "token", "repository", "listed", "every_head", "organization", "key"),
    *("login", "password", "password1", "password2", "oldpassword", "code", "way", "part"),
)
DECISIONS: Final = (
    *("link", "release", "split", "bot", "dates", "user", "change", "add", "take", "stay", "end", "accept", "dismiss"),
)
POSTED: Final = sorted({address for addresses, way, _ in TABLE if way == "POST" for address in addresses} - {*READ})


class Sender:
    """Sends as an admin of acme; what was sent leaves nothing behind. `faults` are what the server could not answer."""

    def __init__(self, client: Client) -> None:
        self.client, self.kept, self.faults = client, copy.deepcopy(client.cookies), set[str]()
        client.raise_request_exception = False

    def send(self, way: str, at: str, *body: Any, about: str = "", **more: Any) -> None:
        with transaction.atomic():
            answer = self.client.generic(way, at, *body, **more)
            if answer.status_code >= 500 or "x" in answer.cookies:
                self.faults.add(f"{way} {at[:80]} {about}")
            transaction.set_rollback(True)
        self.client.cookies = copy.deepcopy(self.kept)


@pytest.fixture
def sender(visitors: dict[str, Client], ids: Ids) -> Sender:
    return Sender(visitors["admin"])


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_no_value_in_a_query_is_a_fault(value: str, sender: Sender) -> None:
    for page, names in {"/t/acme/pulls.csv": IN_LISTS, **ELSEWHERE}.items():
        for name in names:
            sender.send("GET", f"{page}?{name}={value}")
    assert sender.faults == set()


@pytest.mark.parametrize("period", ["from=9999-12-31&to=9999-12-31", "from=0001-01-01&to=0001-01-02"])
def test_a_period_at_the_end_of_time_is_refused(period: str, sender: Sender) -> None:
    for page in READ:
        sender.send("GET", f"{page}?{period}")
    assert sender.faults == set()
    assert sender.client.get(f"/t/acme/?{period}").status_code == 400


def test_a_query_of_any_length_is_no_fault(sender: Sender) -> None:
    many = "&".join(f"q{number}=1" for number in range(10_000))
    for page in ("/t/acme/", "/t/acme/pulls/", "/t/acme/pulls.csv", "/", "/accounts/login/"):
        for query in (many, f"q={'x' * 1_000_000}", f"author={'&author='.join(map(str, range(5_000)))}"):
            sender.send("GET", f"{page}?{query}")
    assert sender.faults == set()


@pytest.mark.parametrize("value", ["%00", "%FF", "9" * 30, "9223372036854775808", "0"])
def test_nothing_in_a_path_is_a_fault(value: str, sender: Sender, ids: Ids) -> None:
    for way, address in sorted({(way, each) for addresses, way, _ in TABLE for each in addresses}):
        for path in spoilt(address, value, ids) - {address.format(**ids)}:
            sender.send(way, path)
    assert sender.faults == set()


def spoilt(address: str, value: str, ids: Ids) -> set[str]:
    """The address with this for all of its ids, and for each other word that names something."""
    words = ("acme/shop", "ada", "cycle_time", "median", "repositories/", "oidc/login", "guess")
    whole = address.format(**ids)
    changed = {whole.replace(word, word.replace(word.split("/")[0], value)) for word in words}
    return {address.format(**dict.fromkeys(ids, value)), whole.replace("/t/acme", f"/t/{value}"), *changed}


@pytest.mark.parametrize("name", ["a NUL", "no UTF-8", "a number that nothing holds", "a very long word"])
def test_no_value_in_a_form_is_a_fault(name: str, sender: Sender, ids: Ids) -> None:
    said = "&".join(f"{field}={ODD[name]}" for field in FIELDS)
    for address in POSTED:
        decides = any(part in address for part in ("identities", "groups/{"))
        for do in DECISIONS if decides else (ODD[name],):
            dates = "&joined_on=2026-01-01&left_on=2026-01-02" if do in ("add", "stay") else ""
            sender.send("POST", address.format(**ids), f"{said}&do={do}{dates}", FORM, about=do)
    assert sender.faults == set()


BODIES: Final = {
    "a megabyte in each field": (
        "&".join(f"{name}={'y' * 300_000}" for name in ("name", "email", "query", "code")),
        FORM,
    ),
    "four megabytes": (f"name={'y' * 4_000_000}", FORM),
    "ten thousand fields": ("&".join(f"q{number}=1" for number in range(10_000)), FORM),
    "deep JSON": ("[" * 100_000, "application/json"),
    "parts that are none": (b"\xff\x00--", 'multipart/form-data; boundary="x"'),
    "parts without a boundary": (b"\xff\x00--", "multipart/form-data"),
    "an unknown charset": (b"name=\xff", f"{FORM}; charset=nonsense"),
    "another charset": (b"name=\xff", f"{FORM}; charset=utf-16"),
}


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES)
def test_no_body_is_a_fault(body: Any, kind: str, sender: Sender, ids: Ids) -> None:
    for address in POSTED:
        sender.send("POST", address.format(**ids), body, kind)
    assert sender.faults == set()


HEADERS: Final = (
    {"referer": "http://[::1"},
    {"referer": "x\0"},
    {"cookie": "sessionid=\0; csrftoken=\xff; theme=%00<script>"},
    {"hx-request": "true", "hx-current-url": "http://[bad", "hx-target": "\0"},
    {"host": "evil.example"},
    {"authorization": "Bearer tformance_\0"},
    {"authorization": f"Bearer tformance_{'x' * 100_000}"},
    {"x-forwarded-for": "x, \0"},
    {"accept-language": "x" * 9_999},
    {"if-modified-since": "nonsense", "range": "bytes=9999999999999-"},
)


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_no_header_is_a_fault(headers: dict[str, str], sender: Sender) -> None:
    for page in ("/t/acme/", f"/t/acme/pulls.csv{PERIOD}", "/theme/", "/accounts/login/"):
        sender.send("GET", page, headers=headers)
        sender.send("POST", page, "login=a@b.example&password=x", FORM, headers=headers)
    assert sender.faults == set()
