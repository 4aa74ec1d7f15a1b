"""What steps add up to: the state of their run, and how far the team's set-up has come."""

from tformance.core.clock import now
from tformance.sync import onboarding
from tformance.sync.models import SyncRun, SyncStep
from tformance.sync.steps import outcome


def settle(run: SyncRun) -> None:
    """Give the run, and the set-up, the state that the steps add up to. Inside `tenant()`."""
    states = set(SyncStep.objects.filter(run=run).values_list("state", flat=True))
    state = outcome(states)
    finished_at = None if state == SyncRun.State.RUNNING else now()
    SyncRun.objects.filter(pk=run.pk).exclude(state=state).update(state=state, finished_at=finished_at)
    onboarding.follow(run.team_id)
