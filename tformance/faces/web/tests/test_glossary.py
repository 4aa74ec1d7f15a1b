"""The glossary is the catalogue in words."""

import csv
import io
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import body
from tformance.measures.catalogue import MEASURES
from tformance.measures.shape import Measure

ADDRESS = "/t/acme/glossary/"


@pytest.fixture
def developer(as_role: Visit) -> Client:
    return as_role("developer")


def read(client: Client, words: str = "") -> str:
    return client.get(ADDRESS, {"q": words}).content.decode()


def shown(page: str) -> list[str]:
    """Which measures a page explains."""
    return re.findall(r'<article [^>]*id="(\w+)"', page)


def test_every_measure_is_there_in_the_order_of_the_catalogue(developer: Client) -> None:
    assert shown(read(developer)) == list(MEASURES)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda measure: measure.id)
def test_every_measure_says_what_it_is_who_counts_and_how_it_is_told(measure: Measure) -> None:
    assert measure.question.endswith("?")
    assert measure.rows.about.endswith(".")
    assert measure.notes.endswith(".")
    assert measure.title
    assert measure.source
    assert measure.version >= 1


def test_an_entry_leads_to_its_number(developer: Client) -> None:
    page = read(developer)
    for measure in MEASURES.values():
        for statistic in measure.statistics:
            assert reverse("explain", args=["acme", measure.id, statistic]) in page


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kaplan", ["time_to_merge"]),
        ("KAPLAN meier", ["time_to_merge"]),
        ("merge queue waiting nobody-says-this", []),
        ("queue_time", ["queue_time"]),
        ("gini", ["review_load"]),
    ],
)
def test_words_leave_the_entries_that_have_them_all(words: str, expected: list[str], developer: Client) -> None:
    assert shown(read(developer, words)) == expected


def test_what_was_searched_for_is_shown_as_it_was_and_nothing_of_it_runs(developer: Client) -> None:
    page = read(developer, "<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "No measure speaks of" in page


def test_the_glossary_leaves_as_files_with_the_entries_of_the_page(developer: Client) -> None:
    told = json.loads(body(developer.get("/t/acme/glossary.json", {"q": "deployment"})))
    rows = list(csv.DictReader(io.StringIO(body(developer.get("/t/acme/glossary.csv", {"q": "deployment"})))))
    assert (
        [entry["measure"] for entry in told] == [row["measure"] for row in rows] == shown(read(developer, "deployment"))
    )
    assert all(row["definition"] and row["who_counts"] and row["statistics"] for row in rows)
    assert developer.get("/t/acme/glossary.pdf").status_code == 404
