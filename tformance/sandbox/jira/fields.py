"""The fields of a site: those every Jira has, and the folder's own."""

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.asking import Question

SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
TEAM_POINTS = "com.pyxis.greenhopper.jira:jsw-story-points"
NUMBER = "com.atlassian.jira.plugin.system.customfieldtypes:float"
# id: (name, type, items, names in queries)
_SYSTEM = {
    "summary": ("Summary", "string", None, ("summary",)),
    "status": ("Status", "status", None, ("status",)),
    "issuetype": ("Issue Type", "issuetype", None, ("issuetype", "type")),
    "project": ("Project", "project", None, ("project",)),
    "created": ("Created", "datetime", None, ("created", "createdDate")),
    "updated": ("Updated", "datetime", None, ("updated", "updatedDate")),
    "resolution": ("Resolution", "resolution", None, ("resolution",)),
    "resolutiondate": ("Resolved", "datetime", None, ("resolved", "resolutiondate")),
    "statuscategorychangedate": ("Status Category Changed", "datetime", None, ("statusCategoryChangedDate",)),
    "assignee": ("Assignee", "user", None, ("assignee",)),
    "reporter": ("Reporter", "user", None, ("reporter",)),
    "creator": ("Creator", "user", None, ("creator",)),
    "priority": ("Priority", "priority", None, ("priority",)),
    "labels": ("Labels", "array", "string", ("labels",)),
    "description": ("Description", "string", None, ("description",)),
    "subtasks": ("Sub-tasks", "array", "issuelinks", ("subtasks",)),
}


def system() -> list[Row]:
    rows: list[Row] = [
        {"id": "issuekey", "key": "issuekey", "name": "Key", "custom": False, "orderable": False, "navigable": True}
        | {"searchable": False, "clauseNames": ["id", "issue", "issuekey", "key"]},
        {"id": "parent", "key": "parent", "name": "Parent", "custom": False, "orderable": False, "navigable": True}
        | {"searchable": False, "clauseNames": ["parent"]},
    ]
    for key, (name, kind, items, names) in _SYSTEM.items():
        schema: Row = {"type": kind, "system": key} | ({"items": items} if items else {})
        shown: Row = {"id": key, "key": key, "name": name, "custom": False, "orderable": True, "navigable": True}
        rows.append(shown | {"searchable": True, "clauseNames": list(names), "schema": schema})
    return rows


def custom(asked: Question) -> list[Row]:
    """The folder's fields but one that is gone and those of projects the asker may not see."""
    return [row for row in asked.world.fields if row["id"] != asked.faults.gone_field and asked.sees(row)]


def shown(asked: Question, row: Row) -> Row:
    """A field of the folder as the field list has it."""
    number = int(row["id"].rpartition("_")[2])
    names = [f"cf[{number}]", row["name"], *([f"{row['name']}[Number]"] if row["type"] == "number" else [])]
    schema: Row = {"type": row["type"], "custom": row["custom"], "customId": number}
    schema |= {"items": row["items"]} if row.get("items") else {}
    field: Row = {"id": row["id"], "key": row["id"], "name": row["name"], "untranslatedName": row["name"]}
    field |= {"custom": True, "orderable": True, "navigable": True, "searchable": True}
    field |= {"clauseNames": names, "schema": schema}
    if row.get("project_id") is not None:
        field["scope"] = {"type": "PROJECT", "project": {"id": str(row["project_id"])}}
    return field


def known(asked: Question) -> dict[str, Row]:
    """Every field of the site by its id, as the field list has it."""
    rows = [*system(), *(shown(asked, row) for row in custom(asked))]
    return {row["id"]: row for row in rows}
