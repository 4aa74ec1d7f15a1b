"""The analysis of a clone as one HTML page that needs nothing else."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from tformance.faces.cli.charts import Series, bar_chart, written
from tformance.sync.analyze import Analysis, Marks, Month

_TEMPLATE = Path(__file__).with_name("report.html")
_CATEGORIES = ("--cat-1", "--cat-2", "--cat-3", "--cat-4", "--cat-5", "--cat-6")
_YEAR = 12


def render(analysis: Analysis) -> str:
    """The whole page."""
    months = _every_month(analysis.in_order())
    names = [month.month for month in months]
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        repository=escape(analysis.repository),
        scope=_scope(analysis, names),
        sentence=escape(sentence(analysis)),
        tiles=_tiles(analysis),
        commits=bar_chart("Commits by month", names, _commit_series(months)),
        pulls=bar_chart("Merged pull requests by month", names, _pull_series(months)),
        ai=bar_chart("Share of commits with an AI mark by month and tool", names, _tool_series(months), percent=True),
        tools=_tools(analysis.ai),
        lines=bar_chart("Lines changed by month", names, _line_series(months)),
        authors=bar_chart("Authors by month", names, [_series("Authors", "--cat-3", months, "authors")]),
        missing=_missing(analysis),
    )


def sentence(analysis: Analysis) -> str:
    """What there is to say first, in one or two sentences of plain text."""
    months = analysis.in_order()
    commits, pulls = analysis.total("commits"), analysis.total("pr_merge") + analysis.total("pr_squash")
    merged = f" and merged {_n(pulls, 'pull request')}" if pulls else ""
    start = f"{_n(len(analysis.authors), 'author')} made {_n(commits, 'commit')}{merged} since {months[0].month}."
    recent = _last_year(months)
    marked, of = sum(month.ai.commits for month in recent), sum(month.non_merges for month in recent)
    if not of:
        return start
    if not marked:
        return f"{start} In the last {_YEAR} months no commit carries the mark of an AI tool."
    tools: Counter[str] = sum((month.ai.by_tool for month in recent), Counter())
    share = f"at least {marked / of * 100:.0f} %" if marked / of >= 0.01 else "less than 1 %"
    return f"{start} In the last {_YEAR} months {share} of the commits carry the mark of an AI tool, most often {tools.most_common(1)[0][0]}."


def _n(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _last_year(months: Sequence[Month]) -> list[Month]:
    """The twelve calendar months up to the newest commit."""
    year, month = map(int, months[-1].month.split("-"))
    start = f"{year - (month < _YEAR):04}-{month % _YEAR + 1:02}"
    return [one for one in months if one.month >= start]


def _every_month(months: Sequence[Month]) -> list[Month]:
    """The months without commits put in between, because a gap in time is a gap in the chart."""
    known = {month.month: month for month in months}
    year, number = map(int, months[0].month.split("-"))
    every = []
    while (name := f"{year:04}-{number:02}") <= months[-1].month:
        every.append(known.get(name) or Month(name))
        year, number = year + number // _YEAR, number % _YEAR + 1
    return every


def _scope(analysis: Analysis, names: Sequence[str]) -> str:
    branch = f"branch {escape(analysis.branch)}" if analysis.branch else "detached HEAD"
    return f"{branch} at <code>{analysis.head[:12]}</code>, {names[0]} to {names[-1]}"


def _tiles(analysis: Analysis) -> str:
    merges, non_merges = analysis.total("merges"), analysis.total("non_merges")
    pr_merge, pr_squash = analysis.total("pr_merge"), analysis.total("pr_squash")
    sized = analysis.total("sized")
    lines = analysis.total("additions") + analysis.total("deletions")
    share = f"{analysis.ai.commits / non_merges * 100:.1f} %" if non_merges else "-"
    tiles = (
        ("Commits", written(analysis.total("commits")), f"{written(merges)} of them merges"),
        ("Authors", written(len(analysis.authors)), "distinct addresses after the mailmap"),
        (
            "Pull requests merged",
            written(pr_merge + pr_squash),
            f"{written(pr_merge)} merged, {written(pr_squash)} squashed",
        ),
        ("With an AI mark, at least", share, f"{written(analysis.ai.commits)} of {written(non_merges)} without merges"),
        (
            "Lines changed",
            written(lines) if sized else "-",
            f"known for {written(sized)} of {written(non_merges)} commits",
        ),
    )
    return "".join(
        f'<div class="tile"><div class="lab">{label}</div><div class="val">{value}</div><div class="n">{note}</div></div>'
        for label, value, note in tiles
    )


def _commit_series(months: Sequence[Month]) -> list[Series]:
    return [
        _series("Commits without merges", "--cat-1", months, "non_merges"),
        _series("Merges", "--prev", months, "merges"),
    ]


def _pull_series(months: Sequence[Month]) -> list[Series]:
    return [
        _series("By merge commit", "--ph-review", months, "pr_merge"),
        _series("Squashed", "--ph-coding", months, "pr_squash"),
    ]


def _line_series(months: Sequence[Month]) -> list[Series]:
    return [
        Series("Lines added", "--cat-1", [month.additions if month.has_sizes else None for month in months]),
        Series("Lines deleted", "--cat-2", [month.deletions if month.has_sizes else None for month in months]),
    ]


def _series(name: str, colour: str, months: Sequence[Month], field: str) -> Series:
    values = (getattr(month, field) for month in months)
    return Series(name, colour, [len(value) if isinstance(value, set) else value for value in values])


def _tool_series(months: Sequence[Month]) -> list[Series]:
    """The five most frequent tools and the others together, each as percent of the month's commits."""
    tools = [tool for tool, _ in sum((month.ai.by_tool for month in months), Counter[str]()).most_common()]
    named, others = tools[:5], tools[5:]
    groups = [(tool, [tool]) for tool in named] + ([("Other tools", others)] if others else [])
    return [
        Series(name, colour, [_percent(month, members) for month in months])
        for (name, members), colour in zip(groups, _CATEGORIES, strict=False)
    ]


def _percent(month: Month, tools: Sequence[str]) -> float | None:
    marked = sum(month.ai.by_tool[tool] for tool in tools)
    return marked / month.non_merges * 100 if month.non_merges else None


def _tools(marks: Marks) -> str:
    if not marks.commits:
        return '<p class="note">No commit carries a mark. That is no proof that no tool was used.</p>'
    largest = max(marks.by_tool.values())
    rows = "".join(
        f'<tr><th scope="row">{escape(tool)}</th><td class="num">{written(n)}</td>'
        f'<td class="share"><i style="width:{n / largest * 100:.1f}%"></i></td></tr>'
        for tool, n in marks.by_tool.most_common()
    )
    return (
        f'<p class="note">{written(marks.authored)} commits written by an agent, {written(marks.assisted)} by a person '
        f'with a tool. A commit marked by two tools is in both rows.</p><div class="scroll"><table>'
        f'<thead><tr><th scope="col">Tool</th><th class="num" scope="col">Commits</th><th></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _missing(analysis: Analysis) -> str:
    if not analysis.missing:
        return "<p>Nothing: every commit that HEAD reaches was read, with its size.</p>"
    items = (
        f"<li><b>{escape(gap.what.capitalize())}</b>{'' if gap.n is None else f' ({written(gap.n)})'}: {escape(gap.why)}.</li>"
        for gap in analysis.missing
    )
    return f"<ul>{''.join(items)}</ul>"
