"""Whatever changes what a week says leaves a mark on the days it concerns, in the transaction of the change."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.coverage import drop_coverage, write_coverage
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.repository import Repository
from tformance.facts.models.survey import PRSurveyReview
from tformance.facts.models.touched import TouchedDays
from tformance.facts.surveys import AuthorAnswer, ReviewerAnswer
from tformance.facts.touched import ALWAYS, Days, joined, take
from tformance.facts.write import mark_gone

pytestmark = pytest.mark.django_db
MERGED_ON = t.at(8).date()
LATER = t.at(24 * 10).date()


@pytest.fixture
def acme() -> Team:
    return t.team("acme")


def taken(team: Team) -> set[Days]:
    """Days of which weeks may say something else."""
    with tenant(team.id):
        return set(take(team.id).weeks)


def test_a_new_member_and_a_new_repository_concern_every_week(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    assert ALWAYS in taken(acme)


def test_a_merge_is_marked_on_its_day_and_marks_are_taken_once(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    assert (MERGED_ON, MERGED_ON) in taken(acme)
    assert not taken(acme)


def test_what_is_read_again_unchanged_leaves_no_mark(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    taken(acme)
    t.write(acme, t.page(t.pull_request(), fetched_at=t.at(30)))
    assert not taken(acme)


def test_another_label_marks_the_week_of_the_merge(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    taken(acme)
    t.write(acme, t.page(t.pull_request(labels=("hotfix",), updated_at=t.at(300)), fetched_at=t.at(301)))
    assert taken(acme) == {(MERGED_ON, MERGED_ON)}


def test_a_merge_that_moves_marks_the_old_and_the_new_day(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    taken(acme)
    moved = t.pull_request(merged_at=t.at(24 * 10), closed_at=t.at(24 * 10), updated_at=t.at(24 * 10))
    t.write(acme, t.page(moved, fetched_at=t.at(24 * 11)))
    assert taken(acme) == {(MERGED_ON, MERGED_ON), (LATER, LATER)}


def test_an_open_pull_request_marks_nothing_of_its_own(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    taken(acme)
    t.write(acme, t.page(t.open_pull_request(2), fetched_at=t.at(25)))
    assert not taken(acme)


def test_commits_are_marked_by_the_day_they_were_committed(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    taken(acme)
    record = t.commit(5, authored_at=t.at(0), committed_at=t.at(24 * 10))
    t.write(acme, t.page(t.open_pull_request(2, commits=t.whole([record])), fetched_at=t.at(25)))
    assert (LATER, LATER) in taken(acme)


def test_what_is_gone_marks_the_day_it_was_merged(acme: Team) -> None:
    pull = t.written(acme, t.pull_request())
    taken(acme)
    with tenant(acme.id):
        mark_gone("pull_request", pull.repository_id, [pull.node_id], t.at(48))
    assert (MERGED_ON, MERGED_ON) in taken(acme)


def test_reading_on_marks_what_was_read_since_and_reading_further_back_everything_before(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    with tenant(acme.id):
        key = Repository.objects.get().id
        write_coverage(key, "pull_requests", t.at(0), t.at(10))
    taken(acme)
    with tenant(acme.id):
        write_coverage(key, "pull_requests", t.at(0), t.at(24 * 10))
    assert taken(acme) == {(t.START.date(), LATER)}
    with tenant(acme.id):
        write_coverage(key, "pull_requests", None, t.at(24 * 10))
    assert taken(acme) == {(date.min, LATER)}
    with tenant(acme.id):
        drop_coverage([key])
    assert taken(acme) == {ALWAYS}


def test_a_short_reading_takes_nothing_from_a_long_one_and_after_a_hole_only_the_later_part_counts(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    with tenant(acme.id):
        key = Repository.objects.get().id
        for start, end, known in (
            (100, 200, (t.at(100), t.at(200))),
            (150, 210, (t.at(100), t.at(210))),
            (50, 120, (t.at(50), t.at(210))),
            (300, 310, (t.at(300), t.at(310))),
            (None, 305, (None, t.at(310))),
            (250, 320, (None, t.at(320))),
        ):
            write_coverage(key, "pull_requests", None if start is None else t.at(start), t.at(end))
            assert Coverage.objects.values_list("covered_from", "covered_to").get() == known


def test_days_that_follow_each_other_are_one_mark(acme: Team) -> None:
    t.write(acme, t.page(t.pull_request()))
    taken(acme)
    records = [
        t.pull_request(
            number,
            merged_at=t.START + timedelta(days=number),
            closed_at=t.START + timedelta(days=number),
            updated_at=t.START + timedelta(days=number),
        )
        for number in (10, 11, 12, 20)
    ]
    t.write(acme, t.page(*records, fetched_at=t.at(24 * 30)))
    first, last, alone = (t.START.date() + timedelta(days=number) for number in (10, 12, 20))
    assert taken(acme) == {(first, last), (alone, alone)}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=20))
def test_marks_joined_are_the_same_days_in_spans_that_do_not_touch(marks: list[tuple[int, int]]) -> None:
    spans = [(MERGED_ON + timedelta(days=start), MERGED_ON + timedelta(days=start + length)) for start, length in marks]
    found = joined(spans)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    days = {MERGED_ON + timedelta(days=day) for day in range(40)}
    assert {day for day in days if _in(day, found)} == {day for day in days if _in(day, spans)}


def _in(day: date, spans: list[Days]) -> bool:
    return any(first <= day <= last for first, last in spans)


def test_marks_of_another_team_stay(acme: Team) -> None:
    other = t.team("other")
    t.write(other, t.page(t.pull_request()))
    assert not taken(acme)
    assert TouchedDays.objects.filter(team=other).exists()


def test_a_guess_is_judged_as_soon_as_both_are_known_in_any_order(acme: Team) -> None:
    pull = t.written(acme, t.pull_request(reviews=t.whole([t.review()])))
    with tenant(acme.id):
        reviewer = pull.reviews.get().author_id
    guess = ReviewerAnswer(pull.id, reviewer, quality_rating=2, ai_guess=True, answered_at=t.at(9))
    verdicts = []
    truths = (True, False, None)
    t.say(acme, guess)
    for truth in truths:
        t.say(acme, AuthorAnswer(pull.id, truth, "human", t.at(10)))
        with tenant(acme.id):
            verdicts.append(PRSurveyReview.objects.get().guess_correct)
    assert verdicts == [True, False, None]


def test_a_late_answer_marks_the_week_of_the_merge_and_an_automatic_one_never_replaces_a_persons(acme: Team) -> None:
    pull = t.written(acme, t.pull_request())
    taken(acme)
    t.say(acme, AuthorAnswer(pull.id, True, "human", t.at(400)))
    assert taken(acme) == {(MERGED_ON, MERGED_ON)}
    t.say(acme, AuthorAnswer(pull.id, False, "auto", t.at(401)))
    assert not taken(acme)
    with tenant(acme.id):
        assert pull.surveys.get().author_ai_assisted is True
