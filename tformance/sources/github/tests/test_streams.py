"""The walk over a repository: in which order, how far, from where it goes on, and what it costs."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tformance.core.errors import Reconnect, Skip
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import Page, Window
from tformance.sources.github.source import SOURCE
from tformance.sources.github.tests.world import START, World, at, scope, served
from tformance.sources.tests.lent import Lent

PULLS = SOURCE.stream("pull_requests")
DEPLOYMENTS = SOURCE.stream("deployments")
ALL = Window()


def hours(number: float) -> Window:
    return Window(since=START + timedelta(hours=number))


def crowd(count: int) -> World:
    world = World()
    for _ in range(count):
        pull = world.pull()
        world.commit(pull)
        world.file(pull, "a.py")
    return world


def walked(sandbox: Sandbox, window: Window = ALL, session: Lent | None = None) -> list[Page]:
    return list(PULLS.fetch(session or Lent(), scope(sandbox), window, None))


def numbers(pages: list[Page]) -> list[int]:
    return [item["number"] for page in pages for item in page.items]


def test_history_comes_newest_first_and_whole(tmp_path: Path) -> None:
    with served(crowd(130), tmp_path) as sandbox:
        pages = walked(sandbox)
    assert numbers(pages) == list(range(130, 0, -1))
    assert all(item["files"]["totalCount"] == 1 for page in pages for item in page.items)
    assert (pages[-1].cursor, pages[-1].seen, pages[-1].expected) == (None, 130, 130)
    assert {page.watermark for page in pages} == {START + timedelta(hours=130.5)}


def test_a_window_bounds_the_walk_on_both_sides(tmp_path: Path) -> None:
    window = Window(since=START + timedelta(hours=10.5), until=START + timedelta(hours=20.5))
    with served(crowd(40), tmp_path) as sandbox:
        assert numbers(walked(sandbox, window)) == list(range(19, 9, -1))
        operations = sandbox.stats.report()["operations"]
    assert operations["PullRequestSkeleton"]["requests"] == 1
    assert operations["PullRequestDetails"]["requests"] == 1


def test_a_quiet_repository_costs_one_request(tmp_path: Path) -> None:
    session = Lent()
    with served(crowd(40), tmp_path) as sandbox:
        [page] = walked(sandbox, hours(1000), session)
    assert (page.items, page.cursor, session.requests) == ((), None, 1)
    assert page.watermark == START + timedelta(hours=40.5)


def test_an_empty_repository_is_complete_at_once(tmp_path: Path) -> None:
    with served(World(), tmp_path) as sandbox:
        [page] = walked(sandbox)
    assert (page.items, page.cursor, page.watermark, page.expected) == ((), None, None, 0)


def test_every_cursor_goes_on_where_its_page_ended(tmp_path: Path) -> None:
    with served(crowd(130), tmp_path) as sandbox:
        whole = walked(sandbox)
        for place, page in enumerate(whole[:-1]):
            saved = json.loads(json.dumps(page.cursor))
            rest = list(PULLS.fetch(Lent(), scope(sandbox), ALL, saved))
            assert numbers(rest) == numbers(whole[place + 1 :])
            assert rest[-1].watermark == whole[-1].watermark
            assert rest[-1].seen == 130


def test_a_pull_request_that_moves_during_the_walk_shifts_no_other(tmp_path: Path) -> None:
    world = crowd(130)
    with served(world, tmp_path) as sandbox:
        pages = PULLS.fetch(Lent(), scope(sandbox), ALL, None)
        seen = numbers([next(pages)])
        world.rows["pull_requests"][2]["updated_at"] = at(500)
        world.write(tmp_path)
        sandbox.load()
        seen += numbers(list(pages))
        assert set(range(1, 131)) - set(seen) == {3}
        assert numbers(walked(sandbox, hours(130.5)))[0] == 3


def test_history_incremental_and_single_read_give_the_same(tmp_path: Path) -> None:
    assert PULLS.fetch_ids is not None
    with served(crowd(30), tmp_path) as sandbox:
        history = walked(sandbox)[0].items[0]
        incremental = walked(sandbox, hours(30))[0].items[0]
        single = PULLS.fetch_ids(Lent(), scope(sandbox), ("PR_30",)).items[0]
    assert history == incremental == single


def test_a_single_read_costs_two_requests(tmp_path: Path) -> None:
    assert PULLS.fetch_ids is not None
    session = Lent()
    with served(crowd(3), tmp_path) as sandbox:
        page = PULLS.fetch_ids(session, scope(sandbox), ("PR_2", "PR_2"))
    assert (numbers([page]), session.requests, session.points) == ([2], 2, 2)


def test_ids_that_are_gone_are_skipped_and_the_others_read(tmp_path: Path) -> None:
    assert PULLS.fetch_ids is not None
    with served(crowd(3), tmp_path) as sandbox:
        page = PULLS.fetch_ids(Lent(), scope(sandbox), ("PR_1", "PR_9", "PR_3"))
    assert numbers([page]) == [1, 3]
    assert [(skipped.item, skipped.is_gone) for skipped in page.skipped] == [("PR_9", True)]


def test_pull_requests_of_a_repository_that_cannot_be_read_are_not_gone(tmp_path: Path) -> None:
    assert PULLS.fetch_ids is not None
    with served(crowd(1), tmp_path) as sandbox:
        page = PULLS.fetch_ids(Lent(), scope(sandbox), ("PR_9",))
        assert [skipped.is_gone for skipped in page.skipped] == [True]
        with pytest.raises(Skip, match="acme/gone"):
            PULLS.fetch_ids(Lent(), scope(sandbox, "acme/gone", "R_gone"), ("PR_9",))


def test_a_renamed_repository_is_read_by_its_node(tmp_path: Path) -> None:
    with served(crowd(1), tmp_path) as sandbox:
        [page] = PULLS.fetch(Lent(), scope(sandbox, name="acme/something-else"), ALL, None)
        [by_old_name] = SOURCE.stream("repository").fetch(Lent(), scope(sandbox, "acme/store", ""), ALL, None)
    assert numbers([page]) == [1]
    assert by_old_name.items[0]["repository"]["nameWithOwner"] == "acme/shop"


def test_an_unknown_repository_is_named(tmp_path: Path) -> None:
    with served(World(), tmp_path) as sandbox:
        for where in (scope(sandbox, "acme/nothing", ""), scope(sandbox, "acme/gone", "R_gone")):
            with pytest.raises(Skip, match=where.name):
                list(PULLS.fetch(Lent(), where, ALL, None))


def test_deployments_are_read_with_some_days_of_overlap(tmp_path: Path) -> None:
    world = World()
    for day in range(40):
        statuses = [{"id": f"DS_{day}", "state": "SUCCESS", "created_at": at(24 * day)}]
        world.add(
            "deployments",
            id=f"DE_{day}",
            database_id=day,
            repository_id="R_shop",
            environment="production",
            commit_oid="a" * 40,
            state="ACTIVE",
            creator="ada",
            created_at=at(24 * day),
            updated_at=at(24 * day),
            statuses=statuses,
        )
    with served(world, tmp_path) as sandbox:
        pages = list(DEPLOYMENTS.fetch(Lent(), scope(sandbox), hours(24 * 30), None))
        everything = list(DEPLOYMENTS.fetch(Lent(), scope(sandbox), ALL, None))
    assert [item["id"] for page in pages for item in page.items] == [f"DE_{day}" for day in range(39, 15, -1)]
    assert sum(len(page.items) for page in everything) == 40
    assert everything[-1].watermark == START + timedelta(days=39)


def test_a_token_is_asked_who_it_is_and_what_it_sees(tmp_path: Path) -> None:
    with served(World(), tmp_path) as sandbox:
        assert SOURCE.identify(Lent(), sandbox.url) == "ada"
        [choice] = SOURCE.choices(Lent(), sandbox.url)
        with pytest.raises(Reconnect):
            SOURCE.identify(Lent("wrong"), sandbox.url)
    assert (choice.name, choice.node_id, choice.is_private) == ("acme/shop", "R_shop", True)
    assert choice.pushed_at == START + timedelta(hours=1)


@pytest.mark.parametrize("stream", ["repository", "pull_requests", "deployments", "releases", "head_checks"])
def test_every_list_tells_with_its_first_page_how_many_there_are(tmp_path: Path, stream: str) -> None:
    world = crowd(120)
    for number in range(120):
        row = {"repository_id": "R_shop", "created_at": at(number)}
        world.add("deployments", id=f"D_{number}", environment="production", commit_oid="a" * 40, statuses=[], **row)
        world.add("releases", id=f"RE_{number}", tag_name=f"v{number}", **row)
    with served(world, tmp_path) as sandbox:
        pages = SOURCE.stream(stream).fetch(Lent(), scope(sandbox), ALL, None)
        first, *rest = pages
    assert first.expected == (1 if stream == "repository" else 120)
    assert [first, *rest][-1].seen == first.expected


def test_of_what_changed_lately_nobody_tells_how_many_there_are_before_the_end(tmp_path: Path) -> None:
    with served(crowd(260), tmp_path) as sandbox:
        pages = walked(sandbox, hours(30))
    assert (pages[0].expected, pages[0].total) == (None, 260)
    assert pages[-1].expected == pages[-1].seen == 231
