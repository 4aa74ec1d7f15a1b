"""One pull request with everything stored about it, in a constant number of statements. Call it inside `tenant()`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

from tformance.facts.models.delivery import DeploymentPullRequest, PRCheckRun
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import AIEvidence, PRCommit, PRFile, PRIssueLink, PullRequest
from tformance.facts.models.review import PRComment, PRReview, ReviewThread, TimelineEvent
from tformance.measures.pull import (
    Check,
    Comment,
    CommitLine,
    Delivery,
    Event,
    Evidence,
    Fetched,
    File,
    LinkedIssue,
    Phases,
    PullDetail,
    Review,
    Thread,
)
from tformance.measures.records import COLUMNS, rows_of
from tformance.measures.result import Key


def pull_request(repository: str, number: int) -> PullDetail | None:
    """The pull request of this number in OWNER/NAME; of several sources the one read last. None if there is none."""
    found = (
        PullRequest.objects.select_related("repository", "author", "merged_by", "reverts")
        .filter(repository__full_name=repository, number=number)
        .order_by("-fetched_at")
        .first()
    )
    return None if found is None else _detail(found)


def _detail(pull: PullRequest) -> PullDetail:
    remarks = _remarks(pull)
    (row,) = rows_of([attrgetter(*(name.replace("__", ".") for name in COLUMNS))(pull)])
    return PullDetail(
        row=row,
        body=pull.body,
        base_ref=pull.base_ref,
        head_ref=pull.head_ref,
        head_sha=pull.head_sha,
        merge_sha=pull.merge_sha,
        merge_kind=pull.merge_kind,
        merged_by=_key(pull.merged_by),
        labels=tuple(pull.labels),
        first_commit_at=pull.first_commit_at,
        ready_at=pull.ready_at,
        first_review_at=pull.first_review_at,
        first_bot_review_at=pull.first_bot_review_at,
        approved_at=pull.approved_at,
        fetched_at=pull.fetched_at,
        ai_authored=pull.ai_authored,
        ai_assisted=pull.ai_assisted,
        reverts=pull.reverts.number if pull.reverts else None,
        queue_time_hours=pull.queue_time_hours,
        draft_time_hours=pull.draft_time_hours,
        deploy_time_hours=pull.deploy_time_hours,
        phases=_phases(pull),
        fetched=_fetched(pull),
        commits=tuple(_commits(pull)),
        reviews=tuple(_reviews(pull)),
        threads=tuple(_threads(pull, remarks)),
        comments=tuple(remarks.get(None, ())),
        checks=tuple(_checks(pull)),
        deliveries=tuple(_deliveries(pull)),
        linked_issues=tuple(_linked_issues(pull)),
        files=tuple(_files(pull)),
        events=tuple(_events(pull)),
        evidence=tuple(_evidence(pull)),
    )


def _key(actor: Actor | None) -> Key | None:
    return None if actor is None else _author(actor)


def _author(actor: Actor) -> Key:
    return Key(actor.pk, actor.login)


def _phases(pull: PullRequest) -> Phases:
    return Phases(
        coding=pull.coding_phase_hours,
        draft=pull.draft_phase_hours,
        pickup=pull.pickup_phase_hours,
        review=pull.review_phase_hours,
        merge=pull.merge_phase_hours,
        lead_time=pull.lead_time_hours,
        clamped_stamps=pull.clamped_stamps,
        reviewed_in_draft=pull.reviewed_in_draft,
    )


def _fetched(pull: PullRequest) -> dict[str, Fetched]:
    return {
        kind: Fetched(known["total"], known["stored"], datetime.fromisoformat(known["fetched_at"]))
        for kind, known in pull.child_sets.items()
    }


def _of(model: Any, pull: PullRequest, *order: str, related: Iterable[str] = ()) -> Any:
    rows = model.objects.filter(pull_request=pull).order_by(*order, "pk")
    return rows.select_related(*related) if related else rows


def _commits(pull: PullRequest) -> Iterator[CommitLine]:
    for link in _of(PRCommit, pull, "position", related=("commit", "commit__author")):
        commit = link.commit
        yield CommitLine(
            sha=commit.sha,
            author=_key(commit.author),
            author_name=commit.author_name,
            message=commit.message,
            authored_at=commit.authored_at,
            committed_at=commit.committed_at,
            is_merge=commit.is_merge,
            additions=commit.additions,
            deletions=commit.deletions,
            ai_tool=commit.ai_tool,
        )


def _reviews(pull: PullRequest) -> Iterator[Review]:
    for review in _of(PRReview, pull, "submitted_at", related=("author",)):
        yield Review(
            author=_author(review.author),
            state=review.state,
            submitted_at=review.submitted_at,
            body=review.body,
            comments_count=review.comments_count,
            counts=review.counts,
            dismissed_at=review.dismissed_at,
            dismissed_from=review.dismissed_from,
        )


def _remarks(pull: PullRequest) -> dict[int | None, list[Comment]]:
    """Comments by thread; those below the pull request under None."""
    found: dict[int | None, list[Comment]] = {}
    for comment in _of(PRComment, pull, "created_at", related=("author",)):
        remark = Comment(_author(comment.author), comment.kind, comment.body, comment.created_at)
        found.setdefault(comment.thread_id, []).append(remark)
    return found


def _threads(pull: PullRequest, remarks: dict[int | None, list[Comment]]) -> Iterator[Thread]:
    for thread in _of(ReviewThread, pull, related=("resolved_by",)):
        yield Thread(
            path=thread.path,
            line=thread.line,
            is_resolved=thread.is_resolved,
            is_outdated=thread.is_outdated,
            resolved_by=_key(thread.resolved_by),
            resolved_at=thread.resolved_at,
            comments=tuple(remarks.get(thread.pk, ())),
            comments_total=thread.comments_total,
        )


def _checks(pull: PullRequest) -> Iterator[Check]:
    """Those of the head first, then those of each commit that was it before."""
    for check in _of(PRCheckRun, pull, "-is_final_head", "head_sha", "started_at", "name"):
        yield Check(
            head_sha=check.head_sha,
            is_final=check.is_final_head,
            name=check.name,
            app=check.app,
            status=check.status,
            conclusion=check.conclusion,
            started_at=check.started_at,
            completed_at=check.completed_at,
            duration_seconds=check.duration_seconds,
        )


def _deliveries(pull: PullRequest) -> Iterator[Delivery]:
    """In the order they reached production."""
    found = DeploymentPullRequest.objects.filter(
        pull_request=pull, deployment__gone_at__isnull=True, deployment__succeeded_at__isnull=False
    )
    for link in found.select_related("deployment").order_by("deployment__succeeded_at", "pk"):
        shipped = link.deployment
        yield Delivery(shipped.environment, shipped.sha, shipped.succeeded_at, shipped.failure, shipped.recovered_at)


def _linked_issues(pull: PullRequest) -> Iterator[LinkedIssue]:
    for issue in _of(PRIssueLink, pull, "repository", "number"):
        yield LinkedIssue(issue.repository, issue.number, issue.title, issue.url, issue.is_closed)


def _files(pull: PullRequest) -> Iterator[File]:
    for file in _of(PRFile, pull, "path"):
        yield File(file.path, file.change, file.additions, file.deletions, file.category, file.is_generated)


def _events(pull: PullRequest) -> Iterator[Event]:
    for event in _of(TimelineEvent, pull, "position", related=("actor",)):
        yield Event(event.kind, _key(event.actor), event.occurred_at, event.subject, event.before, event.after)


def _evidence(pull: PullRequest) -> Iterator[Evidence]:
    for mark in _of(AIEvidence, pull):
        yield Evidence(
            tool=mark.tool,
            role=mark.role,
            place=mark.place,
            span=mark.span,
            commit_sha=mark.commit_sha,
            pattern=mark.pattern,
            version=mark.version,
        )
