"""Cuts the answers of some paths out of GitHub's published OpenAPI description, as plain JSON Schema."""

import json
from typing import Any

Json = dict[str, Any]

PACKAGE = "@octokit/openapi"
FILE = "generated/api.github.com.json"

# Every REST path the sandbox answers, and the methods; others add theirs here.
PATHS: dict[str, tuple[str, ...]] = {
    "/user": ("get",),
    "/rate_limit": ("get",),
    "/meta": ("get",),
    "/user/repos": ("get",),
    "/orgs/{org}": ("get",),
    "/orgs/{org}/repos": ("get",),
    "/orgs/{org}/members": ("get",),
    "/orgs/{org}/teams": ("get",),
    "/orgs/{org}/teams/{team_slug}": ("get",),
    "/orgs/{org}/teams/{team_slug}/members": ("get",),
    "/orgs/{org}/copilot/billing": ("get",),
    "/orgs/{org}/copilot/billing/seats": ("get",),
    "/orgs/{org}/copilot/metrics/reports/users-1-day": ("get",),
    "/orgs/{org}/copilot/metrics/reports/users-28-day/latest": ("get",),
    "/orgs/{org}/copilot/metrics/reports/organization-1-day": ("get",),
    "/orgs/{org}/copilot/metrics/reports/organization-28-day/latest": ("get",),
    "/orgs/{org}/copilot/metrics/reports/user-teams-1-day": ("get",),
    "/orgs/{org}/copilot/metrics/reports/repos-1-day": ("get",),
    "/repos/{owner}/{repo}": ("get",),
    "/repos/{owner}/{repo}/compare/{basehead}": ("get",),
    "/repos/{owner}/{repo}/releases": ("get",),
    "/repos/{owner}/{repo}/commits/{ref}": ("get",),
    "/repos/{owner}/{repo}/commits/{ref}/check-runs": ("get",),
    "/repos/{owner}/{repo}/commits/{ref}/status": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/commits": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/files": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/comments": ("get",),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get",),
    "/repos/{owner}/{repo}/installation": ("get",),
    "/orgs/{org}/installation": ("get",),
    "/app": ("get",),
    "/app-manifests/{code}/conversions": ("post",),
    "/app/hook/config": ("get", "patch"),
    "/app/hook/deliveries": ("get",),
    "/app/hook/deliveries/{delivery_id}": ("get",),
    "/app/hook/deliveries/{delivery_id}/attempts": ("post",),
    "/app/installations/{installation_id}": ("get",),
    "/app/installations/{installation_id}/access_tokens": ("post",),
    "/installation/repositories": ("get",),
    "/user/installations": ("get",),
    "/user/installations/{installation_id}/repositories": ("get",),
}
_KEPT = {
    *("type", "properties", "required", "items", "enum", "additionalProperties", "pattern", "minimum", "maximum"),
    *("minItems", "maxItems", "anyOf", "oneOf", "allOf", "$ref"),
}


def cut(description: Json) -> Json:
    """`answers` by method, path and status; `$defs` holds what they refer to."""
    answers: Json = {}
    for path, methods in sorted(PATHS.items()):
        for method in methods:
            responses = description["paths"][path][method]["responses"]
            answers[f"{method.upper()} {path}"] = {
                status: schema_of(_followed(description, response)) for status, response in responses.items()
            }
    return {"answers": answers, "$defs": definitions(answers, description["components"]["schemas"])}


def _followed(description: Json, response: Json) -> Json:
    if "$ref" not in response:
        return response
    found: Json = description["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return found


def schema_of(response: Json) -> Json | bool:
    """The schema of a JSON body; False (nothing conforms) where no body is promised."""
    content = response.get("content", {}).get("application/json")
    return plain(content["schema"]) if content else False


def definitions(answers: Json, schemas: Json) -> Json:
    found: Json = {}
    todo = referred(answers)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = plain(schemas[name])
            todo |= referred(found[name])
    return dict(sorted(found.items()))


def referred(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(referred(inner) for inner in value.values()))
    return set().union(*(referred(inner) for inner in value)) if isinstance(value, list) else set()


def plain(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: without texts and examples, `nullable` as a type of its own."""
    if not isinstance(schema, dict):
        return schema
    made = {key: _part(key, value) for key, value in schema.items() if key in _KEPT}
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def _part(key: str, value: Any) -> Any:
    if key == "$ref":
        return f"#/$defs/{value.rpartition('/')[2]}"
    if key == "properties":
        return {name: plain(inner) for name, inner in value.items()}
    if key in ("anyOf", "oneOf", "allOf"):
        return [plain(inner) for inner in value]
    return plain(value) if isinstance(value, dict) else value


def written(contract: Json, package: Json, file: str = FILE) -> str:
    origin = {key: package[key] for key in ("name", "version", "license")} | {"file": file}
    return json.dumps({"origin": origin, **contract}, separators=(",", ":"), sort_keys=True) + "\n"
