"""GitHub's words in ours, with the odd cases of real repositories."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tformance.core.clock import now
from tformance.facts.records import GHOST, ActorRecord, PullRequestRecord
from tformance.sources.contract import ScopeRef, Window
from tformance.sources.github import translate
from tformance.sources.github.source import SOURCE
from tformance.sources.github.tests.world import START, Row, World, at, scope, served
from tformance.sources.github.values import actor, instant, number
from tformance.sources.tests.lent import Lent

PULLS = SOURCE.stream("pull_requests")
DEVLAKE = Path(__file__).parents[5] / "shared" / "data" / "devlake" / "github_graphql" / "raw_json"


def record(world: World, folder: Path) -> PullRequestRecord:
    """The world's first pull request, down the whole road."""
    assert PULLS.fetch_ids is not None
    with served(world, folder) as sandbox:
        page = PULLS.fetch_ids(Lent(), scope(sandbox), ("PR_1",))
        [found] = PULLS.translate(scope(sandbox), page.items, page.fetched_at).pull_requests
    return found


def test_a_pull_request_keeps_its_words_and_times(tmp_path: Path) -> None:
    world = World()
    pull = world.pull(
        title="Fix 🚀 «naïve» sort", body="Körper\r\n", state="MERGED", labels=["bug", "größer"], merged_by="bob"
    )
    world.commit(pull)
    pull |= {"merged_at": at(9), "closed_at": at(9), "merge_commit_oid": "f" * 40}
    found = record(world, tmp_path)
    assert (found.title, found.body, found.state) == ("Fix 🚀 «naïve» sort", "Körper\r\n", "merged")
    assert (found.provider_id, found.node_id, found.number) == (3_000_000_001, "PR_1", 1)
    assert (found.opened_at, found.merged_at) == (START + timedelta(hours=1), START + timedelta(hours=9))
    assert found.labels == ("bug", "größer")
    assert found.author == ActorRecord(1, "ada", "user", "U_ada", "Ada Ünal 🦊")
    assert found.merged_by == ActorRecord(2, "bob", "user", "U_bob", "")
    assert (found.merge_sha, found.head_sha) == ("f" * 40, pull["head_ref_oid"])


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        (None, GHOST),
        ("dependabot", ActorRecord(3, "dependabot", "bot", "BOT_1", "")),
        ("old-bob", ActorRecord(4, "old-bob", "mannequin", "M_old", "")),
        ("corp", ActorRecord(5, "corp", "user", "O_corp", "Corp")),
    ],
)
def test_authors_of_every_kind(tmp_path: Path, login: str | None, expected: ActorRecord) -> None:
    world = World()
    world.pull(author=login)
    assert record(world, tmp_path).author == expected


def account(**given: Any) -> Row:
    return {"__typename": "User", "id": "U_1", "login": "ada", "databaseId": 1, "name": None, **given}


def test_a_bots_suffix_is_not_part_of_its_login() -> None:
    assert actor(account(__typename="Bot", login="renovate[bot]")).login == "renovate"


def test_the_account_called_ghost_is_the_ghost() -> None:
    assert actor(account(login="ghost", databaseId=10137)) == GHOST


def test_accounts_without_a_number_stay_apart() -> None:
    first = actor({"__typename": "EnterpriseUserAccount", "id": "EUA_1", "login": "ada"})
    second = actor({"__typename": "EnterpriseUserAccount", "id": "EUA_2", "login": "bob"})
    assert first.provider_id != second.provider_id
    assert first.provider_id < 0 > second.provider_id
    assert number(None, "EUA_1") == first.provider_id >= -(2**63)


def test_instants_are_utc() -> None:
    assert instant("2026-11-20T12:00:00Z") == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert instant("2026-11-20T14:00:00+02:00").tzinfo is UTC


def test_a_fork_that_was_deleted_leaves_a_branch_name(tmp_path: Path) -> None:
    world = World()
    world.pull(is_cross_repository=True, head_ref_name="patch-1")
    found = record(world, tmp_path)
    assert (found.is_cross_repository, found.head_ref) == (True, "patch-1")


def test_a_pull_request_without_anything_has_complete_empty_sets(tmp_path: Path) -> None:
    world = World()
    world.pull()
    found = record(world, tmp_path)
    for children in (
        found.reviews,
        found.threads,
        found.comments,
        found.commits,
        found.files,
        found.checks,
        found.events,
    ):
        assert children is not None
        assert (children.items, children.total, children.complete) == ((), 0, True)


@pytest.mark.parametrize(
    ("parents", "authored", "expected"),
    [(["a", "b"], 9, "merge"), (["a"], 9, "squash"), (["a"], 1, "rebase")],
)
def test_how_it_was_merged_follows_from_the_merge_commit(
    tmp_path: Path, parents: list[str], authored: int, expected: str
) -> None:
    world = World()
    pull = world.pull(state="MERGED", merged_at=at(9), closed_at=at(9), merge_commit_oid="f" * 40)
    world.commit(pull)
    elsewhere = world.pull()
    world.commit(elsewhere, oid="f" * 40, parents=parents, authored_date=at(authored))
    assert record(world, tmp_path).merge_kind == expected


def test_a_commit_names_its_author_even_without_an_account(tmp_path: Path) -> None:
    world = World()
    pull = world.pull()
    world.commit(pull, author=None, author_name="Eve", author_email="eve@example.org")
    world.commit(pull, parents=["a" * 40, "b" * 40], message="Merge branch 'main'\n")
    commits = record(world, tmp_path).commits
    assert commits is not None
    plain, merge = commits.items
    assert (plain.author, plain.author_name, plain.author_email) == (None, "Eve", "eve@example.org")
    assert (plain.is_merge, merge.is_merge) == (False, True)
    assert merge.author == ActorRecord(1, "ada", "user", "U_ada", "Ada Ünal 🦊")


def test_a_pending_review_has_no_time(tmp_path: Path) -> None:
    world = World()
    world.review(world.pull(), state="PENDING", submitted_at=None, author=None)
    reviews = record(world, tmp_path).reviews
    assert reviews is not None
    assert [(each.state, each.submitted_at, each.author) for each in reviews.items] == [("pending", None, GHOST)]


def test_replies_name_the_remark_they_answer(tmp_path: Path) -> None:
    world = World()
    pull = world.pull()
    world.thread(pull, replies=3, is_resolved=True, resolved_by="ada", line=None, is_outdated=True)
    threads = record(world, tmp_path).threads
    assert threads is not None
    [thread] = threads.items
    first, *replies = thread.comments.items
    assert (thread.is_resolved, thread.is_outdated, thread.line) == (True, True, None)
    assert thread.resolved_by is not None
    assert (first.in_reply_to, first.kind) == (None, "review")
    assert {reply.in_reply_to for reply in replies} == {first.provider_id}


def test_the_timeline_places_commits_among_force_pushes(tmp_path: Path) -> None:
    world = World()
    pull = world.pull()
    old = world.commit(pull, committed_date=at(1))
    new = world.commit(pull, committed_date=at(3))
    world.event(pull, "HeadRefForcePushedEvent", created_at=at(2), before_oid=old["oid"], after_oid=new["oid"])
    world.event(pull, "ReviewRequestedEvent", created_at=at(4), requested_reviewer="team:core")
    world.event(pull, "BaseRefChangedEvent", created_at=at(5), previous_ref_name="old", current_ref_name="main")
    world.event(pull, "ReadyForReviewEvent", created_at=at(6), actor=None)
    events = record(world, tmp_path).events
    assert events is not None
    said = [(event.kind, event.subject, event.before, event.after) for event in events.items]
    assert said == [
        ("commit", "", "", old["oid"]),
        ("head_ref_force_pushed", "", old["oid"], new["oid"]),
        ("commit", "", "", new["oid"]),
        ("review_requested", "core", "", ""),
        ("base_ref_changed", "", "old", "main"),
        ("ready_for_review", "", "", ""),
    ]
    assert [event.position for event in events.items] == list(range(6))
    assert events.items[-1].actor is None


def test_checks_are_those_of_the_last_commit(tmp_path: Path) -> None:
    world = World()
    pull = world.pull()
    world.commit(pull)
    world.check(pull, name="old", status="COMPLETED", conclusion="FAILURE")
    world.commit(pull)
    stamps = {"started_at": at(1), "completed_at": at(2)}
    world.check(pull, name="build", status="COMPLETED", conclusion="TIMED_OUT", app="github-actions", **stamps)
    world.check(pull, name="running", status="IN_PROGRESS", conclusion=None, started_at=at(1))
    world.check(pull, context="ci/legacy", state="ERROR", created_at=at(3))
    world.check(pull, context="ci/waiting", state="PENDING", created_at=at(4))
    checks = record(world, tmp_path).checks
    assert checks is not None
    found = {check.name: check for check in checks.items}
    assert set(found) == {"build", "running", "ci/legacy", "ci/waiting"}
    assert {check.head_sha for check in checks.items} == {pull["head_ref_oid"]}
    build, legacy, waiting = found["build"], found["ci/legacy"], found["ci/waiting"]
    assert (build.conclusion, build.app, build.status) == ("timed_out", "github-actions", "completed")
    assert (found["running"].conclusion, found["running"].completed_at) == (None, None)
    assert (legacy.run_id, legacy.conclusion, legacy.completed_at) == (None, "failure", START + timedelta(hours=3))
    assert (waiting.status, waiting.conclusion, waiting.completed_at) == ("pending", None, None)


def test_translating_takes_less_than_a_millisecond_each(tmp_path: Path) -> None:
    world = World()
    for _ in range(50):
        pull = world.pull()
        for place in range(4):
            world.commit(pull)
            world.file(pull, f"{place}.py")
            world.review(pull)
            world.check(pull, name="build", status="COMPLETED", conclusion="SUCCESS")
            world.thread(pull, replies=2)
    with served(world, tmp_path) as sandbox:
        items = [item for page in PULLS.fetch(Lent(), scope(sandbox), Window(), None) for item in page.items]
    started = time.process_time()
    PULLS.translate(scope(sandbox), tuple(items), now())
    assert time.process_time() - started < 0.001 * len(items)


@pytest.mark.skipif(not DEVLAKE.exists(), reason="needs the folder of real payloads beside the checkout")
def test_real_deployments_are_understood() -> None:
    lines = (DEVLAKE / "raw_github_graphql_deployment.jsonl").read_text().splitlines()
    for line in lines:
        said = json.loads(line)["data"]
        if "Statuses" not in said:
            continue  # recorded before statuses were asked for
        item = deployment(said)
        [found] = translate.deployments_page(ScopeRef("", said["Repository"]["Name"]), (item,), now()).deployments
        assert found.provider_id == said["DatabaseId"]
        assert found.sha == said["CommitOid"]
        assert (found.created_at.tzinfo, found.state) == (UTC, said["State"].lower())
        assert [status.state for status in found.statuses.items] == [
            s["state"].lower() for s in said["Statuses"]["nodes"]
        ]


def deployment(said: dict[str, Any]) -> dict[str, Any]:
    """The recording's names as GitHub's own; it lacks the repository's details, the creator and the status ids."""
    statuses = [{"id": "", "state": s["state"], "createdAt": s["updatedAt"]} for s in said["Statuses"]["nodes"]]
    home = {"id": said["Repository"]["Id"], "databaseId": None, "nameWithOwner": said["Repository"]["Name"]}
    return {
        **{name[0].lower() + name[1:]: value for name, value in said.items()},
        "ref": said["Ref"] and {"name": said["Ref"]["Name"]},
        "creator": None,
        "repository": {**home, "isPrivate": False, "isArchived": False, "defaultBranchRef": None},
        "statuses": {"totalCount": len(statuses), "nodes": statuses},
    }
