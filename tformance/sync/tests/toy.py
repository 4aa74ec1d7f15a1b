"""A small source that keeps the whole contract, with a provider in memory that can be told to fail."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tformance.facts.records import ActorRecord, PullRequestRecord, RepositoryPage, RepositoryRecord
from tformance.sources.contract import (
    Allowance,
    Choice,
    Cursor,
    Inventory,
    Item,
    Page,
    ScopeRef,
    Session,
    Skipped,
    Source,
    Stream,
    Window,
)

Fault = Callable[["Provider"], None]


@dataclass
class Provider:
    """Pull requests by number with the instant of their last change; the two faults may raise or break things."""

    changed: dict[int, datetime] = field(default_factory=dict)
    before_page: Fault = lambda provider: None
    before_translation: Fault = lambda provider: None
    budget: Allowance | None = None
    page_size: int = 3
    requests: int = 0
    unreadable: frozenset[int] = frozenset()
    renamed_to: str = ""

    def fill(self, count: int, newest: datetime, apart: timedelta = timedelta(hours=12)) -> None:
        self.changed = {count - index: newest - index * apart for index in range(count)}

    def source(self) -> Source:
        return Source(
            id="toy",
            title="Toy",
            streams=(
                Stream("repository", "Repository", self._repository, self._translate),
                Stream(
                    "pull_requests",
                    "Pull requests",
                    self._pulls,
                    self._translate,
                    self._by_id,
                    self._inventory,
                    backfill="recent_first",
                ),
            ),
            identify=lambda session, api_url: session.secret(),
            choices=lambda session, api_url: iter([Choice("toys/one", "", False, None)]),
            pulse=self._pulse,
        )

    def _ask(self, session: Session) -> None:
        self.requests += 1
        session.spend(1, 2, self.budget)
        session.memory["asked"] = session.memory.get("asked", 0) + 1
        self.before_page(self)

    def _repository(self, session: Session, ref: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        self._ask(session)
        yield Page(({"id": f"R {ref.name}"},), session.clock(), None, seen=1, expected=1)

    def _pulls(self, session: Session, ref: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        numbers = self._in(window)
        at = cursor["at"] if cursor else 0
        while True:
            self._ask(session)
            some = numbers[at : at + self.page_size]
            at += len(some)
            yield Page(
                tuple(self._item(number) for number in some),
                session.clock(),
                {"at": at} if at < len(numbers) else None,
                max((self.changed[number] for number in numbers), default=None),
                seen=at,
                expected=len(numbers),
                total=len(self.changed),
            )
            if at >= len(numbers):
                return

    def _in(self, window: Window) -> list[int]:
        since, until = (
            window.since or datetime.min.replace(tzinfo=UTC),
            window.until or datetime.max.replace(tzinfo=UTC),
        )
        inside = [number for number, at in self.changed.items() if since <= at < until]
        return sorted(inside, key=lambda number: self.changed[number], reverse=True)

    def _by_id(self, session: Session, ref: ScopeRef, ids: tuple[str, ...]) -> Page:
        self._ask(session)
        there = [self._item(int(number)) for number in ids if int(number) in self.changed]
        gone = [Skipped(number, "Not there.", is_gone=True) for number in ids if int(number) not in self.changed]
        return Page(tuple(there), session.clock(), None, skipped=tuple(gone))

    def _inventory(self, session: Session, ref: ScopeRef, cursor: Cursor | None) -> Iterator[Inventory]:
        listed = sorted(self.changed.items())
        at = cursor["at"] if cursor else 0
        while True:
            self._ask(session)
            some = listed[at : at + self.page_size]
            at += len(some)
            following = {"at": at} if at < len(listed) else None
            yield Inventory(tuple((str(number), changed) for number, changed in some), following, len(listed))
            if following is None:
                return

    def _pulse(self, session: Session, ref: ScopeRef, marks: Mapping[str, datetime]) -> frozenset[str]:
        self._ask(session)
        newest = max(self.changed.values())
        return frozenset({"pull_requests"} if marks.get("pull_requests", newest) < newest else ())

    def _translate(self, ref: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
        self.before_translation(self)
        page = translate(ref, items, fetched_at)
        name = self.renamed_to or page.repository.full_name
        return replace(page, repository=replace(page.repository, node_id="R_toy", full_name=name))

    def _item(self, number: int) -> Item:
        title = None if number in self.unreadable else f"Change {number}"
        return {"id": str(number), "number": number, "title": title, "updated_at": self.changed[number].isoformat()}


def translate(ref: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    repository = RepositoryRecord("git", len(ref.name), "", ref.name, "main", False, False)
    pulls = tuple(_pull(item) for item in items if "number" in item)
    return RepositoryPage(repository, fetched_at, pull_requests=pulls)


def _pull(item: Item) -> PullRequestRecord:
    title, changed = item["title"].strip(), datetime.fromisoformat(item["updated_at"])
    author = ActorRecord(1, "ada", "user")
    number = item["number"]
    return PullRequestRecord(
        source="git",
        provider_id=number,
        node_id=item["id"],
        number=number,
        title=title,
        body="",
        url="",
        state="open",
        is_draft=False,
        author=author,
        author_association="",
        merged_by=None,
        base_ref="main",
        head_ref="topic",
        head_sha="0" * 40,
        merge_sha=None,
        merge_kind=None,
        is_cross_repository=False,
        opened_at=changed - timedelta(days=1),
        updated_at=changed,
        closed_at=None,
        merged_at=None,
        additions=None,
        deletions=None,
        changed_files=None,
    )
