"""A token that is given by hand: every refusal is told at its field, in words that say what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core import reach
from tformance.core.reach import Reach
from tformance.faces.web.connections import GitHubForm
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_choosing import ALL, serving
from tformance.sync import connections
from tformance.sync.models import Connection
from tformance.sync.tests import github
from tformance.sync.tests.github import GitHub

ADDRESS = "/t/acme/connections/github/"


@pytest.fixture
def world() -> Iterator[GitHub]:
    with github.served() as served:
        yield served


@pytest.fixture
def only_public() -> Iterator[None]:
    before = reach._reach
    reach.open_to(Reach([]))
    yield
    reach.open_to(before)


def errors(page: bytes) -> str:
    return page.decode().partition('role="alert">')[2].partition("<")[0].replace("&#x27;", "'")


@pytest.mark.parametrize("token", ["tökén", "two words", "a\nb", "“quoted”"])
def test_what_cannot_be_a_token_is_said_without_asking_anybody(token: str, as_role: Visit, world: GitHub) -> None:
    answer = as_role("admin").post(ADDRESS, {"api_url": world.url, "token": token})
    assert answer.status_code == 422
    assert errors(answer.content).startswith("A token has letters, digits")


def test_a_wrong_token_and_a_wrong_address_are_told_apart(as_role: Visit, acme: Team, tmp_path: Path) -> None:
    admin = as_role("admin")
    with serving(tmp_path / "o", ALL) as url:
        refused = admin.post(ADDRESS, {"api_url": url, "token": "wrong"})
        lost = admin.post(ADDRESS, {"api_url": f"{url}/elsewhere", "token": "key"})
    assert errors(refused.content) == "GitHub refuses the token: Bad credentials."
    assert errors(lost.content).startswith("There is no GitHub at this address")
    assert connections.connected(acme.pk) == ()


@pytest.mark.usefixtures("only_public")
def test_a_private_address_is_refused_with_the_way_to_open_it(as_role: Visit, world: GitHub) -> None:
    answer = as_role("admin").post(ADDRESS, {"api_url": world.url, "token": "key"})
    assert "127.0.0.1 is a private address" in errors(answer.content)
    assert "ALLOW_PRIVATE_HOSTS" in errors(answer.content)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://github.com/acme/shop", "https://api.github.com"),
        ("www.github.com", "https://api.github.com"),
        ("https://ghe.acme.example/api/v3", "https://ghe.acme.example/api/v3"),
    ],
)
def test_an_address_copied_from_the_browser_finds_the_api(given: str, kept: str) -> None:
    form = GitHubForm({"api_url": given, "token": "key"})
    assert form.is_valid()
    assert form.cleaned_data["api_url"] == kept


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        ("reconnect", "expired", "token of ada,</b> is not read any more: the token has expired."),
        ("reconnect", "", "is not read any more: it refuses our key."),
        ("paused", "", "token of ada,</b> is paused"),
    ],
)
def test_the_overview_says_that_its_numbers_do_not_grow(
    state: str, problem: str, words: str, as_role: Visit, acme: Team
) -> None:
    with tenant(acme.pk):
        made = Connection(team=acme, source="github", account="ada", secret=b"", created_at=acme.created_at)
        made.save()
    page = as_role("developer")
    assert words not in page.get("/t/acme/").content.decode()
    with tenant(acme.pk):
        Connection.objects.update(state=state, problem=problem)
    assert words in page.get("/t/acme/").content.decode()
