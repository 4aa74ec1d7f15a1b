"""What one clone tells without an account or a database: commits, authors, pull requests, sizes and AI marks by month.

Months are those of the committer's instant in UTC. An author is a distinct address after the mailmap, in lower case.
A commit marked by several AI tools counts once for each of them; merges never count as marked.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tformance.facts.derive.ai import commit_evidence
from tformance.facts.derive.signatures import Role
from tformance.facts.records import CommitRecord
from tformance.sources.git.clone import Clone, open_clone
from tformance.sources.git.command import GitFailed
from tformance.sources.git.history import GitCommit, read_commits, read_main_line
from tformance.sources.git.pulls import PullFinder
from tformance.sources.git.sizes import read_sizes
from tformance.sources.git.translate import commit_record, person_key

Progress = Callable[[str, int, int | None], None]  # what is read, how much of it, of how much if that is known


@dataclass(slots=True)
class Marks:
    """Commits an agent wrote, commits a person wrote with a tool, and both by tool."""

    authored: int = 0
    assisted: int = 0
    by_tool: Counter[str] = field(default_factory=Counter)

    @property
    def commits(self) -> int:
        return self.authored + self.assisted


@dataclass(slots=True)
class Month:
    """`sized` says for how many of its commits the lines are known."""

    month: str
    commits: int = 0
    merges: int = 0
    pr_merge: int = 0
    pr_squash: int = 0
    additions: int = 0
    deletions: int = 0
    sized: int = 0
    ai: Marks = field(default_factory=Marks)
    authors: set[str] = field(default_factory=set)

    @property
    def non_merges(self) -> int:
        return self.commits - self.merges

    @property
    def has_sizes(self) -> bool:
        """False when the month has commits with a size, but none of them is known."""
        return self.sized > 0 or not self.non_merges


@dataclass(frozen=True, slots=True)
class Missing:
    """What the figures leave out; `n` is None where nobody can say how much."""

    what: str
    n: int | None
    why: str


@dataclass(slots=True)
class Analysis:
    """`months` by name ("2026-01"); months without commits are not there."""

    repository: str
    head: str
    branch: str | None
    months: dict[str, Month] = field(default_factory=dict)
    first_parent: int = 0
    ai: Marks = field(default_factory=Marks)
    authors: set[str] = field(default_factory=set)
    missing: list[Missing] = field(default_factory=list)

    def in_order(self) -> list[Month]:
        return [self.months[name] for name in sorted(self.months)]

    def total(self, count: str) -> int:
        return sum(getattr(month, count) for month in self.months.values())


def analyze(path: str, progress: Progress, sizes: int | None = None) -> Analysis:
    """Read a clone's history from HEAD, then the sizes of all its commits or of the last `sizes`.

    Raises Reconnect when the folder is no clone or has no commits.
    """
    clone = open_clone(path)
    analysis = Analysis(clone.name, clone.head, clone.branch)
    if clone.borders:
        why = "the clone is shallow: what lies behind these commits is not in it"
        analysis.missing.append(Missing("history", len(clone.borders), why))
    if clone.lacks_mailmap:
        why = "the mailmap is not in this clone: one person may count as several"
        analysis.missing.append(Missing("authors", None, why))
    sized = _count_commits(analysis, clone, progress)
    _count_sizes(analysis, clone, sized, sizes, progress)
    return analysis


def _count_commits(analysis: Analysis, clone: Clone, progress: Progress) -> list[tuple[bytes, Month]]:
    """Counts everything but sizes; returns the commits that have one, newest first, with their months."""
    main_line = _main_line(analysis, clone)
    on_main_line = frozenset(main_line)
    pulls, landed = PullFinder(main_line), dict[str, Month]()
    sized = []
    undated = 0
    try:
        for done, commit in enumerate(read_commits(clone), start=1):
            undated += not (commit.authored_at and commit.committed_at)
            month = _count_commit(analysis, commit)
            if commit.sha in on_main_line:
                pulls.see(commit.sha, commit.message, commit.is_merge)
                landed[commit.sha] = month
            if not commit.is_merge:
                sized.append((bytes.fromhex(commit.sha), month))
            if not done % 5000:
                progress("commits", done, None)
    except GitFailed as failure:
        analysis.missing.append(Missing("commits", None, f"the history cannot be read to its beginning: {failure}"))
    _count_pulls(analysis, pulls, landed)
    if undated:
        analysis.missing.append(Missing("dates", undated, "one date of these is unreadable, the other one counts"))
    progress("commits", analysis.total("commits"), analysis.total("commits"))
    return sized


def _main_line(analysis: Analysis, clone: Clone) -> list[str]:
    try:
        main_line = read_main_line(clone)
    except GitFailed as failure:
        main_line = []
        analysis.missing.append(Missing("pull requests", None, f"the branch's own history cannot be read: {failure}"))
    analysis.first_parent = len(main_line)
    return main_line


def _count_commit(analysis: Analysis, commit: GitCommit) -> Month:
    record = commit_record(commit)
    name = f"{record.committed_at:%Y-%m}"
    month = analysis.months.get(name)
    if month is None:
        month = analysis.months[name] = Month(name)
    month.commits += 1
    month.merges += commit.is_merge
    month.authors.add(person_key(commit))
    analysis.authors.add(person_key(commit))
    _count_marks(record, (analysis.ai, month.ai))
    return month


def _count_marks(record: CommitRecord, counts: Iterable[Marks]) -> None:
    evidence = [mark for mark in commit_evidence(record) if mark.role in (Role.AUTHOR, Role.ASSIST)]
    if not evidence:
        return
    authored = any(mark.role is Role.AUTHOR for mark in evidence)
    for marks in counts:
        marks.authored += authored
        marks.assisted += not authored
        marks.by_tool.update({mark.tool for mark in evidence})


def _count_pulls(analysis: Analysis, pulls: PullFinder, landed: dict[str, Month]) -> None:
    for sha, pull in pulls.found().items():
        landed[sha].pr_merge += pull.kind == "merge"
        landed[sha].pr_squash += pull.kind == "squash"
    if pulls.repeats:
        why = "these commits name a pull request that an older commit already brought in"
        analysis.missing.append(Missing("pull requests", pulls.repeats, why))


def _count_sizes(
    analysis: Analysis, clone: Clone, commits: list[tuple[bytes, Month]], limit: int | None, progress: Progress
) -> None:
    asked = commits if limit is None else commits[:limit]
    absent = at_border = 0
    shas = [sha for sha, _ in asked]
    for done, ((sha, month), change) in enumerate(zip(asked, read_sizes(clone, shas), strict=True), start=1):
        if change:
            month.additions += change.additions
            month.deletions += change.deletions
            month.sized += 1
        elif sha in clone.borders:
            at_border += 1
        else:
            absent += 1
        if not done % 500:
            progress("sizes", done, len(asked))
    progress("sizes", len(asked), len(asked))
    known = f"sizes for {len(asked) - absent - at_border:,} of {len(commits):,} commits"
    for n, why in (
        (len(commits) - len(asked), f"only the last {len(asked):,} were asked for"),
        (at_border, "the clone is shallow and does not hold what came before these"),
        (absent, "the rest is not in this clone"),
    ):
        if n:
            analysis.missing.append(Missing("sizes", n, f"{known}; {why}"))


def as_document(analysis: Analysis) -> dict[str, Any]:
    """The analysis as JSON; `additions` and `deletions` of a month are null when none of its sizes is known."""
    return {
        "schema": 1,
        "repository": analysis.repository,
        "head": analysis.head,
        "branch": analysis.branch,
        "commits": {
            "total": analysis.total("commits"),
            "merges": analysis.total("merges"),
            "non_merges": analysis.total("non_merges"),
            "first_parent": analysis.first_parent,
            "with_sizes": analysis.total("sized"),
        },
        "authors": {"total": len(analysis.authors)},
        "months": [_month(month) for month in analysis.in_order()],
        "ai": {
            "authored": analysis.ai.authored,
            "assisted": analysis.ai.assisted,
            "by_tool": dict(analysis.ai.by_tool.most_common()),
        },
        "missing": [{"what": gap.what, "n": gap.n, "why": gap.why} for gap in analysis.missing],
    }


def _month(month: Month) -> dict[str, Any]:
    return {
        "month": month.month,
        "commits": month.commits,
        "non_merges": month.non_merges,
        "merges": month.merges,
        "pr_merge": month.pr_merge,
        "pr_squash": month.pr_squash,
        "additions": month.additions if month.has_sizes else None,
        "deletions": month.deletions if month.has_sizes else None,
        "ai": {"commits": month.ai.commits, "by_tool": dict(month.ai.by_tool.most_common())},
        "authors": len(month.authors),
    }
