"""docs/names.md is true: everything it names is where it says."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "names.md"
NAMED = re.compile(r"`([^`]+)`")


def lines(section: str) -> Iterator[list[list[str]]]:
    """The names in each cell of each line of a section's table."""
    _, _, text = PAGE.read_text().partition(f"## {section}\n")
    for line in text.partition("\n## ")[0].splitlines():
        if line.startswith("| `"):
            yield [NAMED.findall(cell) for cell in line.strip("| ").split(" | ")]


def at(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("line", list(lines("Rows")), ids=lambda line: line[0][0])
def test_rows_have_the_fields_that_are_named(line: list[list[str]]) -> None:
    names, (path,), fields = line
    missing = [name for name in fields if name not in {field.name for field in at(path)._meta.get_fields()}]
    assert fields
    assert missing == []
    if path.endswith("PRCheckRun"):
        assert at("tformance.facts.models.pull_request.PullRequest")._meta.get_field(names[1]).related_model is at(path)


@pytest.mark.parametrize("line", list(lines("Indexes")), ids=lambda line: line[0][0])
def test_indexes_begin_with_the_columns_that_are_named(line: list[list[str]]) -> None:
    (name,), (path,), columns = line
    (index,) = [index for index in at(path)._meta.indexes if index.name == name]
    assert index.fields[: len(columns)] == columns


@pytest.mark.parametrize("line", list(lines("Functions, tasks and commands")), ids=lambda line: line[0][0])
def test_functions_tasks_and_commands_are_there(line: list[list[str]]) -> None:
    (name,), (path,) = line
    assert callable(at(path))
    assert name in path


def test_every_table_was_read() -> None:
    counts = {name: len(list(lines(name))) for name in ("Rows", "Indexes", "Functions, tasks and commands")}
    assert counts == {"Rows": 16, "Indexes": 5, "Functions, tasks and commands": 8}
