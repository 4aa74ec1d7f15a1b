import codecs
import csv
import io
import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.facts import testing
from tformance.facts.models.people import Actor

PERIOD = "from=2026-03-01&to=2026-03-31"


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


def text(answer: object) -> str:
    """The page as it reads, with plain spaces."""
    content = re.sub(r"<[^>]+>", " ", answer.content.decode())  # type: ignore[attr-defined]
    return re.sub(r"[\s\u00a0\u202f]+", " ", content.replace("&#x27;", "'"))


def body(answer: object) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def add(team: Team, count: int, first: int = 100, **fields: object) -> None:
    testing.write(team, testing.page(*(testing.pull_request(first + index, **fields) for index in range(count))))


def test_a_tile_and_its_list_count_the_same(admin: Client, acme: Team) -> None:
    add(acme, 12)
    add(acme, 3, first=200, author=testing.actor("dependabot[bot]", kind="bot"))
    page = admin.get(f"/t/acme/?{PERIOD}").content.decode()
    door = re.search(r'href="([^"]+)" class="num">13<', page)
    assert door
    listed = admin.get(door[1].replace("&amp;", "&"))
    assert '<b class="b">13</b>' in listed.content.decode()


def test_what_waits_and_its_list_count_the_same(admin: Client, acme: Team, other: Team) -> None:
    waiting = testing.open_pull_request
    pulls = [waiting(100 + index, is_draft=index < 4) for index in range(7)]
    testing.write(acme, testing.page(*pulls, waiting(120, reviews=testing.whole([testing.review(1)]))))
    testing.write(other, testing.page(waiting(200), waiting(201, is_draft=True)))
    page = admin.get("/t/acme/now/").content.decode()
    doors = re.findall(r'<b>(\d+)</b> <a class="door" href="([^"]+)">([^<]+)<', page)
    assert [(count, words) for count, _, words in doors] == [
        ("3", "Waiting for a first review"),
        ("1", "Approved, not merged"),
        ("4", "Draft"),
    ]
    for count, href, words in doors:
        listed = admin.get(href.replace("&amp;", "&")).content.decode()
        assert f'<b class="b">{count}</b>' in listed
        assert f"Remove filter: {words}" in listed
        exported = json.loads(body(admin.get(href.replace("&amp;", "&").replace("pulls/", "pulls.json"))))
        assert len(exported) == listed.count("data-row") == int(count)


def test_the_reviews_of_the_tile_are_those_above_their_list(admin: Client, acme: Team) -> None:
    reviews = testing.whole([testing.review(1), testing.review(2, author=testing.actor("ann"))])
    add(acme, 1, reviews=reviews)
    add(
        acme,
        1,
        first=200,
        author=testing.actor("dependabot[bot]", kind="bot"),
        reviews=testing.whole([testing.review(3)]),
    )
    page = admin.get(f"/t/acme/?{PERIOD}").content.decode()
    door = re.search(r'href="([^"]+by=reviewed[^"]*)" class="num">3<', page)
    assert door
    listed = text(admin.get(door[1].replace("&amp;", "&")))
    assert "3 reviews on 2 pull requests in this view." in listed
    assert "reviewed in this period" in listed


def test_reviewers_are_shown_and_exported(admin: Client, acme: Team) -> None:
    reviews = [testing.review(1), testing.review(2, author=testing.actor("ann"))]
    add(acme, 1, title="Reviewed", reviews=testing.whole(reviews))
    assert 'aria-label="Reviewed by ann, grace"' in admin.get(f"/t/acme/pulls/?{PERIOD}").content.decode()
    rows = csv.DictReader(io.StringIO(body(admin.get(f"/t/acme/pulls.csv?{PERIOD}"))))
    assert {row["title"]: row["reviewed_by"] for row in rows} == {"Reviewed": "ann, grace", "Acme's change": ""}
    (found, _) = json.loads(body(admin.get(f"/t/acme/pulls.json?{PERIOD}")))
    assert [person["label"] for person in found["reviewed_by"]] == ["ann", "grace"]


def test_a_person_of_another_team_is_nobody_here(admin: Client, other: Team) -> None:
    with tenant(other.pk):
        mallory = Actor.everything.get(login="mallory").pk
    page = text(admin.get(f"/t/acme/pulls/?{PERIOD}&reviewer={mallory}"))
    assert "Nothing fits this view." in page
    assert "mallory" not in page


def test_the_list_of_a_team_has_no_row_of_another(admin: Client, other: Team) -> None:
    for page in ("/t/acme/pulls/", "/t/acme/pulls/?state=all&q=secret"):
        assert "secret" not in text(admin.get(f"{page}{'&' if '?' in page else '?'}{PERIOD}")).replace(
            "has “secret”", ""
        )
    for export in ("pulls.csv", "pulls.json"):
        content = body(admin.get(f"/t/acme/{export}?{PERIOD}&state=all"))
        assert "Acme's change" in content
        assert "secret" not in content


def test_a_pull_request_of_another_team_does_not_exist(admin: Client, other: Team) -> None:
    assert admin.get("/t/acme/pulls/other/secret/9/").status_code == 404


def test_exports_hold_the_rows_of_the_page(admin: Client, acme: Team) -> None:
    add(acme, 5, additions=500)
    query = f"{PERIOD}&size=M"
    shown = admin.get(f"/t/acme/pulls/?{query}").content.decode().count("data-row")
    rows = list(csv.DictReader(io.StringIO(body(admin.get(f"/t/acme/pulls.csv?{query}")))))
    assert len(rows) == len(json.loads(body(admin.get(f"/t/acme/pulls.json?{query}")))) == shown
    everything = json.loads(body(admin.get(f"/t/acme/pulls.json?{PERIOD}")))
    assert len(everything) == 6


def test_the_overview_as_a_file_has_the_numbers_of_its_tiles(admin: Client, acme: Team, other: Team) -> None:
    for index in range(12):
        add(acme, 1, first=100 + index, reviews=testing.whole([testing.review(index)]))
    shown = text(admin.get(f"/t/acme/?{PERIOD}"))
    document = json.loads(body(admin.get(f"/t/acme.json?{PERIOD}")))
    tiles = {number["measure"]: number for number in document["numbers"] if not number["every"]}
    assert (document["from"], document["to"], document["zone"]) == ("2026-03-01", "2026-04-01", "Europe/Berlin")
    assert list(tiles) == ["merged_prs", "cycle_time", "pickup_time", "ai_marked_share", "size", "reviews_given"]
    assert (tiles["merged_prs"]["value"], tiles["reviews_given"]["value"], tiles["cycle_time"]["value"]) == (13, 12, 8)
    assert "Pull requests merged 13" in shown
    assert tiles["cycle_time"]["n"] == 13
    weeks = [number for number in document["numbers"] if number["measure"] == "merged_prs" and number["every"]]
    assert sum(week["value"] or 0 for week in weeks) == 13
    assert {number["measure"] for number in document["numbers"]} >= {"coding_phase", "draft_phase", "merge_phase"}
    rows = list(csv.DictReader(io.StringIO(body(admin.get(f"/t/acme.csv?{PERIOD}")))))
    assert [(row["measure"], row["start"], row["n"]) for row in rows] == [
        (number["measure"], number["start"], str(number["n"])) for number in document["numbers"]
    ]


def test_an_empty_export_is_still_a_document(admin: Client) -> None:
    assert json.loads(body(admin.get("/t/acme/pulls.json?from=2020-01-01&to=2020-01-02"))) == []


@pytest.mark.parametrize("title", ["🚀 Ship it", "שלום, world", 'مرحبا; "quoted"', "x" * 3000, "two\nlines, one title"])
def test_any_title_opens_as_it_was_written(title: str, admin: Client, acme: Team) -> None:
    add(acme, 1, title=title)
    sent = b"".join(admin.get(f"/t/acme/pulls.csv?{PERIOD}").streaming_content)  # type: ignore[attr-defined]
    assert sent.startswith(codecs.BOM_UTF8)
    rows = list(csv.DictReader(io.StringIO(sent.decode("utf-8-sig"), newline="")))
    assert title in [row["title"] for row in rows]
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize(
    "title", ['=HYPERLINK("http://x.example";"see")', "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]
)
def test_a_spreadsheet_runs_nothing(title: str, admin: Client, acme: Team) -> None:
    add(acme, 1, title=title)
    rows = csv.DictReader(io.StringIO(body(admin.get(f"/t/acme/pulls.csv?{PERIOD}")), newline=""))
    assert f"'{title}" in [row["title"] for row in rows]


def test_what_people_write_is_never_markup(admin: Client, acme: Team) -> None:
    attack = "<script>alert(1)</script>"
    review = testing.review(1, body=attack)
    add(acme, 1, title=attack, body=attack, head_ref=attack, labels=(attack,), reviews=testing.whole([review]))
    for page in (f"/t/acme/pulls/?{PERIOD}", "/t/acme/pulls/acme/shop/100/", f"/t/acme/pulls/?{PERIOD}&q={attack}"):
        assert attack not in admin.get(page).content.decode()


class Inline(HTMLParser):
    """Finds what a strict content security policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith(("on", "hx-on"))]


@pytest.mark.parametrize(
    "page", ["/t/acme/", "/t/acme/pulls/", "/t/acme/pulls/acme/shop/7/", "/t/acme/connections/", "/accounts/logout/"]
)
def test_pages_carry_no_inline_script_or_style(page: str, admin: Client) -> None:
    answer = admin.get(f"{page}?{PERIOD}")
    parser = Inline()
    parser.feed(answer.content.decode())
    assert parser.found == []
    assert "'unsafe-eval'" not in answer["Content-Security-Policy"]


def test_an_address_that_means_nothing_says_so(admin: Client) -> None:
    answer = admin.get("/t/acme/?period=7w")
    assert answer.status_code == 400
    assert "must be one of 30d, 90d, 180d, 365d" in text(answer)
    assert admin.get("/t/acme/pulls/?after=nonsense").status_code == 400


def test_pages_of_the_list_follow_each_other_without_gap_or_overlap(admin: Client, acme: Team) -> None:
    for index in range(60):
        add(acme, 1, first=100 + index, merged_at=testing.at(8) + timedelta(minutes=index % 7))
    first = admin.get(f"/t/acme/pulls/?{PERIOD}").content.decode()
    onward = re.search(r'href="([^"]+)" rel="next"', first)
    assert onward
    second = admin.get(onward[1].replace("&amp;", "&")).content.decode()
    numbers = [re.findall(r"acme/shop #(\d+)", page) for page in (first, second)]
    assert [len(found) for found in numbers] == [50, 11]
    assert len({*numbers[0], *numbers[1]}) == 61
    back = re.search(r'href="([^"]+)" rel="prev"', second)
    assert back
    assert re.findall(r"acme/shop #(\d+)", admin.get(back[1].replace("&amp;", "&")).content.decode()) == numbers[0]


def test_a_number_is_explained_on_a_page_of_its_own_and_as_a_part(admin: Client) -> None:
    address = f"/t/acme/explain/cycle_time/median/?{PERIOD}"
    page = admin.get(address)
    assert "From opening to the merge" in text(page)
    assert "Counted here 1" in text(page)
    part = admin.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part


@pytest.mark.parametrize("address", ["cycle_time/share", "nothing/median", "merged_prs/median"])
def test_only_what_can_be_measured_is_explained(address: str, admin: Client) -> None:
    assert admin.get(f"/t/acme/explain/{address}/").status_code == 404


def test_one_pull_request_shows_its_evidence_word_for_word(admin: Client, acme: Team) -> None:
    trailer = "Co-authored-by: Claude <noreply@anthropic.com>"
    commit = testing.commit(5, message=f"Change it\n\n{trailer}")
    whole = {"reviews": testing.whole([testing.review(3)]), "linked_issues": testing.whole([])}
    add(acme, 1, commits=testing.whole([commit]), **whole)
    page = text(admin.get("/t/acme/pulls/acme/shop/100/"))
    assert trailer.replace("<", "&lt;").replace(">", "&gt;") in page
    assert "grace approved it" in page
    assert "Nothing: every part was read and counted." in page or "No value for" in page


def test_a_backport_says_that_it_is_not_counted_again(admin: Client, acme: Team) -> None:
    add(acme, 1, merge_sha="a" * 40, merged_at=testing.at(5))
    again = f"(cherry picked from commit {'a' * 40})"
    add(acme, 1, first=300, body=again, merge_sha="b" * 40, merged_at=testing.at(9))
    assert "Backport brings nothing" in text(admin.get("/t/acme/pulls/acme/shop/300/"))


def test_what_was_not_read_is_said(admin: Client, acme: Team) -> None:
    half = testing.ChildSet((testing.commit(5),), 3)
    add(acme, 1, commits=half, checks=None)
    page = text(admin.get("/t/acme/pulls/acme/shop/100/"))
    assert "1 of 3 commits are stored." in page
    assert "The checks were not read." in page


def test_a_team_without_data_is_told_the_next_step(admin: Client, db: None) -> None:
    empty = testing.team("empty")
    Team.objects.filter(pk=empty.pk).update(is_demo=True)
    assert "Nothing has been read yet" in text(admin.get("/t/empty/"))
    assert "Nothing has been read yet" in text(admin.get("/t/empty/pulls/"))
    assert "No pull requests in this view" in text(admin.get("/t/acme/pulls/?q=nothing"))


@pytest.mark.parametrize(
    "page",
    [
        "/t/acme/?",
        "/t/acme/now/?",
        "/t/acme/pulls/?",
        "/t/acme/pulls/?by=reviewed&state=all&",
        "/t/acme/pulls/?waiting=first_review&",
        "/t/acme/pulls/acme/shop/100/?",
        "/t/acme/connections/?",
    ],
)
def test_statements_do_not_grow_with_people_and_rows(page: str, admin: Client, acme: Team) -> None:
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(f"{page}{PERIOD}").status_code == 200
        # The tests' own transaction around the page makes the door close once more.
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]]) - 1

    add(acme, 1, reviews=testing.whole([testing.review(100)]))
    testing.write(acme, testing.page(testing.open_pull_request(101)))
    before = statements()
    for index in range(30):
        reviews = testing.whole([testing.review(index, author=testing.actor(f"r{index}"))])
        add(acme, 1, first=300 + index, author=testing.actor(f"p{index}"), reviews=reviews)
        testing.write(acme, testing.page(testing.open_pull_request(400 + index)))
    assert statements() == before <= 16


def test_a_long_run_of_commits_is_one_line(admin: Client, acme: Team) -> None:
    add(acme, 1, commits=testing.whole([testing.commit(key) for key in range(20, 32)]))
    page = text(admin.get("/t/acme/pulls/acme/shop/100/"))
    assert "committed 12 times" in page
    assert page.count("· 0000") == 12


def test_nothing_is_compared_with_days_that_were_not_read_in_full(admin: Client, acme: Team) -> None:
    add(acme, 40)
    add(acme, 20, first=200, merged_at=testing.at(-24 * 20), closed_at=testing.at(-24 * 20))
    page = text(admin.get(f"/t/acme/?{PERIOD}"))
    assert "20 before not read far enough back to compare" in page
    assert "% more" not in page


def test_a_period_that_was_not_read_in_full_says_so(admin: Client) -> None:
    assert "will still change" in text(admin.get(f"/t/acme/?{PERIOD}"))
