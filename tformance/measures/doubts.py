"""How much of what is stored is doubtful. Call it inside `tenant()`."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from tformance.facts.models.pull_request import PullRequest
from tformance.measures.definitions.unlinked_deployments import MEASURE as UNLINKED


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of all stored pull requests, those that lack a part, and those with stamps in an impossible order.

    `moved` counts the stamps that were moved into order. Of the deliveries that were compared with the one before,
    `unlinked` bring no pull request that is known.
    """

    pulls: int
    incomplete: int
    impossible: int
    moved: int
    deliveries: int
    unlinked: int


def doubts() -> Doubts:
    """Of all time, in two statements."""
    pulls = PullRequest.objects.aggregate(
        pulls=Count("pk"),
        incomplete=Count("pk", filter=Q(is_complete=False)),
        impossible=Count("pk", filter=Q(clamped_stamps__gt=0)),
        moved=Sum("clamped_stamps", default=0),
    )
    delivered = UNLINKED.rows.model.objects.filter(UNLINKED.rows.where).annotate(is_unlinked=UNLINKED.value)
    loose = delivered.aggregate(deliveries=Count("is_unlinked"), unlinked=Sum("is_unlinked", default=0))
    return Doubts(**pulls, **loose)
