"""What a credential may read of what is needed, asked before anything is followed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tformance.core.errors import Skip, Unexpected
from tformance.sources.contract import Session
from tformance.sources.github.client import Client, Denied


@dataclass(frozen=True, slots=True)
class Permission:
    """One of GitHub's permissions: its key, its name in GitHub's forms, and what is read with it.

    `probe` is a path of a repository that needs it; "" where asking one repository would tell nothing.
    """

    key: str
    name: str
    what: str
    probe: str = ""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that cannot be read; without what is `needed` numbers are wrong, without the rest some are absent."""

    permission: str
    words: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose token it is, until when it works, and its classic scopes (None for a fine-grained one)."""

    account: str
    expires_at: datetime | None
    scopes: tuple[str, ...] | None


NEEDED: Final = (
    Permission("metadata", "Metadata", "repositories and their names"),
    Permission("contents", "Contents", "commits", "commits?per_page=1"),
    Permission("pull_requests", "Pull requests", "pull requests and reviews", "pulls?per_page=1"),
    Permission("issues", "Issues", "comments and linked issues", "issues?per_page=1"),
    Permission("checks", "Checks", "check runs", "commits/HEAD/check-runs?per_page=1"),
    Permission("statuses", "Commit statuses", "commit statuses", "commits/HEAD/status"),
    Permission("deployments", "Deployments", "deployments", "deployments?per_page=1"),
)
HELPFUL: Final = (
    Permission("actions", "Actions", "times of workflow runs", "actions/runs?per_page=1"),
    Permission("merge_queues", "Merge queues", "times in the merge queue"),
    Permission("members", "Members (organisation)", "members and teams"),
)
COPILOT: Final = (
    Permission("organization_copilot_metrics", "Copilot metrics (organisation)", "Copilot figures"),
    Permission("organization_copilot_seat_management", "Copilot seats (organisation)", "Copilot seats"),
)
TRIED: Final = tuple(permission.key for permission in (*NEEDED, *HELPFUL) if permission.probe)
_ENOUGH: Final = frozenset({"read", "write", "admin"})
_ORGANIZATIONS: Final = frozenset({"read:org", "write:org", "admin:org"})


def standing(session: Session, api_url: str) -> Standing:
    """Raises Reconnect when GitHub refuses the token."""
    with Client(session, api_url) as client:
        answer = client.ask("GET", "/user")
    scopes = answer.headers.get("x-oauth-scopes")
    return Standing(
        account=answer.json()["login"],
        expires_at=_expiry(answer.headers.get("github-authentication-token-expiration", "")),
        scopes=None if scopes is None else tuple(filter(None, (word.strip() for word in scopes.split(",")))),
    )


def lacks_of_app(permissions: Mapping[str, str]) -> tuple[Lack, ...]:
    """What an installation was not granted."""
    missing = [each for each in (*NEEDED, *HELPFUL, *COPILOT) if permissions.get(each.key) not in _ENOUGH]
    return tuple(_lack(each) for each in missing)


def lacks_of_scopes(scopes: tuple[str, ...]) -> tuple[Lack, ...]:
    """What a classic token cannot read. Only `repo` opens private repositories, and it can write, too."""
    found = []
    if "repo" not in scopes:
        found.append(
            Lack("repo", "cannot read private repositories: give the token the scope repo", "public_repo" not in scopes)
        )
    reads_organizations = bool(_ORGANIZATIONS & set(scopes))
    if not reads_organizations:
        found.append(Lack("read:org", "No members and teams: the token lacks the scope read:org", False))
    if "manage_billing:copilot" not in scopes and not reads_organizations:
        words = "No Copilot figures: the token lacks the scope manage_billing:copilot or read:org"
        found.append(Lack("manage_billing:copilot", words, False))
    return tuple(found)


def lacks_of_keys(keys: Iterable[str]) -> tuple[Lack, ...]:
    """The same in words, for permissions that were found missing earlier."""
    missing = set(keys)
    return tuple(_lack(each) for each in (*NEEDED, *HELPFUL) if each.key in missing)


def why_hidden(session: Session, api_url: str, repository: str) -> str:
    """Why the repository cannot be seen at all, which no permission would mend; "" where it can.

    Raises Reconnect when GitHub refuses the token.
    """
    with Client(session, api_url) as client:
        try:
            client.ask("GET", f"/repos/{repository}")
        except Denied as error:
            return str(error)
        except Skip:
            return "GitHub does not show it: there is none of this name, or the token does not cover it"
    return ""


def lacks_in(session: Session, api_url: str, repository: str) -> tuple[Lack, ...]:
    """What a fine-grained token cannot read of a repository that it sees, found by asking for each thing once."""
    with Client(session, api_url) as client:
        asked = [each for each in (*NEEDED, *HELPFUL) if each.probe]
        return tuple(_lack(each) for each in asked if not _may(client, repository, each))


def _may(client: Client, repository: str, permission: Permission) -> bool:
    """Whatever else GitHub answers (409 for an empty repository, 410 where issues are off) is no refusal."""
    try:
        client.ask("GET", f"/repos/{repository}/{permission.probe}")
    except Denied:
        return False
    except (Skip, Unexpected):
        return True
    return True


def _lack(permission: Permission) -> Lack:
    is_needed = permission in NEEDED
    grant = f"grant {permission.name}: read-only"
    words = f"cannot read {permission.what}: {grant}" if is_needed else f"No {permission.what}: {grant}"
    return Lack(permission.key, words, is_needed)


def _expiry(text: str) -> datetime | None:
    """As `2026-12-24 09:30:00 UTC` or with an offset; None where the token does not end."""
    try:
        return datetime.strptime(text.replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
