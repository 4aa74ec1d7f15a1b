"""What a page costs: few statements, however many people, none of them reading whole tables, none asked twice."""

import copy
import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any, get_args

import psycopg
import pytest
import time_machine
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.delivery import Deployment, PRCheckRun
from tformance.facts.models.pull_request import PRFile, PullRequest
from tformance.facts.models.repository import Commit
from tformance.facts.models.review import PRReview
from tformance.facts.models.term import PRTerm
from tformance.facts.testing import (
    actor,
    at,
    check,
    commit,
    deployment,
    file,
    open_pull_request,
    page,
    review,
    team,
    whole,
    write,
)
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.compile import Ask as Statement
from tformance.measures.compile import selection
from tformance.measures.coverage import reach
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.narrow import filtered, within
from tformance.measures.pull import Sort
from tformance.measures.query import Filters, Period, Query, State
from tformance.measures.records import choices, more_choices, pull_requests
from tformance.measures.rows import listed
from tformance.measures.shape import Grain, Measure
from tformance.measures.tests.conftest import BERLIN, WEEK, Ask, Land, merged

QUARTER = Period.of_dates(date(2025, 12, 10), date(2026, 3, 11), BERLIN)
PAGE = [
    *(
        Query(name, MEASURES[name].default_statistic, QUARTER, compare=True)
        for name in ("merged_prs", "cycle_time", "size")
    ),
    *(Query(name, "median", QUARTER, every="week") for name in ("coding_phase", "pickup_time", "merge_phase")),
    Query("merged_prs", "count", QUARTER, by=("author",)),
    Query("cycle_time", "median", QUARTER, by=("author",)),
    Query("reviews_given", "count", QUARTER, by=("author",)),
]


def together() -> list[list[Measure]]:
    """Measures that one statement can answer; what is finished outside of it has one of its own."""
    found: dict[str, list[Measure]] = {}
    for measure in MEASURES.values():
        found.setdefault(measure.id if measure.finish else measure.rows.id, []).append(measure)
    return list(found.values())


@pytest.mark.parametrize("measures", together(), ids=lambda measures: measures[0].id)
def test_every_question_that_can_be_asked_compiles(measures: list[Measure], acme: Team) -> None:
    rows, finish = measures[0].rows, measures[0].finish
    wanted = tuple((measure, statistic) for measure in measures for statistic in measure.statistics)
    cuts: list[tuple[str, ...]] = [(name,) for name in DIMENSIONS if name in rows.columns]
    asked: list[tuple[tuple[str, ...], Grain | None]] = [(by, None) for by in cuts]
    asked += [(by, every) for every in get_args(Grain) for by in ((), cuts[0], cuts[-1])]
    with tenant(acme.pk):
        for by, every in [((), None), *asked]:
            previous = None if every else QUARTER.previous()
            statement = Statement(rows, QUARTER, Filters(), by, every, previous, wanted, finish)
            assert "cost=" in selection(statement).explain()


@pytest.mark.parametrize("people", [5, 50])
def test_a_page_takes_as_many_statements_for_five_people_as_for_fifty(people: int, land: Land, acme: Team) -> None:
    land(
        *(
            merged(number, 8, author=actor(f"p{number}"), reviews=whole([review(number, author=actor(f"r{number}"))]))
            for number in range(1, people + 1)
        )
    )
    with tenant(acme.pk), CaptureQueriesContext(connection) as statements:
        results = answer(PAGE)
    assert len(results[6].rows) == people
    told = [statement["sql"] for statement in statements if statement["sql"].startswith("SELECT")]
    assert len(told) == 8, "\n".join(told)


def test_an_answer_is_remembered_until_the_data_moves_on(
    land: Land, acme: Team, ask: Ask, at_noon: time_machine.Traveller
) -> None:
    running = Period.of_dates(date(2026, 3, 2), date(2026, 3, 16), BERLIN)
    land(merged(1, 8))
    assert ask("merged_prs", period=running, compare=True).total.value == 1
    at_noon.shift(timedelta(minutes=3))
    with tenant(acme.pk), CaptureQueriesContext(connection) as statements:
        assert answer([Query("merged_prs", "count", running, compare=True)])[0].total.value == 1
    assert len(statements) == 2, "only the version of the data and how far it reaches are asked for"
    write(acme, page(merged(2, 9)))
    assert ask("merged_prs", period=running, compare=True).total.value == 2


def test_what_one_team_was_told_is_not_told_another(land: Land, ask: Ask) -> None:
    land(merged(1, 8))
    assert ask("merged_prs").total.value == 1
    stranger = Team.objects.create(slug="other", name="Other")
    assert ask("merged_prs", team=stranger).total.value is None


@pytest.fixture
def crowded(live_db: str) -> Team:
    """So many rows that an index is worth reading, committed and analysed."""
    acme = team("crowded")
    life = merged(1, 8, reviews=whole([review(1)]), commits=whole([commit(1)]), checks=whole([check(1)]))
    closed = open_pull_request(5_000, state="closed", closed_at=at(8), labels=("bug",), files=whole([file()]))
    write(acme, page(life, closed, deployments=(deployment(1),)))
    with tenant(acme.pk):
        instants = ("merged_at", "closed_at", "pr_created_at", "pr_updated_at")
        _multiply(PullRequest.objects.get(state="merged"), "number", "provider_id", *instants)
        _multiply(PullRequest.objects.get(state="closed"), "number", "provider_id", *instants[1:])
        _multiply(PRReview.objects.get(), "provider_id", "submitted_at")
        _multiply(Commit.objects.get(), "sha", "committed_at")
        _multiply(PRCheckRun.objects.get(), "node_id", "github_check_run_id", "completed_at")
        Deployment.objects.update(is_production=True, is_delivery=True, succeeded_at=at(9.5))
        _multiply(Deployment.objects.get(), "node_id", "provider_id", "deployed_at", "succeeded_at")
        _spread(PRTerm, term=lambda step: f"word:w{step % 200}")
        _spread(PRFile, path=lambda step: f"src/area{step % 200}/file.py")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(
            "VACUUM ANALYZE facts_pullrequest, facts_prreview, facts_commit, facts_prcheckrun, facts_deployment, "
            "facts_prterm, facts_prfile"
        )
    return acme


def _spread(model: Any, **different: Callable[[int], str]) -> None:
    """A copy of the first row for each pull request that has none, which differs from the others in these columns."""
    row = model.objects.order_by("pk")[0]
    copies = []
    for step, pull_request in enumerate(PullRequest.objects.exclude(pk__in=model.objects.values("pull_request"))):
        copies.append(copy.copy(row))
        copies[-1].pk, copies[-1].pull_request = None, pull_request
        for name, value in different.items():
            setattr(copies[-1], name, value(step))
    model.objects.bulk_create(copies)


def _multiply(row: Any, *different: str) -> None:
    """Two thousand copies that differ in these columns, instants by half a day."""
    copies = []
    for step in range(1, 2_001):
        copies.append(copy.copy(row))
        copies[-1].pk = None
        for name in different:
            old = getattr(row, name)
            by = f"-{step}" if isinstance(old, str) else step if isinstance(old, int) else -timedelta(hours=12 * step)
            setattr(copies[-1], name, old + by)
    type(row).objects.bulk_create(copies)


def assert_reads_a_range(statement: QuerySet[Any]) -> None:
    """The period is a range of an index, which row-level security allows for leakproof operators only.

    The index of open pull requests alone is short enough without.
    """
    plan = statement.explain()
    assert re.search(r"Index Cond: .*>= '", plan) or "pull_request_open on" in plan, plan
    assert "Seq Scan on facts_pullrequest" not in plan, plan


def explained(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_where_the_data_begins_is_the_first_entry_of_an_index(crowded: Team) -> None:
    with tenant(crowded.pk), CaptureQueriesContext(connection) as statements:
        assert reach().stored.has_pull_requests
        (asked,) = [statement["sql"] for statement in statements if statement["sql"].startswith("SELECT")]
        plan = explained(asked)
    assert "Seq Scan on facts_" not in plan, plan
    assert plan.count("->  Limit") == 3, plan


def test_who_can_be_chosen_is_looked_up_person_by_person(crowded: Team) -> None:
    with tenant(crowded.pk), CaptureQueriesContext(connection) as statements:
        assert [key.label for key in (*choices().authors, *more_choices().reviewers)] == ["ada", "grace"]
        people = [each["sql"] for each in statements if 'FROM "facts_actor"' in each["sql"]]
        plans = [explained(each) for each in people]
    assert len(plans) == 2
    for plan in plans:
        assert "SubPlan" in plan, plan
        assert "HashAggregate" not in plan, plan


NARROWED = (
    Filters(),
    Filters(state="merged"),
    Filters(labels=("bug",)),
    Filters(labels=("bug", "")),
    Filters(text="w17"),
    Filters(text="w1 w17"),
    Filters(categories=("test",)),
    Filters(directories=("src/area7",)),
    Filters(base_branches=("release",)),
    Filters(work_types=("fix",)),
    Filters(merge_kinds=("rebase",)),
    Filters(ai_tools=("Copilot",)),
    Filters(sizes=("XL",)),
    Filters(draft="yes"),
    Filters(linked="yes"),
    Filters(signals=("hotfix",)),
    Filters(signals=("revert", "unreviewed")),
    Filters(over_days=3),
    Filters(reviewers=(1,)),
    Filters(repositories=(1,), authors=(1,)),
)
LONG = Period.of_dates(date(2010, 1, 1), date(2035, 1, 1), BERLIN)


@pytest.mark.parametrize("period", [WEEK, LONG], ids=["week", "all"])
def test_a_list_reads_no_table_whole_whatever_it_is_narrowed_and_ordered_by(period: Period, crowded: Team) -> None:
    with tenant(crowded.pk):
        for filters, sort in product(NARROWED, get_args(Sort)):
            for plan in _plans(filters, period, sort=sort):
                assert not re.search(r"Seq Scan on facts_(pullrequest|prterm|prfile)", plan), f"{filters}\n{plan}"


def _plans(filters: Filters, period: Period, **how: Any) -> list[str]:
    """Few rows are as well read whole: what matters is whether there is another way."""
    with CaptureQueriesContext(connection) as statements:
        pull_requests(filters, period, **how)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return [explained(statement["sql"]) for statement in statements]


def test_lists_and_measures_find_their_period_in_an_index_behind_the_wall_between_teams(crowded: Team) -> None:
    with tenant(crowded.pk):
        for state in (*get_args(State), None):
            for axis in ("own", "opened", "updated"):  # reviews, of which there are many, have a range of their own
                matching = filtered(listed.LISTED, Filters(state=state)).alias(listed_at=listed.instant(axis, state))
                assert_reads_a_range(matching.filter(within("listed_at", WEEK.start, WEEK.end)))
        for measure in MEASURES.values():
            if "__" in measure.rows.anchor:
                continue  # read through the range of their pull requests
            wanted = tuple((measure, statistic) for statistic in measure.statistics)
            for previous in (None, WEEK.previous()):
                ask = Statement(measure.rows, WEEK, Filters(), (), None, previous, wanted, measure.finish)
                assert_reads_a_range(selection(ask))
