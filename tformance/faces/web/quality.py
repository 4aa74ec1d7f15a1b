"""How good is it? What checks say, and what had to be taken back or hurried after."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.wording import LEAST_TO_TELL, Phrase
from tformance.faces.web import board, figures, tiles
from tformance.faces.web.board import Answers
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures.query import Query
from tformance.measures.result import Coverage, Result, Row
from tformance.measures.shape import Statistic

TILES: tuple[tuple[str, Statistic], ...] = (
    ("check_pass_rate", "rate"),
    ("check_duration", "median"),
    ("flaky_share", "rate"),
    ("revert_share", "share"),
    ("hotfix_share", "share"),
    ("self_merged_unreviewed", "share"),
)
NO_LINE = "flaky_share"  # of its own statement, for one small line
SHOWN = 30


@dataclass(frozen=True)
class Line:
    """A check in words."""

    name: str
    flaky: str
    median: str
    p90: str
    passed: str
    n: int
    left_out: int


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    answers = board.ask(dict(_questions(view)))
    checks = list(_checks(answers))
    context: dict[str, Any] = {
        **board.frame(view, place, "quality", answers, answers["repositories"]),
        "name": "Quality",
        "question": "How good is it?",
        "sentence": _sentence(view, answers),
        "support": _support(answers),
        "is_empty": not any(answers[name].total.rows for name in ("check_pass_rate", "revert_share")),
        "tiles": list(_tiles(view, place, answers)),
        "passing": figures.trend(
            "passing",
            "Share of checks that pass; the table says the values",
            [("pass", "s-accent", answers["check_pass_rate, line"])],
        ),
        "taking": figures.trend(
            "taking",
            "Median time of a check; the table says the values",
            [("median", "s-accent", answers["check_duration, line"])],
        ),
        "explain_passing": board.explain_href(view, place, "check_pass_rate", "rate"),
        "explain_taking": board.explain_href(view, place, "check_duration", "median"),
        "depth": _depth(answers["flaky_share"].coverage),
        "checks": checks[:SHOWN],
        "more_checks": f"{SHOWN} of {notation.number(len(checks))} checks." if len(checks) > SHOWN else "",
    }
    return team_html(request, place, "web/quality.html", context, here="quality")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    return board.as_document(kind, "quality", view, place, board.ask(dict(_questions(view))))


def _questions(view: View) -> Iterator[tuple[str, Query]]:
    filters, period = view.filters.of_scope(), view.period
    for measure, statistic in TILES:
        yield measure, Query(measure, statistic, period, filters=filters, compare=True)
        if measure != NO_LINE:
            every = board.grain_of(period)
            yield f"{measure}, line", Query(measure, statistic, period, every=every, filters=filters)
    yield "upper", Query("check_duration", "p75", period, filters=filters, compare=True)
    for name, measure, wanted in (
        ("passing", "check_pass_rate", "rate"),
        ("taking", "check_duration", "median"),
        ("taking at most", "check_duration", "p90"),
        ("flaky", "flaky_share", "rate"),
    ):
        yield name, Query(measure, wanted, period, by=("check",), filters=filters)  # type: ignore[arg-type]
    yield (
        "repositories",
        Query("merged_prs", "count", period, by=("repository",), filters=board.anywhere(filters)),
    )


def _tiles(view: View, place: Place, answers: Answers) -> Iterator[tiles.Tile]:
    for measure, _ in TILES:
        upper = answers["upper"] if measure == "check_duration" else None
        yield board.tile(view, place, answers[measure], answers.get(f"{measure}, line"), upper)


def _by_name(result: Result) -> dict[object, Row]:
    return {row.key[0].id: row for row in result.rows}


UNKNOWN = Row(key=(), day=None, start=None, value=None, n=0, missing=0)


def _checks(answers: Answers) -> Iterator[Line]:
    """Flakiest first, then slowest; those that never decided anything are left out.

    One whose commits were all checked before these days is not known to be flaky or not.
    """
    median, p90, flaky = (_by_name(answers[name]) for name in ("taking", "taking at most", "flaky"))
    decided = [row for row in answers["passing"].rows if row.n]

    def order(row: Row) -> tuple[float, float, str]:
        key = row.key[0].id
        return -(flaky.get(key, UNKNOWN).value or 0), -(median[key].value or 0), row.key[0].label

    for row in sorted(decided, key=order):
        key = row.key[0].id
        yield Line(
            name=row.key[0].label,
            flaky=_words(flaky.get(key, UNKNOWN)),
            median=_words(median[key], "hours"),
            p90=_words(p90[key], "hours"),
            passed=_words(row),
            n=row.n,
            left_out=row.missing,
        )


def _words(row: Row, unit: Any = "share") -> str:
    return "not known" if row.value is None else wording.row_text(row, unit)


def _sentence(view: View, answers: Answers) -> list[Phrase]:
    passing = answers["check_pass_rate"]
    when = wording.period_words(view.period, view.period_name)
    total = passing.total
    if total.value is None or total.n < LEAST_TO_TELL:
        return [Phrase(f"Too few checks passed or failed {when} to say how good it is.")]
    change = wording.rate_change(total, passing.previous_total, "higher")
    moved = f", {change.text.rpartition(', ')[0]} than before" if change.beyond_noise else ""
    phrases = [
        Phrase("Checks passed "),
        Phrase(f"{notation.percent(total.value)} of the time", "m w" if change.tone == "worse" else "m"),
        Phrase(f" {when}{moved}."),
    ]
    reverts = answers["revert_share"].total
    if reverts.value is not None and reverts.n >= LEAST_TO_TELL:
        taken = round(reverts.value * reverts.rows)
        whole = notation.counted(reverts.rows, "merged pull request")
        phrases.append(Phrase(f" {notation.number(taken) if taken else 'None'} of {whole} took another one back."))
    return phrases


def _support(answers: Answers) -> str:
    total = answers["check_pass_rate"].total
    if not total.rows:
        return ""
    return (
        f"{notation.counted(total.n, 'check')} passed or failed; {notation.counted(total.missing, 'more check')}"
        " decided nothing and are left out. Checks of automation count too."
    )


def _depth(coverage: Coverage) -> str:
    """To which depth flakiness reaches."""
    read, all_of = coverage.repositories_read, coverage.repositories
    flaky = "Flaky is a check that failed and passed on the same commit."
    if not read:
        return (
            f"{flaky} Only the last runs are read so far, so more of them may be flaky: reading the checks of every commit"
            " is switched on per repository under Connections."
        )
    if read < all_of:
        return f"{flaky} All commits are read in {read} of {all_of} repositories; elsewhere only the last runs."
    return f"{flaky} The checks of all commits are read."
