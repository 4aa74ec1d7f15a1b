"""What one token sees of the data: repositories it may read, and a refusal for what its permissions leave out."""

from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.execute import Forbidden
from tformance.sandbox.github import WEB
from tformance.sandbox.reply import Reply, refused
from tformance.sandbox.tokens import Grant

_CHILDREN = {"commits": "contents", "check_runs": "checks"}
_OF_REPOSITORY = {"deployments": "deployments", "releases": "contents", "issues": "issues"}
_OF_ORGANIZATION = {"copilot_seats": "organization_copilot_seat_management"}


class View:
    """A dataset through a token's eyes; whatever is not limited here is the dataset's own."""

    def __init__(self, data: Dataset, grant: Grant) -> None:
        self._data, self._grant = data, grant

    def __getattr__(self, name: str) -> Any:
        return getattr(self._data, name)

    @property
    def repositories(self) -> dict[str, Row]:
        return {key: row for key, row in self._data.repositories.items() if self._sees(row)}

    @property
    def users(self) -> dict[str, Row]:
        """The token's account first: it is the viewer."""
        login = self._grant.login
        if login is None:
            return self._data.users
        known = self._data.users.get("@" + login.lower()) or {"login": login, "id": f"U_{login}"}
        return {"": known | {"__typename": "User"}, **self._data.users}

    def named(self, name_with_owner: str) -> Row | None:
        found = self._data.named(name_with_owner)
        return found if found and self._sees(found) else None

    def node(self, key: str) -> Row | None:
        found = self._data.node(key)
        return found if found and self._shows(found) else None

    def pull(self, key: str) -> Row | None:
        self._need("pull_requests")
        return self._data.pull(key)

    def pull_order(self, repository_id: str, order: str) -> list[tuple[str, str]]:
        self._need("pull_requests")
        return self._data.pull_order(repository_id, order)

    def children(self, kind: str, pull_id: str) -> list[Row]:
        self._need(_CHILDREN.get(kind, "pull_requests"))
        return self._data.children(kind, pull_id)

    def of_repository(self, kind: str, repository_id: str) -> list[Row]:
        self._need(_OF_REPOSITORY.get(kind, "contents"))
        return self._data.of_repository(kind, repository_id)

    def of_organization(self, kind: str, login: str) -> list[Row]:
        self._need(_OF_ORGANIZATION.get(kind, "members"))
        return self._data.of_organization(kind, login)

    def usage_days(self, login: str) -> list[str]:
        self._need("organization_copilot_metrics")
        return self._data.usage_days(login)

    def _need(self, permission: str) -> None:
        if not self._grant.may(permission):
            raise Forbidden(f"Resource not accessible by {self._grant.named}")

    def _shows(self, row: Row) -> bool:
        if row["__typename"] == "Repository":
            return self._sees(row)
        home = row.get("repository_id")
        if home is None and row.get("pull_request_id") is not None:
            home = (self._data.pull(str(row["pull_request_id"])) or {}).get("repository_id")
        return home is None or str(home) in self.repositories

    def _sees(self, row: Row) -> bool:
        grant = self._grant
        if grant.public_only and row.get("is_private"):
            return False
        if grant.sso and row["name_with_owner"].split("/")[0].lower() == grant.sso.lower() and row.get("is_private"):
            return False
        return grant.repositories is None or str(row["id"]) in grant.repositories


def sso_refusal(data: Dataset, grant: Grant, target: str) -> Reply | None:
    """403 for what belongs to an organisation whose single sign-on the token has not passed; None for the rest."""
    pieces = target.partition("?")[0].strip("/").split("/")
    owner = pieces[1].lower() if len(pieces) > 1 and pieces[0] in ("orgs", "repos") else ""
    row = data.named("/".join(pieces[1:3])) if pieces[0] == "repos" else None
    open_to_all = row is not None and not row.get("is_private")
    if not grant.sso or owner != grant.sso.lower() or open_to_all:
        return None
    words = "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization."
    reply = refused(403, words)
    reply.headers["X-GitHub-SSO"] = f"required; url={WEB}/orgs/{grant.sso}/sso?authorization_request=A"
    return reply
