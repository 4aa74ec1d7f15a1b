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
    HeadChecks,
    LinkedIssueRecord,
    MembershipRecord,
    OrganizationPage,
    OrganizationRecord,
    ProviderTeamRecord,
    PullRequestHeads,
    PullRequestRecord,
    ReleaseRecord,
    RepositoryPage,
    RepositoryRecord,
    ReviewRecord,
    ThreadRecord,
)
from tformance.sandbox.cost import measure
from tformance.sources.contract import Item, ScopeRef
from tformance.sources.github import organization_queries, organizations, queries, streams, translate
from tformance.sources.github.heads import head_ids
from tformance.sources.github.pulse import moved_at
from tformance.sources.github.tests.specimen import Maker, Tracked, schema

SCOPE = ScopeRef("https://api.github.com", "acme/shop")
VARIANTS = range(24)
# Read where connections are followed and ids are asked for.
PAGING = (
    "pageInfo.hasNextPage",
    "pageInfo.endCursor",
    *(f"{name}.totalCount" for name in ("deployments", "releases", "labels")),
)

OVERFLOW = queries.OVERFLOW | organization_queries.OVERFLOW
DOCUMENTS = {
    "viewer": queries.VIEWER,
    "budget": queries.BUDGET,
    "repository by name": queries.REPOSITORY_BY_NAME,
    "repository by id": queries.REPOSITORY_BY_ID,
    "skeleton": queries.SKELETON,
    "details": queries.DETAILS,
    "heavy": queries.HEAVY,
    "heads": queries.HEADS,
    "head commits": queries.HEAD_COMMITS,
    "inventory": queries.INVENTORY,
    "deployment inventory": queries.DEPLOYMENT_INVENTORY,
    "deployments by id": queries.DEPLOYMENTS_BY_ID,
    "release inventory": queries.RELEASE_INVENTORY,
    "releases by id": queries.RELEASES_BY_ID,
    "deployments": queries.DEPLOYMENTS,
    "releases": queries.RELEASES,
    "pulse": queries.PULSE,
    "owner": organization_queries.OWNER.by_login,
    "owner by id": organization_queries.OWNER.by_id,
    "members": organization_queries.MEMBERS.by_login,
    "members by id": organization_queries.MEMBERS.by_id,
    "teams": organization_queries.TEAMS.by_login,
    "teams by id": organization_queries.TEAMS.by_id,
    **{f"more {kind}": document for kind, document in OVERFLOW.items()},
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
    HeadChecks,
    LinkedIssueRecord,
    MembershipRecord,
    OrganizationRecord,
    ProviderTeamRecord,
    PullRequestHeads,
    PullRequestRecord,
    ReleaseRecord,
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
    ("name", "points"),
    [
        ("skeleton", 1),
        ("inventory", 1),
        ("deployment inventory", 1),
        ("deployments by id", 1),
        ("release inventory", 1),
        ("releases by id", 1),
        ("details", 5),
        ("heavy", 2),
        ("heads", 1),
        ("head commits", 1),
        ("deployments", 1),
        ("releases", 1),
        ("pulse", 1),
        ("members", 1),
        ("teams", 1),
        ("more teams", 1),
        ("more reviewThreads", 1),
    ],
)
def test_questions_cost_what_was_planned(name: str, points: int) -> None:
    assert cost(name, heads=queries.START["heads"]) == points


def test_without_earlier_heads_files_and_checks_cost_one_point() -> None:
    assert cost("heavy", heads=0) == 1


def cost(name: str, heads: int) -> int:
    document = parse(DOCUMENTS[name])
    first = queries.START.get(name, queries.PAGE)
    variables = {"ids": ["PR"] * first, "heads": ["C"] * heads, "first": first, "after": "x", "repository": "R"}
    return measure(document, document.definitions[0], variables | {"id": "PR"}).points  # type: ignore[arg-type]


def test_what_is_asked_about_pull_requests_is_read_and_nothing_else() -> None:
    details, heavy = Maker(queries.DETAILS), Maker(queries.HEAVY)
    for variant in VARIANTS:
        item = pull_request(details, heavy, variant)
        head_ids(item)
        translate.pull_requests_page(SCOPE, (item,), now())
    assert unread(details.asked | heavy.asked, details.read | heavy.read) == []


def pull_request(details: Maker, heavy: Maker, variant: int) -> Tracked:
    read = details.read = heavy.read = details.read | heavy.read
    parts = details.item("PullRequest", variant), heavy.item("PullRequest", variant)
    joined = {"denied": [], "earlier": [heavy.item("Commit", variant)]}
    return Tracked({**parts[0], **parts[1], **joined}, "", read)


def test_what_is_asked_about_heads_is_read_and_nothing_else() -> None:
    listed, heads = Maker(queries.HEAD_COMMITS), Maker(queries.HEADS)
    for variant in VARIANTS:
        item = listed.item("PullRequest", variant)
        head_ids(item)
        item["earlier"] = [heads.item("Commit", variant)]
        translate.heads_page(SCOPE, (item,), now())
    counted = {"commits.totalCount", "timelineItems.totalCount"}  # by whoever reads the rest of them
    assert unread(listed.asked | heads.asked, listed.read | heads.read | counted) == []


def test_what_is_asked_about_deployments_is_read_and_nothing_else() -> None:
    maker = Maker(queries.DEPLOYMENTS)
    for variant in VARIANTS:
        rows = maker.item("Repository", variant)["deployments"]["nodes"]
        assert all(map(streams.deployment_changed_at, rows))
        translate.deployments_page(SCOPE, tuple(rows), now())
    assert unread(maker.asked, maker.read) == []


def test_what_is_asked_about_releases_is_read_and_nothing_else() -> None:
    maker = Maker(queries.RELEASES)
    for variant in VARIANTS:
        rows = maker.item("Repository", variant)["releases"]["nodes"]
        assert all(map(streams.release_changed_at, rows))
        translate.releases_page(SCOPE, tuple(rows), now())
    assert unread(maker.asked, maker.read) == []


def test_what_is_asked_about_organisations_is_read_and_nothing_else() -> None:
    members, teams = Maker(organization_queries.MEMBERS.by_id), Maker(organization_queries.TEAMS.by_id)
    for variant in VARIANTS:
        organizations.members_page(SCOPE, people(members, teams, variant), now())
    assert unread(members.asked | teams.asked, members.read | teams.read) == []


def people(members: Maker, teams: Maker, variant: int) -> tuple[Item, ...]:
    of_members, of_teams = members.item("Organization", variant), teams.item("Organization", variant)
    assert organizations.organization(of_members) == organizations.organization(of_teams)
    return (
        {"id": "members", "organization": of_members, "members": of_members["membersWithRole"]},
        {"id": "teams", "organization": of_teams, "teams": of_teams["teams"]},
    )


def test_what_is_asked_about_news_is_read_and_nothing_else() -> None:
    maker = Maker(queries.PULSE)
    item = maker.item("Repository", 0)
    assert item["nameWithOwner"]
    assert set(moved_at(item)) == {"repository", "pull_requests", "deployments", "releases"}
    assert unread(maker.asked, maker.read) == []


@pytest.mark.parametrize("document", [queries.REPOSITORY_BY_ID, queries.REPOSITORY_BY_NAME])
def test_what_is_asked_about_repositories_is_read_and_nothing_else(document: str) -> None:
    maker = Maker(document)
    item = maker.item("Repository", 0)
    assert item["isDisabled"]
    translate.repository_page(SCOPE, ({"id": "R", "repository": item},), now())
    assert unread(maker.asked, maker.read) == []


def unread(asked: set[str], read: set[str]) -> list[str]:
    return sorted(path for path in asked - read if not path.endswith(PAGING))


FIELDS = {
    "replies": "comments",
    "head commits": "commits",
    "pushes": "timelineItems",
    "contexts of a head": "contexts",
    "members": "membersWithRole",
    "members of a team": "members",
}
FIRST = (
    *(queries.DETAILS, queries.HEAVY, queries.HEAD_COMMITS, queries.DEPLOYMENTS),
    *(organization_queries.MEMBERS.by_login, organization_queries.TEAMS.by_login),
)


@pytest.mark.parametrize("kind", OVERFLOW)
def test_a_further_page_has_the_fields_of_the_first(kind: str) -> None:
    name = FIELDS.get(kind, kind)
    firsts = [found for document in FIRST for found in selections(document, name)]
    assert selections(OVERFLOW[kind], name)[0] in firsts


def selections(document: str, name: str) -> list[str]:
    """What is asked of each connection of that name."""
    found: list[str] = []

    class Finder(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            if node.name.value == name and node.selection_set and "pageInfo" in print_ast(node.selection_set):
                found.append(print_ast(node.selection_set))

    visit(parse(document), Finder())
    return found


NOT_SAID = {
    (ThreadRecord, "resolved_at"),  # only messages tell
    (ActorRecord, "verdict"),  # people decide
    (ActorRecord, "email"),  # GitHub shows it of nobody but oneself
}


def test_every_field_of_every_record_gets_a_value() -> None:
    filled: Counter[tuple[type, str]] = Counter()
    for page in pages():
        for record in inside(page):
            filled.update((type(record), field.name) for field in fields(record) if getattr(record, field.name))
    expected = {(kind, field.name) for kind in RECORDS for field in fields(kind)} - NOT_SAID
    assert sorted(f"{kind.__name__}.{name}" for kind, name in expected - set(filled)) == []


def pages() -> Iterator[RepositoryPage | OrganizationPage]:
    details, heavy, heads = Maker(queries.DETAILS), Maker(queries.HEAVY), Maker(queries.HEAD_COMMITS)
    deployments, releases = Maker(queries.DEPLOYMENTS), Maker(queries.RELEASES)
    members, teams = Maker(organization_queries.MEMBERS.by_id), Maker(organization_queries.TEAMS.by_id)
    for variant in VARIANTS:
        yield organizations.members_page(SCOPE, people(members, teams, variant), now())
        yield translate.pull_requests_page(SCOPE, (pull_request(details, heavy, variant),), now())
        item = heads.item("PullRequest", variant)
        item["earlier"] = [heavy.item("Commit", variant)]
        yield translate.heads_page(SCOPE, (item,), now())
        listed = deployments.item("Repository", variant)["deployments"]["nodes"]
        yield translate.deployments_page(SCOPE, tuple(listed), now())
        yield translate.releases_page(SCOPE, tuple(releases.item("Repository", variant)["releases"]["nodes"]), now())


def inside(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for each in value:
            yield from inside(each)
    elif is_dataclass(value):
        if not isinstance(value, ChildSet | RepositoryPage | OrganizationPage):
            yield value
        for field in fields(value):
            yield from inside(getattr(value, field.name))
