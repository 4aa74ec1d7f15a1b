"""Rows of the folder as Jira's REST answers show them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.asking import Question

# Category: (id, colour, name, name in the newer status lists)
CATEGORIES = {
    "undefined": (1, "medium-gray", "No Category", "TODO"),
    "new": (2, "blue-gray", "To Do", "TODO"),
    "done": (3, "green", "Done", "DONE"),
    "indeterminate": (4, "yellow", "In Progress", "IN_PROGRESS"),
}
RESOLUTIONS = {"Done": "10000", "Won't Do": "10001", "Duplicate": "10002"}
PRIORITIES = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}
_SIZES = ("48x48", "24x24", "16x16", "32x32")


def epoch(text: str) -> int:
    """Seconds of an instant as the folder writes it."""
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def stamp(text: str | None, zone: ZoneInfo) -> str | None:
    """An instant as Jira writes it: the asker's wall clock, with an offset that has no colon."""
    if text is None:
        return None
    return datetime.fromtimestamp(epoch(text), zone).strftime("%Y-%m-%dT%H:%M:%S.000%z")


def plain_stamp(text: str) -> str:
    """An instant as sprints have it."""
    return datetime.fromtimestamp(epoch(text), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Shapes:
    """What one asker sees: links under their address, times in their zone, e-mail addresses only where shown."""

    def __init__(self, asked: Question) -> None:
        self.asked, self.world, self.zone = asked, asked.world, asked.zone
        self.api = f"{asked.base}/rest/api/3"
        self.agile = f"{asked.base}/rest/agile/1.0"

    def pictures(self, of: str) -> Row:
        return {size: f"{self.asked.base}/avatars/{of}/{size}.png" for size in _SIZES}

    def user(self, account_id: str | None) -> Row | None:
        """The fields that stand in issues and histories; an account nobody knows was erased."""
        if account_id is None:
            return None
        row = self.world.users.get(account_id) or {"display_name": "Former user", "active": False}
        shape: Row = {"self": f"{self.api}/user?accountId={account_id}", "accountId": account_id}
        if row.get("email") and row.get("email_visible"):
            shape["emailAddress"] = row["email"]
        shape |= {"avatarUrls": self.pictures("user"), "displayName": row["display_name"]}
        shape |= {"active": row.get("active", True), "accountType": row.get("account_type") or "atlassian"}
        return shape | {"timeZone": row.get("time_zone") or self.world.site["time_zone"]}

    def category(self, key: str) -> Row:
        number, colour, name, _ = CATEGORIES[key]
        shape = {"self": f"{self.api}/statuscategory/{number}", "id": number, "key": key}
        return shape | {"colorName": colour, "name": name}

    def status(self, row: Row) -> Row:
        shape: Row = {"self": f"{self.api}/status/{row['id']}", "description": "", "name": row["name"]}
        shape |= {"iconUrl": f"{self.asked.base}/images/icons/status.png", "id": str(row["id"])}
        return shape | {"statusCategory": self.category(row["category"])}

    def issue_type(self, row: Row) -> Row:
        shape: Row = {"self": f"{self.api}/issuetype/{row['id']}", "id": str(row["id"]), "description": ""}
        shape |= {"iconUrl": f"{self.asked.base}/images/icons/type.png", "name": row["name"]}
        return shape | {"subtask": row["level"] < 0, "hierarchyLevel": row["level"]}

    def scoped(self, shape: Row, row: Row) -> Row:
        """With the project that owns it, where one does."""
        if row.get("project_id") is None:
            return shape
        return shape | {"scope": {"type": "PROJECT", "project": {"id": str(row["project_id"])}}}

    def project(self, row: Row) -> Row:
        """As it stands in lists and issues."""
        shape: Row = {"self": f"{self.api}/project/{row['id']}", "id": str(row["id"]), "key": row["key"]}
        shape |= {"name": row["name"], "projectTypeKey": "software", "simplified": row["style"] == "next-gen"}
        return shape | {"avatarUrls": self.pictures("project")}

    def sprint(self, row: Row) -> Row:
        """As the sprint field of an issue has it."""
        dates = {"startDate": "started_at", "endDate": "ended_at", "completeDate": "completed_at"}
        shape: Row = {"id": row["id"], "name": row["name"], "state": row["state"], "boardId": row["board_id"]}
        shape |= {"goal": row.get("goal") or ""}
        return shape | {name: plain_stamp(row[column]) for name, column in dates.items() if row.get(column)}

    def history(self, row: Row) -> Row:
        """An entry of an issue's history."""
        shape: Row = {"id": str(row["id"])}
        shape |= {"author": self.user(row["author"])} if row.get("author") else {}
        items = [item(each) for each in row["items"]]
        return shape | {"created": stamp(row["created_at"], self.zone), "items": items}


def item(row: Row) -> Row:
    """One changed field; not every field says its id."""
    shape: Row = {"field": row["field"], "fieldtype": row["field_type"]}
    shape |= {"fieldId": row["field_id"]} if row.get("field_id") else {}
    shape |= {"from": row.get("from"), "fromString": row.get("from_string")}
    return shape | {"to": row.get("to"), "toString": row.get("to_string")}
