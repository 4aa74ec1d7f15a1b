"""What is stored is held against changed rules batch by batch; each is one transaction with how far it came."""

from typing import Final, NamedTuple

from tformance.accounts.teams import present
from tformance.facts.derive.outcome import HotfixRule
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.models.rules import RulesRound
from tformance.facts.records import Source

SIZE: Final = 500  # pull requests of one batch


class Batch(NamedTuple):
    """Pull requests that were looked at and the last one's number; those by source that the rules make something else of."""

    looked: int
    number: int
    differing: list[tuple[Source, int]]
    has_more: bool


class Followed(NamedTuple):
    """The repository that was at hand; whether deployments of it came to production or left it."""

    repository: int
    has_moved: bool


def begin(team_id: int) -> None:
    """From the start, while the rules are held for a change: so no batch is on its way."""
    RulesRound.objects.filter(team_id=team_id).delete()
    RulesRound.objects.create(team_id=team_id, total=PullRequest.everything.count())


def waiting() -> list[int]:
    """Teams of which something may follow older rules."""
    return list(RulesRound.objects.filter(team__in=present()).order_by("pk").values_list("team_id", flat=True))


def take(team_id: int) -> RulesRound | None:
    """The team's round, and its repository, of which nobody writes a page meanwhile."""
    mine = RulesRound.objects.filter(team_id=team_id).select_for_update(skip_locked=True, of=("self",)).first()
    if mine is not None:
        list(Repository.everything.filter(pk=mine.repository).select_for_update(no_key=True).values_list("pk"))
    return mine


def differing(mine: RulesRound, rule: HotfixRule, limit: int) -> Batch:
    """The next pull requests of the repository."""
    rows = PullRequest.everything.filter(repository_id=mine.repository, number__gt=mine.number).order_by("number")
    found = list(rows.values_list("number", "source", "id", "is_hotfix", "labels", "head_ref", "title")[:limit])
    others = [(source, key) for _, source, key, is_said, *said in found if rule.matches(*said) != is_said]
    last = found[-1][0] if found else mine.number
    return Batch(len(found), last, others, has_more=len(found) == limit)


def advance(mine: RulesRound, batch: Batch, *, has_moved: bool) -> Followed:
    """On to the rest of the repository, to the next one, or to the end."""
    followed = Followed(mine.repository, has_moved)
    mine.done, mine.number = mine.done + batch.looked, batch.number
    if not batch.has_more:
        following = Repository.everything.filter(pk__gt=mine.repository).order_by("pk").values_list("pk", flat=True)
        mine.repository, mine.number = following.first() or 0, 0
    if mine.repository:
        mine.save()
    else:
        mine.delete()
    return followed
