"""What kind of work a pull request says it is."""

from typing import Any

import pytest

from tformance.facts import testing as t
from tformance.facts.derive.work_type import work_type


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ""),
        ({"title": "feat: carts"}, "feature"),
        ({"title": "Feat(shop)!: carts"}, "feature"),
        ({"title": "fix(api): totals"}, "fix"),
        ({"title": "[Fix] totals"}, "fix"),
        ({"title": "refactor: carts"}, "refactoring"),
        ({"title": "perf: carts"}, "performance"),
        ({"title": "test: carts"}, "test"),
        ({"title": "docs: carts"}, "docs"),
        ({"title": "chore(deps): bump lint from 1 to 2"}, "maintenance"),
        ({"title": "ci: cache"}, "maintenance"),
        ({"title": "revert: carts"}, "revert"),
        ({"title": "Fix the totals"}, ""),
        ({"title": "Prefix: names"}, ""),
        ({"title": "fix:"}, ""),
        ({"title": "shop: carts", "labels": ("bug",)}, "fix"),
        ({"title": "docs: carts", "labels": ("bug",)}, "docs"),
        ({"labels": ("Type: Bug",)}, "fix"),
        ({"labels": ("kind/documentation",)}, "docs"),
        ({"labels": ("new-feature",)}, "feature"),
        ({"labels": ("tech_debt",)}, "refactoring"),
        ({"labels": ("not a bug", "debugging")}, ""),
        ({"labels": ("area: ci",)}, ""),
        ({"labels": ("urgent", "enhancement")}, "feature"),
        ({"head_ref": "feature/carts"}, "feature"),
        ({"head_ref": "hotfix/totals"}, "fix"),
        ({"head_ref": "fix"}, ""),
        ({"head_ref": "ada/fix/totals"}, ""),
        ({"head_ref": "feature/carts", "labels": ("bug",)}, "fix"),
    ],
)
def test_title_labels_and_branch_tell_in_this_order_and_prose_does_not(fields: dict[str, Any], expected: str) -> None:
    assert work_type(t.pull_request(1, **fields)) == expected
