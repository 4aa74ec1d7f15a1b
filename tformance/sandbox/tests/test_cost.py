"""Cost and limits are those of GitHub's documentation."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from tformance.sandbox.cost import Cost, Refused, measure


def cost(text: str, **variables: Any) -> Cost:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return measure(document, operation, variables)


def test_the_documentations_example_costs_51_points() -> None:
    found = cost("""{ viewer { repositories(first: 100) { edges { repository: node {
        pullRequests(first: 50) { edges { pullRequest: node { labels(first: 60) { edges { node { name } } } } } }
    } } } } }""")
    assert (found.requests, found.points) == (5101, 51)


def test_the_documentations_node_example_counts_22060_nodes() -> None:
    found = cost("""{ viewer { repositories(first: 50) { edges { node {
        pullRequests(first: 20) { edges { node { comments(first: 10) { nodes { id } } } } }
        issues(first: 20) { edges { node { comments(first: 10) { nodes { id } } } } } } } }
        followers(first: 10) { edges { node { login } } } } }""")
    assert found.nodes == 22_060


def test_ids_multiply_what_hangs_below_them_but_cost_nothing_themselves() -> None:
    found = cost(
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on P { files(first: 100) { nodes { path } } } } }", ids=["a"] * 25
    )
    assert (found.requests, found.nodes, found.points, found.pulls) == (25, 2500, 1, 25)


def test_fragments_are_followed() -> None:
    found = cost("query { r { ...f } } fragment f on R { pullRequests(first: 7) { nodes { id } } }")
    assert (found.nodes, found.pulls) == (7, 7)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{ r { pullRequests { nodes { id } } } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("{ r { pullRequests(first: 101) { nodes { id } } } }", "EXCESSIVE_PAGINATION"),
        ("{ r { pullRequests(last: 0) { nodes { id } } } }", "EXCESSIVE_PAGINATION"),
        (
            "{ r { a(first: 100) { nodes { b(first: 100) { nodes { c(first: 50) { nodes { id } } } } } } } }",
            "MAX_NODE_LIMIT_EXCEEDED",
        ),
    ],
)
def test_a_query_beyond_the_limits_is_refused_as_a_whole(text: str, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        cost(text)
    assert refused.value.kind == kind


def test_a_total_alone_needs_no_page_size() -> None:
    assert cost("{ r { pullRequests { totalCount } } }").points == 1


def test_more_than_a_hundred_ids_are_refused() -> None:
    with pytest.raises(Refused):
        cost("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["a"] * 101)
