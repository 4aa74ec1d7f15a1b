"""`./run measure ID`: one measure of a team, cut by a dimension and by time."""

import argparse
import sys
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.faces.cli import team
from tformance.faces.cli.output import print_json, say
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Result, Row
from tformance.measures.shape import Measure

DEFAULT_DAYS = 90


def run(arguments: list[str]) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list:
        _print_catalogue(options.json)
        return 0
    if options.id not in MEASURES:
        parser.error(f"there is no measure {options.id!r}: --list shows them all")
    _check(parser, options)
    chosen = team.chosen(options.team)
    query = _query(parser, options, chosen)
    with tenant(chosen.id), looking(EVERYBODY):
        (result,) = answer([query])
    if options.json:
        print_json(as_document(result))
    else:
        _print_table(result)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run measure", description="Ask one measure of a team.")
    parser.add_argument("id", nargs="?", default="", metavar="ID", help="the measure; --list shows them all")
    parser.add_argument("--list", action="store_true", help="print the catalogue")
    parser.add_argument("--statistic", help="one of the measure's statistics; the first is the default")
    parser.add_argument("--from", dest="start", type=date.fromisoformat, metavar="DATE", help="first day")
    parser.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DATE", help="the day after the last one")
    parser.add_argument("--by", choices=sorted(DIMENSIONS), help="cut by a dimension")
    parser.add_argument("--every", choices=["day", "week", "month"], help="cut by time")
    parser.add_argument("--automation", action="store_true", help="count dependency, release and CI bots too")
    parser.add_argument("--team", metavar="SLUG", help="default: the only team that is not the demo")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with the words that would have worked where the measure has no such statistic or dimension."""
    measure = MEASURES[options.id]
    if options.statistic and options.statistic not in measure.statistics:
        parser.error(
            f"{measure.id} has no statistic {options.statistic!r}: choose from {', '.join(measure.statistics)}"
        )
    if options.by and options.by not in measure.rows.columns:
        parser.error(f"{measure.id} cannot be cut by {options.by}: choose from {', '.join(_dimensions(measure))}")


def _dimensions(measure: Measure) -> list[str]:
    return sorted(set(measure.rows.columns) & set(DIMENSIONS))


def _query(parser: argparse.ArgumentParser, options: argparse.Namespace, chosen: Team) -> Query:
    statistic = options.statistic or MEASURES[options.id].default_statistic
    by = (options.by,) if options.by else ()
    period = _period(parser, options, ZoneInfo(chosen.zone))
    return Query(options.id, statistic, period, by, options.every, Filters(automation=options.automation))


def _period(parser: argparse.ArgumentParser, options: argparse.Namespace, zone: ZoneInfo) -> Period:
    end = options.end or now().astimezone(zone).date() + timedelta(days=1)
    start = options.start or end - timedelta(days=DEFAULT_DAYS)
    if start >= end:
        parser.error(f"the period is empty: --from {start} is not before --to {end}")
    return Period.of_dates(start, end, zone)


def as_document(result: Result) -> dict[str, object]:
    """The stable JSON form of a result; dates are in the team's zone, `to` is the day after the last one."""
    query, coverage = result.query, result.coverage
    return {
        "measure": result.measure.id,
        "version": result.measure.version,
        "statistic": query.statistic,
        "unit": result.unit,
        "from": query.period.first_day.isoformat(),
        "to": query.period.end_day.isoformat(),
        "zone": str(query.period.zone),
        "by": query.by[0] if query.by else None,
        "every": query.every,
        "rows": [_row(query.by, row) for row in result.rows],
        "coverage": {"from": coverage.start, "to": coverage.end, "complete": coverage.complete},
        "approximate": result.approximate,
    }


def _row(by: tuple[str, ...], row: Row) -> dict[str, object]:
    cells: dict[str, object] = {dimension: key.label for dimension, key in zip(by, row.key, strict=True)}
    if row.day is not None:
        cells["start"] = row.day.isoformat()
    return {**cells, "value": row.value, "n": row.n, "missing": row.missing}


def _print_catalogue(as_json: bool) -> None:
    if as_json:
        print_json([_entry(measure) for measure in MEASURES.values()])
        return
    for measure in MEASURES.values():
        print(f"{measure.id:20} {measure.unit:14} {', '.join(measure.statistics):24} {measure.question}")


def _entry(measure: Measure) -> dict[str, object]:
    return {
        "id": measure.id,
        "version": measure.version,
        "title": measure.title,
        "question": measure.question,
        "unit": measure.unit,
        "better": measure.better,
        "statistics": list(measure.statistics),
        "dimensions": _dimensions(measure),
        "source": measure.source,
        "notes": measure.notes,
    }


def _print_table(result: Result) -> None:
    query = result.query
    say(f"{result.measure.title}, {query.statistic}, {result.unit}")
    say(f"{query.period.first_day} to {query.period.end_day} (not included), {query.period.zone}")
    heads = [*query.by, *(["start"] if query.every else []), "value", "n", "missing"]
    lines = [heads] + [[_cell(value) for value in _row(query.by, row).values()] for row in result.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")
    if not result.coverage.complete:
        say("The data does not cover the whole period.")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) and not value.is_integer() else str(value)
