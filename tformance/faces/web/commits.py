"""The list behind a number of commits: each with who made it and the pull requests it is in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from tformance.faces.kit import notation
from tformance.faces.kit.address import BadAddress, View
from tformance.faces.web import scope
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import addresses, as_table
from tformance.faces.web.shell import team_html
from tformance.measures.committed import Committed, Within, commits, stream_commits
from tformance.measures.keyset import BadPlace
from tformance.measures.labels import labels_of
from tformance.measures.result import Key

PAGE_ROWS = 50
HEADER = (
    "repository",
    "sha",
    "message",
    "login",
    "name",
    "committed_at",
    "is_merge",
    "additions",
    "deletions",
    "pull_requests",
)


@dataclass(frozen=True)
class Line:
    """A commit in words, with the addresses of its pull requests."""

    row: Committed
    title: str
    who: str
    when: str
    when_title: str
    pulls: list[tuple[Within, str]]


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    try:
        found = commits(view.filters.of_scope(), view.period, after=view.after, limit=PAGE_ROWS)
    except BadPlace as error:
        raise BadAddress(f"The list has changed its order: {error}.") from error
    base = reverse("commits", args=[place.team.slug])
    context: dict[str, Any] = {
        "count": found.count,
        "chips": list(_chips(view, base)),
        "scope": [scope.period_choice(view, base, "")],
        "lines": [_line(row, place) for row in found.rows],
        **addresses("commits_file", view, place),
        "next": base + view.from_row(found.next).query if found.next else None,
        "previous": base + view.from_row(found.previous).query if found.previous else None,
    }
    return team_html(request, place, "web/commits.html", context, here="people")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    rows = map(_cells, stream_commits(place.team.pk, view.filters.of_scope(), view.period))
    return as_table(kind, "commits", HEADER, rows, place)


def _cells(row: Committed) -> tuple[Any, ...]:
    pulls = ", ".join(f"{pull.repository}#{pull.number}" for pull in row.pulls)
    lines = (row.is_merge, row.additions, row.deletions, pulls)
    return (row.repository.label, row.sha, row.message, row.login, row.name, row.committed_at, *lines)


def _chips(view: View, base: str) -> Iterator[scope.Chip]:
    """Whose and where they are, each with the way to drop it."""
    filters = view.filters
    named: dict[str, set[Any]] = {
        "author": set(filters.authors),
        "repository": set(filters.repositories),
        "group": set(filters.groups),
    }
    labels = labels_of(named)
    yield from scope.chips(view.of_scope(), base, [Key(one, labels["author", one]) for one in filters.authors])
    for name, field, words in (("repository", "repositories", "in"), ("group", "groups", "by somebody of")):
        chosen: tuple[Any, ...] = getattr(filters, field)
        for one in chosen:
            others = tuple(other for other in chosen if other != one)
            yield scope.Chip(f"{words} {labels[name, one]}", base + view.with_filters(**{field: others}).query)


def _line(row: Committed, place: Place) -> Line:
    local = row.committed_at.astimezone(place.zone)
    return Line(
        row=row,
        title=row.message.partition("\n")[0],
        who=row.login or row.name,
        when=notation.day(local.date(), place.now.astimezone(place.zone).date()),
        when_title=f"{notation.clock_time(local)}, {place.zone}",
        pulls=[(pull, _href(place, pull)) for pull in row.pulls],
    )


def _href(place: Place, pull: Within) -> str:
    owner, _, name = pull.repository.rpartition("/")
    return reverse("pull", args=[place.team.slug, owner or "-", name, pull.number])
