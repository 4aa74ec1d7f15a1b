"""What the product says about one small repository."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys.traps.stage import OWNER
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.measures.answer import answer
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.narrow import filtered
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Result, Row
from tformance.measures.rows.listed import LISTED
from tformance.measures.shape import Grain, Statistic

EVER = Period.of_dates(date(2000, 1, 1), date(2100, 1, 1), ZoneInfo("UTC"))


@dataclass(frozen=True)
class Asked:
    """The team that read everything."""

    team: Team

    def measure(self, repository: str, measure: str, statistic: Statistic, **filters: Any) -> Row:
        return self.result(repository, measure, statistic, **filters).total

    def result(
        self,
        repository: str,
        measure: str,
        statistic: Statistic,
        period: Period = EVER,
        every: Grain | None = None,
        compare: bool = False,
        **filters: Any,
    ) -> Result:
        with tenant(self.team.pk), looking(EVERYBODY):
            chosen = Filters(repositories=(self._repository(repository).pk,), **filters)
            (result,) = answer([Query(measure, statistic, period, (), every, chosen, compare)])
        return result

    def everywhere(self, *names: str, measure: str, statistic: Statistic, by: tuple[str, ...] = ()) -> Result:
        """In several repositories together."""
        with tenant(self.team.pk), looking(EVERYBODY):
            chosen = Filters(repositories=tuple(self._repository(name).pk for name in names))
            (result,) = answer([Query(measure, statistic, EVER, by, filters=chosen)])
        return result

    def value(self, repository: str, measure: str, statistic: Statistic = "median", **filters: Any) -> float | None:
        return self.measure(repository, measure, statistic, **filters).value

    def pull(self, repository: str, number: int = 1) -> PullRequest:
        with tenant(self.team.pk):
            found: PullRequest = PullRequest.objects.select_related("author", "merged_by").get(
                repository=self._repository(repository), number=number
            )
            return found

    def numbers(self, repository: str, **filters: Any) -> set[int]:
        """Of the pull requests that a list with these filters has."""
        with tenant(self.team.pk), looking(EVERYBODY):
            chosen = Filters(repositories=(self._repository(repository).pk,), **filters)
            return set(filtered(LISTED, chosen).values_list("number", flat=True))

    def _repository(self, name: str) -> Repository:
        found: Repository = Repository.objects.get(full_name=f"{OWNER}/{name}")
        return found
