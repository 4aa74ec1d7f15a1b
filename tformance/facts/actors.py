"""Accounts of a page and the people of the team behind them. The newest look at an account holds, in any order."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Q

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.derive.automation import is_automation, judged_kind
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.records import ActorRecord, OrganizationPage, PullRequestRecord, RepositoryPage, Verdict
from tformance.facts.touched import touch_all

INSIDERS: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
COLUMNS: Final = (
    "source",
    "provider_id",
    "node_id",
    "login",
    "former_logins",
    "login_seen_at",
    "name",
    "email",
    "kind",
    "is_automation",
    "member_id",
    "verdict",
    "told_kind",
    "is_member_decided",
)
CHANGING: Final = COLUMNS[2:]


@dataclass(frozen=True, slots=True)
class Account:
    """An actor row; `record` is the newest look at it, and what somebody decided about it outlives every look."""

    id: int
    source: str
    record: ActorRecord
    former_logins: tuple[str, ...]
    seen_at: datetime
    member_id: int | None
    verdict: Verdict = ""
    is_member_decided: bool = False

    @property
    def judged(self) -> ActorRecord:
        """The account as it counts."""
        return replace(self.record, kind=judged_kind(self.record.kind, self.verdict), verdict=self.verdict)

    @property
    def is_person(self) -> bool:
        return self.judged.kind == "user" and not _is_automation(self.judged)

    @property
    def row(self) -> bulk.Row:
        record, former = self.record, list(self.former_logins)
        identity = (self.source, record.provider_id, record.node_id, record.login)
        called = (former, self.seen_at, record.name, record.email)
        looked = (*identity, *called, self.judged.kind, _is_automation(self.judged))
        return (*looked, self.member_id, self.verdict, record.kind if self.verdict else "", self.is_member_decided)

    def seen(self, record: ActorRecord, at: datetime) -> "Account":
        """With one more look; a name, node id or address that is left out changes nothing."""
        is_newer = (at, _fullness(record)) > (self.seen_at, _fullness(self.record))
        newer, older = (record, self.record) if is_newer else (self.record, record)
        kept = {name: getattr(newer, name) or getattr(older, name) for name in ("name", "node_id", "email")}
        newest = replace(newer, **kept)
        logins = {*self.former_logins, record.login, self.record.login} - {newest.login}
        former = tuple(sorted(logins))
        return replace(self, record=newest, former_logins=former, seen_at=max(at, self.seen_at))


class Actors:
    """The accounts that a page speaks of or that rows of its pull requests refer to, stored and up to date."""

    def __init__(self, accounts: Iterable[Account], changed: frozenset[int], rows: int) -> None:
        self._by_provider_id = {account.record.provider_id: account for account in accounts}
        self._by_id = {account.id: account.judged for account in self._by_provider_id.values()}
        self.changed = changed  # ids whose kind or name may change what counts
        self.rows = rows  # how many of them are new or changed

    def id(self, record: ActorRecord) -> int:
        return self._by_provider_id[record.provider_id].id

    def id_or_none(self, record: ActorRecord | None) -> int | None:
        return None if record is None else self.id(record)

    def newest(self, record: ActorRecord) -> ActorRecord:
        return self._by_provider_id[record.provider_id].judged

    def record(self, actor_id: int) -> ActorRecord:
        return self._by_id[actor_id]

    def record_or_none(self, actor_id: int | None) -> ActorRecord | None:
        return None if actor_id is None else self._by_id[actor_id]


class Look(NamedTuple):
    """Accounts that are spoken of, and who of them belongs to the organisation."""

    source: str
    fetched_at: datetime
    mentioned: tuple[ActorRecord, ...]
    insiders: frozenset[int]


def look_of_repository(page: RepositoryPage) -> Look:
    insiders = {record.author.provider_id for record in page.pull_requests if record.author_association in INSIDERS}
    mentioned = tuple(record for record in _mentioned(page) if record is not None)
    return Look(page.repository.source, page.fetched_at, mentioned, frozenset(insiders))


def look_of_organization(page: OrganizationPage) -> Look:
    members = [member.actor for member in page.members.items] if page.members else []
    others = [actor for team in page.teams.items for actor in team.members.items] if page.teams else []
    others += [seat.actor for seat in page.seats.items] if page.seats else []
    others += [used.actor for used in page.usage]
    insiders = frozenset(member.provider_id for member in members)
    return Look(page.organization.source, page.fetched_at, (*members, *others), insiders)


def store_actors(look: Look, referred: frozenset[int]) -> Actors:
    """Add this look at accounts; `referred` are ids of further accounts to know."""
    seen = _seen(look)
    stored = _stored(look.source, seen.keys(), referred)
    missing = sorted(seen.keys() - stored.keys())
    fresh = {
        key: Account(new_id, look.source, seen[key], (), look.fetched_at, None)
        for key, new_id in zip(missing, bulk.new_ids(Actor, len(missing)), strict=True)
    }
    rows = [(account.id, *account.row) for account in fresh.values()]
    if bulk.insert(Actor, current_team_id(), ("id", *COLUMNS), rows, keep_existing=True) < len(fresh):
        return store_actors(look, referred)  # another worker was faster: its rows are visible now
    stored |= fresh
    looked = {key: account.seen(seen[key], look.fetched_at) for key, account in stored.items() if key in seen}
    current = _with_members(look, stored | looked)
    _rename_members(stored, current)
    changed_rows = _update(stored, current)
    changed = frozenset(
        account.id for key, account in current.items() if weight(account.judged) != weight(stored[key].judged)
    )
    return Actors(current.values(), changed, changed_rows + len(missing))


def weight(record: ActorRecord) -> tuple[str, str]:
    """What derivations look at: the kind, and the login where lists of names decide."""
    return record.kind, record.login.lower() if record.kind != "user" or _is_automation(record) else ""


def _is_automation(record: ActorRecord) -> bool:
    return is_automation(record.kind, record.login, record.verdict)


def _stored(source: str, provider_ids: Iterable[int], ids: frozenset[int]) -> dict[int, Account]:
    wanted = Q(source=source, provider_id__in=sorted(provider_ids)) | Q(id__in=sorted(ids))
    rows = (
        Actor.everything.filter(wanted)
        .order_by("source", "provider_id")
        .select_for_update(no_key=True)
        .values_list("id", *COLUMNS)
    )
    return {account.record.provider_id: account for account in map(account_of, rows)}


def account_of(row: bulk.Row) -> Account:
    """From an id and COLUMNS."""
    actor_id, source, provider_id, node_id, login, former, seen_at, name, email, kind, _automation, *decided = row
    member_id, verdict, told_kind, is_member_decided = decided
    record = ActorRecord(provider_id, login, told_kind or kind, node_id, name, email=email)
    return Account(actor_id, source, record, tuple(former), seen_at, member_id, verdict, is_member_decided)


def _update(stored: dict[int, Account], current: dict[int, Account]) -> int:
    """Returns how many changed by more than that they were looked at."""
    looked = [account for key, account in sorted(current.items()) if account.row != stored[key].row]
    bulk.update(Actor, CHANGING, [(account.id, *account.row[2:]) for account in looked])
    before = [stored[account.record.provider_id] for account in looked]
    return sum(replace(new, seen_at=old.seen_at) != old for new, old in zip(looked, before, strict=True))


def _with_members(look: Look, accounts: dict[int, Account]) -> dict[int, Account]:
    """Everybody who belongs to the organisation is a member of the team; an account that is no person is none.

    Whose account it is stays as it is where somebody decided that.
    """
    open_ = {key: account for key, account in accounts.items() if not account.is_member_decided}
    insiders = [key for key in sorted(look.insiders) if key in open_]
    joining = [key for key in insiders if open_[key].member_id is None and open_[key].is_person]
    leaving = [key for key, account in open_.items() if account.member_id and not account.is_person]
    _let_go([accounts[key] for key in leaving])
    ids = dict(zip(joining, bulk.new_ids(TeamMember, len(joining)), strict=True))
    insert_members([(ids[key], accounts[key].record) for key in joining])
    moved = {key: replace(accounts[key], member_id=ids.get(key)) for key in (*joining, *leaving)}
    if moved:
        touch_all()  # a member has a line in every week
    return accounts | moved


def insert_members(new: Sequence[tuple[int, ActorRecord]]) -> None:
    """Members by their ids, called as these accounts are."""
    rows = [(key, *_member(record), True) for key, record in new]
    bulk.insert(TeamMember, current_team_id(), ("id", "github_username", "display_name", "is_active"), rows)


def _let_go(leaving: Collection[Account]) -> None:
    """A member who has no other account goes with it."""
    if leaving:
        others = Actor.everything.exclude(id__in=[account.id for account in leaving])
        has_more = others.filter(member__isnull=False).values("member")
        members = TeamMember.objects.filter(id__in={account.member_id for account in leaving})
        members.exclude(id__in=has_more).delete()


def _rename_members(stored: dict[int, Account], current: dict[int, Account]) -> None:
    renamed = {
        (account.member_id, _member(stored[key].record)[0]): _member(account.record)
        for key, account in current.items()
        if account.member_id is not None and _member(stored[key].record) != _member(account.record)
    }
    if not renamed:
        return
    members = TeamMember.objects.filter(id__in={key for key, _ in renamed}).order_by("id")
    rows = [(key[0], *renamed[key]) for key in members.values_list("id", "github_username") if key in renamed]
    bulk.update(TeamMember, ("github_username", "display_name"), rows)


def _member(record: ActorRecord) -> tuple[str, str]:
    return record.login, record.name or record.login


def _seen(look: Look) -> dict[int, ActorRecord]:
    """Each account once; of several looks in one page the one that says most."""
    seen: dict[int, ActorRecord] = {}
    for record in look.mentioned:
        known = seen.get(record.provider_id)
        if known is None or (known is not record and _fullness(record) > _fullness(known)):
            seen[record.provider_id] = record
    return seen


def _fullness(record: ActorRecord) -> tuple[Any, ...]:
    known = (bool(record.name), bool(record.node_id), bool(record.email))
    return *known, record.login, record.name, record.node_id, record.email


def _mentioned(page: RepositoryPage) -> Iterator[ActorRecord | None]:
    for record in page.pull_requests:
        yield from _of_pull_request(record)
    yield from (deployment.creator for deployment in page.deployments)
    yield from (commit.author for commit in page.commits)
    yield from (release.author for release in page.releases)


def _of_pull_request(record: PullRequestRecord) -> Iterator[ActorRecord | None]:
    yield record.author
    yield record.merged_by
    if record.reviews:
        yield from (review.author for review in record.reviews.items)
    if record.comments:
        yield from (comment.author for comment in record.comments.items)
    if record.commits:
        yield from (commit.author for commit in record.commits.items)
    if record.events:
        yield from (event.actor for event in record.events.items)
    for thread in record.threads.items if record.threads else ():
        yield thread.resolved_by
        yield from (comment.author for comment in thread.comments.items)
