"""Connecting on the command line says what the token may not read, and refuses names that it does not see."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tformance.accounts.models import Team
from tformance.faces.cli import connect
from tformance.faces.cli.output import Failed
from tformance.facts import testing
from tformance.sandbox.tests.conftest import put, running
from tformance.sandbox.tests.jira_client import running as running_jira
from tformance.sandbox.tests.jira_site import write as write_site
from tformance.sync import connections
from tformance.sync.connections import Connected

ISO = "2026-01-01T00:00:00Z"


@pytest.fixture
def team(db: None) -> Team:
    return testing.team("acme")


@pytest.fixture
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("organisation")
    put(folder, "users", {"id": "U1", "login": "ada", "type": "User"})
    put(folder, "repositories", {"id": "R1", "name_with_owner": "ada/shop", "created_at": ISO, "updated_at": ISO})
    with running(folder, tokens="key/repo/90d") as (_, client):
        yield f"http://127.0.0.1:{client.port}"


def given(url: str, *names: str) -> list[str]:
    repositories = [word for name in names for word in ("--repo", name)]
    return ["github", "--api-url", url, "--token", "key", "--team", "acme", *repositories]


def only(team: Team) -> Connected:
    (made,) = connections.connected(team.pk)
    return made


def test_what_is_missing_and_when_the_token_ends_is_said(
    team: Team, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert connect.run(given(url, "ada/shop")) == 0
    said = capsys.readouterr().err
    assert "lacks the scope manage_billing:copilot or read:org" in said
    assert f"The token ends on {only(team).expires_at:%Y-%m-%d}." in said


def test_an_unknown_name_is_refused_and_nothing_is_followed(team: Team, url: str) -> None:
    with pytest.raises(Failed, match=r"ada/elsewhere cannot be followed: GitHub does not show it"):
        connect.run(given(url, "ada/shop", "ada/elsewhere"))
    assert only(team).repositories == ()


@pytest.fixture
def jira(tmp_path: Path) -> Iterator[str]:
    with running_jira(write_site(tmp_path)) as (sandbox, _):
        yield sandbox.url


def asked(url: str, *keys: str) -> list[str]:
    projects = [word for key in keys for word in ("--project", key)]
    return ["jira", "--site", url, "--email", "ann@small.example", "--token", "key", "--team", "acme", *projects]


def test_projects_of_a_jira_site_are_followed_by_their_keys(team: Team, jira: str) -> None:
    assert connect.run(asked(jira, "web", "APP")) == 0
    assert (only(team).account, only(team).repositories) == ("ann@small.example", ("APP", "WEB"))


def test_a_project_that_the_account_cannot_see_is_refused_and_nothing_is_followed(team: Team, jira: str) -> None:
    with pytest.raises(Failed, match=r"cannot see NONE; it sees APP, OPS, WEB"):
        connect.run(asked(jira, "WEB", "NONE"))
    assert only(team).repositories == ()
