"""No line of the log shows a secret, whoever wrote it."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from tformance.core import log


@pytest.fixture
def written() -> Iterator[StringIO]:
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(log.formatter(as_json=True))
    logger = logging.getLogger("reader")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)


def test_a_secret_under_a_telling_name_is_hidden(written: StringIO) -> None:
    said = {"api_token": "abc", "owner": "ada", "headers": {"Authorization": "xyz"}}
    logging.getLogger("reader").info("connected", extra=said)
    line = json.loads(written.getvalue())
    assert line["event"] == "connected"
    assert line["owner"] == "ada"
    assert (line["api_token"], line["headers"]) == (log.HIDDEN, {"Authorization": log.HIDDEN})


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("ghp_0123456789abcdefABCDEF", "0123456789abcdef"),
        ("github_pat_11AAAAAAA0123456789", "11AAAAAAA"),
        ("Bearer abcdefgh.ijklmnop", "abcdefgh"),
        ("xoxb-1234567890-abcdef", "1234567890"),
        ("postgresql://ada:s3cret@db/main", "s3cret"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_in_any_text(written: StringIO, text: str, secret: str) -> None:
    logging.getLogger("reader").warning("the server said %s is wrong", text, extra={"why": f"because of {text}"})
    line = json.loads(written.getvalue())
    for said in (line["why"], line["event"]):
        assert log.HIDDEN in said
        assert secret not in said


def test_a_traceback_is_cleaned_as_well(written: StringIO) -> None:
    try:
        raise ValueError("ghp_0123456789abcdefABCDEF")
    except ValueError:
        logging.getLogger("reader").exception("broken")
    assert "ghp_0123456789" not in written.getvalue()
    assert "ValueError" in written.getvalue()


def test_lines_of_structlog_go_the_same_way(written: StringIO) -> None:
    log.configure()
    structlog.get_logger("reader").info("connected", api_token="abc", owner="ada")
    structlog.reset_defaults()
    line = json.loads(written.getvalue())
    assert (line["event"], line["owner"], line["api_token"]) == ("connected", "ada", log.HIDDEN)


def test_ordinary_words_stay(written: StringIO) -> None:
    logging.getLogger("reader").info("read %d pull requests", 25, extra={"repository": "acme/shop"})
    line = json.loads(written.getvalue())
    assert (line["event"], line["repository"], line["level"]) == ("read 25 pull requests", "acme/shop", "info")
