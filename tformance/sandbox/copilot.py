"""REST: seats of Copilot, and its usage reports behind signed links that end soon and are fetched from another host."""

import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from hmac import compare_digest, new
from urllib.parse import parse_qs, urlsplit

from tformance.sandbox import copilot_rows
from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.reply import Asked, Reply, missing, paged, refused
from tformance.sandbox.rest_organizations import team
from tformance.sandbox.rest_shapes import Shape, account

DOWNLOADS = "/copilot-reports/"
_FILE_ROWS = 5000
_WINDOW = 28


@dataclass
class Reports:
    """How reports behave: whether the policy allows them, how many of the newest days are late, how long links live."""

    allowed: bool = True
    late_days: int = 0
    link_seconds: float = 300
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def get(self, data: Dataset, asked: Asked) -> Reply | None:
        """Answers for everything below `/orgs/ORG/copilot`; None for other paths."""
        match asked.pieces:
            case ["orgs", login, "copilot", *rest] if data.organization(login):
                return self._of(data, login, rest, asked)
        return None

    def _of(self, data: Dataset, login: str, rest: list[str], asked: Asked) -> Reply:
        match rest:
            case ["billing"]:
                return _billing(data, login)
            case ["billing", "seats"]:
                return _seats(data, login, asked)
            case ["metrics", "reports", name]:
                return self._day(data, login, name, asked)
            case ["metrics", "reports", name, "latest"]:
                return self._latest(data, login, name, asked)
        return missing()

    def _days(self, data: Dataset, login: str) -> list[str]:
        """Days that have a report by now."""
        days = data.usage_days(login)
        return days[: len(days) - self.late_days] if self.late_days else days

    def _day(self, data: Dataset, login: str, name: str, asked: Asked) -> Reply:
        if not self.allowed:
            return refused(403, "Copilot usage metrics are not enabled for this organization.")
        day = asked.query.get("day", "")
        if name not in copilot_rows.OF_ONE_DAY:
            return missing()
        if day not in self._days(data, login):
            return Reply(204, None)
        return Reply(200, {"download_links": self._links(data, login, name, [day], asked.base), "report_day": day})

    def _latest(self, data: Dataset, login: str, name: str, asked: Asked) -> Reply:
        if not self.allowed:
            return refused(403, "Copilot usage metrics are not enabled for this organization.")
        days = self._days(data, login)
        if name not in copilot_rows.OF_28_DAYS or not days:
            return missing()
        first = (date.fromisoformat(days[-1]) - timedelta(days=_WINDOW - 1)).isoformat()
        links = self._links(data, login, name, [day for day in days if day >= first], asked.base)
        return Reply(200, {"download_links": links, "report_start_day": first, "report_end_day": days[-1]})

    def _links(self, data: Dataset, login: str, name: str, days: list[str], base: str) -> list[str]:
        """Signed addresses at another host name than the API's, one for each file."""
        files = max(1, -(-len(copilot_rows.rows(data, login, name, days)) // _FILE_ROWS))
        host = base.replace("//127.0.0.1", "//localhost")
        ends = int(time.time() + self.link_seconds)
        paths = [f"{DOWNLOADS}{login}/{name}/{days[0]}/{days[-1]}/{number}.ndjson" for number in range(files)]
        return [f"{host}{path}?se={ends}&sig={self._signature(path, str(ends))}" for path in paths]

    def _signature(self, path: str, ends: str) -> str:
        return new(self.key, f"{path} {ends}".encode(), sha256).hexdigest()

    def download(self, data: Dataset, target: str, headers: Iterable[str]) -> tuple[int, bytes]:
        """Status and lines of a file. Refused with a credential of ours (400), a wrong or an old signature (403)."""
        if "authorization" in {name.lower() for name in headers}:
            return 400, b"InvalidAuthenticationInfo: the link is signed; it takes no Authorization header"
        parts = urlsplit(target)
        given = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        ends = given.get("se", "0")
        signed = compare_digest(given.get("sig", ""), self._signature(parts.path, ends))
        if not signed or float(ends) <= time.time():
            return 403, b"AuthenticationFailed: the signature is wrong or has ended"
        login, name, first, last, file = parts.path.removeprefix(DOWNLOADS).split("/")
        start = int(file.removesuffix(".ndjson")) * _FILE_ROWS
        days = [day for day in data.usage_days(login) if first <= day <= last]
        rows = copilot_rows.rows(data, login, name, days)[start : start + _FILE_ROWS]
        return 200, b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)


def _billing(data: Dataset, login: str) -> Reply:
    seats = data.of_organization("copilot_seats", login)
    newest = max(data.usage_days(login), default="")
    active = sum((row.get("last_activity_at") or "") >= newest[:8] for row in seats) if newest else 0
    breakdown = {
        "total": len(seats),
        "added_this_cycle": sum(row["created_at"] >= newest[:8] for row in seats) if newest else 0,
        "pending_invitation": 0,
        "pending_cancellation": sum(row.get("pending_cancellation_date") is not None for row in seats),
        "active_this_cycle": active,
        "inactive_this_cycle": len(seats) - active,
    }
    settings = {"public_code_suggestions": "block", "ide_chat": "enabled", "platform_chat": "enabled", "cli": "enabled"}
    plan = {"seat_management_setting": "assign_selected", "plan_type": "business"}
    return Reply(200, {"seat_breakdown": breakdown, **settings, **plan})


def _seats(data: Dataset, login: str, asked: Asked) -> Reply:
    rows = data.of_organization("copilot_seats", login)
    chosen, headers = paged(rows, asked, 50)
    return Reply(200, {"total_seats": len(rows), "seats": [_seat(data, row) for row in chosen]}, headers)


def _seat(data: Dataset, row: Row) -> Shape:
    teams = data.of_organization("teams", row["organization"])
    giver = next((each for each in teams if each["slug"] == row.get("assigning_team")), None)
    names = ("pending_cancellation_date", "last_activity_at", "last_activity_editor", "last_authenticated_at")
    return {
        "assignee": account(data.actor(row["login"])),
        "assigning_team": team(data, giver) if giver else None,
        "created_at": row["created_at"],
        "updated_at": row.get("updated_at") or row["created_at"],
        **{name: row.get(name) for name in names},
        "plan_type": row.get("plan_type") or "business",
    }
