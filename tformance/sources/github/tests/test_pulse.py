"""One question tells which streams of a repository have anything new."""

from datetime import timedelta
from pathlib import Path

import pytest

from tformance.core.errors import Skip
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import ScopeRef, Window
from tformance.sources.github.pulse import pulse
from tformance.sources.github.source import SOURCE
from tformance.sources.github.tests.scripted import Reply, scripted
from tformance.sources.github.tests.world import START, World, at, scope, served
from tformance.sources.tests.lent import Lent

STREAMS = ("repository", "pull_requests", "deployments", "releases")


def busy() -> World:
    world = World()
    world.pull()
    for place in range(30):
        status = {"id": f"DS_{place}", "state": "SUCCESS", "created_at": at(10 + place)}
        world.add(
            "deployments",
            id=f"DE_{place}",
            database_id=place,
            repository_id="R_shop",
            environment="production",
            commit_oid="a" * 40,
            state="ACTIVE",
            creator="ada",
            created_at=at(9 + place),
            updated_at=at(10 + place),
            statuses=[status],
        )
    known = {"repository_id": "R_shop", "tag_name": "v1", "name": "One", "author": "ada", "commit_oid": "a" * 40}
    world.add("releases", id="RE_1", database_id=1, created_at=at(3), published_at=at(4), **known)
    return world


def watermarks(sandbox: Sandbox) -> dict[str, object]:
    """As sync keeps them after it has read everything; a stream without watermarks of its own has the start of its reading."""
    found = {"repository": START + timedelta(hours=100)}
    for name in STREAMS[1:]:
        *_, last = SOURCE.stream(name).fetch(Lent(), scope(sandbox), Window(), None)
        assert last.watermark is not None
        found[name] = last.watermark
    return found


def test_a_quiet_repository_costs_one_request_and_one_point(tmp_path: Path) -> None:
    session = Lent()
    with served(busy(), tmp_path) as sandbox:
        known = watermarks(sandbox)
        assert pulse(session, scope(sandbox), known) == frozenset()
    assert (session.requests, session.points) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "place", "change", "news"),
    [
        ("pull_requests", 0, {"updated_at": at(50)}, "pull_requests"),
        ("repositories", 0, {"updated_at": at(150)}, "repository"),
        ("repositories", 0, {"name_with_owner": "acme/store-2"}, "repository"),
        ("deployments", 20, {"updated_at": at(51)}, "deployments"),
        (
            "deployments",
            15,
            {"statuses": [{"id": "DS_new", "state": "FAILURE", "created_at": at(52)}]},
            "deployments",
        ),
        ("releases", 0, {"published_at": at(60)}, "releases"),
    ],
)
def test_whatever_moves_is_news_of_its_stream(
    tmp_path: Path, kind: str, place: int, change: dict[str, object], news: str
) -> None:
    world = busy()
    with served(world, tmp_path) as sandbox:
        known = watermarks(sandbox)
        world.rows[kind][place] |= change
        world.write(tmp_path)
        sandbox.load()
        assert pulse(Lent(), scope(sandbox), known) == {news}
        if news != "repository":
            assert pulse(Lent(), scope(sandbox), known | {news: watermarks(sandbox)[news]}) == frozenset()


def test_only_streams_that_were_read_before_can_have_news(tmp_path: Path) -> None:
    with served(busy(), tmp_path) as sandbox:
        assert pulse(Lent(), scope(sandbox), {"releases": START}) == {"releases"}


def test_an_empty_repository_is_quiet(tmp_path: Path) -> None:
    with served(World(), tmp_path) as sandbox:
        known = dict.fromkeys(STREAMS, START + timedelta(hours=100))
        assert pulse(Lent(), scope(sandbox), known) == frozenset()


def test_where_a_part_may_not_be_read_every_stream_looks_for_itself() -> None:
    refused = {"type": "FORBIDDEN", "path": ["node", "deployments"], "message": "Resource not accessible"}
    with scripted(Reply(body={"data": {"node": None}, "errors": [refused]})) as server:
        where = ScopeRef(server.url, "acme/shop", "R_shop")
        assert pulse(Lent(), where, dict.fromkeys(STREAMS, START)) == set(STREAMS)


def test_an_organisation_has_no_pulse() -> None:
    session = Lent()
    assert pulse(session, ScopeRef("http://127.0.0.1:9", "acme", kind="organization"), {}) == frozenset()
    assert session.requests == 0


def test_a_repository_that_was_deleted_is_named(tmp_path: Path) -> None:
    with served(World(), tmp_path) as sandbox, pytest.raises(Skip, match="acme/gone was deleted, or the token"):
        pulse(Lent(), scope(sandbox, "acme/gone", "R_gone"), dict.fromkeys(STREAMS, START))
