"""One GraphQL request from its JSON body to the bytes of the answer, with the cost it had."""

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode

from tformance.sandbox import github, github_commits, github_organizations, github_pulls
from tformance.sandbox.cost import Cost, Refused, measure
from tformance.sandbox.dataset import Dataset
from tformance.sandbox.execute import Execution, NotFound, Query, Step, coerced

RESOLVERS = github.RESOLVERS | github_pulls.RESOLVERS | github_commits.RESOLVERS | github_organizations.RESOLVERS


@lru_cache(maxsize=256)
def compiled(text: str) -> Query:
    return Query(text, RESOLVERS)


@dataclass
class Prepared:
    """A request that GitHub would run: query, variables and cost."""

    query: Query
    operation: OperationDefinitionNode
    variables: dict[str, Any]
    cost: Cost
    digest: bytes

    @property
    def name(self) -> str:
        return self.operation.name.value if self.operation.name else "anonymous"


def prepare(body: bytes) -> Prepared:
    """Raises GraphQLError or Refused with what GitHub would answer."""
    request = json.loads(body)
    if not isinstance(request, dict) or not isinstance(request.get("query"), str):
        raise GraphQLError("A query attribute must be specified and must be a string.")
    query = compiled(request["query"])
    if query.errors:
        raise query.errors[0]
    operation = query.operation(request.get("operationName"))
    variables = coerced(operation, request.get("variables") or {})
    cost = measure(query.document, operation, variables)  # type: ignore[arg-type]
    return Prepared(query, operation, variables, cost, blake2b(body, digest_size=16).digest())


Part = tuple[str, bytes]


@dataclass
class Parts:
    """The answer's root fields as JSON, `rateLimit` left out because it differs each time."""

    fields: list[Part]
    errors: list[dict[str, Any]]


def execute(data: Dataset, prepared: Prepared) -> Parts:
    parts = Parts([], [])
    for step in prepared.query.root(prepared.operation).steps({}):
        if step.name != "rateLimit":
            run = Execution(data, prepared.variables)
            value = json.dumps(_root_value(run, step), ensure_ascii=False, separators=(",", ":"))
            parts.fields.append((step.key, value.encode()))
            parts.errors += [error | {"path": [step.key, *error["path"]]} for error in run.errors]
    return parts


def _root_value(run: Execution, step: Step) -> Any:
    assert step.resolver is not None
    try:
        value = step.resolver(run.data, {}, step.arguments(run.variables))
    except NotFound as error:
        run.errors.append({"type": error.kind, "path": [], "message": error.message})
        return None
    if step.name == "nodes":
        run.errors += _missing(step, run, value)
    return run.below(value, step) if step.below else value


def _missing(step: Step, run: Execution, value: list[Any]) -> list[dict[str, Any]]:
    ids = step.arguments(run.variables)["ids"]
    return [
        {
            "type": "NOT_FOUND",
            "path": [position],
            "message": f"Could not resolve to a node with the global id of '{ids[position]}'",
        }
        for position, row in enumerate(value)
        if row is None
    ]


def rate_limit(prepared: Prepared, values: dict[str, Any]) -> list[Part]:
    """The `rateLimit` fields of the query, filled with the budget's present values (columns as in `RateLimit`)."""
    run = Execution(None, prepared.variables)
    steps = [s for s in prepared.query.root(prepared.operation).steps({}) if s.name == "rateLimit" and s.below]
    return [(step.key, json.dumps(run.below(values, step)).encode()) for step in steps]


def body_of(fields: list[Part], errors: list[dict[str, Any]]) -> bytes:
    data = b",".join(json.dumps(key).encode() + b":" + value for key, value in fields)
    tail = b',"errors":' + json.dumps(errors).encode() if errors else b""
    return b'{"data":{' + data + b"}" + tail + b"}"


def refusal(error: GraphQLError | Refused) -> bytes:
    """What GitHub answers (status 200) when a query is not run at all."""
    if isinstance(error, Refused):
        return json.dumps({"data": None, "errors": [{"type": error.kind, "message": str(error)}]}).encode()
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return json.dumps({"errors": [{"message": error.message, "locations": places}]}).encode()


def partial(body: bytes) -> bytes:
    """The same answer cut short as GitHub's resource limits do: one listed object is null and an error says so."""
    document = json.loads(body)
    found = _outer_list(document.get("data"), [])
    if found is None:
        return body
    rows, path = found
    rows[-1] = None
    message = "Resource limits for this query exceeded."
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "path": [*path, len(rows) - 1], "message": message}
    document["errors"] = [*document.get("errors", ()), error]
    return json.dumps(document).encode()


def _outer_list(value: Any, path: list[Any]) -> tuple[list[Any], list[Any]] | None:
    """The outermost list of objects and its path."""
    if isinstance(value, list):
        return (value, path) if value and isinstance(value[-1], dict) else None
    if isinstance(value, dict):
        for key, inner in value.items():
            if found := _outer_list(inner, [*path, key]):
                return found
    return None
