"""People at their addresses: by name, each number with its list, and single people's numbers only for those they concern."""

import csv
import io
import json
import re
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Membership, Role, Team, User
from tformance.faces.web.tests.test_pages import PERIOD, Inline, body, text
from tformance.facts import testing
from tformance.facts.records import MembershipRecord, PullRequestRecord

CELL = re.compile(r'<a class="door[^"]*" data-kind="(\w+)" href="([^"]+)">([^<]+)</a>(?: <small class="n">n (\d+))?')


def known(acme: Team, *logins: str) -> None:
    people = [testing.actor(login) for login in logins]
    squad = testing.provider_team(1, *people[:1], name="Squad")
    member = [MembershipRecord(each, "member") for each in people]
    testing.write_org(acme, testing.organization(members=testing.whole(member), teams=testing.whole([squad])))


def asked(key: int, *names: str) -> PullRequestRecord:
    events = [
        testing.event(key * 10 + place, kind="review_requested", subject=name) for place, name in enumerate(names)
    ]
    return testing.open_pull_request(key, author=testing.actor("ann"), events=testing.whole(events))


@pytest.fixture
def busy(acme: Team) -> Team:
    """Ada, ann and zoe are members, carl is not; dependabot opens things too."""
    known(acme, "zoe", "ann")
    ann, zoe, bot = testing.actor("ann"), testing.actor("zoe"), testing.actor("dependabot", kind="bot")
    reviews = [testing.review(key, author=zoe, submitted_at=testing.at(key / 9)) for key in range(1, 7)]
    mine = [testing.commit(1, author=ann, committed_at=testing.at(1), author_email="ann@acme.example")]
    pulls = [testing.pull_request(key, author=ann) for key in range(100, 106)]
    testing.write(
        acme,
        testing.page(
            *pulls,
            testing.pull_request(110, author=zoe, reviews=testing.whole([testing.review(50, author=ann)])),
            testing.pull_request(
                111, author=testing.actor("carl"), author_association="NONE", commits=testing.whole(mine)
            ),
            testing.pull_request(112, author=bot, reviews=testing.whole(reviews)),
            asked(120, "zoe", "squad"),
            asked(121, "Zoe"),
            testing.open_pull_request(122, author=bot),
            testing.open_pull_request(123, author=zoe, is_draft=True),
        ),
    )
    return acme


def visitor(team: Team, role: Role, address: str = "", *, verified: bool = True) -> Client:
    """Signed in, with an address that is proved to be theirs or not yet."""
    user = User.objects.create_user(f"{role}@login.example")
    Membership.objects.create(team=team, user=user, role=role)
    if address:
        EmailAddress.objects.create(user=user, email=address, verified=verified)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(busy: Team) -> Client:
    return visitor(busy, Role.ADMIN)


def counted(client: Client, kind: str, href: str) -> str:
    """How many the page behind a number says there are."""
    page = client.get(unescape(href))
    assert page.status_code == 200, href
    shown = page.content.decode()
    if kind == "commits":
        assert len(re.findall("data-row", shown)) == int(re.findall(r"(\d+)\scommits? in this view", shown)[0])
        return re.findall(r"(\d+)\scommits? in this view", shown)[0]
    if kind == "reviews":
        return re.findall(r"(\d+) reviews? on", text(page))[0]
    found = re.search(r'<span><b class="b">([^<]+)</b></span>', shown)
    assert found, href
    return found[1]


def test_every_number_opens_as_many_as_it_says(admin: Client) -> None:
    page = admin.get(f"/t/acme/people/?{PERIOD}").content.decode()
    seen = set()
    for kind, href, shown, n in CELL.findall(page):
        seen.add(kind)
        assert counted(admin, kind, href) == (n or re.match(r"\d+", shown)[0]), (kind, href)  # type: ignore[index]
    assert seen == {"merged", "cycle", "commits", "reviews", "open", "waiting", "queue"}


def test_people_are_in_the_order_of_their_names_and_automation_stands_apart(admin: Client) -> None:
    page = text(admin.get(f"/t/acme/people/?{PERIOD}"))
    names = ["Whole team", "Members", "Ada", "Ann", "Zoe", "Others who took part", "Carl", "Automation", "Dependabot"]
    places = [page.index(name, page.index("Asked to review")) for name in names]
    assert places == sorted(places)
    assert "Right now 2 reviews are asked for and not given yet, at most 2 of one person." in page
    assert "7 reviews given from 1 Mar" in page
    assert "came from 1 of 2 people" in page
    assert "rank" not in page.replace("not ranked", "")
    assert "sort=" not in admin.get(f"/t/acme/people/?{PERIOD}").content.decode().replace("sort=own", "")


def test_few_pull_requests_are_drawn_hollow(admin: Client) -> None:
    cells = {
        (kind, n): line for kind, line, _, n in CELL.findall(admin.get(f"/t/acme/people/?{PERIOD}").content.decode())
    }
    page = admin.get(f"/t/acme/people/?{PERIOD}").content.decode()
    assert ("cycle", "6") in cells
    for href, hollow in ((cells["cycle", "6"], False), (cells["cycle", "1"], True)):
        assert (f'class="door few" data-kind="cycle" href="{href}"' in page) is hollow


def test_a_developer_sees_the_own_line_and_the_teams(busy: Team) -> None:
    client = visitor(busy, Role.DEVELOPER, "ann@acme.example")
    page = text(client.get(f"/t/acme/people/?{PERIOD}"))
    assert "Ann" in page
    assert "Whole team 9" in page
    for place in ("people/", "people.csv", "people.json"):
        answer = client.get(f"/t/acme/{place}?{PERIOD}")
        shown = body(answer) if answer.streaming else answer.content.decode()
        assert "ann" in shown
        assert "Zoe" not in shown
        assert "Carl" not in shown
        assert client.get(f"/t/acme/{place}?group=1").status_code == 403


@pytest.mark.parametrize(("address", "verified"), [("ann@acme.example", False), ("bob@acme.example", True), ("", True)])
def test_who_is_not_known_by_a_proved_address_sees_the_teams_numbers_only(
    address: str, verified: bool, busy: Team
) -> None:
    client = visitor(busy, Role.DEVELOPER, address, verified=verified)
    page = text(client.get(f"/t/acme/people/?{PERIOD}"))
    assert "Ann" not in page
    assert "Whole team 9" in page
    assert client.get("/t/acme/people/ann/").status_code == 403
    mine = text(client.get("/t/acme/me/"))
    assert ("No commit here tells who you are" if address and verified else "not confirmed yet") in mine


def test_my_page_is_my_own_and_open_by_its_address_too(busy: Team) -> None:
    client = visitor(busy, Role.DEVELOPER, "ann@acme.example")
    mine = text(client.get(f"/t/acme/me/?{PERIOD}"))
    assert "6 pull requests merged and 1 review given" in mine
    assert "Nothing waits for my review right now." in mine
    assert text(client.get(f"/t/acme/people/ann/?{PERIOD}")).count("6 pull requests merged") == 1
    assert client.get("/t/acme/people/zoe/").status_code == 403
    assert client.get("/t/acme/people/zoe.json").status_code == 403


def test_a_persons_page_says_what_waits_for_whom(admin: Client) -> None:
    ann, zoe = (text(admin.get(f"/t/acme/people/{login}/?{PERIOD}")) for login in ("ann", "ZOE"))
    assert "2 pull requests wait for their review right now." in zoe
    assert "Change 120 acme/shop #120 · by ann" in zoe
    assert "Change 123 acme/shop #123 · Draft" in zoe
    assert "Change 120 acme/shop #120 · Waiting for a first review" in ann
    assert "Change 105 acme/shop #105" in ann
    assert re.search(r"Pull requests merged 6 too few people", ann)
    assert re.search(r"Cycle time 8 h n 6 8 h n 9", ann)


def test_programs_and_strangers_have_no_page(admin: Client) -> None:
    for login in ("dependabot", "nobody", "mallory"):
        assert admin.get(f"/t/acme/people/{login}/").status_code == 404


def test_both_files_have_the_lines_of_the_table(admin: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(body(admin.get(f"/t/acme/people.csv?{PERIOD}")))))
    document = json.loads(body(admin.get(f"/t/acme/people.json?{PERIOD}")))
    assert [row["login"] for row in rows] == [person["login"] for person in document["people"]]
    assert [row["login"] for row in rows] == ["ada", "ann", "zoe", "carl", "dependabot", ""]
    ann, whole = document["people"][1], document["people"][-1]
    assert (ann["merged_prs"], ann["cycle_time_n"], ann["reviews_given"], ann["open_prs_now"]) == (6, 6, 1, 2)
    assert (whole["merged_prs"], whole["reviews_given"], whole["reviews_share"]) == (9, 7, 1.0)
    assert admin.get("/t/acme/people.xlsx").status_code == 404
    assert json.loads(body(admin.get(f"/t/acme/people/ann.json?{PERIOD}")))["numbers"][0]["value"] == 6


def test_what_a_spreadsheet_would_run_is_text(acme: Team) -> None:
    bad = testing.actor("ann", name="=HYPERLINK(1)")
    testing.write(acme, testing.page(testing.pull_request(100, author=bad)))
    client = visitor(acme, Role.ADMIN)
    assert "'=HYPERLINK(1)" in body(client.get(f"/t/acme/people.csv?{PERIOD}"))


@pytest.mark.parametrize("page", ["people/", "people/ann/"])
def test_people_cost_the_same_statements_however_many(page: str, acme: Team) -> None:
    client = visitor(acme, Role.ADMIN)

    def statements(people: int) -> int:
        known(acme, "ann", *(f"p{key}" for key in range(people)))
        pulls = [
            testing.pull_request(
                1000 * people + key,
                author=testing.actor(f"p{key}"),
                reviews=testing.whole([testing.review(1000 * people + key, author=testing.actor(f"p{key - 1}"))]),
            )
            for key in range(1, people)
        ]
        testing.write(acme, testing.page(*pulls, asked(1000 * people + 900, "ann")))
        cache.clear()
        client.get(f"/t/acme/{page}?{PERIOD}")  # the first look of an hour is written down
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/t/acme/{page}?{PERIOD}").status_code == 200
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]])

    assert statements(5) == statements(50) == statements(500)


@pytest.mark.parametrize("page", ["people/", "people/ann/", "people/zoe/", "me/"])
def test_they_carry_no_inline_script_or_style(page: str, admin: Client) -> None:
    parser = Inline()
    parser.feed(admin.get(f"/t/acme/{page}?{PERIOD}").content.decode())
    assert parser.found == []


def test_commits_are_listed_with_their_pull_requests_page_by_page(acme: Team) -> None:
    made = [testing.commit(key, author=testing.actor("ann"), committed_at=testing.at(key / 9)) for key in range(1, 61)]
    other = [testing.commit(90, author=None, author_name="Somebody", message="Fix a thing\n\nAll of it")]
    pulls = [
        testing.pull_request(100, commits=testing.whole(made)),
        testing.pull_request(101, commits=testing.whole(other)),
    ]
    testing.write(acme, testing.page(*pulls))
    client = visitor(acme, Role.ADMIN)
    everything = client.get(f"/t/acme/commits/?{PERIOD}")
    assert "61 commits in this view" in text(everything)
    onward = re.search(r'href="([^"]+)" rel="next"', everything.content.decode())
    assert onward
    second = client.get(unescape(onward[1]))
    assert [each.content.decode().count("data-row") for each in (everything, second)] == [50, 11]
    assert re.search(r"Fix a thing \w{8} · acme/shop · Somebody #101 \+5", text(second))
    assert client.get(f"/t/acme/commits/?{PERIOD}&after=nonsense").status_code == 400
    assert client.get("/t/acme/commits/?size=M").status_code == 400
    assert "No commits in this view" in text(client.get("/t/acme/commits/?from=2020-01-01&to=2020-01-02"))


def test_a_group_narrows_pages_and_their_lists(admin: Client) -> None:
    page = admin.get(f"/t/acme/people/?{PERIOD}").content.decode()
    chosen = re.search(r'href="([^"]+group=\d+[^"]*)">Squad<', page)
    assert chosen
    narrowed = text(admin.get(unescape(chosen[1])))
    assert "Zoe" in narrowed
    assert "Ann" not in narrowed.partition("Asked to review")[2]
    delivery = unescape(chosen[1]).replace("/people/", "/delivery/")
    door = re.search(r'href="([^"]+)" class="num">1<', admin.get(delivery).content.decode())
    assert door
    listed = text(admin.get(unescape(door[1])))
    assert "by somebody of Squad" in listed
    assert "Change 110" in listed
    assert "Change 100" not in listed
    reviews = admin.get(unescape(chosen[1]).replace("/people/", "/review/")).content.decode()
    given = re.search(r'href="([^"]+reviewer_group=\d+[^"]*)" class="num">6<', reviews)
    assert given
    assert "6 reviews on 1 pull request" in text(admin.get(unescape(given[1])))


def test_what_is_asked_can_be_listed_and_is_said(admin: Client) -> None:
    listed = text(admin.get("/t/acme/pulls/?asked=zoe&automation=1&from=2020-01-01&to=2027-01-01"))
    assert "zoe is asked for a review" in listed
    assert "Change 120" in listed
    assert "Change 123" not in listed
    menu = text(admin.get("/t/acme/pulls/filters/?state=open"))
    assert "Asked for a review zoe" in menu.replace(" squad", "").replace("nobody ", "")
    assert "Group Squad no group" in menu
    assert admin.get("/t/acme/pulls/?asked=zoe&state=merged").status_code == 400


@pytest.mark.parametrize("page", ["people/", "people.csv", "people/ann/"])
def test_people_are_not_narrowed_by_what_commits_do_not_know(page: str, admin: Client) -> None:
    assert admin.get(f"/t/acme/{page}?size=M").status_code == 400


def test_nobody_in_a_view_is_said_with_what_to_do(db: None) -> None:
    client = visitor(testing.team("fresh"), Role.ADMIN)
    page = text(client.get("/t/fresh/people/"))
    assert "Nobody in this view" in page
    assert "Open connections" in page
