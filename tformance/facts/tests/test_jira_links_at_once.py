"""A pull request and an issue that are written by two workers at the same moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest
from django.db import connections

from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.tests import planning as p
from tformance.facts.tests.test_jira_links import links
from tformance.facts.write import write_page
from tformance.facts.write_planning import write_project


@pytest.mark.parametrize("which", ["pull request first", "issue first"])
def test_two_that_arrive_at_the_same_moment_do_not_miss_each_other(which: str, live_db: str) -> None:
    """The first is held back before its end until the second waits for it, or has passed it by."""
    team = t.team("links")
    p.write(team, p.page())
    acts: list[Callable[[], object]] = [
        lambda: write_page(t.page(t.pull_request(1, title="WEB-1")), team_id=team.id),
        lambda: write_project(p.page(p.issue(1), fetched_at=t.at(30)), team_id=team.id),
    ]
    first, second = acts if which == "pull request first" else reversed(acts)

    def late() -> None:
        with closing_all(), tenant(team.id):
            second()

    with ThreadPoolExecutor(1) as pool:
        with tenant(team.id):
            first()
            coming = pool.submit(late)
            wait([coming], timeout=2)
            assert not coming.done()
        coming.result(20)
    assert links(team) == {(1, "WEB-1", ("title",))}


@contextmanager
def closing_all() -> Iterator[None]:
    try:
        yield
    finally:
        connections.close_all()
