"""Whatever the order of readings, however often and in however many parts they come, the facts are the same."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tformance.facts import testing as t
from tformance.facts.records import ActorRecord, ChildSet, PullRequestRecord, RepositoryPage
from tformance.facts.tests.dump import dump

SETS = ("reviews", "threads", "comments", "commits", "files", "checks", "events")
slugs = (f"team-{number}" for number in itertools.count())

pytestmark = pytest.mark.django_db
# Without shrinking: it would repeat slow database work for minutes.
quick = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def accounts(seen_at: int) -> list[ActorRecord]:
    """The same accounts at a later time: one was renamed, one turned out to be a bot."""
    return [
        t.actor("ada"),
        t.actor("grace" if seen_at < 3 else "hopper", provider_id=7, name="Grace" if seen_at < 2 else "Admiral"),
        t.actor("helper", kind="user" if seen_at < 2 else "bot"),
        t.actor("dependabot", kind="bot"),
    ]


@st.composite
def readings(draw: st.DrawFn) -> tuple[RepositoryPage, ...]:
    """Up to four complete pages with up to three pull requests that change between them."""
    times = draw(st.lists(st.integers(0, 4), min_size=1, max_size=4, unique=True))
    return tuple(draw(pages(time)) for time in sorted(times))


@st.composite
def pages(draw: st.DrawFn, time: int) -> RepositoryPage:
    numbers = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
    records = tuple(draw(pull_requests(number, time)) for number in numbers)
    state = draw(st.sampled_from(["in_progress", "success"]))
    deployment = t.deployment(1, state=state, updated_at=t.at(draw(st.integers(0, time))), creator=accounts(time)[0])
    repository = t.repository(f"acme/shop-{time}", provider_id=5, node_id="R_5")
    return t.page(*records, repository=repository, fetched_at=t.at(100 + time), deployments=(deployment,))


@st.composite
def pull_requests(draw: st.DrawFn, number: int, time: int) -> PullRequestRecord:
    who = st.sampled_from(accounts(time))
    changed_at = t.at(draw(st.integers(0, time)))
    # Since when a thread is resolved only messages tell, and these do not lag behind what they tell of.
    lags = changed_at < t.at(time)
    since = st.none() if lags else st.sampled_from([None, t.at(time)])
    # Of words only the time of asking is kept: one that lags and has a thread still open would be taken for the latest.
    resolved = st.just(True) if lags else st.booleans()
    keys = st.lists(st.integers(1, 3), max_size=3, unique=True)

    def children(build: Any, **fields: st.SearchStrategy[Any]) -> ChildSet[Any] | None:
        if draw(st.integers(0, 4)) == 0:
            return None
        # Nobody remembers what was told of a thread before it was away for a while.
        chosen = [number * 10 + key for key in ((1, 2) if "is_resolved" in fields else draw(keys))]
        return t.whole([build(key, **{name: draw(value) for name, value in fields.items()}) for key in chosen])

    return t.pull_request(
        number,
        author=draw(who),
        author_association=draw(st.sampled_from(["MEMBER", "NONE"])),
        title=draw(st.sampled_from(["One", "Two"])),
        updated_at=changed_at,
        reviews=children(t.review, author=who, state=st.sampled_from(["approved", "dismissed", "commented"])),
        threads=children(thread_of(draw), is_resolved=resolved, resolved_at=since),
        comments=children(t.comment, author=who, body=st.sampled_from(["Yes.", "No."])),
        commits=children(
            lambda key: t.commit(1 + key % 4, additions=draw(st.sampled_from([None, 7])), author=draw(st.none() | who))
        ),
        files=children(lambda key, **fields: t.file(f"src/{key}.py", **fields), additions=st.integers(0, 2)),
        checks=children(t.check, conclusion=st.sampled_from(["success", "failure"])),
        events=children(t.event, kind=st.sampled_from(["ready_for_review", "convert_to_draft"]), actor=who),
    )


def thread_of(draw: st.DrawFn) -> Any:
    def build(key: int, **fields: Any) -> Any:
        replies = [t.comment(key * 10 + reply, kind="review") for reply in range(draw(st.integers(0, 2)))]
        return t.thread(key, comments=t.whole(replies), **fields)

    return build


def cut(page: RepositoryPage, chance: random.Random) -> Iterator[RepositoryPage]:
    """The same page in parts: fewer pull requests each, and of each some of its children at a time."""
    for record in page.pull_requests:
        for part in parts(record, chance):
            yield replace(page, pull_requests=(part,), deployments=())
    yield replace(page, pull_requests=())


def parts(record: PullRequestRecord, chance: random.Random) -> Iterator[PullRequestRecord]:
    """The pull request alone and twice with a part of each child set."""
    yield replace(record, **dict.fromkeys(SETS))
    for half in zip(*(halves(getattr(record, name), chance) for name in SETS), strict=True):
        yield replace(record, **dict(zip(SETS, half, strict=True)))


def halves(children: ChildSet[Any] | None, chance: random.Random) -> tuple[ChildSet[Any] | None, ChildSet[Any] | None]:
    if children is None:
        return None, None
    middle = chance.randint(0, len(children.items))
    first = ChildSet(children.items[:middle], children.total)
    return first, ChildSet(children.items[middle:], children.total, offset=middle)


def different(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: (rows, other[name]) for name, rows in one.items() if rows != other[name]}


@quick
@given(found=readings(), chance=st.randoms(use_true_random=False))
def test_any_order_repetition_and_cut_gives_the_same_facts(
    db: None, found: tuple[RepositoryPage, ...], chance: random.Random
) -> None:
    plain, other = t.team(next(slugs)), t.team(next(slugs))
    t.write(plain, *found)
    shuffled = [piece for page in found for piece in cut(page, chance)] + [*found[: chance.randint(0, len(found))]]
    chance.shuffle(shuffled)
    t.write(other, *shuffled)
    assert different(dump(other), dump(plain)) == {}


@quick
@given(found=readings())
def test_the_same_again_changes_nothing(db: None, found: tuple[RepositoryPage, ...]) -> None:
    team = t.team(next(slugs))
    t.write(team, *found)
    before = dump(team)
    assert t.write(team, *found).rows == 0
    assert dump(team) == before


@quick
@given(found=readings(), chance=st.randoms(use_true_random=False))
def test_the_newest_reading_holds(db: None, found: tuple[RepositoryPage, ...], chance: random.Random) -> None:
    """What is stored in the end is what the newest reading of each pull request alone would give."""
    team, alone = t.team(next(slugs)), t.team(next(slugs))
    shuffled = list(found)
    chance.shuffle(shuffled)
    t.write(team, *shuffled)
    newest: dict[int, tuple[tuple[datetime, datetime], RepositoryPage, PullRequestRecord]] = {}
    for page in found:
        for record in page.pull_requests:
            version = (record.updated_at, page.fetched_at)
            if record.provider_id not in newest or version > newest[record.provider_id][0]:
                newest[record.provider_id] = version, page, record
    t.write(alone, *(replace(page, pull_requests=(record,)) for _, page, record in newest.values()))
    titles = [[row[:20] for row in dump(which)["PullRequest"]] for which in (team, alone)]
    assert titles[0] == titles[1]
