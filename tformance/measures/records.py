"""Lists of pull requests by the filters that measures take, and one with everything about it. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery

from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.models.review import PRReview
from tformance.measures import guard, keyset
from tformance.measures.cached import remembered
from tformance.measures.instants import Microseconds, at
from tformance.measures.narrow import filtered, within
from tformance.measures.pull import Choices, Direction, MoreChoices, PullPage, PullRow, Sort
from tformance.measures.query import DateAxis, Filters, Period
from tformance.measures.result import Key
from tformance.measures.rows import listed
from tformance.measures.rows.groups import is_of_groups
from tformance.measures.statistics import FRACTIONS, Percentile

COUNTED_TO = 10_000
CHUNK = 2_000
RECENT = 2_000
HOURS_AND_LINES: dict[Sort, str] = {
    "size": "size_lines",
    "cycle_time": "cycle_time_hours",
    "review_time": "review_time_hours",
}
COLUMNS = (
    "id",
    "repository_id",
    "repository__full_name",
    "number",
    "title",
    "url",
    "author_id",
    "author__login",
    "state",
    "is_draft",
    "pr_created_at",
    "pr_updated_at",
    "closed_at",
    "merged_at",
    "cycle_time_hours",
    "review_time_hours",
    "additions",
    "deletions",
    "size_lines",
    "size_bucket",
    "ai_marked",
    "ai_tool",
    "by_automation",
    "is_complete",
    "lead_time_hours",
    "coding_phase_hours",
    "draft_phase_hours",
    "pickup_phase_hours",
    "review_phase_hours",
    "merge_phase_hours",
    "ai_authored",
    "review_rounds",
    "commits_after_first_review",
    "avg_fix_response_hours",
    "force_pushes_after_review",
    "total_comments",
    "bot_comments",
    "review_threads",
    "unresolved_threads",
    "reviewers",
    "self_merged_unreviewed",
    "is_revert",
    "is_hotfix",
    "carries",
)


INSTANTS = ("pr_created_at", "pr_updated_at", "closed_at", "merged_at")
STREAMED = tuple(Microseconds(name) if name in INSTANTS else F(name) for name in COLUMNS)
PLACES = tuple(COLUMNS.index(name) for name in INSTANTS)


def pull_requests(
    filters: Filters,
    period: Period,
    *,
    axis: DateAxis = "own",
    sort: Sort = "own",
    direction: Direction = "desc",
    after: str | None = None,
    limit: int = 50,
) -> PullPage:
    """A page of a list and the list's length; raises BadPlace for an `after` that no page gave.

    Three statements, and one more where a page reaches what has no value to be sorted by.
    """
    return _page(filters, period, axis, keyset.read(after, sort, direction), limit)


def page_and_choices(
    filters: Filters, period: Period, axis: DateAxis, sort: Sort, direction: Direction, after: str | None, limit: int
) -> tuple[PullPage, Choices]:
    """As `pull_requests` and `choices`; both are kept for all who may ask for them."""
    guard.admit(filters)
    place = keyset.read(after, sort, direction)
    name = f"list: {filters} {period} {axis} {place} {limit}"
    wanted = {name: lambda: _page(filters, period, axis, place, limit), "choices": _choices}
    found = remembered(wanted, clock.now())
    return found[name], _chosen(*found["choices"])


def _page(filters: Filters, period: Period, axis: DateAxis, place: keyset.Place, limit: int) -> PullPage:
    matching = listing(filters, period, axis)
    length = _length(matching)
    column = _column(place.sort, axis, filters)
    page = keyset.walk(
        matching.annotate(place=column),
        place,
        limit,
        lambda part: _looked_up(part, axis, filters, column),
        gaps=place.sort not in (axis, "updated"),
    )
    return PullPage(rows=tuple(rows_of(page.rows)), next=page.next, previous=page.previous, **length)


def _length(matching: QuerySet[Any]) -> dict[str, Any]:
    """How many there are and what half of them took, in one walk that ends behind what is counted."""
    told = matching.values("pk", "lead_time_hours")[: COUNTED_TO + 1].aggregate(
        count=Count("*"), timed=Count("lead_time_hours"), lead_time=Percentile("lead_time_hours", FRACTIONS["median"])
    )
    if told["count"] <= COUNTED_TO:
        return {**told, "count_is_capped": False}
    return {"count": COUNTED_TO, "count_is_capped": True, "lead_time": None, "timed": 0}


def stream_pull_requests(
    team_id: int, filters: Filters, period: Period, *, axis: DateAxis = "own"
) -> Iterator[PullRow]:
    """The whole list, latest first, in flat memory. It enters the tenant itself: streams outlive their request.

    Raises NotYours at once, inside `tenant()`, not while the stream is read.
    """
    return _streamed(team_id, filters, period, axis, guard.admit(filters))


def _streamed(
    team_id: int, filters: Filters, period: Period, axis: DateAxis, viewer: guard.Viewer
) -> Iterator[PullRow]:
    with tenant(team_id):
        with guard.looking(viewer):
            matching = listing(filters, period, axis).order_by("-listed_at", "-id")
        found = matching.values_list(*STREAMED).iterator(chunk_size=CHUNK)
        while chunk := list(islice(found, CHUNK)):
            yield from rows_of(map(_with_instants, chunk))


def _with_instants(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    values = list(columns)
    for place in PLACES:
        values[place] = at(values[place])
    return tuple(values)


def reviews_given(filters: Filters, period: Period) -> int:
    """How many reviews the list by the day of review rests on."""
    listed_ones = listing(filters, period, "reviewed").values("pk")
    return _reviews(filters, period).filter(pull_request__in=listed_ones).count()


def choices() -> Choices:
    """What the sentence of a list is chosen from: repositories, and authors of pull requests, each by name.

    Authors are those that the viewer may choose.
    """
    return _chosen(*remembered({"choices": _choices}, clock.now())["choices"])


def _chosen(repositories: list[tuple[int, str]], authors: list[tuple[int, str]]) -> Choices:
    return Choices(tuple(Key(*pair) for pair in repositories), guard.choosable(Key(*pair) for pair in authors))


def _choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    repositories = Repository.objects.order_by("full_name").values_list("pk", "full_name")
    people = _who_has(PullRequest.objects.all()).filter(is_automation=False).order_by("login")
    return list(repositories), list(people.values_list("pk", "login"))


def more_choices() -> MoreChoices:
    """What a list can be narrowed by besides; labels and branches are those of what changed last. Three statements."""
    reviewers = _who_has(PRReview.objects.filter(counts=True)).order_by("login").values_list("pk", "login")
    tools = PullRequest.objects.exclude(ai_tool="").order_by("ai_tool").values_list("ai_tool", flat=True).distinct()
    recent = list(PullRequest.objects.order_by("-pr_updated_at").values_list("labels", "base_ref")[:RECENT])
    return MoreChoices(
        reviewers=guard.choosable(Key(*pair) for pair in reviewers),
        ai_tools=tuple(tools),
        labels=tuple(sorted({label for labels, _ in recent for label in labels}, key=str.casefold)),
        bases=tuple(sorted({base for _, base in recent}, key=str.casefold)),
    )


def _who_has(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Accounts that are the author of one. Each is looked up in an index: asked by EXISTS, PostgreSQL reads all rows."""
    mine = Subquery(rows.filter(author_id=OuterRef("pk")).values("pk")[:1])
    found: QuerySet[Any] = Actor.everything.alias(one=mine).filter(one__isnull=False)
    return found


def rows_of(found: Iterable[tuple[Any, ...]]) -> list[PullRow]:
    """Rows from values of COLUMNS; who reviewed them takes one statement for all."""
    values = list(found)
    reviewed = PRReview.objects.filter(counts=True, pull_request__in=[columns[0] for columns in values])
    people: dict[int, list[Key]] = defaultdict(list)
    named = reviewed.values_list("pull_request_id", "author_id", "author__login").distinct()
    for pull_request, *person in named.order_by("author__login", "author_id"):
        people[pull_request].append(Key(*person))
    return [_row(columns, tuple(people[columns[0]])) for columns in values]


def _row(columns: tuple[Any, ...], reviewed_by: tuple[Key, ...]) -> PullRow:
    identity, repository_id, full_name, number, title, url, author_id, login, *rest = columns
    repository, author = Key(repository_id, full_name), Key(author_id, login)
    return PullRow(identity, repository, number, title, url, author, reviewed_by, *rest)


def listing(filters: Filters, period: Period, axis: DateAxis) -> QuerySet[Any]:
    """By the days they were reviewed on, it is the chosen reviewers' reviews that count."""
    found: QuerySet[Any] = filtered(listed.LISTED, filters)
    found = found.alias(listed_at=listed.instant(axis, filters.state))
    if axis == "reviewed":
        return found.filter(pk__in=_reviews(filters, period).values("pull_request"))
    return found.filter(within(listed.LISTED.anchor, period.start, period.end))


def _reviews(filters: Filters, period: Period) -> QuerySet[PRReview]:
    """Reviews in this period that count, of these people where there are any."""
    given: QuerySet[PRReview] = PRReview.objects.filter(counts=True)
    if filters.reviewers:
        given = given.filter(author__in=filters.reviewers)
    if filters.reviewer_groups:
        given = given.filter(is_of_groups("author_id", filters.reviewer_groups))
    return given.filter(within("submitted_at", period.start, period.end))


def _column(sort: Sort, axis: DateAxis, filters: Filters) -> Any:
    """What rows are sorted by: null where they have no such value, but never for the days they are listed by."""
    if sort == axis:
        return F("listed_at")
    if sort in HOURS_AND_LINES:
        return F(HOURS_AND_LINES[sort])
    return listed.instant(sort, filters.state)


def _looked_up(part: QuerySet[Any], axis: DateAxis, filters: Filters, column: Any) -> QuerySet[Any]:
    """Places are found in an index where there is one; whole rows are looked up only for what is shown."""
    found = PullRequest.objects.filter(pk__in=part.values("pk")).alias(listed_at=listed.instant(axis, filters.state))
    ordered: QuerySet[Any] = found.annotate(place=column).order_by(*part.query.order_by)
    return ordered.values_list("place", *COLUMNS)
