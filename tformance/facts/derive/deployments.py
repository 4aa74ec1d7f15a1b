"""What deployments to production brought, what went wrong after them and when it was mended. Pure.

The deployments of one environment that succeeded stand in a line, in the order of their success. Each is held against
the one before it:

- the first that is known is the baseline: what it brought nobody knows;
- the same commit once more is a repetition, not a deployment of its own;
- a commit that the one before contains, or that ran here before and is not ahead, is a rollback: never a delivery;
- everything else is a delivery.

A delivery failed if a rollback followed it directly, if a change in it was reverted, or if a hotfix was opened while
it ran, and the revert or hotfix reached the environment within a day. It is counted once, by the first of these
kinds. It was recovered from by the first success, from the one on that told of the failure, that did not fail itself.

Deliveries of one commit to several environments are one deployment in parts: the first whose contents are known counts,
the others are its rollout. It failed if any part failed, and was recovered from when all of these were.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

# Raise with every change of a rule here: what follows from older rules is worked out again.
DEPLOYMENTS_VERSION: Final = 4

PRODUCTION: Final = frozenset({"production", "prod", "prd", "live"})
# Words beside them that say it is something else: "pre-production", "prod-test", "live preview".
NOT_PRODUCTION: Final = frozenset({"non", "not", "pre", "preview", "staging", "stage", "test", "testing", "dev", "qa"})
FAILED_WITHIN: Final = timedelta(hours=24)
KINDS: Final = ("rollback", "revert", "hotfix")  # by which of several a failure is counted
WITH_CONTENTS: Final = frozenset({"ahead", "diverged"})


@dataclass(frozen=True, slots=True)
class EnvironmentRule:
    """Environments that were said to be production or not, by their exact names; all others go by their name."""

    production: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()

    def is_production(self, environment: str) -> bool:
        if environment in self.production or environment in self.others:
            return environment in self.production
        return is_called_production(environment)


BY_NAME: Final = EnvironmentRule()


def is_called_production(environment: str) -> bool:
    """By whole words of its name or path: "prod/eu" is, "product" and "pre-production" are not."""
    words = set(re.split(r"[^a-z0-9]+", environment.lower()))
    return bool(words & PRODUCTION) and not words & NOT_PRODUCTION


def succeeded_at(states: Iterable[tuple[str, datetime]]) -> datetime | None:
    """The first success; that another deployment made it inactive later changes nothing."""
    return min((instant for state, instant in states if state == "success"), default=None)


class Success(NamedTuple):
    """A deployment to production that succeeded."""

    id: int
    provider_id: int
    sha: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """A deployment in its line; `first` is the delivery that brought its commit here, by its place in the line."""

    deployment: Success
    first: int
    previous: Success | None = None
    relation: str | None = None
    is_rollback: bool = False
    is_delivery: bool = False


def line(successes: Iterable[Success], relations: Mapping[tuple[str, str], str]) -> list[Placed]:
    """The line of one environment; `relations` are those of (base, head) that were compared."""
    placed: list[Placed] = []
    brought: dict[str, int] = {}
    for place, each in enumerate(sorted(successes, key=_in_order)):
        before = placed[-1] if placed else None
        is_new = each.sha not in brought
        first = brought.setdefault(each.sha, place)
        if before is None:
            placed.append(Placed(each, first, relation="baseline", is_delivery=True))
        elif before.deployment.sha == each.sha:
            placed.append(Placed(each, first, before.deployment, "identical"))
        else:
            relation = relations.get((before.deployment.sha, each.sha))
            back = relation == "behind" or (not is_new and relation in ("diverged", "unknown"))
            placed.append(Placed(each, first, before.deployment, relation, back, is_new and not back))
    return placed


def wholes(lines: Iterable[Sequence[Placed]]) -> dict[int, int]:
    """By the id of each delivery that is a rollout, the one that counts for it; `lines` are of one repository."""
    by_sha: defaultdict[str, list[Placed]] = defaultdict(list)
    for each in chain.from_iterable(lines):
        if each.is_delivery:
            by_sha[each.deployment.sha].append(each)
    found: dict[int, int] = {}
    for parts in by_sha.values():
        counts, *others = sorted(parts, key=_by_known_contents)
        found |= {each.deployment.id: counts.deployment.id for each in others}
    return found


def _by_known_contents(placed: Placed) -> tuple[bool, datetime, int]:
    return placed.relation not in WITH_CONTENTS, *_in_order(placed.deployment)


def _in_order(success: Success) -> tuple[datetime, int]:
    return success.at, success.provider_id


@dataclass(frozen=True, slots=True)
class Fix:
    """A revert or a hotfix: where in the line it and, of a revert, what it undoes came first; when it was opened."""

    kind: str
    place: int
    reverted: int | None = None
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    kind: str
    recovered_at: datetime | None


def failures(placed: Sequence[Placed], fixes: Collection[Fix]) -> dict[int, Failure]:
    """What is known of each delivery that failed, by its place in the line."""
    signals = [*_rollbacks(placed), *_fixed(placed, fixes)]
    mended = _places_that_failed(placed, signals)
    found: dict[int, Failure] = {}
    for place in sorted({failed for failed, _, _ in signals}):
        mine = [(kind, told) for failed, kind, told in signals if failed == place]
        kind = min((kind for kind, _ in mine), key=KINDS.index)
        told = min(told for _, told in mine)
        well = (each for each in range(told, len(placed)) if each not in mended)
        found[place] = Failure(kind, next((placed[each].deployment.at for each in well), None))
    return found


def of_wholes(failed: Mapping[int, Failure], parts: Mapping[int, int]) -> dict[int, Failure]:
    """Failures by deployment, those of a rollout told of what counts for it too; `parts` are as `wholes` gives them."""
    found = dict(failed)
    for part, whole in sorted(parts.items()):
        if part in failed:
            found[whole] = _both(found[whole], failed[part]) if whole in found else failed[part]
    return found


def _both(one: Failure, other: Failure) -> Failure:
    instants = [each.recovered_at for each in (one, other) if each.recovered_at is not None]
    kind = min(one.kind, other.kind, key=KINDS.index)
    return Failure(kind, max(instants) if len(instants) == 2 else None)


Signal = tuple[int, str, int]  # the place of the delivery that failed, by what kind, and of what told of it


def _rollbacks(placed: Sequence[Placed]) -> Iterator[Signal]:
    """What ran before a rollback failed: the delivery that had brought it."""
    for place, each in enumerate(placed):
        if each.is_rollback and placed[placed[place - 1].first].is_delivery:
            yield placed[place - 1].first, "rollback", place


def _fixed(placed: Sequence[Placed], fixes: Collection[Fix]) -> Iterator[Signal]:
    for fix in sorted(fixes, key=lambda each: (each.place, each.kind)):
        failed = fix.reverted if fix.kind == "revert" else _running(placed, fix)
        if failed is None or failed >= fix.place:
            continue
        if placed[fix.place].deployment.at - placed[failed].deployment.at <= FAILED_WITHIN:
            yield failed, fix.kind, fix.place


def _running(placed: Sequence[Placed], fix: Fix) -> int | None:
    """The last delivery before the hotfix was opened, if it is known what was in it."""
    if fix.opened_at is None:
        return None
    before = (
        place
        for place in range(fix.place - 1, -1, -1)
        if placed[place].is_delivery and placed[place].deployment.at <= fix.opened_at
    )
    found = next(before, None)
    return found if found is not None and placed[found].relation in WITH_CONTENTS else None


def _places_that_failed(placed: Sequence[Placed], signals: Iterable[Signal]) -> set[int]:
    """Deliveries that failed, and whatever was rolled back from: after neither all is well."""
    back = {place - 1 for place, each in enumerate(placed) if each.is_rollback}
    return {failed for failed, _, _ in signals} | back
