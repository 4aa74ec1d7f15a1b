"""Choosing projects of a team's Jira site. Nothing is read here: it is planned, workers read it beside everything else."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from tformance.accounts.tenancy import tenant
from tformance.sync import connections, health, plan
from tformance.sync.models import Connection, Scope


class NotConnected(LookupError):
    """The team has no Jira connection."""


@dataclass(frozen=True, slots=True)
class ProjectState:
    """`state` as in `health.RepositoryHealth`; `reason` says why it is not complete where something is in the way."""

    key: str
    state: str
    reason: str


def start_jira_onboarding_pipeline(team_id: int, project_keys: Collection[str]) -> tuple[str, ...]:
    """Follow these projects too, accounts first; gives all that are followed. Raises NotConnected."""
    return connections.follow(team_id, _connection(team_id).pk, project_keys)


def sync_jira_users_onboarding(team_id: int) -> None:
    """Ask for the site's accounts again."""
    _ask_again(team_id, Q(kind=Scope.Kind.SITE), {"users"})


def sync_jira_projects_onboarding(team_id: int, project_keys: Collection[str]) -> tuple[ProjectState, ...]:
    """Ask these projects for what changed, and say how each is: one that fails stops no other."""
    chosen = Q(kind=Scope.Kind.PROJECT, name__in=list(project_keys))
    connection_id = _ask_again(team_id, chosen, {"project", "issues", "sprints"})
    shown = next(each for each in health.connections(team_id) if each.id == connection_id)
    return tuple(
        ProjectState(each.name, each.state, each.error) for each in shown.repositories if each.name in project_keys
    )


def _ask_again(team_id: int, which: Q, streams: Collection[str]) -> int:
    connection = _connection(team_id)
    with tenant(team_id):
        chosen = Scope.objects.filter(which, connection=connection, is_tracked=True)
        for scope in chosen.select_related("connection"):
            plan.ask_for_changes(scope, streams)
        plan.wake(connection)
    return connection.pk


def _connection(team_id: int) -> Connection:
    """The first, of several."""
    with tenant(team_id):
        found: Connection | None = Connection.objects.filter(source="jira").order_by("pk").first()
    if found is None:
        raise NotConnected(f"Team {team_id} has no Jira connection")
    return found
