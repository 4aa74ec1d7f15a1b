"""Sprints that are made, started and closed while the site is served."""

from collections.abc import Callable
from datetime import timedelta

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.live import Stage, instant, put_in, told
from tformance.sandbox.live_apps import Impossible


def create_sprint(stage: Stage, asked: Row) -> Row:
    board = stage.world.boards.get(str(asked.get("board")))
    if board is None or not board.get("has_sprints", board["type"] == "scrum"):
        raise Impossible(f"There is no board {asked.get('board')} with sprints")
    number = max((int(key) for key in stage.world.sprints), default=0) + 1
    row: Row = {"id": number, "board_id": board["id"], "state": "future", "created_at": instant()}
    row["name"] = str(asked.get("name") or f"Sprint {number}")[:30]
    stage.world.sprints[str(number)] = row
    return told(row, stage.events.sprint("sprint_created", row))


def start_sprint(stage: Stage, asked: Row) -> Row:
    row = stage.sprint_of(asked.get("sprint"))
    until = clock.now() + timedelta(days=int(asked.get("days", 14)))
    row |= {"state": "active", "started_at": instant(), "ended_at": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return told(row, stage.events.sprint("sprint_started", row))


def close_sprint(stage: Stage, asked: Row) -> Row:
    """What is not done goes on into the sprint `next`, or back to the backlog."""
    row = stage.sprint_of(asked.get("sprint"))
    goal = stage.sprint_of(asked["next"]) if asked.get("next") else None
    row |= {"state": "closed", "completed_at": instant()}
    guids = stage.events.sprint("sprint_closed", row)
    for issue in list(stage.world.issues.values()):
        inside = row["id"] in (issue.get("sprints") or ())
        if inside and goal and stage.world.statuses[str(issue["status_id"])]["category"] != "done":
            guids += put_in(stage, issue, stage.author(asked), goal)["deliveries"]
    return told(row, guids)


OF_SPRINTS: dict[str, Callable[[Stage, Row], Row]] = {
    "create_sprint": create_sprint,
    "start_sprint": start_sprint,
    "close_sprint": close_sprint,
}
