"""Pages for what went wrong, as visitors see them."""

import re

import pytest
from django.test import Client, RequestFactory

from tformance.faces.web.problems import failed


def test_the_page_for_failures_needs_no_database_and_names_its_log_line(caplog: pytest.LogCaptureFixture) -> None:
    answer = failed(RequestFactory().get("/t/acme/"))
    assert answer.status_code == 500
    reference = re.search(r"reference ([0-9a-f]{8}) ", answer.content.decode())
    assert reference
    assert reference[1] in caplog.text


@pytest.mark.django_db
def test_an_address_with_nothing_behind_it_leads_back_to_the_start() -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_changes_nothing() -> None:
    answer = Client(enforce_csrf_checks=True).post("/theme/")
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
