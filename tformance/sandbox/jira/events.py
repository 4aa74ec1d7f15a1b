"""What Jira tells the hooks that its administrator made: one message per change, signed where a secret is set."""

import hashlib
import hmac
from typing import Any
from zoneinfo import ZoneInfo

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.hooks import Deliveries, Hook, Message
from tformance.sandbox.jira.agile import sprint_shape
from tformance.sandbox.jira.asking import Question
from tformance.sandbox.jira.issue_shapes import IssueShapes
from tformance.sandbox.jira.shapes import Shapes, item
from tformance.sandbox.jira.world import World


def headers(message: Message, body: bytes) -> dict[str, str]:
    found = {
        "Content-Type": "application/json; charset=UTF-8",
        "User-Agent": "Atlassian Webhook HTTP Client",
        "X-Atlassian-Webhook-Identifier": message.guid,
        "X-Atlassian-Webhook-Flow": "Primary",
    }
    if message.hook.secret:
        signature = hmac.new(message.hook.secret.encode(), body, hashlib.sha256).hexdigest()
        found["X-Hub-Signature"] = f"sha256={signature}"
    return found


class Events:
    """Builds and posts messages; what they show is what an administrator sees, in the site's zone."""

    def __init__(self, world: World, base: str, deliveries: Deliveries, hooks: list[Hook]) -> None:
        zone = ZoneInfo(world.site["time_zone"])
        admin = next(iter(world.users.values()))
        self.asked = Question("", {}, base, world, admin, zone=zone)
        self.deliveries, self.hooks = deliveries, hooks

    def issue(self, event: str, kind: str, row: Row, author: str, change: Row | None = None) -> list[str]:
        """`kind` is Jira's finer name of the event; gives the messages' ids."""
        body: Row = {"issue_event_type_name": kind, "user": Shapes(self.asked).user(author), "issue": self.shown(row)}
        if change:
            body["changelog"] = {"id": str(change["id"]), "items": [item(each) for each in change["items"]]}
        return self._tell(f"jira:{event}", body, str(row["id"]))

    def sprint(self, event: str, row: Row) -> list[str]:
        return self._tell(event, {"sprint": sprint_shape(Shapes(self.asked), row)}, f"sprint {row['id']}")

    def shown(self, row: Row) -> Row:
        """All fields; texts are plain here, as they were before documents."""
        shapes = IssueShapes(self.asked)
        issue = {key: value for key, value in shapes.issue(row, shapes.chosen(["*all"])).items() if key != "expand"}
        issue["fields"]["description"] = row.get("description")
        return issue

    def _tell(self, event: str, body: dict[str, Any], key: str) -> list[str]:
        told = {"timestamp": int(clock.now().timestamp() * 1000), "webhookEvent": event, **body}
        return [self.deliveries.post(hook, event, told, key) for hook in self.hooks]
