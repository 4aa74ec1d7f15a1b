"""Whatever rows are cut by, each part is what the same filter leaves, and parts of what is only one add up."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import (
    actor,
    at,
    check,
    commit,
    event,
    file,
    linked_issue,
    open_pull_request,
    organization,
    provider_team,
    review,
    thread,
    whole,
    write_org,
)
from tformance.facts.testing import comment as remark
from tformance.measures.catalogue import MEASURES
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.narrow import COLUMN_OF, Unanswerable
from tformance.measures.query import Filters, Waiting
from tformance.measures.records import pull_requests
from tformance.measures.result import Row
from tformance.measures.shape import Measure
from tformance.measures.tests.conftest import WEEK, Ask, Land, everyone, merged

FIELD_OF = {name: field for field, name in COLUMN_OF.items()}
SEVERAL = {"label", "category", "reviewer", "group"}  # a pull request may have more than one
MARK = "Change\n\nCo-authored-by: Claude <noreply@anthropic.com>"
CUTS = [
    (measure, name)
    for measure in {measure.rows.id: measure for measure in MEASURES.values() if measure.rows.pull}.values()
    for name in DIMENSIONS
    if name in measure.rows.columns and name in FIELD_OF
]


def many(of: dict[str, Any], name: str) -> bool:
    """Whether a row may be in several parts: what is one for files and reviews is several for pull requests."""
    return name in SEVERAL and not isinstance(of[name], str)


@pytest.fixture
def varied(land: Land, acme: Team) -> Team:
    ann, bot = actor("ann"), actor("dependabot", kind="bot")
    said = whole([review(1), review(2, author=ann), review(3, submitted_at=at(5), state="changes_requested")])
    tests_too = whole([file(additions=3, deletions=0), file("tests/test_shop.py"), file("uv.lock")])
    begun = whole([thread(1, comments=whole([remark(1, kind="review")]))])
    runs = whole([check(1), check(2, name="lint", conclusion="failure")])
    land(
        merged(1, 8, reviews=said, files=tests_too, threads=begun, checks=runs, labels=("bug", "urgent")),
        merged(2, 30, author=actor("bob"), commits=whole([commit(2, message=MARK)]), base_ref="release/2"),
        merged(3, 30, author=bot, title="chore(deps): bump lint from 1 to 2", labels=("dependencies",)),
        merged(4, 60, opened=20, linked_issues=whole([linked_issue(1)]), merge_kind=None, labels=("urgent",)),
        merged(5, 61, files=None, reviews=whole([review(5, author=ann)]), checks=whole([check(5)])),
        open_pull_request(6, linked_issues=whole([]), files=whole([file("docs/start.md")])),
        open_pull_request(7, is_draft=True, title="docs: start", base_ref="next", checks=whole([check(7)])),
        open_pull_request(8, reviews=whole([review(8)]), events=whole([event(8)]), author=ann, labels=("bug",)),
        open_pull_request(9, state="closed", closed_at=at(60), head_ref="feature/carts"),
    )
    squads = (provider_team(1, actor("ada"), ann), provider_team(2, ann, actor("grace")))
    write_org(acme, organization(members=whole(), teams=whole(squads)))
    return acme


@pytest.mark.parametrize(("measure", "name"), CUTS, ids=lambda part: getattr(part, "id", part))
def test_a_part_is_what_its_filter_leaves_and_parts_add_up(measure: Measure, name: str, varied: Team, ask: Ask) -> None:
    total = ask(measure.id, filters=everyone()).total
    rows = ask(measure.id, by=(name,), filters=everyone()).rows
    assert (len(rows) > 0) is (total.rows > 0)
    for row in rows:
        assert numbers(ask(measure.id, filters=only(name, row)).total) == numbers(row)
    if measure.finish is None:
        parts = sum(row.rows for row in rows)
        assert parts >= total.rows if many(dict(measure.rows.columns), name) else parts == total.rows


def only(name: str, row: Row) -> Filters:
    """The filter that leaves the part that this row is."""
    field, key = FIELD_OF[name], row.key[0].id
    value = key if field in ("state", "linked", "draft") else (key,)
    return replace(everyone(), **{field: value})  # type: ignore[arg-type]


def numbers(row: Row) -> tuple[float | None, int, int]:
    return row.value, row.n, row.missing


@pytest.mark.parametrize("name", ["label", "category", "reviewer", "group"])
def test_what_has_one_and_what_has_none_is_everything(name: str, varied: Team, ask: Ask) -> None:
    rows = ask("opened_prs", by=(name,), filters=everyone()).rows
    keys = [row.key[0].id for row in rows]
    some = replace(everyone(), **{FIELD_OF[name]: tuple(key for key in keys if key)})  # type: ignore[arg-type]
    none = replace(everyone(), **{FIELD_OF[name]: tuple(key for key in keys if not key)})  # type: ignore[arg-type]
    counts = [ask("opened_prs", filters=filters).total.value for filters in (some, none, everyone())]
    assert all(counts)
    assert (counts[0] or 0) + (counts[1] or 0) == counts[2]


def test_every_pull_request_that_is_open_waits_for_one_thing(varied: Team, ask: Ask) -> None:
    parts = [ask("opened_prs", filters=Filters(waiting=state)).total.value or 0 for state in get_args(Waiting)]
    assert sum(parts) == ask("opened_prs", filters=Filters(state="open")).total.value == 3
    assert ask("reviews_given", filters=Filters(waiting="approved")).total.value == 1


@pytest.mark.parametrize("name", sorted(FIELD_OF))
def test_a_list_is_as_long_as_the_part_it_is_behind(name: str, varied: Team, ask: Ask) -> None:
    if name not in DIMENSIONS or name not in MEASURES["opened_prs"].rows.columns:
        return
    for row in ask("opened_prs", by=(name,), filters=everyone()).rows:
        with tenant(varied.pk):
            assert pull_requests(only(name, row), WEEK, axis="opened").count == row.value


def test_a_kind_of_file_and_a_folder_are_asked_of_the_same_file(varied: Team, ask: Ask) -> None:
    assert ask("merged_prs", filters=Filters(categories=("test",), directories=("tests",))).total.value == 1
    assert ask("merged_prs", filters=Filters(categories=("test",), directories=("src",))).total.value == 0


def test_of_files_a_filter_leaves_those_of_the_kind(varied: Team, ask: Ask) -> None:
    assert ask("churn", filters=Filters(categories=("test",))).total.value == 24
    assert ask("merged_prs", filters=Filters(categories=("test",))).total.value == 1


@pytest.mark.parametrize("filters", [Filters(labels=("bug",)), Filters(waiting="draft"), Filters(reviewers=(1,))])
def test_what_is_no_part_of_a_pull_request_has_no_such_filter(filters: Filters, varied: Team, ask: Ask) -> None:
    for measure in ("commits", "deployment_frequency"):
        with pytest.raises(Unanswerable):
            ask(measure, filters=filters)
