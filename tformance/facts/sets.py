"""The child sets of a pull request: as stored, as read, and what both together give. Pure.

Every kind of child has a set of its own, and the checks of each commit that is or was the head have one by its sha:
a reading of one head says nothing about the others.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from tformance.facts.actors import Actors
from tformance.facts.children import CHECKS, PLAIN, REPLIES, Place, Reply, Resolution, Table, Thread
from tformance.facts.merging import Children, Version, as_json, is_covered, merged, readings_from_json
from tformance.facts.records import (
    CheckRecord,
    ChildSet,
    HeadChecks,
    PullRequestRecord,
    Source,
    ThreadRecord,
)

# What a source always tells: with all of it a pull request is complete.
EXPECTED: Final[Mapping[Source, frozenset[str]]] = {
    "github": frozenset({"reviews", "threads", "comments", "commits", "files", "checks", "events"}),
    "git": frozenset({"commits"}),
}
_OPTIONAL: Final = "linked_issues"  # complete where it was asked for

Sets = dict[str, Children]


class News(NamedTuple):
    """A pull request as it was read, with checks of further heads; without a record only those were read."""

    record: PullRequestRecord | None
    heads: tuple[HeadChecks, ...]
    fetched_at: datetime
    repository_id: int

    @property
    def version(self) -> Version | None:
        return None if self.record is None else Version(self.record.updated_at, self.fetched_at)


@dataclass(frozen=True, slots=True)
class Read:
    """A child set as it was read: the items by key, and the provider's totals, by thread for replies."""

    items: dict[str, Any]
    totals: dict[str, int]
    version: Version


def checks_of(sha: str) -> str:
    return f"checks {sha}"


def stored_readings(head_sha: str, child_sets: Mapping[str, Any], head_sets: Mapping[str, Any]) -> Sets:
    """What two columns say of the sets, without the children."""
    plain = {checks_of(head_sha) if name == "checks" else name: known for name, known in child_sets.items()}
    plain |= {checks_of(sha): known for sha, known in head_sets.items()}
    return {name: Children(readings=readings_from_json(known)) for name, known in plain.items()}


def stored_sets(readings: Sets, children: Mapping[Table, Iterable[Any]], actors: Actors) -> Sets:
    """The sets with their children, from the rows by table."""
    items: dict[str, dict[str, Any]] = {}
    for table, rows in children.items():
        for _, row in rows:
            item = table.item(row, actors)
            name = checks_of(item.head_sha) if isinstance(item, CheckRecord) else table.of
            items.setdefault(name, {})[table.key(item)] = item
    sets = {name: replace(known, items=items.get(name, {})) for name, known in readings.items()}
    return sets | ({"threads": _with_open_threads(sets["threads"])} if "threads" in sets else {})


def _with_open_threads(threads: Children) -> Children:
    """Threads that are open were so when they were last read."""
    items = dict(threads.items)
    for key, item in threads.items.items():
        if isinstance(item, Thread) and not item.record.is_resolved:
            items[key] = item._replace(resolution=Resolution(_read_at(threads, key), None))
    return replace(threads, items=items)


def _read_at(children: Children, key: str) -> datetime:
    read = (known.version.fetched_at for known in children.readings if known.keys is None or key in known.keys)
    return max(read, default=children.readings[0].version.fetched_at)


def columns(sets: Sets, head_sha: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two columns are to say: of the final head's checks the first, of those of earlier heads the second."""
    plain = {name: as_json(children, _count(name, children)) for name, children in sets.items()}
    heads = {name.removeprefix("checks "): plain.pop(name) for name in sorted(plain) if name.startswith("checks ")}
    final = heads.pop(head_sha, None)
    return plain | ({} if final is None else {"checks": final}), heads


def _count(name: str, children: Children) -> int:
    """Replies live in their threads' set and are not counted as threads."""
    if name != "threads":
        return len(children.items)
    return sum(isinstance(item, Thread) for item in children.items.values())


def is_complete(sets: Sets, source: Source, head_sha: str) -> bool:
    names = {checks_of(head_sha) if name == "checks" else name for name in EXPECTED[source]}
    names |= sets.keys() & {_OPTIONAL}
    return all(name in sets and sets[name].is_complete for name in names)


def items_of(sets: Sets, kind: str) -> dict[str, Any]:
    """The children of a kind; of checks those of all heads."""
    if kind != "checks":
        return sets[kind].items if kind in sets else {}
    checks = [children.items for name, children in sets.items() if name.startswith("checks ")]
    return {key: item for items in checks for key, item in items.items()}


def tell_more(known: Sets, news: News) -> bool:
    """Whether what was read may change the sets; `known` needs no children."""
    return any(
        not is_covered(known.get(name, Children()), read.version) or _tells_of_resolution(known[name], read)
        for name, read in read_sets(news)
    )


def _tells_of_resolution(known: Children, read: Read) -> bool:
    """What an older reading says of when a thread was resolved holds until a newer one knows better."""
    is_the_same = any(old.version == read.version for old in known.readings)
    return not is_the_same and any(isinstance(item, Thread) and item.resolution for item in read.items.values())


def with_news(sets: Sets, news: News) -> Sets:
    result = dict(sets)
    for name, read in read_sets(news):
        before = result.get(name, Children())
        after = merged(before, read.items, read.totals, read.version)
        result[name] = _resolved(before, read, after) if name == "threads" else after
    return result


def _resolved(before: Children, read: Read, after: Children) -> Children:
    """Of all that was said about when a thread was resolved, or that it was not, the latest word holds."""
    threads = {key: item for key, item in after.items.items() if isinstance(item, Thread)}
    for key, thread in threads.items():
        said = [items[key].resolution for items in (before.items, read.items) if key in items]
        latest = max(filter(None, said), key=_knowledge, default=None)
        threads[key] = thread._replace(resolution=latest)
    return replace(after, items={**after.items, **threads})


def _knowledge(word: Resolution) -> tuple[datetime, bool]:
    return word.read_at, word.at is not None


def read_sets(news: News) -> Iterator[tuple[str, Read]]:
    """The child sets that were asked for, by name."""
    # A pull request is not changed by what happens to its checks, so only the time of asking tells which is newer.
    asked = Version(news.fetched_at, news.fetched_at)
    if news.record is not None:
        yield from _read_children(news.record, Version(news.record.updated_at, news.fetched_at), asked)
    for head in (*(news.record.earlier_heads or () if news.record else ()), *news.heads):
        yield checks_of(head.head_sha), _plain(CHECKS, head.checks, asked)


def _read_children(record: PullRequestRecord, version: Version, asked: Version) -> Iterator[tuple[str, Read]]:
    for table in PLAIN:
        children = getattr(record, table.of)
        if children is not None:
            yield table.of, _plain(table, children, version)
    if record.checks is not None:
        head = next((check.head_sha for check in record.checks.items), record.head_sha)
        yield checks_of(head), _plain(CHECKS, record.checks, asked)
    if record.commits is not None:
        places = enumerate(record.commits.items, start=record.commits.offset)
        items = {commit.sha: Place(commit.sha, position) for position, commit in places}
        yield "commits", Read(items, {"": record.commits.total}, version)
    if record.threads is not None:
        yield "threads", _read_threads(record.threads, version)


def _plain(table: Table, children: ChildSet[Any], version: Version) -> Read:
    return Read({table.key(item): item for item in children.items}, {"": children.total}, version)


def _read_threads(threads: ChildSet[ThreadRecord], version: Version) -> Read:
    items: dict[str, Any] = {}
    totals = {"": threads.total}
    for thread in threads.items:
        bare = replace(thread, comments=ChildSet((), thread.comments.total))
        items[thread.node_id] = Thread(bare, _resolution(thread, version.fetched_at))
        totals[thread.node_id] = thread.comments.total
        for reply in (Reply(comment, thread.node_id) for comment in thread.comments.items):
            items[REPLIES.key(reply)] = reply
    return Read(items, totals, version)


def _resolution(thread: ThreadRecord, fetched_at: datetime) -> Resolution | None:
    """Nothing where it is resolved and nobody says since when."""
    if thread.is_resolved and thread.resolved_at is None:
        return None
    return Resolution(fetched_at, thread.resolved_at if thread.is_resolved else None)
