"""Every field of every record ends in a column: changing it changes what is stored."""

import dataclasses
import inspect
import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from tformance.facts import records
from tformance.facts import testing as t
from tformance.facts.records import ChildSet, RepositoryPage
from tformance.facts.tests.dump import dump

pytestmark = pytest.mark.django_db
slugs = (f"field-team-{number}" for number in itertools.count())

CLASSES = [
    kind
    for _, kind in inspect.getmembers(records, inspect.isclass)
    if dataclasses.is_dataclass(kind) and kind.__module__ == records.__name__
]
FIELDS = [(kind, field.name) for kind in CLASSES for field in dataclasses.fields(kind)]

# Where a value cannot simply be made another one of its type.
OTHERS: dict[tuple[str, str], dict[str, Any]] = {
    ("ActorRecord", "kind"): {"kind": "mannequin"},
    ("CheckRecord", "status"): {"status": "queued"},
    ("CommentRecord", "in_reply_to"): {"in_reply_to": 5},
    ("CommentRecord", "kind"): {"kind": "issue"},
    ("FileRecord", "change"): {"change": "added"},
    ("PullRequestRecord", "merge_kind"): {"merge_kind": "rebase"},
    ("PullRequestRecord", "source"): {"source": "git"},
    ("PullRequestRecord", "state"): {"state": "closed", "merged_at": None},
    ("RepositoryRecord", "source"): {"source": "git"},
    ("ReviewRecord", "commit_sha"): {"commit_sha": "b" * 40},
    ("ReviewRecord", "state"): {"state": "changes_requested"},
    ("ThreadRecord", "resolved_by"): {"resolved_by": t.actor("grace")},
}


def full_page() -> RepositoryPage:
    """One of everything."""
    record = t.pull_request(
        1,
        author=t.actor("lovelace"),
        labels=("bug",),
        reviews=t.whole([t.review(1), t.review(2)]),
        threads=t.whole([t.thread(1, comments=t.whole([t.comment(3, kind="review")]))]),
        comments=t.whole([t.comment(1)]),
        commits=t.whole([t.commit(1), t.commit(2)]),
        files=t.whole([t.file()]),
        checks=t.whole([t.check(1)]),
        events=t.whole([t.event(1)]),
    )
    return t.page(record, deployments=(t.deployment(),), commits=(t.commit(9),))


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[f"{kind.__name__}.{name}" for kind, name in FIELDS])
def test_changing_a_field_changes_what_is_stored(kind: type, name: str) -> None:
    page = full_page()
    commits = page.pull_requests[0].commits  # the child set that keeps its order
    instance = commits if kind is ChildSet else next(found for found in walk(page) if type(found) is kind)
    changes = OTHERS.get((kind.__name__, name)) or {name: other(getattr(instance, name))}
    stored, changed = t.team(next(slugs)), t.team(next(slugs))
    t.write(stored, page)
    t.write(changed, swapped(page, instance, dataclasses.replace(instance, **changes)))
    assert dump(stored) != dump(changed)


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
        case tuple():
            return value[:-1]
        case ChildSet():
            return t.NOTHING
        case _:
            return dataclasses.replace(value, provider_id=value.provider_id + 1)
