"""Trailers are what git itself takes for trailers, and what forges make of them when they squash."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tformance.facts.derive.trailers import KNOWN_KEYS, trailers

LINE = st.sampled_from(
    [
        "Co-authored-by: Ada <ada@example.org>",
        "Signed-off-by: Bob <b@example.org>",
        "Some words here",
        " folded",
        "Key: v",
        "(cherry picked from commit 1234567)",
        "",
        "",
        "Fixes #12",
        "no-space:value",
        "not a key: value",
    ]
)


def _found(message: str) -> list[tuple[str, str]]:
    return [(trailer.key, trailer.value) for trailer in trailers(message)]


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=9))
def test_the_last_paragraph_is_read_as_git_reads_it(lines: list[str]) -> None:
    """Git is told of the keys that we know; it shows the last block, ours may have further ones before it."""
    message = "Subject\n\nBody text of the commit\n\n" + "\n".join(lines) + "\n"
    options = [part for key in sorted(KNOWN_KEYS) for part in ("-c", f"trailer.{key}.key={key}")]
    command = ["git", *options, "interpret-trailers", "--only-trailers", "--only-input", "--unfold", "--no-divider"]
    printed = subprocess.run(command, input=message, capture_output=True, text=True, check=True).stdout
    expected = [tuple(line.split(":", 1)) for line in printed.splitlines() if ":" in line]
    ours = [(key, " ".join(value.split())) for key, value in _found(message)]
    wanted = [(key.strip().lower(), " ".join(value.split())) for key, value in expected]
    assert ours[len(ours) - len(wanted) :] == wanted


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Subject\n\nKey: one\nOther: two\n", [("key", "one"), ("other", "two")]),
        ("Subject\r\n\r\nKey: one\r\n", [("key", "one")]),
        ("Subject\n\nKey: one\n  and more\n", [("key", "one and more")]),
        ("Key: this is the subject\n", []),
        ("Subject\nKey: still the subject\n", []),
        ("Subject\n\nKey: one\n\nWords that end the message.\n", []),
        ("Subject\n\nWords before\nKey: one\n", []),
        ("Subject\n\nFixes #1\nCo-authored-by: Ada <a@example.org>\n", [("co-authored-by", "Ada <a@example.org>")]),
        ("Subject\n\n" + "words\n" * 9 + "Co-authored-by: Ada <a@example.org>\n", []),
        ("", []),
    ],
)
def test_only_a_closing_paragraph_of_trailers_counts(message: str, found: list[tuple[str, str]]) -> None:
    assert _found(message) == found


def test_several_closing_paragraphs_count() -> None:
    assert _found("Subject\n\nText.\n\nKey: one\n\n---------\n\nOther: two\n") == [("key", "one"), ("other", "two")]


def test_each_message_of_a_squash_has_its_own_trailers() -> None:
    message = "Feature (#7)\n\n* first\n\nKey: one\n\n* second\n\nwith words\n\nKey: two\n\n* third\n"
    assert _found(message) == [("key", "one"), ("key", "two")]


def test_a_trailer_keeps_its_line_as_it_stands() -> None:
    assert [trailer.line for trailer in trailers("S\n\nKEY:  one\n two\n")] == ["KEY:  one\n two"]
