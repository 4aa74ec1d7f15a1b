"""GitHub's documented query cost, node count and paging rules, worked out from the query before it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)

MAX_PAGE = 100
MAX_NODES = 500_000


class Refused(Exception):
    """The whole query is refused; `kind` is GitHub's error type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class Cost:
    """What a query asks for, every page assumed full."""

    requests: int = 0
    nodes: int = 0
    pulls: int = 0

    @property
    def points(self) -> int:
        return max(1, int(self.requests / 100 + 0.5))


def measure(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Cost:
    """The cost; raises Refused when a page size is missing or too large or too many nodes are asked for."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    cost = Cost()
    _walk(operation.selection_set, 1, cost, _Reading(fragments, variables))
    if cost.nodes > MAX_NODES:
        message = (
            f"This query requests up to {cost.nodes:,} possible nodes which exceeds the maximum limit of {MAX_NODES:,}."
        )
        raise Refused("MAX_NODE_LIMIT_EXCEEDED", message)
    return cost


@dataclass
class _Reading:
    fragments: dict[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def fields(self, selection: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self.fields(self.fragments[node.name.value].selection_set)
            else:
                yield from self.fields(getattr(node, "selection_set", None))

    def arguments(self, field: FieldNode) -> dict[str, Any]:
        known = dict(self.variables)
        return {a.name.value: value_from_ast_untyped(a.value, known) for a in field.arguments or ()}


def _walk(selection: SelectionSetNode | None, times: int, cost: Cost, reading: _Reading) -> None:
    for field in reading.fields(selection):
        arguments = reading.arguments(field)
        inner = times
        if field.name.value == "nodes" and "ids" in arguments:
            inner = times * _ids(arguments["ids"])
            cost.pulls += inner
        else:
            size = _page_size(field, arguments, reading)
            if size is not None:
                cost.requests += times
                inner = times * size
                cost.nodes += inner
                cost.pulls += inner if field.name.value == "pullRequests" else 0
        _walk(field.selection_set, inner, cost, reading)


def _ids(ids: Any) -> int:
    count = len(ids) if isinstance(ids, list | tuple) else 1
    if count > MAX_PAGE:
        raise Refused(
            "ARGUMENT_LIMIT",
            f"You may not provide more than {MAX_PAGE} node ids; you provided {count}.",
        )
    return count


def _page_size(field: FieldNode, arguments: dict[str, Any], reading: _Reading) -> int | None:
    """Page size of a connection, None for anything else; only `totalCount` may be asked for without a page size."""
    name = field.name.value
    given = [(key, arguments[key]) for key in ("first", "last") if arguments.get(key) is not None]
    if not given:
        if any(child.name.value in ("nodes", "edges") for child in reading.fields(field.selection_set)):
            message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            raise Refused("MISSING_PAGINATION_BOUNDARIES", message)
        return None
    key, size = given[0]
    if not 1 <= size <= MAX_PAGE:
        message = (
            f"Requesting {size} records on the `{name}` connection exceeds the `{key}` limit of {MAX_PAGE} records."
        )
        raise Refused("EXCESSIVE_PAGINATION", message)
    return int(size)
