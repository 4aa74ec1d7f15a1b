"""What Celery runs for measures."""

from celery import shared_task

from tformance.measures.rollups import keeping
from tformance.measures.weekly import rounds


@shared_task(name="tformance.measures.aggregate_weekly_metrics_task", expires=3600)
def aggregate_weekly_metrics_task() -> dict[str, int]:
    """On the evening of the last day of the week: of every team this week and all that waits."""
    report = rounds.aggregate()
    return {"teams": report.teams, "weeks": report.weeks, "failed": report.failed}


@shared_task(name="tformance.measures.follow_weeks", expires=30)
def follow_weeks() -> None:
    rounds.follow_waiting()


@shared_task(name="tformance.measures.keep_rollups", expires=300)
def keep_rollups() -> None:
    keeping.keep_all()
