"""Which pull requests only carry merged work on: a release or back-merge of it, or a backport.

It follows from several pull requests, so it is worked out again for all that share commits with one that changed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from tformance.facts import bulk
from tformance.facts.counted import touch_pull_requests
from tformance.facts.models.pull_request import Carries, PRCommit, PullRequest, may_carry
from tformance.facts.models.repository import Commit

COLUMNS: Final = ("id", "provider_id", "repository_id", "merged_at", "closed_at", "picked_shas", "carries")


class Candidate(NamedTuple):
    """A pull request that may carry others' work, and what is stored of that so far."""

    id: int
    provider_id: int
    repository_id: int
    merged_at: datetime | None
    closed_at: datetime | None
    picked_shas: tuple[str, ...]
    carries: str


class Landed(NamedTuple):
    """A commit came into the repository by this merged pull request."""

    provider_id: int
    repository_id: int
    merged_at: datetime


Landings = Mapping[str, Collection[Landed]]  # by sha


def mark_carried(changed: Mapping[int, int]) -> int:
    """Store what the changed pull requests, and those that share commits with them, carry; returns changed rows.

    `changed` gives their repositories by their ids.
    """
    if not changed:
        return 0
    candidates = [_candidate(*row) for row in _concerned(changed).order_by("id").values_list(*COLUMNS)]
    contents = _contents(candidates)
    own = {sha for shas in contents.values() for sha in shas}
    landings = _landings(own | {sha for each in candidates for sha in each.picked_shas})
    new = [(each.id, carried(each, contents.get(each.id, ()), landings)) for each in candidates]
    rows = [row for row, each in zip(new, candidates, strict=True) if row[1] != each.carries]
    touch_pull_requests([key for key, _ in rows])
    return bulk.update(PullRequest, ("carries",), rows)


def carried(each: Candidate, shas: Collection[str], landings: Landings) -> str:
    """Merge commits aside, everything in it landed before it did; or says that it was picked from what had."""
    if shas and all(_landed_before(each, sha, landings) for sha in shas):
        return str(Carries.PROMOTION)
    if each.picked_shas and all(_landed_before(each, sha, landings) for sha in each.picked_shas):
        return str(Carries.BACKPORT)
    return ""


def _landed_before(each: Candidate, sha: str, landings: Landings) -> bool:
    end = each.merged_at or each.closed_at
    return any(
        landed.provider_id != each.provider_id
        and landed.repository_id == each.repository_id
        and (end is None or (landed.merged_at, landed.provider_id) < (end, each.provider_id))
        for landed in landings.get(sha, ())
    )


def _candidate(
    key: int, provider_id: int, home: int, merged_at: Any, closed_at: Any, picked: Any, carries: str
) -> Candidate:
    return Candidate(key, provider_id, home, merged_at, closed_at, tuple(picked), carries)


def _concerned(changed: Mapping[int, int]) -> Any:
    """Themselves, those that share a commit with them or contain their merge, and what already seemed to carry.

    Each kind is asked for alone: a condition that joins them by "or" reads every pull request there is.
    """
    mine = sorted(changed)
    merges = PullRequest.everything.filter(id__in=mine, merge_sha__isnull=False).values_list("merge_sha", flat=True)
    commits = set(PRCommit.objects.filter(pull_request__in=mine).values_list("commit", flat=True))
    commits.update(Commit.objects.filter(sha__in=list(merges)).values_list("id", flat=True))
    sharing = PRCommit.objects.filter(commit__in=sorted(commits)).values_list("pull_request", flat=True)
    known = PullRequest.everything.filter(may_carry(), repository__in=sorted(set(changed.values())))
    return PullRequest.everything.filter(id__in=sorted({*mine, *sharing, *known.values_list("id", flat=True)}))


def _contents(candidates: Iterable[Candidate]) -> dict[int, list[str]]:
    """The commits of each that are no merges."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    links = PRCommit.objects.filter(pull_request__in=[each.id for each in candidates], commit__is_merge=False)
    for key, sha in links.order_by("pull_request", "position").values_list("pull_request", "commit__sha"):
        found[key].append(sha)
    return found


def _landings(shas: Collection[str]) -> Landings:
    found: defaultdict[str, list[Landed]] = defaultdict(list)
    for sha, *landed in _landed(sorted(shas)):
        found[sha].append(Landed(*landed))
    return found


def _landed(shas: list[str]) -> Iterator[tuple[Any, ...]]:
    """By its merge, or as one of its commits."""
    merges = PullRequest.everything.filter(merge_sha__in=shas, merged_at__isnull=False)
    yield from merges.values_list("merge_sha", "provider_id", "repository", "merged_at")
    inside = PRCommit.objects.filter(commit__sha__in=shas, pull_request__merged_at__isnull=False)
    yield from inside.values_list(
        "commit__sha", "pull_request__provider_id", "pull_request__repository", "pull_request__merged_at"
    )
