"""Doors, refusals and limits, by way out."""

from datetime import timedelta
from pathlib import Path

import pytest

from tformance.core.errors import RateLimited, Reconnect
from tformance.sources.jira.client import DOOR, Client
from tformance.sources.jira.connect import address, choices, identify
from tformance.sources.jira.tests.site import site
from tformance.sources.tests.lent import NOW

WORK = "read:jira-work+read:jira-user"


def test_a_token_without_scopes_is_taken_at_the_site(tmp_path: Path) -> None:
    with site(tmp_path) as found:
        assert identify(found.session, found.url) == "ann@small.example"
        assert found.session.memory[DOOR]["base"] == found.url


def test_a_token_with_scopes_is_taken_at_the_gateway_and_that_is_remembered(tmp_path: Path) -> None:
    with site(tmp_path, tokens=f"token/{WORK}") as found:
        assert len(found.records("issues").issues) == 4
        assert "/ex/jira/" in found.session.memory[DOOR]["base"]
        spent = found.session.requests
        with Client(found.session, found.url):
            assert found.session.requests == spent + 1


def test_a_new_token_may_be_of_the_other_kind(tmp_path: Path) -> None:
    with site(tmp_path, tokens=f"narrow/{WORK},wide") as found:
        for token in ("wide", "narrow"):
            found.session.token = f"ann@small.example:{token}"
            assert identify(found.session, found.url) == "ann@small.example"
            assert ("/ex/jira/" in found.session.memory[DOOR]["base"]) == (token == "narrow")


def test_without_the_scope_for_boards_sprints_are_a_gap_with_a_name(tmp_path: Path) -> None:
    with site(tmp_path, tokens=f"token/{WORK}") as found:
        [page] = found.pages("sprints")
    assert [(each.is_denied, "scope" in each.reason) for each in page.skipped] == [(True, True)]


def test_a_wrong_token_says_what_to_do(tmp_path: Path) -> None:
    with site(tmp_path, tokens="another") as found, pytest.raises(Reconnect, match="make a new API token"):
        identify(found.session, found.url)


def test_a_token_that_ends_in_the_middle_is_not_read_as_an_empty_project(tmp_path: Path) -> None:
    with site(tmp_path, tokens="token") as found:
        found.pages("project")
        found.do("revoke_token", token="token")
        with pytest.raises(Reconnect):
            found.pages("issues")


def test_a_limit_says_until_when_and_why(tmp_path: Path) -> None:
    with (
        site(tmp_path, faults="burst_after=1,retry_after=7") as found,
        pytest.raises(RateLimited, match="at once") as told,
    ):
        identify(found.session, found.url)
    assert timedelta(0) < told.value.until - NOW <= timedelta(seconds=7)


def test_projects_are_offered_by_key_with_their_names(tmp_path: Path) -> None:
    with site(tmp_path) as found:
        offered = list(choices(found.session, found.url))
    assert [(each.name, each.title) for each in offered] == [("APP", "Phone app"), ("OPS", "运维"), ("WEB", "Web shop")]


@pytest.mark.parametrize(
    "words",
    [
        "acme",
        "acme.atlassian.net",
        "https://acme.atlassian.net/",
        "https://Acme.atlassian.net/jira/software/projects/WEB",
    ],
)
def test_a_site_is_known_by_its_name_or_any_address_on_it(words: str) -> None:
    assert address(words) == "https://acme.atlassian.net"
