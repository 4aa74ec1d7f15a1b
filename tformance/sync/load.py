"""From items to facts: the one place where sync hands over what providers say, and what follows from it at once."""

import copy
import hashlib
import json
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, transaction
from django.db.models import F

from tformance.accounts.teams import present
from tformance.accounts.tenancy import current_team_id, tenant
from tformance.core.clock import now
from tformance.core.errors import SourceError
from tformance.facts import rules_round, write, write_planning
from tformance.facts.gone import Kind
from tformance.facts.models.planning import JiraProject
from tformance.facts.models.repository import Repository
from tformance.facts.planning_records import ProjectPage, ProjectRecord, SitePage
from tformance.facts.records import RepositoryPage, RepositoryRecord
from tformance.facts.wanted import uncompared
from tformance.sources.contract import Item, Page, ScopeKind, ScopeRef, Skipped, Stream, Told
from tformance.sources.registry import SOURCES
from tformance.sync.credentials import credential_for
from tformance.sync.models import Quarantined, Route, Scope, SyncStep, Wanted
from tformance.sync.session import LentSession
from tformance.sync.turns import Visit
from tformance.sync.wanted import checks_of, settle_checks, want

log = logging.getLogger(__name__)

# What one strange item can cause in translation or in the database; everything else is not the item's fault.
ITEM_FAULTS = (SourceError, LookupError, TypeError, ValueError, AttributeError, DataError, IntegrityError)
ISSUES = "issues"
CONTENTS = "comparisons"  # what deployments contain is asked for when the deployments are known
GONE_KINDS: dict[str, Kind] = {"pull_requests": "pull_request", "deployments": "deployment", "releases": "release"}


@dataclass(slots=True)
class Reading:
    """What a worker holds while it reads one stream of one scope."""

    visit: Visit
    scope: Scope
    stream: Stream
    ref: ScopeRef
    session: LentSession


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the items: those that could not be read or written, and how many of those of before could now."""

    bad: tuple[Skipped, ...]
    released: int


def begin(visit: Visit, scope: Scope, stream_id: str) -> Reading:
    """Everything that is needed to read a stream; the scope comes with its connection. Inside `tenant()`."""
    connection = scope.connection
    stream = SOURCES[connection.source].stream(stream_id)
    session = LentSession(credential_for(connection, "reading"), copy.deepcopy(scope.memory))
    return Reading(visit, scope, stream, ref_of(scope), session)


def ref_of(scope: Scope) -> ScopeRef:
    kind = cast(ScopeKind, scope.kind)
    return ScopeRef(scope.connection.api_url, scope.name, scope.node_id, kind, scope.reads_every_head)


def store(reading: Reading, page: Page, memory: dict[str, Any], step: SyncStep | None = None) -> Stored:
    """Write a page; what cannot be is kept with its reason. Inside the `tenant()` in which the lease was renewed."""
    refused, raw = _write(reading, page.items, page.fetched_at)
    denied = [skipped for skipped in page.skipped if skipped.is_denied and reading.scope.kind != Scope.Kind.REPOSITORY]
    if denied:
        words = " ".join(skipped.reason for skipped in denied)
        change_scope(reading.scope, gaps=reading.scope.gaps | {reading.stream.id: words})
    bad = (*(skipped for skipped in page.skipped if skipped not in denied), *refused)
    settled = {item_id(item) for item in page.items} - {skipped.item for skipped in bad}
    released = _release(reading, settled | {skipped.item for skipped in bad if skipped.is_gone})
    quarantine(reading, [skipped for skipped in bad if not skipped.is_gone], step, raw)
    if memory != reading.scope.memory:
        change_scope(reading.scope, memory=memory)
    return Stored(bad, released)


def store_told(page: RepositoryPage) -> None:
    """Store what a message itself says. Inside `tenant()`."""
    write.write_page(page, team_id=current_team_id())


def mark_gone(reading: Reading, items: Iterable[str], at: datetime) -> None:
    """The provider no longer knows these: their rows say so from now on. Inside `tenant()`."""
    kind, gone, scope = GONE_KINDS.get(reading.stream.id), sorted(items), reading.scope
    if kind and gone and scope.repository_id:
        write.mark_gone(kind, scope.repository_id, gone, at)
    if reading.stream.id == ISSUES and gone and scope.project_id:
        write_planning.mark_issues_gone(scope.project_id, [int(item) for item in gone], at)


def ask_for_contents(scope: Scope) -> None:
    """Ask what deployments contain that nobody has asked for yet. Inside `tenant()`."""
    streams = {stream.id for stream in SOURCES[scope.connection.source].streams}
    if CONTENTS not in streams or scope.repository_id is None:
        return
    asked = set(Wanted.objects.filter(scope=scope, stream=CONTENTS).values_list("item", flat=True))
    want(scope, CONTENTS, [pair for pair in uncompared(scope.repository_id) if pair not in asked], "contents", now())


def item_id(item: Item) -> str:
    """The provider's id of an item, or a digest of it where it has none."""
    known = item.get("id")
    return str(known) if known else hashlib.sha256(json.dumps(item, default=str).encode()).hexdigest()


def _write(reading: Reading, items: tuple[Item, ...], fetched_at: datetime) -> tuple[list[Skipped], dict[str, Item]]:
    """When items cannot be written together each goes alone; the bad ones are returned, also as they came."""
    if not items:
        return [], {}
    try:
        with transaction.atomic():
            _hand_over(reading, reading.stream.translate(reading.ref, items, fetched_at))
        return [], {}
    except ITEM_FAULTS as error:
        if len(items) == 1:
            key = item_id(items[0])
            log.warning("item %s of %s is quarantined", key, reading.scope, exc_info=error)
            return [Skipped(key, _in_words(error))], {key: items[0]}
    refused = [_write(reading, (item,), fetched_at) for item in items]
    raw = {key: item for _, kept in refused for key, item in kept.items()}
    return [skipped for some, _ in refused for skipped in some], raw


def _hand_over(reading: Reading, facts: Told) -> None:
    team_id, scope = reading.visit.team_id, reading.scope
    match facts:
        case RepositoryPage():
            write.write_page(facts, team_id=team_id)
            _recognise(scope, facts.repository)
            settle_checks(scope, _checks_in(facts), facts.fetched_at)
        case ProjectPage():
            write_planning.write_project(facts, team_id=team_id)
            _recognise_project(scope, facts.project)
        case SitePage():
            write_planning.write_site(facts, team_id=team_id)
            change_scope(scope, node_id=facts.site)
        case _:
            write.write_organization(facts, team_id=team_id)
            change_scope(scope, node_id=facts.organization.node_id)
            _route(scope, facts.organization.provider_id)


def _checks_in(page: RepositoryPage) -> Iterator[str]:
    """Of which commits the pull requests of a page bring the checks."""
    for record in page.pull_requests:
        if record.checks is not None:
            yield checks_of(record.node_id, record.head_sha)
        for head in record.earlier_heads or ():
            yield checks_of(record.node_id, head.head_sha)


def _in_words(error: Exception) -> str:
    if isinstance(error, SourceError):
        return str(error)
    return f"The provider sent something that tformance does not understand ({type(error).__name__}: {error})."


def _recognise(scope: Scope, record: RepositoryRecord) -> None:
    """Tie the scope to its repository; a renamed one keeps its rows and gets its new name."""
    if scope.repository_id is None:
        stored = Repository.everything.get(source=record.source, provider_id=record.provider_id)
        change_scope(scope, repository=stored)
    is_same_name = scope.name.lower() == record.full_name.lower()
    if is_same_name and not scope.node_id and record.node_id:
        change_scope(scope, node_id=record.node_id)
    if scope.node_id and scope.node_id == record.node_id and scope.name != record.full_name:
        _rename(scope, record.full_name)
    _route(scope, record.provider_id)


def _recognise_project(scope: Scope, record: ProjectRecord) -> None:
    """As `_recognise`; a project is renamed by its key."""
    if scope.project_id is None:
        stored = JiraProject.everything.get(site=record.site, provider_id=record.provider_id)
        change_scope(scope, project=stored, node_id=str(record.provider_id))
    if scope.name != record.key:
        _rename(scope, record.key)


def _rename(scope: Scope, name: str) -> None:
    if not Scope.objects.filter(connection=scope.connection_id, kind=scope.kind, name=name).exists():
        change_scope(scope, name=name)


def _route(scope: Scope, subject: int) -> None:
    """Messages about the subject come to this scope from now on."""
    connection = scope.connection
    endpoint_id = connection.app.endpoint_id if connection.app else None
    about = {"api_url": connection.api_url, "kind": scope.kind, "subject": subject}
    if Route.objects.filter(scope_id=scope.pk, **about).exists():
        return
    Route.objects.update_or_create(
        scope_id=scope.pk,
        defaults=about,
        create_defaults={
            **about,
            "endpoint_id": endpoint_id,
            "team_id": scope.team_id,
            "connection_id": scope.connection_id,
        },
    )


def change_scope(scope: Scope, **values: Any) -> None:
    if all(getattr(scope, name) == value for name, value in values.items()):
        return
    Scope.objects.filter(pk=scope.pk).update(**values)
    for name, value in values.items():
        setattr(scope, name, value)


def _release(reading: Reading, items: set[str]) -> int:
    """Items that are stored now need no further asking; returns how many there were."""
    same = Quarantined.objects.filter(scope=reading.scope, stream=reading.stream.id, item__in=items)
    return int(same.delete()[0])


def quarantine(reading: Reading, bad: Sequence[Skipped], step: SyncStep | None, raw: dict[str, Item]) -> None:
    instant = now()
    for skipped in bad:
        same = Quarantined.objects.filter(scope=reading.scope, stream=reading.stream.id, item=skipped.item)
        news = {"reason": skipped.reason, "last_seen": instant, "raw": _sealed(raw.get(skipped.item))}
        if same.update(attempts=F("attempts") + 1, **news):
            continue
        Quarantined.objects.create(
            team_id=reading.visit.team_id,
            scope=reading.scope,
            step=step,
            stream=reading.stream.id,
            item=skipped.item,
            first_seen=instant,
            **news,
        )


def _sealed(item: Item | None) -> bytes | None:
    return settings.KEY_RING.seal(json.dumps(item, default=str)) if item else None


def derive_stale(seconds: float) -> None:
    """Derive again, team by team and for so long, what still follows an older definition."""
    ends_at = time.monotonic() + seconds
    for team_id in present().order_by("id").values_list("id", flat=True):
        while time.monotonic() < ends_at and _derive_some(team_id):
            pass


def follow_rules(seconds: float) -> None:
    """Hold what teams have stored against their changed rules, for so long; one that fails does not stop the others."""
    ends_at = time.monotonic() + seconds
    for team_id in rules_round.waiting():
        try:
            while time.monotonic() < ends_at and _follow_some(team_id):
                pass
        except OperationalError:  # another writer was in the way, or the database is away
            log.warning("rules of team %s could not be followed, the next turn goes on", team_id, exc_info=True)


def _follow_some(team_id: int) -> bool:
    with tenant(team_id):
        followed = write.follow_rules()
        if followed and followed.has_moved:
            for scope in Scope.objects.filter(repository=followed.repository).select_related("connection"):
                ask_for_contents(scope)
        return followed is not None


def retire_some(team_id: int) -> int:
    """Delete some of what the team does not keep so long; 0 once there is nothing."""
    with tenant(team_id):
        return write.retire_some()


def _derive_some(team_id: int) -> int:
    with tenant(team_id):
        return write.derive_stale()
