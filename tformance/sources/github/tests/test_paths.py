"""What we ask of REST is what GitHub publishes: each path stands in its OpenAPI description, with its answers."""

import json
import re
from pathlib import Path

import pytest

import tformance.sandbox
from tformance.sources.github import paths

CONTRACT = json.loads((Path(tformance.sandbox.__path__[0]) / "contracts" / "github_rest.json").read_text())
PUBLISHED = {re.sub(r"\{[^}]*\}", "{}", name) for name in CONTRACT["answers"]}
ASKED = {name: value for name, value in vars(paths).items() if name.isupper()}
NAMES = {"{repository}": "{owner}/{repo}"}  # one name of ours is two of GitHub's


@pytest.mark.parametrize("name", ASKED)
def test_every_path_is_published(name: str) -> None:
    path = ASKED[name]
    for ours, theirs in NAMES.items():
        path = path.replace(ours, theirs)
    assert "GET " + re.sub(r"\{[^}]*\}", "{}", path) in PUBLISHED


def test_what_github_closed_is_not_asked_for() -> None:
    """The Copilot metrics and usage paths of before 2026 answer 404."""
    folder = Path(paths.__file__).parent
    code = "".join(file.read_text() for file in folder.glob("*.py"))
    assert not re.search(r"copilot/(usage|metrics)[\"'?]", code)
