"""Whatever people write at the provider and here: on every page, part, file and message it is text and nothing else."""

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.core import mail
from django.db import connections as databases
from django.test import Client
from pytest_django import DjangoDbBlocker

from conftest import copy_afresh
from tests.journeys import road
from tests.journeys.traps.stage import OWNER, Stage, stamp
from tformance.accounts.models import Group, Membership, Role, SavedView, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.belongings import Ids, belongings
from tformance.faces.web.tests.outside import ACCOUNT, ACCOUNT_READ
from tformance.faces.web.tests.test_door import ADMIN_FILES, ADMIN_PAGES, FILES, FORMS, OF_IDS, OWN_PAGES, PAGES, PERIOD
from tformance.facts.models.pull_request import PullRequest
from tformance.sync.tests import github

PLACES: Final = (
    *("title", "branch", "label", "name", "path", "review", "environment", "issue", "squad", "team", "group", "token"),
    *("view", "user", "base"),
)
BAD_LINK: Final = "javascript:alert(1)"


def poison(place: str) -> str:
    """Runs where it gets into a page, an attribute, a script, or a cell; `place` tells where it came from."""
    return f"=1+1 {place}-mark\"'><script>alert('{place}')</script><img src=x onerror=alert(1)>{{{{7*7}}}}"


def play(folder: Path) -> None:
    stage = Stage()
    for row in stage.rows["users"]:
        row["name"] = poison("name")
    stage.add(
        "teams", organization=OWNER, slug="squad", name=poison("squad"), created_at=stamp(-99), members=["cho", "ana"]
    )
    for login in ("ana", "ben", "cho"):
        stage.add("members", organization=OWNER, login=login, role="MEMBER")
    shop = stage.repository("shop")
    stage.add(
        "issues", repository_id=shop.row["id"], number=99, title=poison("issue"), state="OPEN", url=BAD_LINK,
        author="ana", created_at=stamp(1),
    )  # fmt: skip
    written: dict[str, Any] = {
        "title": poison("title"),
        "body": poison("body"),
        "labels": [poison("label")],
        "url": BAD_LINK,
    }
    written |= {"head": f"revert-1-{poison('branch')}", "closing_issues": [f"{OWNER}/shop#99"]}
    merged = shop.pull(merged=30, opened=1, merged_by="ben", base=poison("base"), **written)
    still = shop.pull(opened=2, requested_reviewers=["ben"], **written)
    for pull in (merged, still):
        pull.commit(2, message=poison("commit"))
        pull.event(3, "ReviewRequestedEvent", requested_reviewer="ben")
        pull.review(4, body=poison("review"))
        pull.thread(5)["path"] = poison("path")
        pull.comment(6, body=poison("comment"))
        pull.file(f"{poison('path')}/x.py", 9, 1)
        pull.check(poison("check"), "FAILURE", 6, 7)
        pull.row["labels"].append(poison("label"))
    shop.deployment(merged.oid, 40, "SUCCESS", environment=f"production {poison('environment')}")
    stage.write(folder)


class Page(HTMLParser):
    """What a page would run, and where it leads that no page of ours leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.runs: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in ("iframe", "object", "embed", "base", "style") or known.get("src") == "x":
            self.runs.append(tag)
        if (
            tag == "script"
            and not (known.get("src") or "").startswith("/static/")
            and known.get("type") != "application/json"
        ):
            self.runs.append(f"script {known}")
        for name, value in attrs:
            self.text.append(value or "")
            if name.startswith(("on", "hx-on")) or name in ("style", "srcdoc"):
                self.runs.append(f"{tag} {name}={value}")
            if (tag, name) == ("img", "src") and (value or "").startswith("data:image/svg+xml;base64,"):
                continue  # what an authenticator app reads is drawn by us
            if re.match(r"[\s\x00-\x1f]*(javascript|data|vbscript)\s*:", value or "", re.IGNORECASE):
                self.runs.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def stored(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Team, Ids]]:
    """Read over HTTP once; what the team calls its own things is as bad."""
    folder = tmp_path_factory.mktemp("markup")
    play(folder)
    with django_db_blocker.unblock():
        with road.local_github(folder) as provider, github.served() as world:
            team, _ = road.connect("acme", provider)
            road.read_all(team)
            yield name_badly(team, world)
        databases.close_all()
    copy_afresh()


def name_badly(team: Team, world: github.GitHub) -> tuple[Team, Ids]:
    user = User.objects.create_user("admin@acme.example", name=poison("user"))
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    ids = belongings(team, user, world)
    Team.objects.filter(pk=team.pk).update(name=poison("team"))
    with tenant(team.pk):
        Group.objects.update(name=poison("group"), lead=user)
        SavedView.objects.update(name=poison("view")[:80])
    client = signed_in(user)
    client.post("/t/acme/tokens/new/", {"name": poison("token")[:80], "days": "9"})
    return Team.objects.get(pk=team.pk), ids


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(stored: tuple[Team, Ids], django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    with django_db_blocker.unblock():
        yield signed_in(User.objects.get(email="admin@acme.example"))


def at(address: str, ids: Ids) -> str:
    here = address.replace("acme/shop/7", f"{OWNER}/shop/1").replace("/people/ada", "/people/ana").format(**ids)
    return here if "/t/" not in here else here + PERIOD


def narrowed() -> list[str]:
    """Addresses that say the words again: as a filter, a search, and as what is not understood."""
    word = quote(poison("address"))
    fields = ("q", "label", "base", "tool", "folder", "asked", "sort", "state", "author", "for")
    return [f"/t/acme/pulls/{PERIOD}&{field}={word}" for field in fields] + [
        f"/t/acme/settings/identities/?q={word}",
        f"/t/acme/settings/audit/?kind={word}",
        f"/t/acme/choices/authors/?for={word}",
        f"/t/acme/people/{word}/{PERIOD}",
        f"/accounts/login/?next={word}",
        f"/t/{word}/",
        f"/invitations/{word}/",
    ]


def test_no_page_runs_what_somebody_wrote(stored: tuple[Team, Ids], admin: Client) -> None:
    team, ids = stored
    with tenant(team.pk):
        assert PullRequest.objects.filter(title=poison("title")).count() == 2
    pages = (
        *PAGES,
        *OWN_PAGES,
        *ADMIN_PAGES,
        *FORMS,
        *OF_IDS,
        *ACCOUNT,
        *ACCOUNT_READ,
        "/account/",
        "/invitations/{link}/",
    )
    runs, told = {}, ""
    for address in (*(at(page, ids) for page in pages), f"/t/acme/pulls/{OWNER}/shop/2/", *narrowed()):
        for part in ({}, {"HX-Request": "true"}):
            answer = admin.get(address, headers=part)
            page = Page(answer.content.decode())
            told += " ".join(page.text)
            if page.runs:
                runs[address] = page.runs
            assert_is_closed(answer)
    assert runs == {}
    assert {place for place in PLACES if f"{place}-mark" not in told} == set(), "not shown, so not tried"


def assert_is_closed(answer: Any) -> None:
    """What else keeps a browser from running anything, on every page."""
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_file_holds_a_formula_and_none_is_a_page(stored: tuple[Team, Ids], admin: Client) -> None:
    _, ids = stored
    cells = 0
    for address in (*FILES, *ADMIN_FILES, "/t/acme/people/ada.csv", "/t/acme/people.json", "/t/acme/files.csv"):
        answer: Any = admin.get(at(address, ids))
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")
        assert answer.status_code == 200, address
        assert answer["Content-Type"].startswith("text/csv" if ".csv" in address else "application/json"), address
        assert answer["Content-Disposition"].startswith("attachment"), address
        assert answer["X-Content-Type-Options"] == "nosniff"
        for row in csv.reader(io.StringIO(text, newline="")) if ".csv" in address else ():
            cells += len(row)
            assert not [cell for cell in row if re.match(r"[=+@\t\r]|-[^\d]", cell)], address
    assert cells > 100


def test_a_message_is_plain_text(stored: tuple[Team, Ids], admin: Client, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    admin.post("/t/acme/settings/members/", {"email": "new@elsewhere.example", "role": "developer"})
    (message,) = mail.outbox
    assert (message.content_subtype, getattr(message, "alternatives", [])) == ("plain", [])
    assert "\n" not in message.subject
    assert "team-mark" in message.subject
