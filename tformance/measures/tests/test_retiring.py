"""What a team does not keep is deleted with everything under it, is not stored again, and is not counted as nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tformance.accounts import retention
from tformance.accounts.models import AuditEntry, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as t
from tformance.facts.coverage import write_coverage
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.delivery import Deployment, Release
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.facts.models.review import PRReview
from tformance.facts.retiring import old_pulls
from tformance.facts.write import retire_some
from tformance.measures.answer import answer
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.query import Period, Query
from tformance.measures.weekly.follow import follow

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)
SINCE = datetime(2025, 3, 19, tzinfo=UTC)  # a year of 366 days before midnight


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False), looking(EVERYBODY):
        yield


def pull(number: int, closed: datetime | None, **fields: Any) -> Any:
    opened = (closed or NOW - timedelta(days=900)) - timedelta(days=3)
    given: dict[str, Any] = {
        "opened_at": opened,
        "updated_at": closed or opened,
        "closed_at": closed,
        "merged_at": closed,
    }
    given |= {"commits": t.whole([t.commit(number, committed_at=opened, authored_at=opened)])}
    given |= {"reviews": t.whole([t.review(number, submitted_at=opened + timedelta(days=1))])}
    make = t.pull_request if closed else t.open_pull_request
    return make(number, **(given | fields))


PAGE = t.page(
    pull(1, SINCE - timedelta(seconds=1)),
    pull(2, SINCE),
    pull(3, None),
    pull(4, NOW - timedelta(days=2)),
    commits=(t.commit(10, committed_at=SINCE - timedelta(days=1)), t.commit(11, committed_at=SINCE)),
    deployments=(
        t.deployment(1, created_at=SINCE - timedelta(days=1), updated_at=SINCE),
        t.deployment(2, created_at=SINCE, updated_at=SINCE),
    ),
    releases=(
        t.release(1, published_at=SINCE - timedelta(days=1), created_at=SINCE - timedelta(days=2)),
        t.release(2, published_at=SINCE, created_at=SINCE),
    ),
    fetched_at=NOW,
)


@pytest.fixture
def acme() -> Team:
    team = t.team("acme")
    t.write(team, PAGE)
    with tenant(team.pk):
        write_coverage(Repository.objects.get().pk, "pull_requests", None, NOW)
    return team


def keep(team: Team, years: int | None, months: int = 24) -> None:
    user = User.objects.filter(email="a@acme.example").first() or User.objects.create_user("a@acme.example")
    retention.change(user, team.pk, years, months)


def retire(team: Team) -> None:
    while True:
        with tenant(team.pk):
            if not retire_some():
                return


def stored(team: Team) -> list[list[int]]:
    with tenant(team.pk):
        numbers = [int(sha, 16) for sha in Commit.objects.order_by("sha").values_list("sha", flat=True)]
        return [
            list(PullRequest.objects.order_by("number").values_list("number", flat=True)),
            list(PRReview.objects.order_by("provider_id").values_list("provider_id", flat=True)),
            numbers,
            list(Deployment.objects.order_by("provider_id").values_list("provider_id", flat=True)),
            list(Release.objects.order_by("provider_id").values_list("provider_id", flat=True)),
        ]


KEPT = [[2, 3, 4], [2, 3, 4], [2, 3, 4, 11], [2], [2]]


def test_by_default_everything_is_kept(acme: Team) -> None:
    before = stored(acme)
    retire(acme)
    assert stored(acme) == before
    assert before[0] == [1, 2, 3, 4]


def test_what_was_closed_before_goes_with_everything_under_it(acme: Team) -> None:
    with tenant(acme.pk):
        assert old_pulls(SINCE) == 1
    keep(acme, 1)
    retire(acme)
    assert stored(acme) == KEPT


def test_no_reading_stores_it_again(acme: Team) -> None:
    keep(acme, 1)
    retire(acme)
    t.write(acme, PAGE, t.page(*PAGE.pull_requests, fetched_at=NOW + timedelta(hours=1)))
    assert stored(acme) == KEPT


def test_reading_first_and_deleting_first_leave_the_same(acme: Team) -> None:
    other = t.team("other")
    keep(other, 1)
    t.write(other, PAGE)
    assert stored(other) == KEPT


def test_nothing_is_claimed_of_the_time_before(acme: Team) -> None:
    def told() -> list[Any]:
        period = Period.of_dates(date(2025, 2, 1), date(2026, 3, 20), ZoneInfo("UTC"))
        with tenant(acme.pk):
            (result,) = answer([Query("merged_prs", "count", period, every="month")])
            return [row.value for row in result.rows]

    assert told()[0] == 0
    keep(acme, 1)
    retire(acme)
    with tenant(acme.pk):
        assert Coverage.objects.get().covered_from == SINCE
        write_coverage(Repository.objects.get().pk, "pull_requests", None, NOW)
        assert Coverage.objects.get().covered_from == SINCE
    assert told()[0] is None


def test_weeks_before_go_too(acme: Team) -> None:
    def first_week() -> date:
        while follow(acme.pk).left:
            pass
        with tenant(acme.pk):
            found = WeeklyMetrics.objects.order_by("week_start").values_list("week_start", flat=True).first()
            assert found
            return found  # type: ignore[no-any-return]

    assert first_week() < SINCE.date() - timedelta(days=7)
    keep(acme, 1)
    retire(acme)
    assert first_week() >= SINCE.date() - timedelta(days=7)


def test_another_team_keeps_what_it_has(acme: Team) -> None:
    other = t.team("other")
    t.write(other, PAGE)
    before = stored(other)
    keep(acme, 1)
    retire(acme)
    retire(other)
    assert stored(other) == before


def test_looks_at_people_go_after_their_months_and_nothing_else_of_the_log(acme: Team) -> None:
    keep(acme, None, 3)
    with tenant(acme.pk):
        for days, what in ((94, "person_seen"), (92, "person_seen"), (900, "member_role")):
            AuditEntry.objects.create(team=acme, at=now() - timedelta(days=days), who="x", what=what, about=str(days))
        retention.drop_looks()
        assert set(AuditEntry.objects.exclude(what="retention_changed").values_list("about", flat=True)) == {
            "92",
            "900",
        }
