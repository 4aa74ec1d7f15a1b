"""Which pull requests undo which: what they claim, held against the pull requests that there are.

It follows from several pull requests of a repository, so it is worked out again for all of them when any changed.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet

from tformance.facts import bulk
from tformance.facts.models.pull_request import PullRequest, is_linkable
from tformance.facts.touched import touch

COLUMNS: Final = (
    "id",
    "repository_id",
    "revert_claims",
    "gone_at",
    "pr_created_at",
    "merged_at",
    "reverts_id",
    "is_revert",
)
Key = tuple[int, str]  # repository, and a claim as `derive.outcome` gives it


class Claimant(NamedTuple):
    """A pull request that says it reverts something, and what is stored of that so far."""

    id: int
    repository_id: int
    claims: tuple[str, ...]
    opened_at: datetime | None
    merged_at: datetime | None
    reverts_id: int | None
    is_revert: bool

    @property
    def began_at(self) -> datetime | None:
        return self.opened_at or self.merged_at


class Target(NamedTuple):
    """A merged pull request."""

    id: int
    merged_at: datetime


def link_reverts(repositories: Collection[int]) -> int:
    """Store the links within these repositories; returns how many rows changed."""
    if not repositories:
        return 0
    mine = PullRequest.everything.filter(repository_id__in=sorted(repositories))
    linkable = mine.filter(is_linkable())
    claimants = [_claimant(*row) for row in linkable.order_by("id").values_list(*COLUMNS)]
    if not claimants:
        return 0
    links = linked(claimants, _targets(mine, claimants))
    undone = reverting(claimants, links)
    new = {each: (links.get(each.id), each.id in undone) for each in claimants}
    rows = [(each.id, *link) for each, link in new.items() if link != (each.reverts_id, each.is_revert)]
    touch(each.merged_at for each, link in new.items() if link[1] != each.is_revert)
    return bulk.update(PullRequest, ("reverts_id", "is_revert"), rows)


def _claimant(key: int, repository_id: int, claims: list[str], gone_at: datetime | None, *rest: Any) -> Claimant:
    """What is gone claims nothing any more."""
    return Claimant(key, repository_id, () if gone_at else tuple(claims), *rest)


def linked(claimants: Iterable[Claimant], targets: Mapping[Key, Target]) -> dict[int, int]:
    """What each really reverts: of its claims the first that names what was merged before it began."""
    links: dict[int, int] = {}
    for each in claimants:
        named = (targets.get((each.repository_id, claim)) for claim in each.claims)
        began = each.began_at
        found = (target.id for target in named if target and began and target.merged_at <= began)
        reverted = next(found, None)
        if reverted is not None and reverted != each.id:
            links[each.id] = reverted
    return links


def reverting(claimants: Collection[Claimant], links: Mapping[int, int]) -> set[int]:
    """Those that undo a change; undoing a revert lands the change again and is none."""
    found: set[int] = set()
    began = [(each.began_at, each.id) for each in claimants if each.began_at and each.id in links]
    for _, key in sorted(began):  # what is reverted began earlier
        if links[key] not in found:
            found.add(key)
    return found


def _targets(mine: QuerySet[Any], claimants: Iterable[Claimant]) -> dict[Key, Target]:
    """What is claimed, by number, by number and branch, and by the sha of its merge or of a commit in it.

    Of several with one sha the one that was merged as it, then the first.
    """
    claims = {claim for each in claimants for claim in each.claims}
    numbers = {int(claim[1:].partition(":")[0]) for claim in claims if claim.startswith("#")}
    shas = sorted(claim for claim in claims if not claim.startswith("#"))
    merged = mine.filter(merged_at__isnull=False, gone_at__isnull=True).order_by("-merged_at", "-provider_id")
    columns = ("id", "merged_at", "repository_id")
    found: dict[Key, Target] = {}
    inside = merged.filter(commit_links__commit__sha__in=shas).values_list(*columns, "commit_links__commit__sha")
    for key, merged_at, repository_id, sha in inside if shas else ():
        found[repository_id, sha] = Target(key, merged_at)
    named = merged.filter(Q(number__in=sorted(numbers)) | Q(merge_sha__in=shas))
    for key, merged_at, repository_id, number, sha, branch in named.values_list(
        *columns, "number", "merge_sha", "head_ref"
    ):
        for name in (f"#{number}", f"#{number}:{branch}", sha):
            found[repository_id, name] = Target(key, merged_at)
    return found
