"""A folder from elsewhere is told, by file and line, what is wrong with it."""

from pathlib import Path

from tformance.sandbox.check import check
from tformance.sandbox.dataset import Dataset
from tformance.sandbox.tests.conftest import put

STAMPS = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
PULL = {"id": "p", "repository_id": 7, "number": 1, "title": "t", "state": "OPEN", **STAMPS}


def make(folder: Path, **more: object) -> None:
    put(folder, "repositories", {"id": 7, "name_with_owner": "o/r", "unheard_of": [1], **STAMPS})
    put(folder, "users", {"id": "u", "login": "ann", "type": "User"})
    put(folder, "pull_requests", PULL | more)


def test_unknown_fields_absent_ones_and_text_ids_are_fine(tmp_path: Path) -> None:
    make(tmp_path, extra={"any": "thing"}, repository_id="7", database_id="12")
    assert check(tmp_path) == []
    assert Dataset(tmp_path).numbered("7", 1)


def test_a_wrong_value_is_named_with_its_line(tmp_path: Path) -> None:
    make(tmp_path, state="merged")
    assert check(tmp_path) == ["pull_requests.jsonl:1: state: 'merged' is not one of ['OPEN', 'CLOSED', 'MERGED']"]


def test_broken_references_and_repeats_are_found(tmp_path: Path) -> None:
    make(tmp_path, author="nobody")
    review = {"id": 1, "pull_request_id": "q", "state": "APPROVED", "created_at": "2026-01-01T00:00:00Z"}
    put(tmp_path, "reviews", review, review)
    assert check(tmp_path) == [
        "pull_requests.jsonl:1: author: no user nobody in users.jsonl",
        "reviews.jsonl:1: pull_request_id: no row q in pull_requests.jsonl",
        "reviews.jsonl:2: id: 1 is used twice",
        "reviews.jsonl:2: pull_request_id: no row q in pull_requests.jsonl",
    ]


def test_a_line_that_is_not_json_and_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "repositories.jsonl").write_text("{\n")
    found = check(tmp_path)
    assert found[:2] == ["users.jsonl: the file is missing", "pull_requests.jsonl: the file is missing"]
    assert found[2].startswith("repositories.jsonl:1: not JSON")
