"""How numbers are put together: skew, parts and wholes, windows, weeks, what has not happened yet."""

from datetime import UTC, datetime

from tests.journeys.traps.stage import START, Stage
from tformance.core.clock import now


def play(stage: Stage) -> None:
    for scene in (
        skewed,
        stages,
        uneven_weeks,
        quiet,
        unmerged,
        young,
        slow_start,
        borders,
        running,
        zones,
        weekend,
        two_repositories,
        neighbours,
    ):
        scene(stage)


def hours_of(instant: datetime) -> float:
    return (instant - START).total_seconds() / 3600


def skewed(stage: Stage) -> None:
    repository = stage.repository("skewed")
    for hours in (2, 4, 6, 1000):
        repository.pull(merged=hours)


def stages(stage: Stage) -> None:
    """Waiting for review and being reviewed take 1 and 9 hours, 9 and 1, 5 and 5; the last is never reviewed."""
    repository = stage.repository("stages")
    for first, approved in ((1, 10), (9, 10), (5, 10)):
        pull = repository.pull(merged=10)
        pull.review(first, state="COMMENTED")
        pull.review(approved)
    repository.pull(merged=10)


def uneven_weeks(stage: Stage) -> None:
    """One slow pull request in the first week, three quick ones in the second."""
    repository = stage.repository("uneven-weeks")
    repository.pull(merged=100)
    for hours in (200, 201, 202):
        repository.pull(opened=hours, merged=hours + 2)


def quiet(stage: Stage) -> None:
    """Nothing happens in the second week."""
    repository = stage.repository("quiet")
    repository.pull(merged=5)
    repository.pull(opened=340, merged=345)


def unmerged(stage: Stage) -> None:
    repository = stage.repository("unmerged")
    repository.pull(merged=10)
    repository.pull(merged=20)
    repository.pull(closed=15)
    repository.pull()


def young(stage: Stage) -> None:
    """Merged three days ago: there was no time yet to take it back."""
    repository = stage.repository("young")
    repository.pull(merged=5)
    recently = hours_of(now()) - 72
    repository.pull(opened=recently - 5, merged=recently)


def slow_start(stage: Stage) -> None:
    """Opened in one week, merged in the next."""
    stage.repository("slow-start").pull(opened=100, merged=170)


def borders(stage: Stage) -> None:
    """On each side of a midnight and on it, in UTC."""
    repository = stage.repository("borders")
    midnight = hours_of(datetime(2026, 3, 4, tzinfo=UTC))
    for hours in (midnight - 1 / 3600, midnight, midnight + 1):
        repository.pull(merged=hours)


def running(stage: Stage) -> None:
    """One an hour ago; of a period that began 84 hours ago what is before this hour of the one before, and after it."""
    repository = stage.repository("running")
    present = hours_of(now())
    for ago in (1, 170, 160):
        repository.pull(opened=present - ago - 1, merged=present - ago)


def zones(stage: Stage) -> None:
    """Around midnight in Auckland, in the 53rd week of 2020, and in the hour that Berlin's clocks have twice."""
    repository = stage.repository("zones")
    for instant in (
        datetime(2026, 3, 2, 10, 30, tzinfo=UTC),
        datetime(2026, 3, 2, 11, 30, tzinfo=UTC),
        datetime(2020, 12, 31, 12, tzinfo=UTC),
        datetime(2021, 1, 2, 12, tzinfo=UTC),
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
    ):
        repository.pull(opened=hours_of(instant) - 1, merged=hours_of(instant))


def weekend(stage: Stage) -> None:
    """From Friday at five to Monday at nine."""
    repository = stage.repository("weekend")
    friday = hours_of(datetime(2026, 3, 6, 17, tzinfo=UTC))
    repository.pull(opened=friday, merged=friday + 64)


def two_repositories(stage: Stage) -> None:
    """One person works in both, another in one; one commit stands in both."""
    for name, authors in (("in-both-1", ("ana", "ben")), ("in-both-2", ("ana", "ana"))):
        repository = stage.repository(name)
        for author in authors:
            pull = repository.pull(merged=5, author=author)
            pull.review(2, by="cho")


def neighbours(stage: Stage) -> None:
    """Two repositories whose pull requests look alike."""
    for name, count in (("neighbour-1", 2), ("neighbour-2", 3)):
        repository = stage.repository(name)
        for _ in range(count):
            repository.pull(merged=5, labels=["urgent"], base="next")
