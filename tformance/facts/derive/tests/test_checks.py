"""Checks that cannot make up their mind."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from tformance.facts import testing as t
from tformance.facts.derive.checks import FAILED, PASSED, flaky
from tformance.facts.records import CheckRecord

ENDS = ["success", "failure", "timed_out", "skipped", "cancelled", None]


def run(key: int, conclusion: str | None, hours: float, name: str = "tests", head: str = "a" * 40) -> CheckRecord:
    ended: datetime | None = None if conclusion is None else t.at(hours)
    return t.check(key, conclusion=conclusion, completed_at=ended, name=name, head_sha=head)


def test_the_first_run_that_decided_stands_for_all_of_its_commit() -> None:
    runs = [run(1, "skipped", 1), run(3, "success", 3), run(2, "failure", 2), run(4, None, 0)]
    assert flaky(runs) == {runs[2].node_id: True}


def test_another_commit_or_name_is_another_check() -> None:
    runs = [run(1, "failure", 1), run(2, "success", 2, head="b" * 40), run(3, "success", 3, name="lint")]
    assert flaky(runs) == {each.node_id: False for each in runs}


@given(
    st.lists(
        st.tuples(st.sampled_from(ENDS), st.integers(0, 3), st.sampled_from("ab"), st.sampled_from("xy")), max_size=9
    )
)
def test_every_decided_check_counts_once_in_any_order(drawn: list[tuple[str | None, int, str, str]]) -> None:
    runs = [run(key, end, hours, name, head * 40) for key, (end, hours, name, head) in enumerate(drawn, 1)]
    found = flaky(runs)
    assert flaky(reversed(runs)) == found
    decided = [each for each in runs if each.conclusion in PASSED | FAILED]
    first = {each.node_id: each for each in decided if each.node_id in found}
    assert sorted((each.head_sha, each.name) for each in first.values()) == sorted(
        {(each.head_sha, each.name) for each in decided}
    )
    for node, each in first.items():
        same = [other for other in decided if (other.head_sha, other.name) == (each.head_sha, each.name)]
        assert each.completed_at == min(other.completed_at for other in same if other.completed_at)
        assert found[node] == (len({other.conclusion == "success" for other in same}) == 2)
