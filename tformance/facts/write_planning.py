"""Stores what a team plans, as `write` does what it made: each in one transaction with what the caller stores beside it."""

from collections.abc import Collection
from datetime import datetime

from tformance.accounts.models import Team
from tformance.accounts.tenancy import current_team_id
from tformance.facts import erasing, jira_links, planning
from tformance.facts.actors import store_actors
from tformance.facts.cleaning import cleaned
from tformance.facts.planning_records import ProjectPage, SitePage
from tformance.facts.version import move_version_on


def write_site(page: SitePage, *, team_id: int) -> int:
    """Of the accounts of an issue tracker; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    Team.objects.select_for_update(no_key=True).get(id=team_id)  # nobody is erased meanwhile
    page = erasing.without_erased(cleaned(page), planning.SOURCE)
    rows = store_actors(planning.look_of_site(page), frozenset()).rows
    if rows:
        move_version_on(team_id)
    return rows


def write_project(page: ProjectPage, *, team_id: int) -> int:
    """Of a project of an issue tracker; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    Team.objects.select_for_update(no_key=True).get(id=team_id)  # nobody is erased meanwhile
    page = erasing.without_erased(cleaned(page), planning.SOURCE)
    known = jira_links.known_projects()
    actors = store_actors(planning.look_of_project(page), frozenset())
    stored = planning.store_project(page, actors)
    if not actors.rows + stored.rows:
        return 0
    move_version_on(team_id)
    return actors.rows + stored.rows + jira_links.follow_issues(stored.keys, known)


def mark_issues_gone(project_id: int, ids: Collection[int], at: datetime) -> int:
    """The provider was asked at `at` and no longer had these in the project; returns how many keys that is news for."""
    known = jira_links.known_projects()
    keys = planning.mark_issues_gone(project_id, ids, at)
    if keys:
        move_version_on(current_team_id())
        jira_links.follow_issues(keys, known)
    return len(keys)
