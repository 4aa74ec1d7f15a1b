"""What messages do to one team's repository or organisation: say what to read, and store what only they can tell."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from django.db.models import Q

from tformance.core.clock import now
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.review import ReviewThread
from tformance.facts.records import PullRequestRecord, RepositoryPage
from tformance.facts.wanted import pulls_of_heads
from tformance.sources.contract import Message
from tformance.sync import load, plan
from tformance.sync.lane import Lane, Turn
from tformance.sync.models import Route, Scope
from tformance.sync.rounds import LATE_FOR
from tformance.sync.wanted import HEAD_CHECKS, checks_of, want

DEBOUNCE: Final = timedelta(seconds=30)  # one change is often told in several messages
PULL_REQUESTS: Final = "pull_requests"
THREAD_NOT_READ: Final = "The thread it is about was not read since."


@dataclass(frozen=True, slots=True)
class Applied:
    """`waiting` are the places of messages whose subject has to be read before they can say anything."""

    is_followed: bool
    waiting: frozenset[int] = frozenset()


def apply(route: Route, messages: Sequence[Message]) -> Applied:
    """Do what messages about one scope ask for. Inside `tenant()`; doing it twice does no harm."""
    found = Scope.objects.select_related("connection").filter(pk=route.scope_id, connection=route.connection_id)
    scope = found.filter(is_tracked=True).first()
    if scope is None:
        return Applied(is_followed=False)
    # Workers hold their lane before they touch facts and what is wanted; in any other order both would wait for ever.
    lanes = Turn.objects.filter(connection_id=route.connection_id).values("lane")
    list(Lane.objects.select_for_update().filter(pk__in=lanes).values_list("pk"))
    _store([message.page for message in messages if message.page])
    _ask(scope, messages)
    waiting = {place for place, message in enumerate(messages) if not _resolve(scope, message)}
    return Applied(is_followed=True, waiting=frozenset(waiting))


def _ask(scope: Scope, messages: Sequence[Message]) -> None:
    """Mark pull requests to be read again, and ask streams for what changed."""
    instant = now()
    streams = {stream for message in messages for stream in message.streams}
    pulls = {pull for message in messages for pull in message.pulls}
    numbers = {number for message in messages for number in message.numbers}
    if scope.repository_id is not None:
        stored = _stored(scope.repository_id, numbers, messages)
        pulls |= set(stored.values())
        if numbers - stored.keys():
            streams.add(PULL_REQUESTS)
    merged = {pull for message in messages for pull in message.merged}
    want(scope, PULL_REQUESTS, merged, "merged", instant)
    want(scope, PULL_REQUESTS, pulls - merged, "webhook", instant + DEBOUNCE)
    want(scope, HEAD_CHECKS, _checked(scope, messages), "webhook", instant + 2 * DEBOUNCE)
    if streams:
        plan.ask_for_changes(scope, streams)


def _checked(scope: Scope, messages: Sequence[Message]) -> set[str]:
    """Ids of commits whose checks are to be read, unless a whole reading brings them before: PULL@SHA."""
    shas = {sha for message in messages for sha in message.checked}
    if not shas or scope.repository_id is None or not scope.reads_every_head:
        return set()
    found = pulls_of_heads(scope.repository_id, shas, now() - LATE_FOR)
    numbers = _stored(scope.repository_id, {number for message in messages for number in message.numbers}, ())
    for message in messages:
        named = {*message.pulls, *(numbers[number] for number in message.numbers if number in numbers)}
        for sha in message.checked:
            found[sha] |= named
    return {checks_of(pull, sha) for sha, pulls in found.items() for pull in pulls}


def _stored(repository_id: int, numbers: Collection[int], messages: Iterable[Message]) -> dict[int, str]:
    """Number to node id of the stored pull requests that messages mean by number, commit or branch."""
    shas = {sha for message in messages for sha in message.shas}
    branches = {branch for message in messages for branch in message.branches}
    mine = PullRequest.objects.filter(repository_id=repository_id)
    found = dict(mine.filter(number__in=numbers).values_list("number", "node_id")) if numbers else {}
    if shas:
        containing = PRCommit.objects.filter(commit__sha__in=shas).values("pull_request")
        found |= dict(mine.filter(Q(head_sha__in=shas) | Q(id__in=containing)).values_list("number", "node_id"))
    if branches:
        is_meant = Q(state="open", head_ref__in=branches, is_cross_repository=False)
        found |= dict(mine.filter(is_meant).values_list("number", "node_id"))
    return found


def _store(pages: Sequence[RepositoryPage]) -> None:
    """All that the messages tell themselves, as one page that is as old as its oldest part."""
    if not pages:
        return
    newest = max(pages, key=lambda page: page.fetched_at)
    records = tuple(_with_merge_kind(_last_words(pages)))
    load.store_told(replace(newest, fetched_at=min(page.fetched_at for page in pages), pull_requests=records))


def _last_words(pages: Iterable[RepositoryPage]) -> list[PullRequestRecord]:
    """Of each pull request what was told last of each commit that was its head."""
    told = sorted((record for page in pages for record in page.pull_requests), key=lambda record: record.updated_at)
    return list({(record.provider_id, record.head_sha): record for record in told}.values())


def _with_merge_kind(told: Sequence[PullRequestRecord]) -> list[PullRequestRecord]:
    """How it was merged is known from reading it; a message does not say it and does not take it away."""
    merged = [record.provider_id for record in told if record.state == "merged"]
    stored = (
        PullRequest.objects.filter(provider_id__in=merged, source="github") if merged else PullRequest.objects.none()
    )
    kinds = dict(stored.values_list("provider_id", "merge_kind"))
    return [replace(record, merge_kind=kinds.get(record.provider_id)) for record in told]


def _resolve(scope: Scope, message: Message) -> bool:
    """Store since when a thread is resolved; False while it was not read since, which is then urgent.

    A thread that is read as open later than the message is not resolved any more.
    """
    if message.resolution is None:
        return True
    [pull] = message.resolution.pull_requests
    threads = [thread.node_id for thread in pull.threads.items] if pull.threads else []
    stored = ReviewThread.objects.filter(node_id__in=threads, pull_request__provider_id=pull.provider_id)
    row = stored.values_list("is_resolved", "pull_request__fetched_at").first()
    if row is None or not (row[0] or row[1] > message.resolution.fetched_at):
        want(scope, PULL_REQUESTS, message.pulls, "webhook", now())
        return False
    if row[0]:
        load.store_told(message.resolution)
    return True
