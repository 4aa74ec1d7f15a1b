"""Anything that can happen to pull requests within some weeks, and the same life once more or at another time."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tformance.facts.records import ActorRecord, PullRequestRecord, RepositoryPage
from tformance.facts.testing import (
    actor,
    at,
    check,
    comment,
    commit,
    comparison,
    deployed,
    event,
    file,
    linked_issue,
    open_pull_request,
    page,
    repository,
    review,
    thread,
    whole,
)
from tformance.measures.tests.conftest import merged

TRAILER = "Change\n\nCo-authored-by: Claude <noreply@anthropic.com>"
PEOPLE = [actor("ada"), actor("bob"), actor("dependabot", kind="bot"), actor("copilot-swe-agent", kind="bot")]
REVIEWERS = [actor("ann"), actor("grace"), actor("bob"), actor("coderabbitai", kind="bot")]
PATHS = ["src/shop/cart.py", "tests/test_shop.py", "uv.lock", "README.md"]


@st.composite
def histories(draw: st.DrawFn) -> list[RepositoryPage]:
    """One repository, in as many pages as it has pull requests, and what was deployed from it."""
    records = [draw(lives(number)) for number in range(1, draw(st.integers(0, 8)) + 1)]
    return [page(record) for record in records] + draw(deliveries(records))


@st.composite
def deliveries(draw: st.DrawFn, records: list[PullRequestRecord]) -> list[RepositoryPage]:
    """Some merges reach production one after the other, each with the one before it as what ran there."""
    ends = [record for record in records if record.merged_at]
    chosen = [record.number for record in ends if draw(st.booleans())]
    hours = [draw(st.integers(0, 1200)) for _ in chosen]
    shipped = tuple(deployed(key, key, hour) for key, hour in zip(chosen, sorted(hours), strict=True))
    compared = tuple(comparison(one, other, other) for one, other in pairwise(chosen))
    return [page(deployments=shipped, comparisons=compared)] if shipped else []


@st.composite
def lives(draw: st.DrawFn, number: int) -> PullRequestRecord:
    opened = draw(st.integers(0, 700))
    hours = st.integers(opened - 30, opened + 300)
    message, written = draw(st.sampled_from(["x", TRAILER])), draw(st.sampled_from([PEOPLE[0], *REVIEWERS[1:3]]))
    fields: dict[str, Any] = {
        "author": draw(st.sampled_from(PEOPLE)),
        "labels": draw(st.sampled_from([(), ("bug",), ("bug", "urgent")])),
        "base_ref": draw(st.sampled_from(["main", "next"])),
        "commits": whole([commit(number, author=written, authored_at=at(draw(hours)), message=message)]),
        "files": whole(
            [file(path, additions=draw(st.integers(0, 300))) for path in draw(st.sets(st.sampled_from(PATHS)))]
        ),
        "linked_issues": draw(st.sampled_from([None, whole([]), whole([linked_issue(number)])])),
        **draw(words(number, opened)),
        **draw(runs(number, opened)),
    }
    if draw(st.booleans()):
        return merged(number, draw(st.integers(opened, opened + 300)), opened=opened, **fields)
    times = {"opened_at": at(opened), "updated_at": at(opened + 300)}
    if draw(st.booleans()):
        return open_pull_request(number, **times, **fields)
    closed = at(draw(st.integers(opened, opened + 300)))
    return open_pull_request(number, state="closed", closed_at=closed, **times, **fields)


@st.composite
def words(draw: st.DrawFn, number: int, opened: int) -> dict[str, Any]:
    """What people and bots say about it."""
    hours = st.integers(opened, opened + 300)
    said = [
        review(
            number * 10 + key,
            author=draw(st.sampled_from(REVIEWERS)),
            state=draw(st.sampled_from(["approved", "commented", "changes_requested"])),
            submitted_at=at(draw(hours)),
        )
        for key in range(draw(st.integers(0, 3)))
    ]
    begun = comment(number * 10, kind="review", created_at=at(draw(hours)), author=draw(st.sampled_from(REVIEWERS)))
    threads = [thread(number, is_resolved=draw(st.booleans()), comments=whole([begun]))] if draw(st.booleans()) else []
    remarks = [comment(number * 10 + 1, created_at=at(draw(hours)), author=draw(st.sampled_from(REVIEWERS)))]
    return {"reviews": whole(said), "threads": whole(threads), "comments": whole(remarks)}


@st.composite
def runs(draw: st.DrawFn, number: int, opened: int) -> dict[str, Any]:
    """Checks and events."""
    hours = st.integers(opened - 30, opened + 300)
    results = st.sampled_from(["success", "failure", "skipped"])
    checks = [
        check(number * 10 + key, conclusion=draw(results), started_at=at(opened), completed_at=at(opened + 1))
        for key in range(draw(st.integers(0, 2)))
    ]
    ready = event(number * 10, kind="ready_for_review", occurred_at=at(draw(hours)))
    pushed = event(number * 10 + 1, kind="commit", occurred_at=at(draw(hours)), after=commit(number).sha)
    return {"checks": whole(checks), "events": whole([ready, pushed])}


def changed(value: Any, rule: Any) -> Any:
    """The same records with a rule applied to every (name, value) in them; accounts stay who they are."""
    if isinstance(value, tuple):
        return tuple(changed(item, rule) for item in value)
    if isinstance(value, ActorRecord) or not hasattr(value, "__dataclass_fields__"):
        return value
    fields = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return replace(value, **{name: rule(name, changed(field, rule)) for name, field in fields.items()})


def later(record: Any, by: timedelta) -> Any:
    """The same life at another time."""
    return changed(record, lambda _, value: value + by if isinstance(value, datetime) else value)


def again(pages: list[RepositoryPage], name: str) -> list[RepositoryPage]:
    """The same lives in another repository, in which everything is another thing."""

    def other(field: str, value: Any) -> Any:
        if field in ("provider_id", "run_id") and value:
            return value + 1_000_000
        if field == "node_id" and value:
            return f"{value}-{name}"
        if field in ("sha", "head_sha", "merge_sha", "base_sha", "after", "before") and value:
            return "f" + value[1:]
        return tuple("f" + sha[1:] for sha in value) if field == "shas" else value

    return [replace(changed(each, other), repository=repository(name)) for each in pages]
