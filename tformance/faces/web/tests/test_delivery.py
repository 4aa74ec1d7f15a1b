"""How fast do we deliver: phases that add up, sizes that open their lists, open work."""

import json
import re

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.faces.web import hours
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_boards import deploy
from tformance.faces.web.tests.test_pages import PERIOD, add, body, text
from tformance.facts import testing
from tformance.measures.result import Row


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


def walked(team: Team, count: int) -> None:
    """Two hours of coding, five of waiting, three to the merge that the approval is before."""
    for key in range(count):
        given = {
            "commits": testing.whole([testing.commit(key + 1)]),
            "reviews": testing.whole([testing.review(key + 1)]),
        }
        add(team, 1, first=100 + key, events=testing.whole(), **given)


def row(value: float | None, n: int, missing: int = 0) -> Row:
    return Row((), None, None, value, n, missing)


def test_the_parts_of_the_hours_add_up_to_the_whole() -> None:
    known = {"coding_phase": row(2, 3), "draft_phase": row(0, 3), "pickup_time": row(5, 2, 1)}
    known |= {"review_phase": row(None, 0, 3), "merge_phase": row(None, 0, 3)}
    known |= {"cycle_time": row(8, 3), "deploy_phase": row(1, 2, 1)}
    found = hours.parts(known)
    assert sum(part.hours for part in found) == 2 * 3 + 8 * 3 + 1 * 2
    assert sum(part.share for part in found) == pytest.approx(1)
    assert next(part.hours for part in found if part.name == "No review known") == 14


def test_without_any_known_hour_there_are_no_parts() -> None:
    assert hours.parts(dict.fromkeys(hours.ASKED, row(None, 0))) == []


def test_delivery_says_how_long_and_where_most_of_the_hours_went(admin: Client, acme: Team) -> None:
    walked(acme, 6)
    deploy(acme, 1, 9, *range(100, 106))
    page = text(admin.get(f"/t/acme/delivery/?{PERIOD}"))
    assert "Half of the 7 pull requests merged from 1 Mar to 31 Mar took less than 10 h" in page
    assert "Of all their hours until production, 41 % were spent waiting for a first review." in page
    assert re.search(r"Waiting for review 41 % 5 h 6 1", page)
    assert re.search(r"To production 8 % 60 min|To production 8 % 1 h 6 1", page)


def test_a_size_and_its_list_count_the_same(admin: Client, acme: Team) -> None:
    add(acme, 3, files=testing.whole([testing.file()]))
    add(acme, 2, first=200, files=testing.whole([testing.file(additions=900)]))
    add(acme, 4, first=300, files=None)
    page = admin.get(f"/t/acme/delivery/?{PERIOD}").content.decode()
    doors = re.findall(r'class="door" href="([^"]*size=[^"]*)">(\d+)<', page)
    assert {count for _, count in doors} >= {"3", "2", "4"}
    for href, count in doors:
        assert f'<b class="b">{count}</b>' in admin.get(href.replace("&amp;", "&")).content.decode()


def test_the_download_has_the_medians_the_page_shows(admin: Client, acme: Team) -> None:
    walked(acme, 6)
    document = json.loads(body(admin.get(f"/t/acme/delivery.json?{PERIOD}")))
    (lead,) = [
        number
        for number in document["numbers"]
        if (number["measure"], number["statistic"], number["every"]) == ("lead_time", "median", "")
    ]
    assert (lead["value"], lead["n"], lead["missing"]) == (10, 6, 1)
