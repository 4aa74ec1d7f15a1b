"""What is planned, in our words: projects, issues with their histories, and sprints. Plain Python, as `records` are."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from tformance.facts.records import ActorRecord

Category = Literal["", "new", "indeterminate", "done"]  # what a status means, whatever it is called; "" is not known


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """`site` is the provider's id of it, `url` where people open the project; `points_field` "" where nobody estimates."""

    site: str
    provider_id: int
    key: str
    name: str
    url: str
    style: str
    points_field: str


@dataclass(frozen=True, slots=True)
class StatusRecord:
    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class TransitionRecord:
    """A move from one status to another; `provider_id` is that of the entry in the history."""

    provider_id: int
    at: datetime
    before: StatusRecord
    after: StatusRecord
    author: ActorRecord | None


@dataclass(frozen=True, slots=True)
class SprintMoveRecord:
    """The sprints an issue was in before and after a change, by their ids."""

    at: datetime
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EstimateRecord:
    """A change of the estimate; None is no estimate."""

    at: datetime
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    at: datetime
    before: ActorRecord | None
    after: ActorRecord | None


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """An issue with its whole history, oldest first: a reading has all of it or is none.

    `sprints` are those it is in now, closed ones that it went through too; `former_keys` what it was called in other
    projects. `parent_id` is the provider's id of the issue above it.
    """

    provider_id: int
    key: str
    former_keys: tuple[str, ...]
    summary: str
    issue_type: str
    is_subtask: bool
    status: StatusRecord
    priority: str
    labels: tuple[str, ...]
    parent_id: int | None
    assignee: ActorRecord | None
    reporter: ActorRecord | None
    points: Decimal | None
    resolution: str
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    sprints: tuple[int, ...] = ()
    transitions: tuple[TransitionRecord, ...] = ()
    sprint_moves: tuple[SprintMoveRecord, ...] = ()
    estimates: tuple[EstimateRecord, ...] = ()
    assignments: tuple[AssignmentRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class SprintRecord:
    """`state` is future, active or closed."""

    provider_id: int
    board: int | None
    name: str
    state: str
    starts_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SitePage:
    """Accounts of a site that were read together; `site` is the provider's id of it."""

    site: str
    fetched_at: datetime
    accounts: tuple[ActorRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Facts of one project that were read together; of `boards` all sprints are among these."""

    project: ProjectRecord
    fetched_at: datetime
    issues: tuple[IssueRecord, ...] = ()
    sprints: tuple[SprintRecord, ...] = ()
    boards: tuple[int, ...] = ()


Planned = SitePage | ProjectPage
