"""Builders for tests: records with sensible defaults, written by the one writer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.records import (
    ActorRecord,
    CheckRecord,
    ChildSet,
    CommentRecord,
    CommitRecord,
    ComparisonRecord,
    DeploymentRecord,
    DeploymentStatusRecord,
    EventRecord,
    FileRecord,
    LinkedIssueRecord,
    OrganizationPage,
    OrganizationRecord,
    ProviderTeamRecord,
    PullRequestRecord,
    ReleaseRecord,
    RepositoryPage,
    RepositoryRecord,
    ReviewRecord,
    SeatRecord,
    ThreadRecord,
    UsageDayRecord,
)
from tformance.facts.surveys import Answer
from tformance.facts.write import Written, write_answer, write_organization, write_page

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
NOTHING: Final[ChildSet[Any]] = ChildSet((), 0)


def at(hours: float) -> datetime:
    """An instant so many hours after the start of the tests' time."""
    return START + timedelta(hours=hours)


def whole(items: Sequence[Any] = ()) -> ChildSet[Any]:
    """A child set that was read completely."""
    return ChildSet(tuple(items), len(items))


def actor(login: str = "ada", **fields: Any) -> ActorRecord:
    """An account whose id follows from its login, the same in every run."""
    provider_id = int.from_bytes(login.encode()[:6], "big")
    given = {"provider_id": provider_id, "kind": "user", "node_id": f"U_{provider_id}", "name": login.capitalize()}
    return ActorRecord(login=login, **(given | fields))


def repository(name: str = "acme/shop", **fields: Any) -> RepositoryRecord:
    provider_id = sum(name.encode())
    given = {"source": "github", "provider_id": provider_id, "node_id": f"R_{provider_id}", "default_branch": "main"}
    return RepositoryRecord(full_name=name, **(given | {"is_private": True, "is_archived": False} | fields))


def review(key: int = 1, **fields: Any) -> ReviewRecord:
    given = {"provider_id": key, "node_id": f"PRR_{key}", "author": actor("grace"), "state": "approved", "body": ""}
    given |= {"submitted_at": at(5), "commit_sha": None, "comments_count": 0}
    return ReviewRecord(**(given | fields))


def comment(key: int = 1, **fields: Any) -> CommentRecord:
    given = {"provider_id": key, "node_id": f"IC_{key}", "kind": "issue", "author": actor("grace"), "body": "Nice."}
    return CommentRecord(**(given | {"created_at": at(5)} | fields))


def thread(key: int = 1, **fields: Any) -> ThreadRecord:
    given = {"node_id": f"PRRT_{key}", "path": "src/shop.py", "line": 12, "is_resolved": False, "is_outdated": False}
    return ThreadRecord(**(given | {"resolved_by": None, "comments": NOTHING} | fields))


def commit(key: int = 1, **fields: Any) -> CommitRecord:
    given: dict[str, Any] = {
        "sha": f"{key:040x}",
        "author": actor("ada"),
        "message": f"Change {key}",
        "is_merge": False,
    }
    given |= {"author_name": "Ada", "author_email": "ada@acme.example"}
    given |= {"committer_name": "Ada", "committer_email": "ada@acme.example"}
    given |= {"authored_at": at(-2), "committed_at": at(-2), "additions": 5, "deletions": 1, "changed_files": 1}
    return CommitRecord(**(given | fields))


def file(path: str = "src/shop.py", **fields: Any) -> FileRecord:
    given = {"change": "modified", "additions": 20, "deletions": 4}
    return FileRecord(path=path, **(given | fields))


def check(key: int = 1, **fields: Any) -> CheckRecord:
    given: dict[str, Any] = {"node_id": f"CR_{key}", "run_id": key, "head_sha": f"{1:040x}", "name": "tests"}
    given |= {"app": "github-actions", "status": "completed", "conclusion": "success"}
    return CheckRecord(**(given | {"started_at": at(0), "completed_at": at(0.25)} | fields))


def event(key: int = 1, **fields: Any) -> EventRecord:
    given = {"node_id": f"E_{key}", "kind": "labeled", "position": key, "actor": actor("ada"), "occurred_at": at(1)}
    return EventRecord(**(given | fields))


def status(key: int = 1, state: str = "success", hours: float = 9.5) -> DeploymentStatusRecord:
    return DeploymentStatusRecord(f"DES_{key}_{state}", state, at(hours))


def deployed(key: int, commit: int, hours: float, environment: str = "production") -> DeploymentRecord:
    """A deployment of the commit with this number that succeeded after so many hours."""
    return deployment(
        key,
        sha=f"{commit:040x}",
        environment=environment,
        created_at=at(hours),
        updated_at=at(hours),
        statuses=whole([status(key, hours=hours)]),
    )


def deployment(key: int = 1, **fields: Any) -> DeploymentRecord:
    given: dict[str, Any] = {"provider_id": key, "node_id": f"DE_{key}", "environment": "production", "task": "deploy"}
    given |= {"sha": f"{1:040x}", "ref": "main", "state": "success", "creator": actor("ada")}
    given |= {"created_at": at(9), "updated_at": at(9.5)}
    given["statuses"] = whole([status(key)])
    return DeploymentRecord(**(given | fields))


def comparison(base: int, head: int, *commits: int, **fields: Any) -> ComparisonRecord:
    """Of two commits by number: the head has these commits more."""
    given: dict[str, Any] = {"base_sha": f"{base:040x}", "head_sha": f"{head:040x}", "relation": "ahead"}
    given |= {"shas": tuple(f"{each:040x}" for each in commits), "total": len(commits)}
    return ComparisonRecord(**(given | fields))


def release(key: int = 1, **fields: Any) -> ReleaseRecord:
    given: dict[str, Any] = {"provider_id": key, "node_id": f"RE_{key}", "tag": f"v{key}", "name": f"Version {key}"}
    given |= {"sha": f"{1:040x}", "is_draft": False, "is_prerelease": False, "author": actor("ada")}
    return ReleaseRecord(**(given | {"created_at": at(9), "published_at": at(10)} | fields))


def linked_issue(key: int = 1, **fields: Any) -> LinkedIssueRecord:
    given: dict[str, Any] = {"node_id": f"I_{key}", "repository": "acme/shop", "number": key, "title": f"Issue {key}"}
    given |= {"url": f"https://github.example/acme/shop/issues/{key}", "is_closed": True}
    return LinkedIssueRecord(**(given | fields))


def seat(login: str = "ada", **fields: Any) -> SeatRecord:
    given: dict[str, Any] = {"actor": actor(login), "tool": "copilot", "assigned_at": at(0), "cancels_on": None}
    given |= {"last_active_at": at(3), "last_editor": "vscode", "plan": "business", "raw": {"plan_type": "business"}}
    return SeatRecord(**(given | fields))


def usage(login: str = "ada", **fields: Any) -> UsageDayRecord:
    given: dict[str, Any] = {"tool": "copilot", "actor": actor(login), "day": START.date(), "is_active": True}
    counts = ("interactions", "suggestions", "acceptances", "lines_suggested", "lines_added", "lines_deleted")
    given |= dict.fromkeys(counts, 5) | dict.fromkeys(("used_chat", "used_agent", "used_cli"), False)
    return UsageDayRecord(**(given | {"raw": {"user_login": login}} | fields))


def provider_team(key: int = 1, *members: ActorRecord, **fields: Any) -> ProviderTeamRecord:
    given: dict[str, Any] = {"provider_id": key, "node_id": f"T_{key}", "slug": f"team-{key}", "name": f"Team {key}"}
    return ProviderTeamRecord(**(given | {"parent_slug": "", "members": whole(members)} | fields))


def organization(**fields: Any) -> OrganizationPage:
    record = OrganizationRecord("github", 77, "O_77", "acme", "Acme")
    return OrganizationPage(**({"organization": record, "fetched_at": at(24)} | fields))


def pull_request(number: int = 1, **fields: Any) -> PullRequestRecord:
    """Merged after eight hours, with every child set read and empty."""
    given: dict[str, Any] = {"source": "github", "provider_id": 1000 + number, "node_id": f"PR_{number}"}
    given |= {"number": number, "title": f"Change {number}", "body": "", "state": "merged", "is_draft": False}
    given |= {"url": f"https://github.example/acme/shop/pull/{number}", "author": actor("ada")}
    given |= {"author_association": "MEMBER", "merged_by": actor("grace"), "base_ref": "main", "head_ref": "change"}
    given |= {"head_sha": f"{1:040x}", "merge_sha": f"{number:040x}", "merge_kind": "squash"}
    given |= {"is_cross_repository": False, "opened_at": at(0), "updated_at": at(8), "closed_at": at(8)}
    given |= {"merged_at": at(8), "additions": 20, "deletions": 4, "changed_files": 1}
    given |= dict.fromkeys(("reviews", "threads", "comments", "commits", "files", "checks", "events"), NOTHING)
    return PullRequestRecord(**(given | fields))


def open_pull_request(number: int = 1, **fields: Any) -> PullRequestRecord:
    unmerged = {"merged_by": None, "merge_sha": None, "merge_kind": None, "closed_at": None, "merged_at": None}
    return replace(pull_request(number), **({"state": "open"} | unmerged | fields))


def page(*pull_requests: PullRequestRecord, fetched_at: datetime | None = None, **fields: Any) -> RepositoryPage:
    given = {"repository": repository(), "fetched_at": fetched_at or at(24), "pull_requests": pull_requests}
    return RepositoryPage(**(given | fields))


def team(slug: str = "acme", **fields: Any) -> Team:
    return Team.objects.create(slug=slug, name=slug.capitalize(), **fields)


def write(team: Team, *pages: RepositoryPage) -> Written:
    """Write pages as sync does, each in a transaction of its own."""
    written = Written()
    for each in pages:
        with tenant(team.id):
            written += write_page(each, team_id=team.id)
    return written


def write_org(team: Team, *pages: OrganizationPage) -> int:
    """The same for pages of an organisation; returns how many rows changed."""
    rows = 0
    for each in pages:
        with tenant(team.id):
            rows += write_organization(each, team_id=team.id)
    return rows


def say(team: Team, *answers: Answer) -> None:
    """Write what people answered in surveys, one after the other."""
    for answer in answers:
        with tenant(team.id):
            write_answer(answer, team_id=team.id)


def written(team: Team, record: PullRequestRecord, **fields: Any) -> PullRequest:
    """Write one pull request and give its row, to be read inside `tenant(team)`."""
    write(team, page(record, **fields))
    with tenant(team.id):
        stored: PullRequest = PullRequest.objects.select_related("author", "repository").get(
            source=record.source, provider_id=record.provider_id
        )
    return stored
