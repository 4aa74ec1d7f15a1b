"""Commits as rows, one a sha wherever it is contained, on the day they were committed.

Automation's commits count as well: this is the history as `git log` shows it, no measure of people.
"""

from typing import Any

from django.db.models import Case, CharField, Q, Value, When

from tformance.facts.models.repository import Commit
from tformance.measures.query import Filters
from tformance.measures.rows.groups import groups_of, is_of_groups
from tformance.measures.shape import Rows


def _of_groups(filters: Filters) -> Any:
    return is_of_groups("author_id", filters.groups)


COMMITTED = Rows(
    id="commits",
    about="Commits, each once in however many places it stands, on the day it was committed. Automation's count as well.",
    model=Commit,
    anchor="committed_at",
    where=Q(),
    not_automation=Q(),
    columns={
        "repository": "repository_id",
        "author": "author_id",
        "ai": Case(When(ai_marked=True, then=Value("yes")), default=Value("no_evidence"), output_field=CharField()),
        "ai_tool": "ai_tool",
        "commit_kind": Case(
            When(is_merge=True, then=Value("merge")), default=Value("change"), output_field=CharField()
        ),
        "source": "repository__source",
        "text": "message",
        "group": groups_of("author_id"),
    },
    holds={"groups": _of_groups},
)
