"""A card and its list are one filter, and a list is walked row by row whatever it is sorted by."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import actor, at, commit, file, open_pull_request, pull_request, review, team, whole
from tformance.measures import keyset
from tformance.measures.catalogue import MEASURES
from tformance.measures.pull import Direction, PullPage, PullRow, Sort
from tformance.measures.query import DateAxis, Filters, Waiting
from tformance.measures.records import choices, more_choices, pull_requests, reviews_given, stream_pull_requests
from tformance.measures.shape import Measure
from tformance.measures.tests.conftest import WEEK, Ask, Land, everyone, merged
from tformance.measures.waiting import waiting_now

OF_PULL_REQUESTS = [measure for measure in MEASURES.values() if measure.rows.axis]
# Rows that are no single list of pull requests; each is held against its own kind of list, here or where it is named.
OTHERWISE = {
    "ended_pull_requests": "two lists together, below",
    "unmerged_pull_requests": "two lists together, below",
    "merged_by_people": "part of what is merged: the list has agents' and nobody's too",
    "changed_files": "by part of the code, below",
    "reviews_given": "by the day of review, below",
    "last_words": "some of the reviews",
    "threads": "conversations, shown with their pull request",
    "commits": "commits, shown with their pull request",
    "check_runs": "checks, shown with their pull request",
    "checks_of_commits": "checks, shown with their pull request",
    "deliveries": "the list of deployments",
    "failed_deliveries": "the list of deployments",
    "deployment_attempts": "attempts, most of which are in the list of deployments",
}
MARK = "Change\n\nCo-authored-by: Claude <noreply@anthropic.com>"


@pytest.fixture
def mixed(land: Land, acme: Team) -> Team:
    """Pull requests of every state, size and verdict, some without values, in and around the week."""
    land(
        merged(1, 8, reviews=whole([review(1)]), files=whole([file(additions=3, deletions=0)])),
        merged(2, 30, author=actor("bob"), commits=whole([commit(2, message=MARK)])),
        merged(3, 30, author=actor("dependabot", kind="bot")),
        merged(4, 300, opened=20),
        merged(5, -11, opened=-20),
        open_pull_request(6),
        open_pull_request(7, state="closed", closed_at=at(60)),
        merged(8, 60, opened=-100, files=None, title="Fix the Login page"),
        pull_request(9, author=actor("bob"), merged_at=at(8), files=whole([file(additions=600)])),
    )
    return acme


@pytest.mark.parametrize("measure", OF_PULL_REQUESTS, ids=lambda measure: measure.id)
@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        everyone(),
        Filters(ai=("yes",)),
        Filters(sizes=("XS", "XL")),
        Filters(text="login"),
        Filters(text="x y"),
    ],
    ids=repr,
)
def test_a_number_is_as_large_as_the_list_behind_it(measure: Measure, filters: Filters, mixed: Team, ask: Ask) -> None:
    card = ask(measure.id, filters=filters).total
    axis: DateAxis = measure.rows.axis  # type: ignore[assignment]
    state = measure.rows.state
    with tenant(mixed.pk):
        found = pull_requests(filters.with_state(state), WEEK, axis=axis)  # type: ignore[arg-type]
    assert card.rows == found.count == len(found.rows)


def test_a_measure_has_a_list_or_says_what_else_it_counts() -> None:
    assert {measure.rows.id for measure in MEASURES.values() if not measure.rows.axis} == OTHERWISE.keys()


def test_what_ended_and_what_is_not_merged_are_two_lists_together(mixed: Team, ask: Ask) -> None:
    with tenant(mixed.pk):
        closed, merged_ones = (pull_requests(Filters(state=state), WEEK).count for state in ("closed", "merged"))
        unmerged = [pull_requests(Filters(state=state), WEEK, axis="opened").count for state in ("closed", "open")]
    ended = ask("abandoned_share", "sum").total
    assert (ended.value, ended.rows) == (closed, closed + merged_ones)
    assert ask("time_open").total.rows == sum(unmerged)
    assert min(closed, merged_ones, *unmerged) > 0


@pytest.mark.parametrize(("name", "field"), [("category", "categories"), ("directory", "directories")])
def test_what_touches_a_part_of_the_code_is_as_much_as_its_list(name: str, field: str, mixed: Team, ask: Ask) -> None:
    rows = ask("touching_prs", by=(name,)).rows
    assert rows
    for row in rows:
        filters = replace(Filters(state="merged"), **{field: (row.key[0].id,)})  # type: ignore[arg-type]
        with tenant(mixed.pk):
            assert pull_requests(filters, WEEK).count == row.value


@pytest.mark.parametrize("name", ["author", "repository", "size", "ai"])
def test_the_parts_of_a_cut_are_as_large_as_their_lists(name: str, mixed: Team, ask: Ask) -> None:
    for row in ask("merged_prs", by=(name,)).rows:
        chosen = {"author": "authors", "repository": "repositories", "size": "sizes", "ai": "ai"}[name]
        if row.key[0].id is None:
            continue
        filters = replace(Filters(state="merged"), **{chosen: (row.key[0].id,)})  # type: ignore[arg-type]
        with tenant(mixed.pk):
            assert pull_requests(filters, WEEK).count == row.value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("login", [1]),
        ("LOG", [1]),
        ("log fix", [1]),
        ("pages login", []),
        ("ogin", []),
        ("fix", [2, 1]),
        ("login-page", [1]),
        ("77", [2]),
        ("#77", [2]),
        ("7", []),
        ("2", [2]),
        ("!?", []),
    ],
)
def test_a_title_is_found_by_how_each_word_begins_and_by_whole_numbers(
    text: str, found: list[int], land: Land, acme: Team
) -> None:
    land(merged(1, 8, title="Fix the Login page"), merged(2, 9, title="fix: Revert #77 (again)"))
    land(merged(3, 8, title="Fix the login"), team=team("other"))
    with tenant(acme.pk):
        assert [row.number for row in pull_requests(Filters(text=text), WEEK).rows] == found


def test_what_waits_is_as_many_as_its_list_has(land: Land, acme: Team) -> None:
    land(
        merged(1, 8),
        open_pull_request(2),
        open_pull_request(3, is_draft=True),
        open_pull_request(4, reviews=whole([review(4)])),
        open_pull_request(5, reviews=whole([review(5, state="changes_requested")])),
        open_pull_request(6, reviews=whole([review(6, state="commented")])),
        open_pull_request(7, author=actor("dependabot", kind="bot")),
    )
    land(open_pull_request(8), open_pull_request(9, is_draft=True), team=team("other"))
    with tenant(acme.pk):
        waiting = waiting_now(Filters())
        lists = {state: pull_requests(Filters(state="open", waiting=state), WEEK) for state in get_args(Waiting)}
    assert waiting.counts == {state: found.count for state, found in lists.items()} == dict.fromkeys(lists, 1)
    for pull in waiting.pulls:
        assert [row.id for row in lists[pull.state].rows] == [pull.row.id]


@pytest.fixture
def reviewed(land: Land, acme: Team) -> Team:
    """Three reviews in the week on two pull requests, one of them automation's, and some that do not count."""
    ann = actor("ann")
    land(
        merged(1, 300, reviews=whole([review(1), review(2, author=ann), review(3, submitted_at=at(290))])),
        merged(2, 8, author=actor("dependabot", kind="bot"), reviews=whole([review(4, author=ann)])),
        merged(3, 8, reviews=whole([review(5, author=actor("ada")), review(6, author=actor("lint", kind="bot"))])),
    )
    land(merged(4, 8, reviews=whole([review(7, author=ann)])), team=team("other"))
    return acme


def test_reviews_lead_to_what_was_reviewed(reviewed: Team, ask: Ask) -> None:
    with tenant(reviewed.pk):
        found = pull_requests(everyone(), WEEK, axis="reviewed")
        assert ask("reviews_given").total.value == reviews_given(everyone(), WEEK) == 3
    assert [row.number for row in found.rows] == [1, 2]
    assert [row.id for row in stream_pull_requests(reviewed.pk, everyone(), WEEK, axis="reviewed")] == [
        row.id for row in found.rows
    ]


def test_the_reviews_of_one_person_lead_to_what_they_reviewed(reviewed: Team, ask: Ask) -> None:
    (ann,) = [row for row in ask("reviews_given", by=("author",)).rows if row.key[0].label == "ann"]
    for_ann = replace(everyone(), reviewers=(ann.key[0].id,))
    with tenant(reviewed.pk):
        assert reviews_given(for_ann, WEEK) == ann.value == 2
        assert [row.number for row in pull_requests(for_ann, WEEK, axis="reviewed").rows] == [1, 2]
        assert [row.number for row in pull_requests(for_ann, WEEK).rows] == [2]


def test_a_row_names_people_whose_reviews_count_in_order_of_their_names(reviewed: Team) -> None:
    with tenant(reviewed.pk):
        rows = pull_requests(everyone(), WEEK, axis="opened").rows
    assert {row.number: [key.label for key in row.reviewed_by] for row in rows} == {
        1: ["ann", "grace"],
        2: ["ann"],
        3: [],
    }


@pytest.mark.parametrize("direction", get_args(Direction))
@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("axis", get_args(DateAxis))
def test_pages_walk_a_list_forth_and_back_without_missing_a_row(
    axis: DateAxis, sort: Sort, direction: Direction, mixed: Team
) -> None:
    with tenant(mixed.pk):
        whole_list = pull_requests(everyone(), WEEK, axis=axis, sort=sort, direction=direction)
        pages = list(_pages(axis, sort, direction))
        assert [row for page in pages for row in page.rows] == list(whole_list.rows)
        back = pages[-1]
        for page in reversed(pages[:-1]):
            back = pull_requests(
                everyone(), WEEK, axis=axis, sort=sort, direction=direction, after=back.previous, limit=2
            )
            assert back.rows == page.rows
        assert back.previous is None


def _pages(axis: DateAxis, sort: Sort, direction: Direction) -> Iterator[PullPage]:
    after = None
    while True:
        page = pull_requests(everyone(), WEEK, axis=axis, sort=sort, direction=direction, after=after, limit=2)
        yield page
        after = page.next
        if after is None:
            return


@pytest.mark.parametrize("direction", get_args(Direction))
def test_what_has_no_value_comes_last_in_either_direction(direction: Direction, mixed: Team) -> None:
    with tenant(mixed.pk):
        rows = pull_requests(everyone(), WEEK, sort="cycle_time", direction=direction).rows
    values = [row.cycle_time_hours for row in rows]
    known = [value for value in values if value is not None]
    assert values == sorted(known, reverse=direction == "desc") + [None] * (len(values) - len(known))


def test_an_unmerged_pull_request_is_listed_on_its_own_day(mixed: Team) -> None:
    with tenant(mixed.pk):
        numbers = {row.number for row in pull_requests(everyone(), WEEK).rows}
        opened = {row.number for row in pull_requests(everyone(), WEEK, axis="opened").rows}
    assert numbers == {1, 2, 3, 6, 7, 8, 9}
    assert opened == {1, 2, 3, 4, 6, 7, 9}


@pytest.mark.parametrize("token", ["", "x", "é", "bnVsbA", "WzFd", "WyJvd24iLCAiYXNjIiwgIm5vIiwgMSwgZmFsc2Vd"])
def test_a_place_that_no_page_gave_is_refused(token: str) -> None:
    with pytest.raises(keyset.BadPlace):
        keyset.read(token, "own", "desc")


def test_a_stream_has_the_whole_list_without_a_surrounding_tenant(mixed: Team) -> None:
    other = team("other")
    streamed: list[PullRow] = list(stream_pull_requests(mixed.pk, everyone(), WEEK))
    assert list(stream_pull_requests(other.pk, everyone(), WEEK)) == []
    with tenant(mixed.pk):
        assert streamed == list(pull_requests(everyone(), WEEK).rows)


def test_choices_are_what_can_be_found(mixed: Team) -> None:
    with tenant(mixed.pk):
        found, more = choices(), more_choices()
    assert [key.label for key in found.repositories] == ["acme/shop"]
    assert [key.label for key in found.authors] == ["ada", "bob"]
    assert more.ai_tools == ("Claude Code",)
