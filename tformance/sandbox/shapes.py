"""What webhook messages and answers about Apps show, made of REST's shapes."""

from dataclasses import dataclass
from typing import Any

from tformance.sandbox import rest_shapes
from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.rest_shapes import API, Shape, number_of


@dataclass(frozen=True)
class Shapes:
    """Shapes over one dataset; `base` is this server's own address."""

    data: Dataset
    base: str

    def someone(self, reference: str | int | None) -> Shape:
        """Deleted accounts are GitHub's ghost."""
        shape: Shape = bare(rest_shapes.account(self.data.actor(reference)))
        return shape

    def owner(self, login: str) -> Shape:
        known = self.data.users.get("@" + login.lower())
        row = known or {"__typename": "Organization", "id": f"O_{login}", "login": login}
        shape: Shape = bare(rest_shapes.account(row))
        return shape

    def organization(self, login: str) -> Shape:
        home, account = f"{API}/orgs/{login}", self.owner(login)
        return {
            **{key: account[key] for key in ("login", "id", "node_id", "avatar_url")},
            "url": home,
            **{f"{name}_url": f"{home}/{name}" for name in ("repos", "events", "hooks", "issues")},
            "members_url": f"{home}/members{{/member}}",
            "public_members_url": f"{home}/public_members{{/member}}",
            "description": None,
        }

    def repository(self, row: Row) -> Shape:
        return rest_shapes.repository(self.data, row)

    def simple(self, row: Row) -> Shape:
        """A repository as `installation` messages list it."""
        name = row["name_with_owner"]
        shown = {"id": number_of(row), "node_id": str(row["id"]), "name": name.split("/")[1], "full_name": name}
        return shown | {"private": bool(row.get("is_private"))}


def bare(value: Any) -> Any:
    """The same with accounts as messages show them: without name and e-mail."""
    if isinstance(value, list):
        return [bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    hidden = ("name", "email") if "received_events_url" in value else ()
    return {key: bare(each) for key, each in value.items() if key not in hidden}
