"""Accounts of a page and the people of the team behind them. The newest look at an account holds, in any order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Q

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.derive.automation import is_automation
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.records import ActorRecord, OrganizationPage, PullRequestRecord, RepositoryPage
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
    "kind",
    "is_automation",
    "member_id",
)
CHANGING: Final = COLUMNS[2:]


@dataclass(frozen=True, slots=True)
class Account:
    """An actor row; `record` is the newest look at it."""

    id: int
    source: str
    record: ActorRecord
    former_logins: tuple[str, ...]
    seen_at: datetime
    member_id: int | None

    @property
    def row(self) -> bulk.Row:
        record, former = self.record, list(self.former_logins)
        automation = is_automation(record.kind, record.login)
        identity = (self.source, record.provider_id, record.node_id, record.login)
        return (*identity, former, self.seen_at, record.name, record.kind, automation, self.member_id)

    def seen(self, record: ActorRecord, at: datetime) -> "Account":
        """With one more look; a name or node id that is left out changes nothing."""
        is_newer = (at, _fullness(record)) > (self.seen_at, _fullness(self.record))
        newer, older = (record, self.record) if is_newer else (self.record, record)
        newest = replace(newer, name=newer.name or older.name, node_id=newer.node_id or older.node_id)
        logins = {*self.former_logins, record.login, self.record.login} - {newest.login}
        former = tuple(sorted(logins))
        return replace(self, record=newest, former_logins=former, seen_at=max(at, self.seen_at))


class Actors:
    """The accounts that a page speaks of or that rows of its pull requests refer to, stored and up to date."""

    def __init__(self, accounts: Iterable[Account], changed: frozenset[int], rows: int) -> None:
        self._by_provider_id = {account.record.provider_id: account for account in accounts}
        self._by_id = {account.id: account.record for account in self._by_provider_id.values()}
        self.changed = changed  # ids whose kind or name may change what counts
        self.rows = rows  # how many of them are new or changed

    def id(self, record: ActorRecord) -> int:
        return self._by_provider_id[record.provider_id].id

    def id_or_none(self, record: ActorRecord | None) -> int | None:
        return None if record is None else self.id(record)

    def newest(self, record: ActorRecord) -> ActorRecord:
        return self._by_provider_id[record.provider_id].record

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
        account.id for key, account in current.items() if _weight(account.record) != _weight(stored[key].record)
    )
    return Actors(current.values(), changed, changed_rows + len(missing))


def _weight(record: ActorRecord) -> tuple[str, str]:
    """What derivations look at: the kind, and the login where lists of names decide."""
    return record.kind, record.login.lower() if record.kind != "user" or is_automation("user", record.login) else ""


def _stored(source: str, provider_ids: Iterable[int], ids: frozenset[int]) -> dict[int, Account]:
    wanted = Q(source=source, provider_id__in=sorted(provider_ids)) | Q(id__in=sorted(ids))
    rows = (
        Actor.everything.filter(wanted)
        .order_by("source", "provider_id")
        .select_for_update(no_key=True)
        .values_list("id", *COLUMNS)
    )
    return {account.record.provider_id: account for account in map(_account, rows)}


def _account(row: bulk.Row) -> Account:
    actor_id, source, provider_id, node_id, login, former, seen_at, name, kind, _automation, member_id = row
    record = ActorRecord(provider_id, login, kind, node_id, name)
    return Account(actor_id, source, record, tuple(former), seen_at, member_id)


def _update(stored: dict[int, Account], current: dict[int, Account]) -> int:
    """Returns how many changed by more than that they were looked at."""
    looked = [account for key, account in sorted(current.items()) if account.row != stored[key].row]
    bulk.update(Actor, CHANGING, [(account.id, *account.row[2:]) for account in looked])
    before = [stored[account.record.provider_id] for account in looked]
    return sum(replace(new, seen_at=old.seen_at) != old for new, old in zip(looked, before, strict=True))


def _with_members(look: Look, accounts: dict[int, Account]) -> dict[int, Account]:
    """Everybody who belongs to the organisation is a member of the team; an account that is no person is none."""
    joining = [
        key for key in sorted(look.insiders) if accounts[key].member_id is None and _is_person(accounts[key].record)
    ]
    leaving = {key for key, account in accounts.items() if account.member_id and not _is_person(account.record)}
    if leaving:
        TeamMember.objects.filter(id__in=[accounts[key].member_id for key in leaving]).delete()
    ids = dict(zip(joining, bulk.new_ids(TeamMember, len(joining)), strict=True))
    rows = [(ids[key], *_member(accounts[key].record), True) for key in joining]
    bulk.insert(TeamMember, current_team_id(), ("id", "github_username", "display_name", "is_active"), rows)
    moved = {key: replace(accounts[key], member_id=ids.get(key)) for key in (*joining, *leaving)}
    if moved:
        touch_all()  # a member has a line in every week
    return accounts | moved


def _is_person(record: ActorRecord) -> bool:
    return record.kind == "user" and not is_automation(record.kind, record.login)


def _rename_members(stored: dict[int, Account], current: dict[int, Account]) -> None:
    renamed = {
        account.member_id: (_member(stored[key].record)[0], *_member(account.record))
        for key, account in current.items()
        if account.member_id is not None and _member(stored[key].record) != _member(account.record)
    }
    if not renamed:
        return
    members = TeamMember.objects.filter(id__in=renamed).order_by("id").values_list("id", "github_username")
    rows = [(key, *renamed[key][1:]) for key, username in members if username == renamed[key][0]]
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
    return bool(record.name), bool(record.node_id), record.login, record.name, record.node_id


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
