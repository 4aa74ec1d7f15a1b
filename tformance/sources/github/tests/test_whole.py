"""A pull request comes with all its children, however many, or not at all."""

from pathlib import Path

from tformance.core.clock import now
from tformance.facts.records import ChildSet, PullRequestRecord
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import Window
from tformance.sources.github.source import SOURCE
from tformance.sources.github.tests.world import Row, World, at, scope, served
from tformance.sources.tests.lent import Lent

PULLS = SOURCE.stream("pull_requests")


def read(sandbox: Sandbox, session: Lent | None = None) -> list[PullRequestRecord]:
    where = scope(sandbox)
    records: list[PullRequestRecord] = []
    for page in PULLS.fetch(session or Lent(), where, Window(), None):
        assert page.skipped == ()
        records += PULLS.translate(where, page.items, now()).pull_requests
    return records


def giant(world: World) -> Row:
    pull = world.pull()
    for place in range(251):
        world.commit(pull, message=f"Commit {place}")
    for place in range(3000):
        world.file(pull, f"src/{place}.py")
    pull |= {"changed_files": 3400, "files_total": 3400}
    for place in range(230):
        world.review(pull, body=f"Review {place}")
        world.comment(pull, body=f"Remark {place}")
        world.check(pull, name=f"Check {place}", status="COMPLETED", conclusion="SUCCESS")
        world.event(pull, "ReviewRequestedEvent", requested_reviewer="bob", created_at=at(2 + place))
    for place in range(47):
        world.thread(pull, replies=1 + place)
    return pull


def counts(record: PullRequestRecord) -> dict[str, tuple[int, int]]:
    names = ("reviews", "threads", "comments", "commits", "files", "checks", "events")
    sets: dict[str, ChildSet[object]] = {name: getattr(record, name) for name in names}
    return {name: (len(each.items), each.total) for name, each in sets.items()}


def test_what_does_not_fit_the_first_page_is_read_to_its_end(tmp_path: Path) -> None:
    world = World()
    giant(world)
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox)
    assert counts(record) == {
        "reviews": (230, 230),
        "threads": (47, 47),
        "comments": (230, 230),
        "commits": (251, 251),
        "files": (3000, 3400),
        "checks": (230, 230),
        "events": (481, 481),
    }
    assert record.threads is not None
    assert [len(thread.comments.items) for thread in record.threads.items] == list(range(1, 48))
    assert all(thread.comments.complete for thread in record.threads.items)


def test_order_is_kept_across_pages(tmp_path: Path) -> None:
    world = World()
    giant(world)
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox)
    assert record.commits
    assert record.reviews
    assert record.events
    assert [commit.message for commit in record.commits.items] == [f"Commit {place}" for place in range(251)]
    assert [review.body for review in record.reviews.items] == [f"Review {place}" for place in range(230)]
    assert [event.position for event in record.events.items] == list(range(481))


def test_files_beyond_githubs_limit_leave_the_set_incomplete(tmp_path: Path) -> None:
    world = World()
    giant(world)
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox)
    assert record.files is not None
    assert not record.files.complete


def test_many_statuses_of_a_deployment_are_all_read(tmp_path: Path) -> None:
    world = World()
    statuses = [{"id": f"DS_{place}", "state": "SUCCESS", "created_at": at(place)} for place in range(120)]
    stamps = {"created_at": at(0), "updated_at": at(120)}
    known = {"id": "DE_1", "database_id": 1, "repository_id": "R_shop", "commit_oid": "a" * 40, "creator": "ada"}
    world.add("deployments", **known, **stamps, statuses=statuses, state="ACTIVE")
    stream = SOURCE.stream("deployments")
    with served(world, tmp_path) as sandbox:
        [page] = stream.fetch(Lent(), scope(sandbox), Window(), None)
        [deployment] = stream.translate(scope(sandbox), page.items, now()).deployments
    assert (len(deployment.statuses.items), deployment.statuses.total) == (120, 120)


def test_ordinary_pull_requests_stay_within_the_budget(tmp_path: Path) -> None:
    """At most 0.15 requests and 0.4 points for each."""
    world = World()
    for place in range(500):
        pull = world.pull()
        for _ in range(3):
            world.commit(pull)
            world.file(pull, f"{place}.py")
        world.thread(pull, replies=11 if place % 50 == 0 else 2)
    session = Lent()
    with served(world, tmp_path) as sandbox:
        assert len(read(sandbox, session)) == 500
    assert session.requests <= 0.15 * 500
    assert session.points <= 0.4 * 500
