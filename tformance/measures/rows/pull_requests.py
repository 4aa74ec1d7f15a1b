"""Pull requests as rows: merged ones on the day of the merge, all of them on the day they were opened, what was merged or
closed on the day it was, and those that reached production on the day they did."""

from dataclasses import replace

from django.db.models import Q

from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.measures.rows import axes
from tformance.measures.shape import Rows

COLUMNS, HOLDS = axes.columns(), axes.holds()
LEFT_OUT = (
    "Those that automation opened, and those that only carry merged work on to another branch, are left out unless asked "
    "for; AI agents count."
)

MERGED = Rows(
    id="merged_pull_requests",
    about=f"Merged pull requests, on the day of the merge. {LEFT_OUT}",
    model=PullRequest,
    anchor="merged_at",
    where=Q(state=PullRequest.State.MERGED, merged_at__isnull=False),
    not_automation=Q(by_automation=False, carries=""),
    columns=COLUMNS,
    holds=HOLDS,
    pull="pk",
    state="merged",
    axis="own",
)

OPENED = Rows(
    id="opened_pull_requests",
    about=f"Pull requests whatever became of them, on the day they were opened. {LEFT_OUT}",
    model=PullRequest,
    anchor="pr_created_at",
    where=Q(pr_created_at__isnull=False),
    not_automation=Q(by_automation=False, carries=""),
    columns=COLUMNS,
    holds=HOLDS,
    pull="pk",
    axis="opened",
)

DEPLOYED = Rows(
    id="deployed_pull_requests",
    about=f"Merged pull requests, on the day they first reached production. {LEFT_OUT}",
    model=PullRequest,
    anchor="deployed_at",
    where=Q(deployed_at__isnull=False, merged_at__isnull=False),
    not_automation=Q(by_automation=False, carries=""),
    columns=COLUMNS,
    holds=HOLDS,
    pull="pk",
    state="merged",
    axis="deployed",
    stream="deployments",
)

# What agents open is no person's work, and a deleted account is nobody.
BY_PEOPLE = replace(
    MERGED,
    id="merged_by_people",
    about="Pull requests of people that were merged, on the day of the merge. Agents and deleted accounts are no people.",
    where=MERGED.where & Q(author__kind=Actor.Kind.USER),
    state=None,
    axis=None,
)

UNMERGED = replace(
    OPENED,
    id="unmerged_pull_requests",
    about=f"Pull requests that are not merged, on the day they were opened. {LEFT_OUT}",
    where=OPENED.where & Q(merged_at__isnull=True),
    axis=None,
)

ENDED = replace(
    OPENED,
    id="ended_pull_requests",
    about=f"Pull requests that were merged or closed, on the day they were. {LEFT_OUT}",
    anchor="own_at",
    where=~Q(state=PullRequest.State.OPEN),
    axis=None,
)
