"""What is open: how long it stays so, what is old, and whose review is waited for."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tformance.accounts.models import Team
from tformance.faces.web.tests.conftest import NOON, Visit
from tformance.faces.web.tests.test_pages import PERIOD, text
from tformance.facts import testing


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


@pytest.fixture
def worked(acme: Team) -> Team:
    """Twelve merged within eight hours, two of which are open for ever, and one that was opened just now."""
    opened = NOON - timedelta(days=4)
    merged = {"opened_at": opened, "merged_at": opened + timedelta(hours=8), "closed_at": opened + timedelta(hours=8)}
    done = [testing.pull_request(100 + key, reviews=testing.whole(), **merged) for key in range(12)]
    old = [testing.open_pull_request(200 + key, title=f"Old {key}", opened_at=opened) for key in range(2)]
    testing.write(acme, testing.page(*done, *old))
    return acme


def test_what_is_older_than_most_were_at_their_merge_is_listed_oldest_first(admin: Client, worked: Team) -> None:
    shown = text(admin.get(f"/t/acme/delivery/open/?{PERIOD}"))
    assert "2 pull requests are open, 2 of them for longer than 8 h, in which 85 of 100 were merged." in shown
    assert shown.index("Old 0") < shown.index("Old 1")


def test_the_curve_falls_where_merges_happened_and_has_its_table(admin: Client, worked: Team) -> None:
    page = admin.get(f"/t/acme/delivery/open/?{PERIOD}").content.decode()
    table = text_of(page.partition("How long work stays open</caption>")[2].partition("</table>")[0])
    assert "4 h 100 %" in table
    assert re.search(r"12 h 1\d %", table)


def test_without_ten_merges_nothing_is_called_old(admin: Client, acme: Team) -> None:
    testing.write(acme, testing.page(testing.open_pull_request(200)))
    shown = text(admin.get(f"/t/acme/delivery/open/?{PERIOD}"))
    assert "1 pull request is open; too few were merged to say which of them are old." in shown


def test_a_queue_opens_exactly_the_pull_requests_that_wait(admin: Client, acme: Team) -> None:
    asks = [testing.event(key + 1, kind="review_requested", subject="grace") for key in range(2)]
    pulls = [testing.open_pull_request(200 + key, events=testing.whole([asks[key]])) for key in range(2)]
    testing.write(acme, testing.page(*pulls, testing.open_pull_request(210)))
    page = admin.get(f"/t/acme/review/asked/?{PERIOD}").content.decode()
    doors = re.findall(r'<a class="door" href="([^"]+)">(\d+)</a>', page)
    assert [count for _, count in doors] == ["2", "1"]
    for href, count in doors:
        assert admin.get(href.replace("&amp;", "&")).content.decode().count("data-row") == int(count)


def test_of_whom_a_review_is_waited_for_is_not_shown_to_everybody(as_role: Visit, acme: Team) -> None:
    ask = testing.event(1, kind="review_requested", subject="grace")
    testing.write(acme, testing.page(testing.open_pull_request(200, events=testing.whole([ask]))))
    cache.clear()
    assert "grace" in text(as_role("admin").get(f"/t/acme/review/asked/?{PERIOD}"))
    shown = text(as_role("developer").get(f"/t/acme/review/asked/?{PERIOD}"))
    assert "grace" not in shown
    assert "1 review of 1 person or team is waited for. 1 of them is not listed" in shown


def text_of(html: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", html))
