"""Keys of known projects are found wherever people write them, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.facts.derive.jira_keys import extract_jira_key, extract_jira_keys

KNOWN = frozenset({"WEB", "OPS", "D2C", "MY_APP"})
LOOKALIKES = ("UTF-8", "SHA-256", "CVE-2024-1", "ISO-8601", "RFC-7231", "GPT-4", "COVID-19", "AES-128")
keys = st.builds("{}-{}".format, st.sampled_from(sorted(KNOWN)), st.integers(1, 999_999))
around = st.text(st.sampled_from(" .,:;()[]/#-_\n修é"), max_size=4)


@given(found=st.lists(keys, max_size=5), gaps=st.lists(around, min_size=6, max_size=6))
def test_every_key_is_found_once_in_order(found: list[str], gaps: list[str]) -> None:
    text = " ".join(f"{gap}{key}" for gap, key in zip(gaps, found, strict=False)) + f" {gaps[-1]}"
    assert extract_jira_keys(text, KNOWN) == tuple(dict.fromkeys(found))


@given(text=st.text(max_size=200))
def test_without_known_projects_nothing_is_a_key(text: str) -> None:
    assert extract_jira_keys(text, frozenset(), any_case=True) == ()


@given(text=st.text(st.sampled_from("WEBwebOPS-12309_ /"), max_size=60), any_case=st.booleans())
def test_what_is_found_stands_in_the_text_and_is_of_a_known_project(text: str, any_case: bool) -> None:
    for key in extract_jira_keys(text, KNOWN, any_case=any_case):
        assert key in (text.upper() if any_case else text)
        assert key.rpartition("-")[0] in KNOWN


@pytest.mark.parametrize("text", LOOKALIKES)
def test_lookalikes_are_keys_only_of_a_team_that_has_such_a_project(text: str) -> None:
    assert extract_jira_key(f"Read {text} well", KNOWN) == ""
    project, number = text.split("-")[:2]
    assert extract_jira_key(f"Read {text} well", {project}) == f"{project}-{number}"


@pytest.mark.parametrize(
    ("branch", "key"),
    [
        ("feature/web-12-pay", "WEB-12"),
        ("web-12_pay", "WEB-12"),
        ("fix_WEB-12", "WEB-12"),
        ("user/my_app-3", "MY_APP-3"),
        ("d2c-7", "D2C-7"),
        ("cobweb-12", ""),
        ("web-12th-floor", ""),
        ("web-0012", ""),
    ],
)
def test_branches_have_keys_in_either_case(branch: str, key: str) -> None:
    assert extract_jira_key(branch, KNOWN, any_case=True) == key


def test_elsewhere_a_key_is_in_capitals() -> None:
    assert extract_jira_keys("web-12 and WEB-13 in ops-4", KNOWN) == ("WEB-13",)
