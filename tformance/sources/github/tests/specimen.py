"""Answers made from a question and GitHub's published schema, which remember what is read of them."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    parse,
)

import tformance.sandbox

CONTRACT = Path(tformance.sandbox.__path__[0]) / "contracts" / "github.graphql"


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    return build_schema(CONTRACT.read_text())


class Tracked(dict[str, Any]):
    """A dictionary that notes each key read, as a path from the item, and knows no default."""

    def __init__(self, values: dict[str, Any], path: str, read: set[str]) -> None:
        super().__init__(values)
        self.path, self.read = path, read

    def __getitem__(self, key: str) -> Any:
        self.read.add(self.path + key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        raise AssertionError(f"{self.path}{key} is read as if GitHub might leave it out")


class Maker:
    """Makes answers to one question. `variant` decides which enum value, number or account type stands in each place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document: DocumentNode = parse(text)
        self.read: set[str] = set()
        self.asked: set[str] = set()
        self._fragments = {d.name.value: d for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)}

    def item(self, type_name: str, variant: int) -> Tracked:
        """One object of that type, as the first selection on it asks for."""
        operation = next(d for d in self.document.definitions if isinstance(d, OperationDefinitionNode))
        found = self._selections_on(operation.selection_set, type_name)
        assert found is not None
        return self._object(schema().type_map[type_name], [found], "", variant)

    def _selections_on(self, selection: SelectionSetNode, type_name: str) -> SelectionSetNode | None:
        for node in selection.selections:
            if isinstance(node, InlineFragmentNode) and node.type_condition:
                if node.type_condition.name.value == type_name:
                    return node.selection_set
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if fragment.type_condition.name.value == type_name:
                    return fragment.selection_set
            below = getattr(node, "selection_set", None)
            if below and (found := self._selections_on(below, type_name)):
                return found
        return None

    def _object(self, kind: GraphQLNamedType, selections: list[SelectionSetNode], path: str, variant: int) -> Tracked:
        assert isinstance(kind, GraphQLObjectType)
        fields: dict[str, list[FieldNode]] = {}
        for selection in selections:
            for field in self._fields(kind, selection):
                fields.setdefault((field.alias or field.name).value, []).append(field)
        values = {key: self._value(kind, nodes, path + key, variant) for key, nodes in fields.items()}
        return Tracked(values, path, self.read)

    def _fields(self, kind: GraphQLObjectType, selection: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                yield node
                continue
            fragment: Any = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            if _applies(fragment.type_condition.name.value, kind):
                yield from self._fields(kind, fragment.selection_set)

    def _value(self, owner: GraphQLObjectType, nodes: list[FieldNode], path: str, variant: int) -> Any:
        name = nodes[0].name.value
        below = [node.selection_set for node in nodes if node.selection_set]
        if not below:
            self.asked.add(path)
            return owner.name if name == "__typename" else _leaf(get_named_type(owner.fields[name].type), variant)
        field_type = owner.fields[name].type
        kinds = self._kinds(get_named_type(field_type))
        if is_list_type(get_nullable_type(field_type)):
            return [self._object(kind, below, f"{path}.", variant) for kind in kinds]
        return self._object(kinds[variant % len(kinds)], below, f"{path}.", variant)

    def _kinds(self, kind: Any) -> list[GraphQLNamedType]:
        """The object types that may stand in a place; timelines only have the types that were asked for."""
        if not is_abstract_type(kind):
            return [kind]
        possible = sorted(schema().get_possible_types(kind), key=lambda each: each.name)
        is_timeline = kind.name == "PullRequestTimelineItems"
        return [each for each in possible if not is_timeline or f"... on {each.name} " in self.text]


def _applies(condition: str, kind: GraphQLObjectType) -> bool:
    wanted = schema().type_map[condition]
    return wanted is kind or (
        isinstance(wanted, GraphQLInterfaceType | GraphQLUnionType) and schema().is_sub_type(wanted, kind)
    )


def _leaf(kind: Any, variant: int) -> Any:
    if isinstance(kind, GraphQLEnumType):
        return sorted(kind.values)[variant % len(kind.values)]
    plain = {
        "Int": 1 + variant % 2,
        "Boolean": variant % 2 == 0,
        "BigInt": str(2**40 + variant),
        "DateTime": f"2026-11-20T12:00:0{variant % 10}Z",
        "URI": f"https://github.example/{variant}",
    }
    return plain.get(kind.name, f"text {variant}")
