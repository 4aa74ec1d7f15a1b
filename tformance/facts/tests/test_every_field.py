"""Every field of every record ends in a column: changing it changes what is stored."""

import dataclasses
import inspect
import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.facts import records
from tformance.facts import testing as t
from tformance.facts.records import (
    ChildSet,
    HeadChecks,
    MembershipRecord,
    OrganizationPage,
    PullRequestHeads,
    RepositoryPage,
)
from tformance.facts.tests.dump import dump

pytestmark = pytest.mark.django_db
slugs = (f"field-team-{number}" for number in itertools.count())

CLASSES = [
    kind
    for _, kind in inspect.getmembers(records, inspect.isclass)
    if dataclasses.is_dataclass(kind) and kind.__module__ == records.__name__
]
DECIDED = {("ActorRecord", "verdict")}  # what people decide: no source says it
FIELDS = [
    (kind, field.name)
    for kind in CLASSES
    for field in dataclasses.fields(kind)
    if (kind.__name__, field.name) not in DECIDED
]

# Where a value cannot simply be made another one of its type.
OTHERS: dict[tuple[str, str], dict[str, Any]] = {
    ("ActorRecord", "kind"): {"kind": "mannequin"},
    ("CheckRecord", "status"): {"status": "queued"},
    ("ComparisonRecord", "relation"): {"relation": "unknown"},
    ("CommentRecord", "in_reply_to"): {"in_reply_to": 5},
    ("CommentRecord", "kind"): {"kind": "issue"},
    ("FileRecord", "change"): {"change": "added"},
    ("OrganizationRecord", "source"): {"source": "git"},
    ("PullRequestRecord", "merge_kind"): {"merge_kind": "rebase"},
    ("PullRequestRecord", "source"): {"source": "git"},
    ("PullRequestRecord", "state"): {"state": "closed", "merged_at": None},
    ("RepositoryRecord", "source"): {"source": "git"},
    ("ReviewRecord", "commit_sha"): {"commit_sha": "b" * 40},
    ("ReviewRecord", "state"): {"state": "changes_requested"},
    ("SeatRecord", "cancels_on"): {"cancels_on": t.START.date()},
    ("SeatRecord", "last_active_at"): {"last_active_at": t.at(4)},
    ("ReviewRecord", "dismissed_at"): {"dismissed_at": t.at(7)},
    ("ReviewRecord", "dismissed_from"): {"dismissed_from": "approved"},
    ("ThreadRecord", "is_resolved"): {"is_resolved": False},
    ("ThreadRecord", "resolved_at"): {"resolved_at": t.at(4)},
    ("ThreadRecord", "resolved_by"): {"resolved_by": t.actor("grace")},
}


def full_page() -> RepositoryPage:
    """One of everything that a repository has."""
    head = f"{7:040x}"
    further = HeadChecks(f"{8:040x}", t.whole([t.check(8, head_sha=f"{8:040x}")]))
    record = t.pull_request(
        1,
        author=t.actor("lovelace"),
        labels=("bug",),
        reviews=t.whole([t.review(1), t.review(2)]),
        threads=t.whole(
            [t.thread(1, is_resolved=True, resolved_at=t.at(3), comments=t.whole([t.comment(3, kind="review")]))]
        ),
        comments=t.whole([t.comment(1)]),
        commits=t.whole([t.commit(1), t.commit(2)]),
        files=t.whole([t.file()]),
        checks=t.whole([t.check(1)]),
        events=t.whole([t.event(1)]),
        linked_issues=t.whole([t.linked_issue(1)]),
        earlier_heads=(HeadChecks(head, t.whole([t.check(7, head_sha=head)])),),
    )
    return t.page(
        record,
        deployments=(t.deployment(),),
        commits=(t.commit(9),),
        heads=(PullRequestHeads(record.provider_id, (further,)),),
        comparisons=(t.comparison(1, 2, 2, 3),),
        releases=(t.release(1),),
    )


def full_organization() -> OrganizationPage:
    """One of everything that an organisation has."""
    return t.organization(
        members=t.whole([MembershipRecord(t.actor("ada"), "member"), MembershipRecord(t.actor("grace"), "admin")]),
        teams=t.whole([t.provider_team(1, t.actor("ada"))]),
        seats=t.whole([t.seat("ada")]),
        usage=(t.usage("ada"),),
        report_days=(t.START.date(),),
    )


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[f"{kind.__name__}.{name}" for kind, name in FIELDS])
def test_changing_a_field_changes_what_is_stored(kind: type, name: str) -> None:
    pages = (full_page(), full_organization())
    commits = pages[0].pull_requests[0].commits  # the child set that keeps its order
    instance = commits if kind is ChildSet else next(found for found in walk(pages) if type(found) is kind)
    changes = OTHERS.get((kind.__name__, name)) or {name: other(getattr(instance, name))}
    stored, changed = t.team(next(slugs)), t.team(next(slugs))
    write(stored, *pages)
    write(changed, *swapped(pages, instance, dataclasses.replace(instance, **changes)))
    assert dump(stored) != dump(changed)


def write(team: Team, repository: RepositoryPage, organization: OrganizationPage) -> None:
    t.write(team, repository)
    t.write_org(team, organization)


def walk(value: Any) -> Any:
    """Every record in a page, outermost first."""
    if isinstance(value, tuple):
        for item in value:
            yield from walk(item)
    elif dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from walk(getattr(value, field.name))


def swapped(value: Any, old: Any, new: Any) -> Any:
    """The same page with one record in place of another."""
    if value is old:
        return new
    if isinstance(value, tuple):
        return tuple(swapped(item, old, new) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{name: swapped(getattr(value, name), old, new) for name in names})
    return value


def other(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case None:
            return "another"
        case int():
            return value + 1
        case str():
            return f"{value}x"
        case datetime():
            return value + timedelta(hours=1)
        case date():
            return value + timedelta(days=1)
        case dict():
            return value | {"another": 1}
        case tuple():
            return value[:-1]
        case ChildSet():
            return t.NOTHING
        case _:
            return dataclasses.replace(value, provider_id=value.provider_id + 1)
