"""Pages of an even, dull organisation for measuring: two years, 200 people, the same number of children everywhere.

Per pull request: 2 reviews, 3 commits, 4 files, 3 checks, 3 comments of which two are a thread. Nothing here is checked
against a truth.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from tformance.facts import testing as facts
from tformance.facts.records import (
    ActorRecord,
    EventRecord,
    PullRequestRecord,
    RepositoryPage,
    RepositoryRecord,
    ThreadRecord,
)

PEOPLE, REPOSITORIES, DAYS, PAGE = 200, 40, 730, 100
TOPS = ("src", "src", "tests", "docs")
LABELS = ("bug", "feature", "chore", "docs")
MARK = "\n\nCo-authored-by: Claude <noreply@anthropic.com>"


def pages(first: int, last: int, now: datetime) -> Iterator[RepositoryPage]:
    """Pull requests `first` to `last - 1`, a hundred a page; asking for other numbers adds other ones."""
    for start in range(first, last, PAGE):
        home = _home(start // PAGE % REPOSITORIES)
        pulls = tuple(pull(key, now) for key in range(start, min(start + PAGE, last)))
        yield RepositoryPage(repository=home, fetched_at=now, pull_requests=pulls)


def _home(number: int) -> RepositoryRecord:
    return facts.repository(f"bench/repository-{number}", provider_id=number + 1, node_id=f"R_{number}")


def _person(number: int) -> ActorRecord:
    return facts.actor(f"person-{number}", provider_id=number + 1, name=f"Person {number:03}")


def pull(key: int, now: datetime) -> PullRequestRecord:
    """One pull request; everything about it follows from its key."""
    chance = Random(key)
    opened = now - timedelta(days=chance.uniform(0, DAYS))
    reviewed = opened + timedelta(hours=chance.lognormvariate(1.5, 1))
    merged = reviewed + timedelta(hours=chance.lognormvariate(2, 1))
    is_merged = merged < now and chance.random() < 0.9
    state = "merged" if is_merged else "closed" if chance.random() < 0.8 else "open"
    author, reviewer = _person(key % PEOPLE), _person((key + 1 + key // PEOPLE) % PEOPLE)
    ended = min(merged, now)
    return facts.pull_request(
        key,
        author=author,
        state=state,
        base_ref="main" if key % 10 else "release",
        labels=(LABELS[key % len(LABELS)],) if key % 3 else (),
        title=f"Change {key} of the {chance.choice(('ledger', 'gate', 'search', 'export', 'queue'))}",
        body="What and why. " * 60,
        opened_at=opened,
        updated_at=ended,
        closed_at=None if state == "open" else ended,
        merged_at=merged if is_merged else None,
        merge_sha=f"f{key:039x}" if is_merged else None,  # no commit of another one
        reviews=facts.whole(
            [
                facts.review(key * 2 + n, author=reviewer, submitted_at=min(reviewed + timedelta(hours=n), ended))
                for n in range(2)
            ]
        ),
        comments=facts.whole([facts.comment(key * 3, author=reviewer, created_at=reviewed)]),
        threads=facts.whole([_thread(key, reviewer, author, reviewed)]),
        events=facts.whole(_asked(key, reviewer, opened) if state == "open" else []),
        commits=facts.whole([_commit(key * 3 + n, opened, author, chance) for n in range(3)]),
        files=facts.whole(
            [
                facts.file(f"{TOPS[n]}/area{key % 60}/file{n}-{key % 500}.py", additions=chance.randrange(80))
                for n in range(4)
            ]
        ),
        checks=facts.whole([facts.check(key * 3 + n, started_at=opened, completed_at=opened) for n in range(3)]),
    )


def _commit(key: int, opened: datetime, author: ActorRecord, chance: Random) -> object:
    at = opened - timedelta(hours=chance.uniform(0, 8))
    message = f"Change {key}" + (MARK if chance.random() < 0.15 else "")
    return facts.commit(key, author=author, authored_at=at, committed_at=at, message=message)


def _thread(key: int, reviewer: ActorRecord, author: ActorRecord, at: datetime) -> ThreadRecord:
    remarks = [
        facts.comment(key * 3 + 1, kind="review", author=reviewer, created_at=at),
        facts.comment(
            key * 3 + 2,
            kind="review",
            author=author,
            created_at=at + timedelta(hours=1),
            in_reply_to=key * 3 + 1,
        ),
    ]
    return facts.thread(key, path=f"src/area{key % 60}/file0-{key % 500}.py", comments=facts.whole(remarks))


def _asked(key: int, reviewer: ActorRecord, at: datetime) -> list[EventRecord]:
    return [facts.event(key, kind="review_requested", subject=reviewer.login, occurred_at=at)]
