"""Releases, the list of all pull requests, and what commits bring."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tformance.core.clock import now
from tformance.core.errors import Skip
from tformance.facts.records import ComparisonRecord
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import ScopeRef, Window
from tformance.sources.github.comparisons import MOST_COMMITS
from tformance.sources.github.source import SOURCE
from tformance.sources.github.tests.scripted import Reply, scripted
from tformance.sources.github.tests.world import START, World, at, scope, served
from tformance.sources.tests.lent import NOW, Lent

PULLS = SOURCE.stream("pull_requests")
RELEASES = SOURCE.stream("releases")
COMPARISONS = SOURCE.stream("comparisons")
REPOSITORY = SOURCE.stream("repository")


def test_releases_come_whole_and_the_latest_first(tmp_path: Path) -> None:
    world = World()
    for number in range(120):
        world.add(
            "releases",
            id=f"RE_{number}",
            database_id=number,
            repository_id="R_shop",
            tag_name=f"v{number}",
            name=None,
            author="ada",
            commit_oid=f"{number:040x}",
            is_draft=number == 119,
            is_prerelease=number == 118,
            created_at=at(number),
            published_at=None if number == 119 else at(number + 1),
        )
    session = Lent()
    with served(world, tmp_path) as sandbox:
        pages = list(RELEASES.fetch(session, scope(sandbox), Window(), None))
        read = [r for page in pages for r in RELEASES.translate(scope(sandbox), page.items, now()).releases]
    assert [release.tag for release in read] == [f"v{number}" for number in range(119, -1, -1)]
    assert [(r.is_draft, r.is_prerelease, r.published_at is None) for r in read[:3]] == [
        (True, False, True),
        (False, True, False),
        (False, False, False),
    ]
    assert (read[5].sha, read[5].author and read[5].author.login) == (f"{114:040x}", "ada")
    assert (session.requests, session.points) == (2, 2)


def test_the_list_of_all_pull_requests_has_each_with_its_change_time(tmp_path: Path) -> None:
    world = World()
    for _ in range(230):
        world.pull()
    session = Lent()
    with served(world, tmp_path) as sandbox:
        assert PULLS.inventory
        parts = list(PULLS.inventory(session, scope(sandbox), None))
        rest = list(PULLS.inventory(Lent(), scope(sandbox), parts[0].cursor))
    present = dict(pair for part in parts for pair in part.present)
    assert set(present) == {f"PR_{number}" for number in range(1, 231)}
    assert present["PR_7"] == START.replace(hour=7, minute=30)
    assert [part.present for part in rest] == [part.present for part in parts[1:]]
    assert (parts[-1].cursor, parts[-1].total, session.requests) == (None, 230, 3)


def test_one_that_changes_during_the_listing_does_not_slip_past(tmp_path: Path) -> None:
    world = World()
    for _ in range(150):
        world.pull()
    with served(world, tmp_path) as sandbox:
        assert PULLS.inventory
        listing = PULLS.inventory(Lent(), scope(sandbox), None)
        present = [key for key, _ in next(listing).present]
        world.rows["pull_requests"][140]["updated_at"] = at(5000)
        world.write(tmp_path)
        sandbox.load()
        present += [key for part in listing for key, _ in part.present]
    assert sorted(present) == sorted(f"PR_{number}" for number in range(1, 151))


def merged(world: World, hours: float) -> str:
    pull = world.pull()
    sha = f"{pull['number']:040x}"
    world.commit(pull)
    world.rows["pull_requests"][-1] |= {"state": "MERGED", "merged_at": at(hours), "merge_commit_oid": sha}
    return sha


def compared(sandbox: Sandbox, session: Lent, *pairs: str) -> dict[str, ComparisonRecord]:
    assert COMPARISONS.fetch_ids
    page = COMPARISONS.fetch_ids(session, scope(sandbox), pairs)
    read = COMPARISONS.translate(scope(sandbox), page.items, now()).comparisons
    return {f"{each.base_sha}...{each.head_sha}": each for each in read}


def test_a_comparison_names_the_commits_that_came(tmp_path: Path) -> None:
    world = World()
    shas = [merged(world, hours=10 + place) for place in range(5)]
    forward, back, same = f"{shas[0]}...{shas[4]}", f"{shas[4]}...{shas[0]}", f"{shas[2]}...{shas[2]}"
    gone = f"{'e' * 40}...{shas[1]}"
    with served(world, tmp_path) as sandbox:
        found = compared(sandbox, Lent(), forward, back, same, gone)
    assert (found[forward].relation, found[forward].shas) == ("ahead", tuple(shas[1:]))
    assert (found[back].relation, found[back].shas, found[back].total) == ("behind", (), 0)
    assert (found[same].relation, found[same].shas) == ("identical", ())
    assert (found[gone].relation, found[gone].shas, found[gone].total) == ("unknown", (), 0)


def test_a_long_comparison_is_read_to_a_limit_and_tells_how_long_it_is(tmp_path: Path) -> None:
    world = World()
    shas = [merged(world, hours=10 + place / 10) for place in range(MOST_COMMITS + 150)]
    session = Lent()
    with served(world, tmp_path) as sandbox:
        found = compared(sandbox, session, f"{shas[0]}...{shas[-1]}", f"{shas[0]}...{shas[250]}")
    longest, other = found.values()
    assert (len(longest.shas), longest.total) == (MOST_COMMITS, MOST_COMMITS + 149)
    assert (len(other.shas), other.total) == (250, 250)
    assert session.requests == 1 + 10 + 3


def test_each_comparison_costs_one_request_and_the_repository_one_in_a_while(tmp_path: Path) -> None:
    world = World()
    shas = [merged(world, hours=10 + place) for place in range(5)]
    minutes, ages = [0, 3, 6, 11], []
    session = Lent(clock=lambda: NOW + timedelta(minutes=minutes[len(ages)]))
    assert COMPARISONS.fetch_ids
    with served(world, tmp_path) as sandbox:
        for base, head in pairwise(shas):
            page = COMPARISONS.fetch_ids(session, scope(sandbox), (f"{base}...{head}",))
            ages.append(session.clock() - page.fetched_at)
    assert session.requests == 4 + 2
    assert ages == [timedelta(minutes=age) for age in (0, 3, 6, 0)]


def test_comparisons_are_read_for_others_only(tmp_path: Path) -> None:
    session = Lent()
    with served(World(), tmp_path) as sandbox:
        [page] = COMPARISONS.fetch(session, scope(sandbox), Window(), None)
    assert (page.items, page.cursor, session.requests) == ((), None, 0)


def test_a_comparison_that_may_not_be_read_is_skipped_and_not_unknown() -> None:
    found = {"id": "R_shop", "databaseId": 7, "nameWithOwner": "acme/shop", "isDisabled": False}
    rest = {"isPrivate": True, "isArchived": False, "defaultBranchRef": None}
    with scripted(Reply(body={"data": {"node": found | rest}}), Reply(403, {"message": "Forbidden"})) as server:
        assert COMPARISONS.fetch_ids
        page = COMPARISONS.fetch_ids(Lent(), scope_at(server.url), ("a...b",))
    assert page.items == ()
    assert [skipped.item for skipped in page.skipped] == ["a...b"]


def test_a_repository_that_github_disabled_is_named() -> None:
    with (
        scripted(Reply(body={"data": {"node": {"id": "R_shop", "isDisabled": True}}})) as server,
        pytest.raises(Skip, match="GitHub has disabled acme/shop"),
    ):
        list(REPOSITORY.fetch(Lent(), scope_at(server.url), Window(), None))


def test_an_archived_repository_with_a_new_name_says_both(tmp_path: Path) -> None:
    world = World()
    world.rows["repositories"][0] |= {"is_archived": True, "name_with_owner": "other/shop"}
    with served(world, tmp_path) as sandbox:
        [page] = REPOSITORY.fetch(Lent(), scope(sandbox), Window(), None)
        record = REPOSITORY.translate(scope(sandbox), page.items, now()).repository
    assert (record.full_name, record.is_archived, record.node_id) == ("other/shop", True, "R_shop")


def scope_at(url: str) -> ScopeRef:
    return ScopeRef(url, "acme/shop", "R_shop")
