"""How the reading goes, in words: nothing is claimed that is not so, and what is missing has a name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tformance.accounts.models import Role, Team
from tformance.faces.web import freshness, progress
from tformance.faces.web.door import Place
from tformance.sync.connections import Connected
from tformance.sync.health import HIDDEN, ConnectionHealth, Progress, RepositoryHealth

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MONTH_AGO = NOON - timedelta(days=30)
PLACE = Place(Team(slug="acme", name="Acme"), Role.ADMIN, (), ZoneInfo("Europe/Berlin"), NOON)
KNOWN = Connected(1, "github", "GitHub", "", "ada", "active", "", NOON, (), "token", "", None, (), None)
WHOLE = RepositoryHealth("acme/shop", "complete", None, NOON, "", 0)
UNREAD = RepositoryHealth("acme/api", "running", None, None, "", 0, ("Pull requests",), lacks_history=True)
RECENT = replace(UNREAD, covered_from=MONTH_AGO, covered_to=NOON, unread=("Releases", "Pull requests"))
CHANGED = replace(WHOLE, state="running", unread=("Pull requests",))
GONE = replace(WHOLE, state=HIDDEN, error="acme/shop was deleted, or the token may no longer read it")
READING = Progress(120, 400, 2.0, timedelta(minutes=2))


def connection(*repositories: RepositoryHealth, **fields: object) -> ConnectionHealth:
    words = "Reading: 120 of 400 items."
    made = ConnectionHealth(1, "GitHub", "ada", "active", words, NOON, READING, repositories)
    return replace(made, **fields)  # type: ignore[arg-type]


def headline(*found: ConnectionHealth) -> str:
    return "".join(phrase.text for phrase in progress.sentence(found)).replace("\u00a0", " ")


def line(repository: RepositoryHealth, **fields: object) -> tuple[str, str]:
    (seen,) = progress.shown(connection(repository, **fields), KNOWN, PLACE).repositories
    return seen.words, seen.detail.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("repository", "fields", "words"),
    [
        (WHOLE, {}, ("complete", "")),
        (replace(WHOLE, is_archived=True), {}, ("complete, archived", "It is archived: nothing new comes.")),
        (UNREAD, {}, ("in line", "Missing: everything")),
        (replace(UNREAD, is_in_hand=True), {}, ("being read", "Missing: everything")),
        (RECENT, {}, ("in line", "Missing: the time before 8 Feb")),
        (replace(RECENT, covered_from=None), {}, ("in line", "Missing: releases")),
        (CHANGED, {}, ("being brought up to date", "Missing: the latest changes")),
        (replace(RECENT, is_in_hand=True), {"state": "paused"}, ("paused", "Missing: the time before 8 Feb")),
        (replace(UNREAD, is_in_hand=True), {"state": "reconnect"}, ("stopped", "Missing: everything")),
        (
            GONE,
            {},
            ("no longer shown", "It was deleted, or the token may no longer read it. What was read stays."),
        ),
    ],
)
def test_a_repository_says_what_is_missing_and_whether_it_is_being_read(
    repository: RepositoryHealth, fields: dict[str, object], words: tuple[str, str]
) -> None:
    assert line(repository, **fields) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (connection(WHOLE, CHANGED), "Yes: all 2 repositories are read to the end."),
        (connection(RECENT, UNREAD), "Not all of them yet: 0 of 2 repositories read to the end."),
        (connection(RECENT, RECENT), "For the last 30 days yes; the history before them is being read."),
        (connection(WHOLE, RECENT), "Not all of them yet: 1 of 2 repositories read to the end."),
        (connection(WHOLE, GONE), "Mostly: 1 of 2 repositories can no longer be seen."),
        (connection(WHOLE, UNREAD, state="paused"), "Reading is paused: 1 of 2 repositories read to the end."),
        (
            connection(WHOLE, state="reconnect", problem="suspended", kind="app"),
            "Only up to where it stopped: GitHub, App at ada, is not read any more, the installation is suspended.",
        ),
        (
            connection(WHOLE, state="reconnect", problem="expired"),
            "Only up to where it stopped: GitHub, token of ada, is not read any more, the token has expired.",
        ),
        (connection(), "No repository is followed yet."),
    ],
)
def test_the_headline_follows_from_the_states(found: ConnectionHealth, words: str) -> None:
    assert headline(found) == words


@pytest.mark.parametrize(
    ("repositories", "words"),
    [
        ((UNREAD, RECENT), "First the last 30 days: 1 of 2 done. The history follows."),
        ((RECENT, WHOLE), "The last 30 days are ready. The history before them is being read."),
        ((WHOLE, GONE), "All pull requests are read. What belongs to them is still coming."),
    ],
)
def test_the_newest_month_comes_first_and_that_is_said(repositories: tuple[RepositoryHealth, ...], words: str) -> None:
    assert progress.shown(connection(*repositories), KNOWN, PLACE).phase == words


def test_a_wait_is_told_in_the_teams_time_and_its_rate_is_not_claimed_meanwhile() -> None:
    waiting = connection(
        RECENT, waits_until=NOON + timedelta(minutes=5), reason="GitHub's rate limit is used up for now"
    )
    seen = progress.shown(waiting, KNOWN, PLACE)
    assert seen.wait == "Waits until 13:05: GitHub's rate limit is used up for now."
    assert "a minute" not in seen.pace
    soon = progress.shown(replace(waiting, waits_until=NOON + timedelta(seconds=5)), KNOWN, PLACE)
    assert soon.wait.startswith("Waits for a moment: ")
    assert progress.shown(replace(waiting, state="paused"), KNOWN, PLACE).wait == ""


def test_what_only_changed_is_no_progress_to_watch() -> None:
    seen = progress.shown(connection(WHOLE, CHANGED), KNOWN, PLACE)
    assert (seen.is_reading, seen.words) == (False, "What changed since is being read.")
    assert freshness.tone_of(connection(WHOLE, CHANGED)) == ("good", "check")


def test_a_server_of_ones_own_is_named() -> None:
    there = replace(KNOWN, api_url="https://ghe.acme.example/api/v3")
    assert progress.shown(connection(WHOLE), there, PLACE).access == "token of ada, ghe.acme.example"
    assert progress.shown(connection(WHOLE, kind="app"), KNOWN, PLACE).access == "App at ada"


def test_an_end_that_has_come_is_said_once() -> None:
    ended = replace(KNOWN, state="reconnect", expires_at=NOON - timedelta(days=1))
    assert progress.shown(connection(WHOLE, state="reconnect", problem="expired"), ended, PLACE).ending == ""
