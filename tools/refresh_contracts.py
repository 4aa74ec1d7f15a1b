"""Cut what the sandboxes serve out of GitHub's and Jira's published descriptions.

The parts go to `tformance/sandbox/contracts`. Needs npm, node and the network; run by hand when a description moves:
`python tools/refresh_contracts.py`, or with `--only jira` for one of them.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jira_contract
import rest_contract
import webhook_contract
from graphql import (
    DefinitionNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

PACKAGE = "@octokit/graphql-schema"
FILES = ("schema.graphql", "LICENSE.md", "package.json")
REST_FILES = (rest_contract.FILE, "LICENSE", "package.json")
CONTRACTS = Path(__file__).parent.parent / "tformance" / "sandbox" / "contracts"
HIDDEN_LEAVES = (
    "viewer",
    "hovercard",
    "reaction",
    "isMinimized",
    "minimizedReason",
    "openGraph",
    "bodyHTML",
    "titleHTML",
)
Types = dict[str, TypeDefinitionNode]
INTERFACES = {
    "Node",
    "Actor",
    "RepositoryOwner",
    "GitObject",
    "RequirableByPullRequest",
}

# Per type the fields that lead to another type; fields with a plain value are kept without being named.
SERVED: dict[str, str] = {
    "Query": "viewer rateLimit repository repositoryOwner organization user node nodes",
    "RateLimit": "",
    "PageInfo": "",
    "Node": "",
    "Actor": "",
    "RepositoryOwner": "repositories",
    "GitObject": "repository",
    "RequirableByPullRequest": "",
    "User": "repositories",
    "Bot": "",
    "Mannequin": "",
    "EnterpriseUserAccount": "user",
    "Organization": "repositories membersWithRole team teams",
    "Team": "organization parentTeam members",
    "Repository": "owner defaultBranchRef object ref parent primaryLanguage pullRequest pullRequests "
    "deployments releases latestRelease",
    "Language": "",
    "Ref": "target repository",
    "PullRequest": "author mergedBy editor mergeCommit labels assignees milestone closingIssuesReferences reviewRequests "
    "reviews latestReviews latestOpinionatedReviews reviewThreads comments commits files timelineItems "
    "statusCheckRollup baseRef headRef baseRepository headRepository headRepositoryOwner repository "
    "autoMergeRequest mergeQueueEntry participants",
    "AutoMergeRequest": "enabledBy pullRequest",
    "MergeQueueEntry": "enqueuer pullRequest",
    "Label": "",
    "Milestone": "",
    "Issue": "repository",
    "ReviewRequest": "requestedReviewer pullRequest",
    "RequestedReviewer": "",
    "PullRequestReview": "author commit comments pullRequest repository editor",
    "PullRequestReviewThread": "comments resolvedBy pullRequest repository",
    "PullRequestReviewComment": "author commit originalCommit pullRequest pullRequestReview replyTo repository editor",
    "IssueComment": "author pullRequest repository editor",
    "PullRequestCommit": "commit pullRequest",
    "PullRequestChangedFile": "",
    "Commit": "author committer authors parents statusCheckRollup checkSuites repository deployments status",
    "GitActor": "user",
    "Status": "contexts",
    "StatusCheckRollup": "contexts commit",
    "StatusCheckRollupContext": "",
    "StatusContext": "creator commit",
    "CheckRun": "checkSuite repository",
    "CheckSuite": "app checkRuns commit repository workflowRun creator",
    "App": "",
    "WorkflowRun": "workflow",
    "Workflow": "",
    "Deployment": "creator commit latestStatus ref repository statuses",
    "DeploymentStatus": "creator deployment",
    "Release": "author tagCommit repository tag",
    "PullRequestTimelineItems": "",
    "ReadyForReviewEvent": "actor pullRequest",
    "ConvertToDraftEvent": "actor pullRequest",
    "ReviewRequestedEvent": "actor pullRequest requestedReviewer",
    "ReviewRequestRemovedEvent": "actor pullRequest requestedReviewer",
    "ReviewDismissedEvent": "actor pullRequest review",
    "HeadRefForcePushedEvent": "actor pullRequest beforeCommit afterCommit ref",
    "HeadRefDeletedEvent": "actor pullRequest",
    "HeadRefRestoredEvent": "actor pullRequest",
    "BaseRefForcePushedEvent": "actor pullRequest beforeCommit afterCommit",
    "ClosedEvent": "actor",
    "ReopenedEvent": "actor",
    "MergedEvent": "actor pullRequest commit",
    "AddedToMergeQueueEvent": "actor pullRequest enqueuer",
    "RemovedFromMergeQueueEvent": "actor pullRequest enqueuer beforeCommit",
    "AutoMergeEnabledEvent": "actor pullRequest enabler",
    "AutoMergeDisabledEvent": "actor pullRequest disabler",
    "AutoRebaseEnabledEvent": "actor pullRequest enabler",
    "AutoSquashEnabledEvent": "actor pullRequest enabler",
    "BaseRefChangedEvent": "actor pullRequest",
    "AutomaticBaseChangeSucceededEvent": "actor pullRequest",
    "RenamedTitleEvent": "actor",
    "LabeledEvent": "actor label",
    "UnlabeledEvent": "actor label",
    "AssignedEvent": "actor assignee",
    "UnassignedEvent": "actor assignee",
    "Assignee": "",
    "DeployedEvent": "actor deployment pullRequest ref",
    "MentionedEvent": "actor",
    "LockedEvent": "actor",
    "UnlockedEvent": "actor",
}
CONNECTIONS = [
    "Repository",
    "PullRequest",
    "Label",
    "User",
    "Issue",
    "ReviewRequest",
    "PullRequestReview",
    "PullRequestReviewThread",
    "PullRequestReviewComment",
    "IssueComment",
    "PullRequestCommit",
    "PullRequestChangedFile",
    "PullRequestTimelineItems",
    "StatusCheckRollupContext",
    "CheckSuite",
    "CheckRun",
    "GitActor",
    "Commit",
    "Deployment",
    "DeploymentStatus",
    "Release",
    "OrganizationMember",
    "Team",
    "TeamMember",
]


def served_types() -> dict[str, set[str]]:
    """Type name → names of its fields that lead to another type."""
    served = {name: set(fields.split()) for name, fields in SERVED.items()}
    for name in CONNECTIONS:
        served[f"{name}Connection"] = {"nodes", "edges", "pageInfo"}
        served[f"{name}Edge"] = {"node"}
    return served


def named(node: TypeNode) -> str:
    while not isinstance(node, NamedTypeNode):
        node = node.type  # type: ignore[attr-defined]
    return node.name.value


def pruned(source: str) -> str:
    """The SDL text reduced to what is served; descriptions are left out, they make four fifths of the text."""
    document = parse(source, no_location=True)
    types = {node.name.value: node for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    served = served_types()
    missing = sorted(set(served) - set(types))
    if missing:
        raise SystemExit(f"The published schema no longer has: {', '.join(missing)}")
    kept = [reduced(types[name], fields, served, types) for name, fields in sorted(served.items())]
    needed = {name for node in kept for name in names_in(node)}
    return "\n\n".join(print_ast(bare(node)) for node in kept + input_side(needed - set(served), types)) + "\n"


def reduced(node: TypeDefinitionNode, fields: set[str], served: Iterable[str], types: Types) -> DefinitionNode:
    """The type with only its served fields, members and interfaces."""
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=tuple(t for t in node.types or () if t.name.value in served))
    assert isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
    own = node.fields or ()
    unknown = fields - {field.name.value for field in own}
    if unknown:
        raise SystemExit(f"{node.name.value} no longer has: {', '.join(sorted(unknown))}")
    interfaces = tuple(i for i in node.interfaces or () if i.name.value in INTERFACES)
    return replace(
        node,
        interfaces=interfaces,
        fields=tuple(f for f in own if f.name.value in fields or is_plain(f, types)),
    )


def names_in(node: DefinitionNode) -> set[str]:
    """Names of the types that the fields and their arguments mention."""
    fields = getattr(node, "fields", None) or ()
    return {named(f.type) for f in fields} | {
        named(a.type) for f in fields for a in getattr(f, "arguments", None) or ()
    }


def is_plain(field: FieldDefinitionNode, types: Types) -> bool:
    kind = types[named(field.type)].kind if named(field.type) in types else "scalar_type_definition"
    if kind not in ("scalar_type_definition", "enum_type_definition"):
        return False
    return not field.name.value.startswith(HIDDEN_LEAVES) and "HTML" not in field.name.value


def input_side(names: Iterable[str], types: Types) -> list[DefinitionNode]:
    """Scalars, enums and input objects, with the types their fields need."""
    found: dict[str, DefinitionNode] = {}
    todo = sorted(names)
    while todo:
        name = todo.pop()
        if name in found or name not in types:
            continue
        found[name] = types[name]
        todo += names_in(types[name])
    return [found[name] for name in sorted(found)]


def bare(node: Any) -> Any:
    """The definition without descriptions and, but for `@deprecated`, without directives."""
    changes: dict[str, Any] = {"description": None} if hasattr(node, "description") else {}
    if getattr(node, "directives", None):
        changes["directives"] = tuple(d for d in node.directives if d.name.value == "deprecated")
    for part in ("fields", "values", "arguments"):
        if getattr(node, part, None):
            changes[part] = tuple(bare(child) for child in getattr(node, part))
    return replace(node, **changes)


def published(folder: Path, package: str, files: tuple[str, str, str]) -> tuple[str, str, dict[str, Any]]:
    """Description, licence text and package.json of an npm package, written `name@version`."""
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=sys.stderr)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    description, licence, about = ((folder / "package" / name).read_text() for name in files)
    return description, licence, json.loads(about)


def refresh_graphql(version: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        schema, licence, package = published(Path(name), f"{PACKAGE}@{version}", FILES)
    text = pruned(schema)
    build_schema(text)
    (CONTRACTS / "github.graphql").write_text(text)
    (CONTRACTS / "github.LICENSE.md").write_text(licence)
    origin = {key: package[key] for key in ("name", "version", "license")} | {"file": FILES[0]}
    (CONTRACTS / "github.json").write_text(json.dumps(origin, indent=2) + "\n")
    print(f"{len(text):,} characters from {PACKAGE} {package['version']}", file=sys.stderr)


def refresh_rest(version: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        text, licence, package = published(Path(name), f"{rest_contract.PACKAGE}@{version}", REST_FILES)
    made = rest_contract.written(rest_contract.cut(json.loads(text)), package)
    (CONTRACTS / "github_rest.json").write_text(made)
    (CONTRACTS / "github_rest.LICENSE.md").write_text(licence)
    print(f"{len(made):,} characters from {rest_contract.PACKAGE} {package['version']}", file=sys.stderr)


def refresh_webhooks(version: str) -> None:
    package, files = webhook_contract.PACKAGE, (webhook_contract.FILE, "LICENSE", "package.json")
    with tempfile.TemporaryDirectory() as name:
        text, licence, about = published(Path(name), f"{package}@{version}", files)
    made = rest_contract.written(webhook_contract.cut(json.loads(text)), about, webhook_contract.FILE)
    (CONTRACTS / "github_webhooks.json").write_text(made)
    (CONTRACTS / "github_webhooks.LICENSE.md").write_text(licence)
    print(f"{len(made):,} characters from {package} {about['version']}", file=sys.stderr)


def refresh_jira(version: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        schemas, licence, about = jira_contract.published(Path(name), version)
    made = rest_contract.written(jira_contract.cut(schemas), about, "zod schemas")
    (CONTRACTS / "jira.json").write_text(made)
    (CONTRACTS / "jira.LICENSE.md").write_text(licence)
    print(f"{len(made):,} characters from {jira_contract.PACKAGE} {about['version']}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", default="latest", help=f"version of {PACKAGE}")
    parser.add_argument("--rest-version", default="latest", help=f"version of {rest_contract.PACKAGE}")
    parser.add_argument("--webhooks-version", default="latest", help=f"version of {webhook_contract.PACKAGE}")
    parser.add_argument("--jira-version", default="latest", help=f"version of {jira_contract.PACKAGE}")
    parser.add_argument("--only", choices=("graphql", "rest", "webhooks", "jira"), help="default: all of them")
    arguments = parser.parse_args()
    CONTRACTS.mkdir(exist_ok=True)
    steps = {
        "graphql": (refresh_graphql, arguments.version),
        "rest": (refresh_rest, arguments.rest_version),
        "webhooks": (refresh_webhooks, arguments.webhooks_version),
        "jira": (refresh_jira, arguments.jira_version),
    }
    for name, (refresh, version) in steps.items():
        if arguments.only in (None, name):
            refresh(version)


if __name__ == "__main__":
    main()
