"""`./run analyze`, as its user meets it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tformance.faces.cli.analyze import run
from tformance.faces.cli.output import Failed
from tformance.sources.git.tests.scratch import START, Scratch, scratch

YEAR = 365 * 86_400


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    repository = scratch(tmp_path / "made")
    repository.commit("Start", {"a": "1\n"}, at=START - YEAR)
    repository.commit("Help (#1)\n\nCo-authored-by: Claude <noreply@anthropic.com>\n", {"a": "1\n2\n"}, at=START)
    repository.commit(
        "More (#2)", {"a": "1\n2\n3\n"}, author="<script>alert(1)</script> <x@example.org>", at=START + 60
    )
    return repository


def test_json_is_one_document_on_stdout_and_nothing_else(made: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(made.folder), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["commits"]["total"] == 3
    assert "Reading sizes: 3 of 3" in printed.err


def test_the_summary_begins_with_a_sentence(made: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    run([str(made.folder)])
    first = capsys.readouterr().out.splitlines()[0]
    assert first == (
        "2 authors made 3 commits and merged 2 pull requests since 2025-01. "
        "In the last 12 months at least 50 % of the commits carry the mark of an AI tool, most often Claude Code."
    )


def test_the_report_is_one_page_that_needs_nothing_else(made: Scratch, tmp_path: Path) -> None:
    made.git("checkout", "-q", "-b", "<b>bold</b>")
    report = tmp_path / "report.html"
    run([str(made.folder), "--html", str(report)])
    page = report.read_text()
    outside = re.findall(r"""(?:src|href)\s*=|url\(|@import|https?://""", page)
    assert outside == []
    assert "<script" not in page
    assert "<b>bold</b>" not in page
    assert page.count("<svg") == page.count("<details>") == 5
    assert "$" not in page
    _Balanced().feed(page)


class _Balanced(HTMLParser):
    """Fails when an element is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "line", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_months_without_commits_stand_in_the_charts(made: Scratch, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    run([str(made.folder), "--html", str(report)])
    assert report.read_text().count('<th scope="row">2025-') == 5 * 12


@pytest.mark.parametrize("words", [[], ["--sizes", "-1", "x"], ["--sizes", "few", "x"], ["x", "--unknown"]])
def test_wrong_use_ends_with_two(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(words)
    assert ended.value.code == 2


def test_what_is_no_clone_fails_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="is not a git repository"):
        run([str(tmp_path)])


def test_a_report_that_cannot_be_written_fails(made: Scratch, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="could not be written"):
        run([str(made.folder), "--html", str(tmp_path / "no folder" / "report.html")])
