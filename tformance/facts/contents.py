"""Which pull requests a delivery to production brought, and when each was first delivered.

A delivery contains what was merged as one of the commits that it has and the delivery before it has not. A pull
request that was merged into the branch of another is delivered with that one too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Min

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.derive.deployments import WITH_CONTENTS
from tformance.facts.models.delivery import Comparison, ComparisonCommit, Deployment, DeploymentPullRequest
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.touched import Concern, touch

COLUMNS: Final = (
    "id",
    "base_ref",
    "head_ref",
    "is_cross_repository",
    "merged_at",
    "merge_sha",
    "merge_kind",
    "deployed_at",
    "deploy_time_hours",
)
DEEPEST: Final = 10  # branches upon branches that are followed
Link = tuple[int, int]  # deployment, pull request


class Pull(NamedTuple):
    """A merged pull request, and what is stored of its delivery so far."""

    id: int
    base: str
    head: str
    is_cross_repository: bool
    merged_at: datetime
    merge_sha: str | None
    merge_kind: str | None
    deployed_at: datetime | None
    deploy_time_hours: float | None


def store_contents(repository_id: int, deployments: Collection[int], pulls: Collection[int]) -> int:
    """Work out again what these deployments contain and where these pull requests are; returns changed rows."""
    ids = {*pulls, *_mentioned(repository_id, deployments)}
    if not ids:
        return 0
    main = Repository.everything.filter(id=repository_id).values_list("default_branch", flat=True).get()
    mine, family = _family(repository_id, ids, main)
    ids |= mine.keys()
    wanted = {link for link in _links(repository_id, family, main) if link[1] in ids}
    stored = DeploymentPullRequest.objects.filter(pull_request__in=sorted(ids))
    known = {row[1:]: row[0] for row in stored.values_list("id", "deployment_id", "pull_request_id")}
    fresh = sorted(wanted - known.keys())
    bulk.insert(DeploymentPullRequest, current_team_id(), ("deployment_id", "pull_request_id"), fresh)
    bulk.delete(DeploymentPullRequest, [key for link, key in known.items() if link not in wanted])
    return len(fresh) + len(known.keys() - wanted) + _store_instants(ids)


def _mentioned(repository_id: int, deployments: Collection[int]) -> set[int]:
    """Pull requests that these deployments contain, or contained by what is stored."""
    if not deployments:
        return set()
    found = Deployment.everything.filter(id__in=sorted(deployments), previous__isnull=False)
    pairs = set(found.values_list("previous__sha", "sha"))
    compared = Comparison.objects.filter(repository_id=repository_id, head_sha__in=sorted({head for _, head in pairs}))
    ids = [key for key, *pair in compared.values_list("id", "base_sha", "head_sha") if tuple(pair) in pairs]
    shas = ComparisonCommit.objects.filter(comparison__in=ids).values("sha")
    merged = PullRequest.objects.filter(repository_id=repository_id, merged_at__isnull=False)
    links = DeploymentPullRequest.objects.filter(deployment__in=sorted(deployments))
    return {
        *links.values_list("pull_request_id", flat=True),
        *merged.filter(merge_sha__in=shas).values_list("id", flat=True),
        *merged.filter(merge_kind="rebase", commit_links__commit__sha__in=shas).values_list("id", flat=True),
    }


def _family(repository_id: int, ids: Collection[int], main: str) -> tuple[dict[int, Pull], dict[int, Pull]]:
    """These with what was merged into their branches, and what those branches in turn were merged with."""
    merged = PullRequest.objects.filter(repository_id=repository_id, merged_at__isnull=False)
    mine = latest = _pulls(merged.filter(id__in=sorted(ids)))
    for _ in range(DEEPEST):
        heads = {pull.head for pull in latest.values() if not pull.is_cross_repository} - {main}
        latest = _pulls(merged.filter(base_ref__in=sorted(heads)).exclude(id__in=sorted(mine))) if heads else {}
        mine = mine | latest
    known = latest = mine
    for _ in range(DEEPEST):
        bases = {pull.base for pull in latest.values()} - {main}
        above = merged.filter(head_ref__in=sorted(bases), is_cross_repository=False)
        latest = _pulls(above.exclude(id__in=sorted(known))) if bases else {}
        known = known | latest
    return mine, known


def _pulls(rows: Any) -> dict[int, Pull]:
    return {row[0]: Pull(*row) for row in rows.order_by("id").values_list(*COLUMNS)}


def _links(repository_id: int, family: Mapping[int, Pull], main: str) -> set[Link]:
    own = _own_links(repository_id, family)
    carriers = _carriers(family.values(), main)
    links: set[Link] = set()
    for key in family:
        carrier: int | None = key
        for _ in range(DEEPEST):
            if carrier is None:
                break
            links |= {(deployment, key) for deployment in own.get(carrier, ())}
            carrier = carriers.get(carrier)
    return links


def _carriers(family: Iterable[Pull], main: str) -> dict[int, int]:
    """By what each was carried on: the first that was merged later and came from the branch it was merged into.

    What landed on the default branch is delivered from there, whatever that branch is merged into afterwards.
    """
    by_head: defaultdict[str, list[Pull]] = defaultdict(list)
    pulls = sorted(family, key=lambda pull: (pull.merged_at, pull.id))
    for pull in pulls:
        if not pull.is_cross_repository and pull.head not in (pull.base, main):
            by_head[pull.head].append(pull)
    later = {
        pull.id: next((each.id for each in by_head.get(pull.base, ()) if each.merged_at > pull.merged_at), None)
        for pull in pulls
    }
    return {key: carrier for key, carrier in later.items() if carrier is not None}


def _own_links(repository_id: int, family: Mapping[int, Pull]) -> dict[int, set[int]]:
    """Deliveries by pull request, of those with a commit of its own in them."""
    shas = [(pull.merge_sha, pull.id) for pull in family.values() if pull.merge_sha]
    rebased = sorted(pull.id for pull in family.values() if pull.merge_kind == "rebase")
    if rebased:
        commits = PRCommit.objects.filter(pull_request__in=rebased)
        shas += commits.values_list("commit__sha", "pull_request_id")
    by_sha: defaultdict[str, set[int]] = defaultdict(set)
    for sha, key in shas:
        by_sha[sha].add(key)
    inside = ComparisonCommit.objects.filter(sha__in=sorted(by_sha), comparison__repository_id=repository_id)
    compared = list(inside.values_list("sha", "comparison__base_sha", "comparison__head_sha"))
    deliveries = _deliveries(repository_id, {head for _, _, head in compared})
    found: defaultdict[int, set[int]] = defaultdict(set)
    for sha, base, head in compared:
        for key in by_sha[sha]:
            found[key] |= deliveries.get((base, head), set())
    return found


def _deliveries(repository_id: int, heads: Collection[str]) -> dict[tuple[str, str], set[int]]:
    if not heads:
        return {}
    rows = Deployment.objects.filter(
        repository_id=repository_id, is_delivery=True, relation__in=sorted(WITH_CONTENTS), sha__in=sorted(heads)
    )
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for key, base, head in rows.values_list("id", "previous__sha", "sha"):
        found[base, head].add(key)
    return found


def _store_instants(ids: Collection[int]) -> int:
    links = DeploymentPullRequest.objects.filter(pull_request__in=sorted(ids))
    first = dict(
        links.values("pull_request").annotate(at=Min("deployment__succeeded_at")).values_list("pull_request", "at")
    )
    stored = PullRequest.everything.filter(id__in=sorted(ids)).order_by("id")
    rows = []
    moved: list[datetime | None] = []
    for key, merged_at, *before in stored.values_list("id", "merged_at", "deployed_at", "deploy_time_hours"):
        after = [first.get(key), _hours(merged_at, first.get(key))]
        if after != before:
            rows.append((key, *after))
            moved += [before[0], first.get(key)]
    touch(moved, Concern.ROLLUPS)
    return bulk.update(PullRequest, ("deployed_at", "deploy_time_hours"), rows)


def _hours(merged_at: datetime | None, deployed_at: datetime | None) -> float | None:
    """Not known where it was deployed before it was merged."""
    if merged_at is None or deployed_at is None or deployed_at < merged_at:
        return None
    return (deployed_at - merged_at) / timedelta(hours=1)
