"""What has to be known before issues can be read: the project, what its statuses mean, which fields hold what.

Nothing is told by names that people choose, or by ids that differ from site to site. It is learnt once a day with the
project, and kept in the session's memory.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tformance.core.errors import Skip, Unexpected
from tformance.sources.contract import ScopeRef, Session
from tformance.sources.jira.client import AGILE, API, Client, Denied, Json, Refused

KNOWN: Final = "project"  # in the session's memory
SPRINT_FIELD: Final = "com.pyxis.greenhopper.jira:gh-sprint"
TEAM_POINTS: Final = "com.pyxis.greenhopper.jira:jsw-story-points"  # of team-managed projects
USUAL_POINTS: Final = "story points"  # what Jira calls the field that it makes for other projects
BOARDS: Final = 50


def zone(client: Client) -> ZoneInfo:
    """By whose clock the account's queries are read."""
    try:
        return ZoneInfo(client.me["timeZone"])
    except (LookupError, ZoneInfoNotFoundError, ValueError) as error:
        raise Unexpected(f"Jira does not say the account's time zone ({client.me.get('timeZone')})") from error


def known(client: Client, session: Session, scope: ScopeRef) -> Json:
    """As learnt last, or now."""
    return session.memory.get(KNOWN) or learn(client, session, scope)


def learn(client: Client, session: Session, scope: ScopeRef) -> Json:
    """The project with `points` and `sprint` (ids of fields, "" where there are none) and `categories` by status id."""
    project = find(client, scope)
    fields = client.get(f"{API}/field")
    found = {
        "site": client.cloud,
        "project": {name: project.get(name) for name in ("id", "key", "name", "style")},
        "points": _points_field(client, project, fields),
        "sprint": _by_schema(fields, SPRINT_FIELD),
        "categories": {str(status["id"]): status["statusCategory"]["key"] for status in client.get(f"{API}/status")},
    }
    session.memory[KNOWN] = found
    return found


def find(client: Client, scope: ScopeRef) -> Json:
    """The project itself; Skip where the account cannot see it (any more), which Jira does not tell from none."""
    try:
        project: Json = client.get(f"{API}/project/{scope.node_id or scope.name}")
    except Skip as error:
        words = f"Jira shows no project {scope.name} to this account: it may lack the permission to browse it"
        raise Skip(words, item=scope.name) from error
    return project


def boards(client: Client, project: str) -> Iterator[Json]:
    return client.listing(f"{AGILE}/board", BOARDS, projectKeyOrId=project)


def _points_field(client: Client, project: Json, fields: Sequence[Json]) -> str:
    """What the project's boards estimate in; else the field that Jira makes for projects of this kind."""
    numbers = {field["id"]: field for field in fields if field["custom"] and _schema(field).get("type") == "number"}
    for field in _estimated_in(client, str(project["id"])):
        if field in numbers:
            return field
    if project.get("style") == "next-gen":
        return _by_schema(fields, TEAM_POINTS)
    usual = (key for key, field in numbers.items() if _called(field) == USUAL_POINTS)
    return next(usual, "")


def _estimated_in(client: Client, project: str) -> Iterator[str]:
    """Boards of people who may not be asked about them tell nothing."""
    try:
        for board in boards(client, project):
            estimation = client.get(f"{AGILE}/board/{board['id']}/configuration").get("estimation") or {}
            yield (estimation.get("field") or {}).get("fieldId") or ""
    except (Denied, Refused):
        return


def _by_schema(fields: Sequence[Json], custom: str) -> str:
    return next((str(field["id"]) for field in fields if _schema(field).get("custom") == custom), "")


def _schema(field: Json) -> dict[str, Any]:
    return field.get("schema") or {}


def _called(field: Json) -> str:
    return str(field.get("untranslatedName") or field["name"]).lower()
