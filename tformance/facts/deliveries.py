"""What follows from the deployments, comparisons and pull requests of a repository together.

Whatever of them lands, in any order, the rows are the same: each step works out what should be stored and writes the
difference. The rules are in `derive.deployments`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Exists, Min, OuterRef

from tformance.facts import bulk
from tformance.facts.contents import store_contents
from tformance.facts.derive import deployments as derive
from tformance.facts.derive.deployments import DEPLOYMENTS_VERSION, EnvironmentRule, Failure, Fix, Placed, Success
from tformance.facts.models.delivery import Comparison, Deployment, DeploymentPullRequest, DeploymentStatus
from tformance.facts.models.pull_request import PullRequest

OWN: Final = ("is_production", "succeeded_at", "derived_version")
IN_LINE: Final = ("previous_id", "relation", "is_rollback", "is_delivery", "is_rollout")
JUDGED: Final = ("failure", "recovered_at")
OUT: Final = (None, None, False, False, False)  # in no line
WELL: Final = ("", None)
Pair = tuple[str, str]  # shas of base and head


class Moved(NamedTuple):
    """Ids of what changed; `fixes` says that hotfixes or links of reverts may be among it."""

    deployments: frozenset[int] = frozenset()
    comparisons: frozenset[int] = frozenset()
    pulls: frozenset[int] = frozenset()
    fixes: bool = False


class Line(NamedTuple):
    """An environment's deployments to production that succeeded, and what is stored of each so far."""

    placed: list[Placed]
    stored: dict[int, bulk.Row]


def follow(repository_id: int, moved: Moved, rule: EnvironmentRule) -> int:
    """Returns how many rows changed. Pages of one repository are written one after the other."""
    rows = _settle(moved.deployments, rule)
    concerned: set[int] = set()
    if moved.deployments or moved.comparisons:
        lined, concerned = _line_up(repository_id, moved.comparisons)
        rows += lined
    elif not (moved.pulls and _has_deliveries(repository_id)):
        return rows
    contents = store_contents(repository_id, concerned | moved.deployments, moved.pulls)
    if concerned or moved.deployments or contents or moved.fixes:
        rows += _judge(repository_id) + _link(repository_id)
    return rows + contents


def follow_stale(rule: EnvironmentRule) -> int:
    """Work out again one repository whose deployments follow older rules; returns how many they are."""
    stale = Deployment.everything.exclude(derived_version=DEPLOYMENTS_VERSION)
    repository_id = stale.order_by("repository_id").values_list("repository_id", flat=True).first()
    if repository_id is None:
        return 0
    ids = frozenset(stale.filter(repository_id=repository_id).values_list("id", flat=True))
    follow(repository_id, Moved(deployments=ids), rule)
    return len(ids)


def misplaced(repository_id: int, rule: EnvironmentRule) -> frozenset[int]:
    """Ids of deployments that count as production and by this rule are none, or the other way round."""
    found = Deployment.everything.filter(repository_id=repository_id).values_list("id", "environment", "is_production")
    return frozenset(key for key, environment, is_said in found if rule.is_production(environment) != is_said)


def _has_deliveries(repository_id: int) -> bool:
    mine = Deployment.objects.filter(repository_id=repository_id, is_production=True, succeeded_at__isnull=False)
    return bool(mine.filter(relation__in=sorted(derive.WITH_CONTENTS)).exists())


def _settle(ids: Collection[int], rule: EnvironmentRule) -> int:
    """What follows from a deployment alone; one that is in production no more takes nothing along."""
    if not ids:
        return 0
    states = DeploymentStatus.objects.filter(deployment__in=sorted(ids), state="success")
    first = dict(states.values("deployment").annotate(at=Min("created_at")).values_list("deployment", "at"))
    found = Deployment.everything.filter(id__in=sorted(ids)).order_by("id").values_list("id", "environment", *OWN)
    new = [
        ((key, rule.is_production(environment), first.get(key), DEPLOYMENTS_VERSION), (key, *before))
        for key, environment, *before in found
    ]
    left = [(row[0], *OUT, *WELL, None) for row, before in new if before[1] and not row[1]]
    bulk.update(Deployment, (*IN_LINE, *JUDGED, "is_linked"), left)
    return bulk.update(Deployment, OWN, [row for row, before in new if row != before])


def _line_up(repository_id: int, comparisons: Collection[int]) -> tuple[int, set[int]]:
    """Returns how many rows changed, and the deployments whose contents may be others now."""
    compared = _compared(repository_id)
    relations = {pair: relation for pair, (_, relation) in compared.items()}
    wanted: dict[int, bulk.Row] = {}
    concerned: set[int] = set()
    stored: dict[int, bulk.Row] = {}
    lines = list(_lines(repository_id, relations))
    parts = derive.wholes(line.placed for line in lines)
    for line in lines:
        stored |= line.stored
        for each in line.placed:
            previous = each.previous
            key = each.deployment.id
            place = (previous.id if previous else None, each.relation, each.is_rollback, each.is_delivery)
            wanted[key] = (*place, key in parts)
            if previous and compared.get((previous.sha, each.deployment.sha), (0, ""))[0] in comparisons:
                concerned.add(key)
    rows = [(key, *wanted.get(key, OUT)) for key, row in stored.items() if row[: len(IN_LINE)] != wanted.get(key, OUT)]
    return bulk.update(Deployment, IN_LINE, rows), concerned | {row[0] for row in rows}


def _compared(repository_id: int) -> dict[Pair, tuple[int, str]]:
    rows = Comparison.objects.filter(repository_id=repository_id)
    return {
        (base, head): (key, relation)
        for key, base, head, relation in rows.values_list("id", "base_sha", "head_sha", "relation")
    }


def _lines(repository_id: int, relations: dict[Pair, str] | None = None) -> Iterator[Line]:
    """By environment; what is gone or did not succeed is in no line. Without relations those that are stored hold."""
    found = Deployment.everything.filter(repository_id=repository_id, is_production=True).order_by("id")
    columns = ("environment", "gone_at", "previous__sha", "id", "provider_id", "sha", "succeeded_at")
    by_environment: defaultdict[str, list[Success]] = defaultdict(list)
    stored: defaultdict[str, dict[int, bulk.Row]] = defaultdict(dict)
    known: dict[Pair, str] = {}
    for (
        environment,
        gone_at,
        base,
        *identity,
        previous,
        relation,
        back,
        delivery,
        rollout,
        failure,
        recovered,
    ) in found.values_list(*columns, *IN_LINE, *JUDGED):
        success = Success(*identity)
        stored[environment][success.id] = (previous, relation, back, delivery, rollout, failure, recovered)
        if base and relation:
            known[base, success.sha] = relation
        if gone_at is None and success.at is not None:
            by_environment[environment].append(success)
    for environment, rows in stored.items():
        placed = derive.line(by_environment[environment], known if relations is None else relations)
        yield Line(placed, rows)


def _judge(repository_id: int) -> int:
    fixes, lines = _Fixes(repository_id), list(_lines(repository_id))
    failed: dict[int, Failure] = {}
    for line in lines:
        ids = [each.deployment.id for each in line.placed]
        in_line = derive.failures(line.placed, fixes.of({key: place for place, key in enumerate(ids)}))
        failed |= {ids[place]: failure for place, failure in in_line.items()}
    failed = derive.of_wholes(failed, derive.wholes(line.placed for line in lines))
    judged = {key: (failure.kind, failure.recovered_at) for key, failure in failed.items()}
    stored = {key: row[len(IN_LINE) :] for line in lines for key, row in line.stored.items()}
    changed = [(key, *judged.get(key, WELL)) for key, before in stored.items() if before != judged.get(key, WELL)]
    return bulk.update(Deployment, JUDGED, changed)


def _link(repository_id: int) -> int:
    """Whether anything is known to be in a deployment; what the first one brought is older than what was read."""
    links = DeploymentPullRequest.objects.filter(deployment=OuterRef("pk"))
    found = Deployment.everything.filter(repository_id=repository_id, is_production=True).order_by("id")
    changed = []
    for key, relation, before, has_any in found.values_list("id", "relation", "is_linked", Exists(links)):
        now = None if relation in (None, Deployment.Relation.BASELINE) else has_any
        if now != before:
            changed.append((key, now))
    return bulk.update(Deployment, ("is_linked",), changed)


class _Fixes:
    """Hotfixes and reverts of a repository that were delivered, and what the latter undo."""

    def __init__(self, repository_id: int) -> None:
        pulls = PullRequest.objects.filter(repository_id=repository_id)
        hotfixes = pulls.filter(is_hotfix=True)
        self.hotfixes: dict[int, datetime | None] = dict(hotfixes.values_list("id", "pr_created_at"))
        reverts = pulls.filter(reverts__isnull=False, is_revert=True)
        self.reverts: dict[int, int] = dict(reverts.values_list("id", "reverts_id"))
        self._deliveries = self._delivered({*self.hotfixes, *self.reverts, *self.reverts.values()})

    def _delivered(self, ids: Collection[int]) -> list[tuple[int, int]]:
        if not ids:
            return []
        links = DeploymentPullRequest.objects.filter(pull_request__in=sorted(ids)).order_by("id")
        return list(links.values_list("pull_request_id", "deployment_id"))

    def of(self, places: dict[int, int]) -> list[Fix]:
        """Those of one line: `places` are those of its deployments."""
        first: dict[int, int] = {}
        for pull, deployment in self._deliveries:
            if deployment in places:
                first[pull] = min(places[deployment], first.get(pull, places[deployment]))
        return [*self._hotfixes(first), *self._reverts(first)]

    def _hotfixes(self, first: dict[int, int]) -> Iterable[Fix]:
        return (Fix("hotfix", first[pull], opened_at=opened) for pull, opened in self.hotfixes.items() if pull in first)

    def _reverts(self, first: dict[int, int]) -> Iterable[Fix]:
        return (
            Fix("revert", first[pull], reverted=first[undone])
            for pull, undone in self.reverts.items()
            if pull in first and undone in first
        )
