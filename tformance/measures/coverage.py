"""How far the team's facts reach."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tformance.facts.models.pull_request import PullRequest
from tformance.measures.query import Period
from tformance.measures.result import Coverage

FRESH = timedelta(days=1)  # every repository is looked at daily at least


@dataclass(frozen=True, slots=True)
class Reach:
    """From when until when all repositories were read; None while one of them was not read at all."""

    start: datetime | None
    end: datetime | None
    pull_requests: int
    fully_fetched: int

    def covers(self, start: datetime, now: datetime) -> bool:
        """Whether nothing that happened from `start` on is unknown; the future is."""
        return self.start is not None and self.end is not None and self.start <= start < min(now, self.end + FRESH)

    def over(self, period: Period, now: datetime) -> Coverage:
        complete = self.covers(period.start, now) and self.end is not None and self.end + FRESH >= min(period.end, now)
        return Coverage(self.start, self.end, complete, self.pull_requests, self.fully_fetched)


def reach() -> Reach:
    total = PullRequest.objects.count()
    incomplete = PullRequest.objects.filter(is_complete=False).count()
    return Reach(None, None, total, total - incomplete)
