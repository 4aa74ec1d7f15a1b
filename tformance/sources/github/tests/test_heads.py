"""Checks of every commit that was a pull request's head: complete, and cheap."""

from pathlib import Path

from tformance.core.clock import now
from tformance.facts.records import HeadChecks, PullRequestRecord
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import ScopeRef, Window
from tformance.sources.github.source import SOURCE
from tformance.sources.github.tests.scripted import Reply, scripted
from tformance.sources.github.tests.world import Row, World, at, scope, served
from tformance.sources.tests.lent import Lent

PULLS = SOURCE.stream("pull_requests")
HEAD_CHECKS = SOURCE.stream("head_checks")


def checked(world: World, pull: Row, sha: str, name: str = "test") -> Row:
    return world.check(pull, name=name, status="COMPLETED", conclusion="SUCCESS", app="ci", commit_oid=sha)


def read(sandbox: Sandbox, session: Lent, *ids: str, every_head: bool = True) -> list[PullRequestRecord]:
    where = ScopeRef(sandbox.url, "acme/shop", "R_shop", reads_every_head=every_head)
    assert PULLS.fetch_ids
    page = PULLS.fetch_ids(session, where, ids)
    assert page.skipped == ()
    return list(PULLS.translate(where, page.items, now()).pull_requests)


def names(heads: tuple[HeadChecks, ...] | None) -> dict[str, list[str]]:
    assert heads is not None
    return {head.head_sha: [check.name for check in head.checks.items] for head in heads}


def pushed_often() -> tuple[World, list[str]]:
    """Four commits of which the second has no check, and one that was force-pushed away."""
    world = World()
    pull = world.pull()
    shas = [world.commit(pull)["oid"] for _ in range(4)]
    lost = "f" * 40
    world.event(pull, "HeadRefForcePushedEvent", before_oid=lost, after_oid=shas[0])
    for sha in (shas[0], shas[2], shas[3], lost):
        checked(world, pull, sha)
    world.check(pull, context="legacy", state="FAILURE", commit_oid=shas[0])
    return world, [*shas, lost]


def test_every_commit_with_a_check_counts_also_one_that_was_pushed_away(tmp_path: Path) -> None:
    world, shas = pushed_often()
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox, Lent(), "PR_1")
    assert names(record.earlier_heads) == {shas[0]: ["test", "legacy"], shas[2]: ["test"], shas[4]: ["test"]}
    assert record.checks is not None
    assert {check.head_sha for check in record.checks.items} == {shas[3]}


def test_earlier_heads_that_are_not_wanted_are_not_known(tmp_path: Path) -> None:
    world, _ = pushed_often()
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox, Lent(), "PR_1", every_head=False)
    assert record.earlier_heads is None


def test_one_pull_request_with_every_head_costs_two_requests(tmp_path: Path) -> None:
    world, _ = pushed_often()
    session = Lent()
    with served(world, tmp_path) as sandbox:
        read(sandbox, session, "PR_1")
    assert (session.requests, session.points) == (2, 2)


def test_many_commits_with_many_checks_are_all_read(tmp_path: Path) -> None:
    world = World()
    pull = world.pull()
    shas = [world.commit(pull)["oid"] for _ in range(240)]
    for sha in shas:
        checked(world, pull, sha)
    for place in range(130):
        checked(world, pull, shas[7], f"more {place}")
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox, Lent(), "PR_1")
    assert record.earlier_heads is not None
    assert [head.head_sha for head in record.earlier_heads] == shas[:-1]
    assert [len(head.checks.items) for head in record.earlier_heads] == [131 if n == 7 else 1 for n in range(239)]
    assert all(head.checks.complete for head in record.earlier_heads)


def crowd(count: int) -> World:
    world = World()
    for place in range(count):
        pull = world.pull()
        for _ in range(4):
            checked(world, pull, world.commit(pull)["oid"])
        world.file(pull, f"{place}.py")
        world.thread(pull, replies=11 if place % 50 == 0 else 2)
    return world


def walk(sandbox: Sandbox, session: Lent, every_head: bool) -> int:
    where = ScopeRef(sandbox.url, "acme/shop", "R_shop", reads_every_head=every_head)
    return sum(len(page.items) for page in PULLS.fetch(session, where, Window(), None))


def test_every_head_costs_little_more_than_the_last(tmp_path: Path) -> None:
    """At most 0.15 requests and 0.4 points for each without, at most 0.6 points more with the checks of every head."""
    plain, deep = Lent(), Lent()
    with served(crowd(300), tmp_path) as sandbox:
        assert walk(sandbox, plain, every_head=False) == walk(sandbox, deep, every_head=True) == 300
    assert plain.requests <= 0.15 * 300
    assert plain.points <= 0.4 * 300
    assert deep.requests <= 0.15 * 300
    assert deep.points - plain.points <= 0.1 * 300


def test_heads_alone_are_read_for_history(tmp_path: Path) -> None:
    session = Lent()
    with served(crowd(50), tmp_path) as sandbox:
        where = scope(sandbox)
        pages = list(HEAD_CHECKS.fetch(session, where, Window(), None))
        heads = [head for page in pages for head in HEAD_CHECKS.translate(where, page.items, now()).heads]
        [whole] = read(sandbox, Lent(), "PR_50")
    assert [head.provider_id for head in heads] == [3_000_000_000 + number for number in range(50, 0, -1)]
    assert heads[0].earlier_heads == whole.earlier_heads
    assert all(len(head.earlier_heads) == 3 for head in heads)
    assert session.requests == 5
    assert session.points <= 0.2 * 50


def test_checks_of_one_commit_are_read_by_its_sha_also_where_the_pull_request_lost_it(tmp_path: Path) -> None:
    world, shas = pushed_often()
    lost, unknown = "e" * 40, "d" * 40
    for place in range(130):
        checked(world, world.rows["pull_requests"][0], lost, f"late {place}")
    asked = (f"PR_1@{lost}", f"PR_1@{shas[1]}", "PR_1", f"PR_1@{unknown}", f"PR_9@{lost}")
    assert HEAD_CHECKS.fetch_ids
    with served(world, tmp_path) as sandbox:
        where = scope(sandbox)
        page = HEAD_CHECKS.fetch_ids(Lent(), where, asked)
        found, without, whole = HEAD_CHECKS.translate(where, page.items, now()).heads
    assert [item["id"] for item in page.items] == list(asked[:3])
    assert len(names(found.earlier_heads)[lost]) == 130
    assert names(without.earlier_heads) == {shas[1]: []}
    assert set(names(whole.earlier_heads)) == {shas[0], shas[2], shas[4]}
    assert [(skipped.item, skipped.is_gone) for skipped in page.skipped] == [(key, True) for key in asked[3:]]


def test_a_walk_over_heads_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with served(crowd(60), tmp_path) as sandbox:
        where = scope(sandbox)
        pages = list(HEAD_CHECKS.fetch(Lent(), where, Window(), None))
        rest = list(HEAD_CHECKS.fetch(Lent(), where, Window(), pages[0].cursor))
    assert [item["id"] for page in rest for item in page.items] == [
        item["id"] for page in pages[1:] for item in page.items
    ]


def test_heads_that_are_too_much_for_github_are_asked_for_apart(tmp_path: Path) -> None:
    world = crowd(60)
    with served(world, tmp_path) as sandbox:
        expected = read(sandbox, Lent(), *[f"PR_{number}" for number in range(1, 61)])
    with served(world, tmp_path, "max_page=30") as sandbox:
        session = Lent()
        assert read(sandbox, session, *[f"PR_{number}" for number in range(1, 61)]) == expected
        assert session.memory["size of heads"]["size"] <= 50


def test_checks_that_may_not_be_read_are_not_known(tmp_path: Path) -> None:
    """The pull request comes with everything else."""
    world, _ = pushed_often()
    with served(world, tmp_path) as sandbox:
        assert PULLS.fetch_ids
        item = PULLS.fetch_ids(Lent(), scope(sandbox), ("PR_1",)).items[0]
    details = {key: value for key, value in item.items() if key not in ("earlier", "denied", "head", "files")}
    head = {"nodes": [{"commit": {**item["head"]["nodes"][0]["commit"], "statusCheckRollup": None}}]}
    heavy = {"id": "PR_1", "files": item["files"], "closingIssuesReferences": None, "head": head}
    budget = {"cost": 1, "remaining": 9, "resetAt": "2026-11-20T13:00:00Z"}
    refused = {"type": "FORBIDDEN", "message": "Resource not accessible by personal access token"}
    path = ["nodes", 0, "head", "nodes", 0, "commit", "statusCheckRollup"]
    errors = [refused | {"path": path}, refused | {"path": ["nodes", 0, "closingIssuesReferences"]}]
    answer = {"data": {"rateLimit": budget, "nodes": [heavy], "heads": []}, "errors": errors}
    with scripted(Reply(body={"data": {"rateLimit": budget, "nodes": [details]}}), Reply(body=answer)) as server:
        where = ScopeRef(server.url, "acme/shop", "R_shop", reads_every_head=False)
        page = PULLS.fetch_ids(Lent(), where, ("PR_1",))
    [record] = PULLS.translate(where, page.items, now()).pull_requests
    assert (record.checks, record.linked_issues) == (None, None)
    assert record.commits is not None
    assert record.commits.complete
    assert record.files is not None


def test_a_dismissed_review_says_when_and_what_it_was(tmp_path: Path) -> None:
    world = World()
    pull = world.pull()
    dismissed, standing = (world.review(pull, state=state) for state in ("DISMISSED", "APPROVED"))
    said = {"review_id": dismissed["id"], "created_at": at(5)}
    world.event(pull, "ReviewDismissedEvent", previous_review_state="CHANGES_REQUESTED", **said)
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox, Lent(), "PR_1")
    assert record.reviews is not None
    by_id = {review.node_id: review for review in record.reviews.items}
    assert by_id[dismissed["id"]].dismissed_from == "changes_requested"
    assert by_id[dismissed["id"]].dismissed_at is not None
    assert (by_id[standing["id"]].dismissed_from, by_id[standing["id"]].dismissed_at) == ("", None)


def test_issues_and_labels_beyond_the_first_page_are_all_read(tmp_path: Path) -> None:
    world = World()
    world.pull(
        labels=[f"label {place}" for place in range(130)],
        closing_issues=[f"acme/shop#{number}" for number in range(1, 26)],
    )
    with served(world, tmp_path) as sandbox:
        [record] = read(sandbox, Lent(), "PR_1")
    assert record.labels == tuple(f"label {place}" for place in range(130))
    assert record.linked_issues is not None
    assert [issue.number for issue in record.linked_issues.items] == list(range(1, 26))
    assert {issue.repository for issue in record.linked_issues.items} == {"acme/shop"}
    assert record.linked_issues.complete
