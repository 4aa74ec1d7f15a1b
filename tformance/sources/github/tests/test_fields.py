"""What is asked for is read, what is read is asked for, and every field of a record gets its value."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from graphql import FieldNode, Visitor, parse, print_ast, validate, visit

from tformance.core.clock import now
from tformance.facts.records import (
    ActorRecord,
    CheckRecord,
    ChildSet,
    CommentRecord,
    CommitRecord,
    DeploymentRecord,
    DeploymentStatusRecord,
    EventRecord,
    FileRecord,
    PullRequestRecord,
    RepositoryPage,
    RepositoryRecord,
    ReviewRecord,
    ThreadRecord,
)
from tformance.sandbox.cost import measure
from tformance.sources.contract import ScopeRef
from tformance.sources.github import queries, translate
from tformance.sources.github.tests.specimen import Maker, Tracked, schema

SCOPE = ScopeRef("https://api.github.com", "acme/shop")
VARIANTS = range(24)
PAGING = ("pageInfo.hasNextPage", "pageInfo.endCursor")  # read where connections are followed

DOCUMENTS = {
    "viewer": queries.VIEWER,
    "budget": queries.BUDGET,
    "repository by name": queries.REPOSITORY_BY_NAME,
    "repository by id": queries.REPOSITORY_BY_ID,
    "skeleton": queries.SKELETON,
    "details": queries.DETAILS,
    "heavy": queries.HEAVY,
    "deployments": queries.DEPLOYMENTS,
    **{f"more {kind}": document for kind, document in queries.OVERFLOW.items()},
}
RECORDS = (
    ActorRecord,
    CheckRecord,
    CommentRecord,
    CommitRecord,
    DeploymentRecord,
    DeploymentStatusRecord,
    EventRecord,
    FileRecord,
    PullRequestRecord,
    RepositoryRecord,
    ReviewRecord,
    ThreadRecord,
)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_question_is_valid_in_githubs_schema(name: str) -> None:
    assert [error.message for error in validate(schema(), parse(DOCUMENTS[name]))] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_question_asks_what_is_left_of_the_budget(name: str) -> None:
    assert "rateLimit { cost remaining resetAt }" in DOCUMENTS[name]


@pytest.mark.parametrize(
    ("name", "points"), [("skeleton", 1), ("details", 5), ("heavy", 1), ("deployments", 1), ("more reviewThreads", 1)]
)
def test_questions_cost_what_was_planned(name: str, points: int) -> None:
    document = parse(DOCUMENTS[name])
    first = queries.START.get(name, queries.PAGE)
    variables = {"ids": ["PR"] * first, "first": first, "after": "x", "repository": "R", "id": "PR"}
    assert measure(document, document.definitions[0], variables).points == points  # type: ignore[arg-type]


def test_what_is_asked_about_pull_requests_is_read_and_nothing_else() -> None:
    details, heavy = Maker(queries.DETAILS), Maker(queries.HEAVY)
    read: set[str] = set()
    details.read = heavy.read = read
    for variant in VARIANTS:
        parts = details.item("PullRequest", variant), heavy.item("PullRequest", variant)
        item = Tracked({**parts[0], **parts[1]}, "", read)
        translate.pull_requests_page(SCOPE, (item,), now())
    assert unread(details.asked | heavy.asked, read) == []


def test_what_is_asked_about_deployments_is_read_and_nothing_else() -> None:
    maker = Maker(queries.DEPLOYMENTS)
    for variant in VARIANTS:
        connection = maker.item("Repository", variant)["deployments"]
        translate.deployments_page(SCOPE, tuple(connection["nodes"]), now())
    assert unread(maker.asked, maker.read) == []


@pytest.mark.parametrize("document", [queries.REPOSITORY_BY_ID, queries.REPOSITORY_BY_NAME])
def test_what_is_asked_about_repositories_is_read_and_nothing_else(document: str) -> None:
    maker = Maker(document)
    item = maker.item("Repository", 0)
    translate.repository_page(SCOPE, ({"id": "R", "repository": item},), now())
    assert unread(maker.asked, maker.read) == []


def unread(asked: set[str], read: set[str]) -> list[str]:
    return sorted(path for path in asked - read if not path.endswith((*PAGING, "deployments.totalCount")))


@pytest.mark.parametrize("kind", queries.OVERFLOW)
def test_a_further_page_has_the_fields_of_the_first(kind: str) -> None:
    name = {"replies": "comments"}.get(kind, kind)
    firsts = selections(queries.DETAILS, name) + selections(queries.HEAVY, name) + selections(queries.DEPLOYMENTS, name)
    assert selections(queries.OVERFLOW[kind], name)[0] in firsts


def selections(document: str, name: str) -> list[str]:
    """What is asked of each connection of that name."""
    found: list[str] = []

    class Finder(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            if node.name.value == name and node.selection_set and "pageInfo" in print_ast(node.selection_set):
                found.append(print_ast(node.selection_set))

    visit(parse(document), Finder())
    return found


def test_every_field_of_every_record_gets_a_value() -> None:
    filled: Counter[tuple[type, str]] = Counter()
    for page in pages():
        for record in inside(page):
            filled.update((type(record), field.name) for field in fields(record) if getattr(record, field.name))
    expected = {(kind, field.name) for kind in RECORDS for field in fields(kind)}
    assert sorted(f"{kind.__name__}.{name}" for kind, name in expected - set(filled)) == []


def pages() -> Iterator[RepositoryPage]:
    details, heavy, deployments = Maker(queries.DETAILS), Maker(queries.HEAVY), Maker(queries.DEPLOYMENTS)
    for variant in VARIANTS:
        item = {**details.item("PullRequest", variant), **heavy.item("PullRequest", variant)}
        yield translate.pull_requests_page(SCOPE, (item,), now())
        listed = deployments.item("Repository", variant)["deployments"]["nodes"]
        yield translate.deployments_page(SCOPE, tuple(listed), now())


def inside(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for each in value:
            yield from inside(each)
    elif is_dataclass(value):
        if not isinstance(value, ChildSet | RepositoryPage):
            yield value
        for field in fields(value):
            yield from inside(getattr(value, field.name))
