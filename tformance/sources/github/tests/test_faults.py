"""Whatever GitHub does, the same pull requests arrive, and one that cannot be read does not hold up the others."""

from pathlib import Path
from typing import Any

import pytest

from tformance.core.errors import RateLimited, Reconnect, Retry, SourceError, TooLarge
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import Cursor, Page, ScopeRef, Window
from tformance.sources.github.paging import ALONE, GROW_AFTER, Pace, ask
from tformance.sources.github.source import SOURCE
from tformance.sources.github.tests.scripted import Reply, scripted
from tformance.sources.github.tests.world import World, scope, served
from tformance.sources.tests.lent import Lent

PULLS = SOURCE.stream("pull_requests")
ALL = Window()


def crowd(count: int) -> World:
    world = World()
    for _ in range(count):
        pull = world.pull()
        world.commit(pull)
        world.file(pull, "a.py")
        world.thread(pull, replies=12)
    return world


def persistently(sandbox: Sandbox, session: Lent, patience: int = 60) -> list[Page]:
    """Goes on from the last page's cursor after every failure, as sync does."""
    pages: list[Page] = []
    cursor: Cursor | None = None
    for _ in range(patience):
        try:
            for page in PULLS.fetch(session, scope(sandbox), ALL, cursor):
                pages.append(page)
                cursor = page.cursor
        except (Retry, RateLimited):
            continue
        return pages
    raise AssertionError("it never ended")


def items(pages: list[Page]) -> list[dict[str, Any]]:
    return [item for page in pages for item in page.items]


@pytest.mark.parametrize(
    "faults",
    ["max_page=10", "fail=0.1", "fail=0.1,max_page=10,partial=0.1", "partial=0.3", "secondary_after=7,retry_after=0"],
)
def test_the_same_arrives_whatever_fails(tmp_path: Path, faults: str) -> None:
    world = crowd(60)
    with served(world, tmp_path) as sandbox:
        expected = items(persistently(sandbox, Lent()))
    with served(world, tmp_path, faults) as sandbox:
        pages = persistently(sandbox, Lent())
    assert [skipped for page in pages for skipped in page.skipped] == []
    assert items(pages) == expected


def test_the_size_that_worked_is_remembered(tmp_path: Path) -> None:
    session = Lent()
    with served(crowd(60), tmp_path, "max_page=10") as sandbox:
        persistently(sandbox, session)
        failed = sandbox.stats.report()["failed"]
        persistently(sandbox, session)
        assert failed > 3
        assert sandbox.stats.report()["failed"] - failed <= 1
    assert all(known["size"] <= 10 for kind, known in session.memory.items() if "details" in kind)


def test_an_expired_token_ends_the_walk_for_its_owner_to_see(tmp_path: Path) -> None:
    with served(crowd(60), tmp_path, "expire_after=3") as sandbox, pytest.raises(Reconnect):
        persistently(sandbox, Lent())


def test_a_used_up_budget_names_the_reset(tmp_path: Path) -> None:
    with served(crowd(60), tmp_path, "limit=5") as sandbox, pytest.raises(RateLimited) as caught:
        list(PULLS.fetch(Lent(), scope(sandbox), ALL, None))
    assert caught.value.until > Lent().clock()


BUDGET = Reply(body={"data": {"rateLimit": {"cost": 1, "remaining": 9, "resetAt": "2026-11-20T13:00:00Z"}}})


def test_one_that_github_cannot_answer_for_is_skipped() -> None:
    assert PULLS.fetch_ids is not None
    with scripted(*[Reply(502)] * ALONE, BUDGET) as server:
        page = PULLS.fetch_ids(Lent(), scope_at(server.url), ("PR_1",))
    assert [skipped.item for skipped in page.skipped] == ["PR_1"]


def test_a_github_that_is_down_blames_no_pull_request() -> None:
    assert PULLS.fetch_ids is not None
    with scripted(*[Reply(502)] * (ALONE + 1)) as server, pytest.raises(SourceError) as caught:
        PULLS.fetch_ids(Lent(), scope_at(server.url), ("PR_1",))
    assert isinstance(caught.value, Retry)


def scope_at(url: str) -> ScopeRef:
    return ScopeRef(url, "acme/shop", "R_shop")


class Coping:
    """Answers up to a size; keeps what it was asked."""

    def __init__(self, most: int, accidents: int = 0) -> None:
        self.most, self.accidents = most, accidents
        self.asked: list[int] = []

    def __call__(self, size: int) -> int:
        self.asked.append(size)
        if size > self.most or self.accidents:
            self.accidents = max(0, self.accidents - 1)
            raise TooLarge("too much")
        return size


def test_a_single_accident_does_not_shrink_the_page() -> None:
    question = Coping(most=25, accidents=1)
    assert ask(Pace({}, "details", 25), 100, question) == 25
    assert question.asked == [25, 25]


def test_a_page_is_halved_until_it_works() -> None:
    question = Coping(most=4)
    assert ask(Pace({}, "details", 25), 100, question) == 3
    assert question.asked == [25, 25, 12, 6, 3]


def test_a_page_grows_again_slowly() -> None:
    memory: dict[str, Any] = {}
    ask(Pace(memory, "details", 25), 100, Coping(most=12))
    sizes = [ask(Pace(memory, "details", 25), 100, Coping(most=25)) for _ in range(5 * GROW_AFTER)]
    assert sizes[: GROW_AFTER - 1] == [12] * (GROW_AFTER - 1)
    assert sizes == sorted(sizes)
    assert sizes[-1] == 25


def test_less_than_a_page_says_nothing_about_its_size() -> None:
    memory: dict[str, Any] = {}
    ask(Pace(memory, "details", 25), 100, Coping(most=12))
    known = dict(memory)
    for _ in range(3 * GROW_AFTER):
        ask(Pace(memory, "details", 25), 2, Coping(most=12))
    assert memory == known


def test_even_one_that_fails_time_and_again_is_too_large() -> None:
    question = Coping(most=0)
    with pytest.raises(TooLarge):
        ask(Pace({}, "details", 25), 1, question)
    assert question.asked == [1] * ALONE


def test_an_outage_leaves_the_remembered_size_alone() -> None:
    memory: dict[str, Any] = {}
    with pytest.raises(TooLarge):
        ask(Pace(memory, "details", 25), 100, Coping(most=0))
    assert Pace(memory, "details", 25).size == 25
