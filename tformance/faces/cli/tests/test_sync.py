"""`./run sync`: what changed, and on demand whether all is there."""

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.faces.cli import sync
from tformance.sources.registry import SOURCES
from tformance.sync.tests.conftest import NOON, make_connection, make_team
from tformance.sync.tests.test_run import stored_numbers
from tformance.sync.tests.toy import Provider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider()
    provider.fill(3, newest=NOON)
    monkeypatch.setitem(SOURCES, "toy", provider.source())
    return provider


@pytest.fixture
def team(db: None, provider: Provider) -> Team:
    return make_team("acme")


@pytest.mark.parametrize(("arguments", "left"), [((), {1, 2, 3}), (("--reconcile",), {1, 3})])
def test_what_is_gone_without_a_word_is_found_by_comparing(
    team: Team, provider: Provider, arguments: tuple[str, ...], left: set[int]
) -> None:
    with time_machine.travel(NOON):
        make_connection(team, "toys/one")
        assert sync.run(["--wait", "--team", "acme"]) == 0
        del provider.changed[2]
        assert sync.run(["--wait", "--team", "acme", *arguments]) == 0
    assert stored_numbers(team) == left
