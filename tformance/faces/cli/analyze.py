"""`./run analyze PATH`: what one clone tells, as text, JSON or an HTML page."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tformance.core.errors import SourceError
from tformance.faces.cli.output import Failed, print_json, say
from tformance.faces.cli.report import render, sentence
from tformance.sync.analyze import Analysis, Month, analyze, as_document

_RECENT = 12  # months in the text summary
_QUIET_SECONDS = 5.0


def run(argv: list[str]) -> int:
    """Analyze one clone; raises Failed when it cannot be read."""
    arguments = _parser().parse_args(argv)
    try:
        analysis = analyze(arguments.path, _Progress(), arguments.sizes)
    except SourceError as error:
        raise Failed(str(error)) from error
    if not analysis.months:
        raise Failed(f"No commit of {arguments.path} could be read: {analysis.missing[0].why}.")
    if arguments.html:
        _write(arguments.html, render(analysis))
    if arguments.json:
        print_json(as_document(analysis))
    else:
        print(_summary(analysis))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run analyze",
        description="Commits, authors, pull requests, sizes and AI marks of a local clone, by month. "
        "Reads the history of HEAD, changes nothing and asks no network.",
    )
    parser.add_argument("path", metavar="PATH", help="a clone; bare, shallow and partial ones are fine")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report as one HTML file")
    parser.add_argument(
        "--sizes", metavar="N", type=_count, help="read lines added and deleted only for the last N commits"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("give a number of commits, 0 or more")
    return int(text)


class _Progress:
    """On a terminal one line that counts up; elsewhere a line every few seconds and at the end of each part."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._said_at = time.monotonic()

    def __call__(self, what: str, done: int, expected: int | None) -> None:
        text = f"Reading {what}: {done:,}" + (f" of {expected:,}" if expected is not None else "")
        if self._is_terminal:
            print(f"\r\033[K{text}", end="\n" if done == expected else "", file=sys.stderr, flush=True)
        elif done == expected or time.monotonic() - self._said_at > _QUIET_SECONDS:
            self._said_at = time.monotonic()
            say(text)


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Failed(f"The report could not be written to {file}: {error.strerror}.") from error
    say(f"Report: {file}")


def _summary(analysis: Analysis) -> str:
    months = analysis.in_order()
    lines = [sentence(analysis), ""]
    if len(months) > _RECENT:
        lines += [f"The last {_RECENT} of {len(months)} months:"]
    lines += _table(months[-_RECENT:])
    if analysis.ai.by_tool:
        tools = ", ".join(f"{tool} {n:,}" for tool, n in analysis.ai.by_tool.most_common())
        lines += ["", f"Commits with an AI mark, by tool: {tools}."]
    lines += ["", *(f"Missing: {gap.what}: {gap.why}." for gap in analysis.missing)]
    return "\n".join(lines).rstrip()


def _table(months: Sequence[Month]) -> list[str]:
    head = ("month", "commits", "merges", "PRs merged", "PRs squashed", "added", "deleted", "AI-marked", "authors")
    rows = [head, *(_cells(month) for month in months)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _cells(month: Month) -> tuple[str, ...]:
    counts = (month.commits, month.merges, month.pr_merge, month.pr_squash)
    lines = (month.additions, month.deletions) if month.has_sizes else (None, None)
    return (
        month.month,
        *(f"{n:,}" for n in counts),
        *("-" if n is None else f"{n:,}" for n in lines),
        f"{month.ai.commits:,}",
        f"{len(month.authors):,}",
    )
