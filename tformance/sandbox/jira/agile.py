"""Boards and their sprints."""

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira import fields
from tformance.sandbox.jira.asking import Question, Refusal, ok, paged
from tformance.sandbox.jira.shapes import Shapes, plain_stamp
from tformance.sandbox.reply import Reply

_COLUMNS = ("undefined", "new", "indeterminate", "done")
_DATES = {
    "startDate": "started_at",
    "endDate": "ended_at",
    "completeDate": "completed_at",
    "createdDate": "created_at",
}


def boards(asked: Question) -> Reply:
    rows = [row for row in asked.world.boards.values() if asked.sees(row)]
    wanted = asked.query.get("projectKeyOrId")
    if wanted is not None:
        project = asked.project(wanted)
        if project is None:
            raise Refusal(400, f"No project could be found with key or id '{wanted}'.")
        rows = [row for row in rows if str(row["project_id"]) == str(project["id"])]
    kinds = asked.query.get("type", "").split(",")
    rows = [row for row in rows if kinds == [""] or row["type"] in kinds]
    page = paged(asked, rows, most=50)
    return ok(page | {"values": [_board(asked, row) for row in page["values"]]})


def board(asked: Question) -> Reply:
    return ok(_board(asked, _found(asked)))


def configuration(asked: Question) -> Reply:
    row = _found(asked)
    shapes = Shapes(asked)
    project = asked.world.projects[str(row["project_id"])]
    here = f"{shapes.agile}/board/{row['id']}"
    columns = [
        {"name": status["name"], "statuses": [{"id": str(status["id"]), "self": f"{shapes.api}/status/{status['id']}"}]}
        for status in sorted(asked.world.statuses_of(project), key=lambda each: _COLUMNS.index(each["category"]))
    ]
    filters = {"id": str(row["id"] + 10_000), "self": f"{shapes.api}/filter/{row['id'] + 10_000}"}
    body: Row = {"id": row["id"], "name": row["name"], "type": row["type"], "self": f"{here}/configuration"}
    body |= {"location": {"type": "project", "key": project["key"], "id": str(project["id"]), "name": project["name"]}}
    body |= {"filter": filters, "columnConfig": {"columns": columns, "constraintType": "none"}}
    return ok(body | _estimation(asked, row) | {"ranking": {"rankCustomFieldId": 10_019}})


def _estimation(asked: Question, row: Row) -> Row:
    """Only boards with sprints estimate; without a field they count issues."""
    if row["type"] == "kanban":
        return {"subQuery": {"query": "fixVersion in unreleasedVersions() OR fixVersion is EMPTY"}}
    field = next((each for each in fields.custom(asked) if each["id"] == row.get("estimation_field")), None)
    if field is None:
        return {"estimation": {"type": "issueCount"}}
    shown = {"fieldId": field["id"], "displayName": field["name"]}
    return {"estimation": {"type": "field", "field": shown}}


def sprints(asked: Question) -> Reply:
    row = _found(asked)
    if not row.get("has_sprints", row["type"] == "scrum"):
        raise Refusal(400, "The board does not support sprints")
    wanted = [state for state in asked.query.get("state", "").split(",") if state]
    rows = [each for each in asked.world.sprints.values() if each["board_id"] == row["id"]]
    rows = sorted((each for each in rows if not wanted or each["state"] in wanted), key=lambda each: int(each["id"]))
    page = paged(asked, rows, most=50)
    kept = {name: page[name] for name in ("maxResults", "startAt", "total", "isLast")}
    return ok(kept | {"values": [sprint_shape(Shapes(asked), each) for each in page["values"]]})


def sprint(asked: Question) -> Reply:
    row = asked.world.sprints.get(asked.pieces[4])
    if row is None or not asked.sees(asked.world.boards[str(row["board_id"])]):
        raise Refusal(404, "Sprint does not exist.")
    return ok(sprint_shape(Shapes(asked), row))


def sprint_shape(shapes: Shapes, row: Row) -> Row:
    shape: Row = {"id": row["id"], "self": f"{shapes.agile}/sprint/{row['id']}", "state": row["state"]}
    shape |= {"name": row["name"], "originBoardId": row["board_id"]}
    shape |= {name: plain_stamp(row[column]) for name, column in _DATES.items() if row.get(column)}
    return shape | ({"goal": row["goal"]} if row.get("goal") else {})


def _found(asked: Question) -> Row:
    row = asked.world.boards.get(asked.pieces[4])
    if row is None or not asked.sees(row):
        raise Refusal(
            404, "The requested board cannot be viewed because it either does not exist or you may not see it."
        )
    return row


def _board(asked: Question, row: Row) -> Row:
    project = asked.world.projects[str(row["project_id"])]
    shapes = Shapes(asked)
    label = f"{project['name']} ({project['key']})"
    place: Row = {"projectId": int(project["id"]), "projectKey": project["key"], "projectName": project["name"]}
    place |= {"displayName": label, "name": label, "projectTypeKey": "software"}
    place["avatarURI"] = f"{asked.base}/avatars/project/24x24.png"
    here = f"{shapes.agile}/board/{row['id']}"
    shape: Row = {"id": row["id"], "self": here, "name": row["name"], "type": row["type"]}
    return shape | {"location": place, "isPrivate": False}
