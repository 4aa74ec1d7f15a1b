"""Pull requests as rows: merged ones on the day of the merge, all of them on the day they were opened, and those that
reached production on the day they did."""

from django.db.models import Q

from tformance.facts.models.pull_request import PullRequest
from tformance.measures.shape import Rows

COLUMNS = {
    "repository": "repository_id",
    "author": "author_id",
    "ai": "ai_marked",
    "ai_tool": "ai_tool",
    "size": "size_bucket",
    "state": "state",
    "merge_kind": "merge_kind",
    "text": "title",
}

MERGED = Rows(
    id="merged_pull_requests",
    model=PullRequest,
    anchor="merged_at",
    where=Q(merged_at__isnull=False),
    not_automation=Q(by_automation=False, carries=""),
    columns=COLUMNS,
    state="merged",
    axis="own",
)

OPENED = Rows(
    id="opened_pull_requests",
    model=PullRequest,
    anchor="pr_created_at",
    where=Q(pr_created_at__isnull=False),
    not_automation=Q(by_automation=False, carries=""),
    columns=COLUMNS,
    axis="opened",
)

DEPLOYED = Rows(
    id="deployed_pull_requests",
    model=PullRequest,
    anchor="deployed_at",
    where=Q(deployed_at__isnull=False, merged_at__isnull=False),
    not_automation=Q(by_automation=False, carries=""),
    columns=COLUMNS,
    state="merged",
    axis="deployed",
    stream="deployments",
)
