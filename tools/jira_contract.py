"""Turns the response schemas of Jira Cloud that the sandbox answers with into plain JSON Schema.

The npm package `jira.js` describes responses in zod; node converts them here, once, when the contract is made anew.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PACKAGE = "jira.js"
# Every path the sandbox answers, with the schema of its answer; a trailing `[]` is a list of it.
ANSWERS: dict[str, str] = {
    "GET /rest/api/3/myself": "cloud.DashboardUserSchema",
    "GET /rest/api/3/serverInfo": "cloud.ServerInformationSchema",
    "GET /rest/api/3/field": "cloud.FieldDetailsSchema[]",
    "GET /rest/api/3/status": "cloud.StatusDetailsSchema[]",
    "GET /rest/api/3/statuses/search": "cloud.PageOfStatusesSchema",
    "GET /rest/api/3/users/search": "cloud.DashboardUserSchema[]",
    "GET /rest/api/3/project/search": "cloud.PageProjectSchema",
    "GET /rest/api/3/project/{projectIdOrKey}": "cloud.ProjectSchema",
    "POST /rest/api/3/search/jql": "cloud.SearchAndReconcileResultsSchema",
    "POST /rest/api/3/search/approximate-count": "cloud.JQLCountResultsSchema",
    "GET /rest/api/3/issue/{issueIdOrKey}": "cloud.IssueSchema",
    "GET /rest/api/3/issue/{issueIdOrKey}/changelog": "cloud.PageChangelogSchema",
    "POST /rest/api/3/issue/bulkfetch": "cloud.BulkIssueResultsSchema",
    "POST /rest/api/3/changelog/bulkfetch": "cloud.BulkChangelogResponseSchema",
    "GET /rest/agile/1.0/board": "agile.PageBoardSchema",
    "GET /rest/agile/1.0/board/{boardId}": "agile.BoardSchema",
    "GET /rest/agile/1.0/board/{boardId}/configuration": "agile.GetConfigurationSchema",
    "GET /rest/agile/1.0/board/{boardId}/sprint": "agile.GetAllSprintsSchema",
    "GET /rest/agile/1.0/sprint/{sprintId}": "agile.SprintSchema",
    "error": "cloud.ErrorCollectionSchema",
}
# Parts of an answer that the package leaves open where they stand, and describes elsewhere.
PARTS: dict[str, str] = {
    "issue type": "cloud.IssueTypeDetailsSchema",
    "status": "cloud.StatusDetailsSchema",
    "user": "cloud.UserDetailsSchema",
    "project": "cloud.ProjectSchema",
    "webhook sprint": "agile.SprintSchema",
}
_PART = "part "
_CONVERT = """
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import * as cloud from 'jira.js/cloud';
import * as agile from 'jira.js/agile';
const wanted = JSON.parse(readFileSync('wanted.json', 'utf8'));
const date = context => {
  if (context.zodSchema._zod.def.type === 'date') context.jsonSchema.type = ['string', 'integer'];
};
const found = {};
for (const [name, path] of Object.entries(wanted)) {
  const [side, schema] = path.replace('[]', '').split('.');
  const one = { cloud, agile }[side][schema];
  if (!one) throw new Error(`jira.js no longer has ${path}`);
  found[name] = path.endsWith('[]') ? z.array(one) : one;
}
const made = z.toJSONSchema(z.object(found), { io: 'input', unrepresentable: 'any', reused: 'ref', override: date });
writeFileSync('made.json', JSON.stringify(made));
"""


def published(folder: Path, version: str) -> tuple[Json, str, Json]:
    """One schema with a property for each wanted one, the licence's text and package.json; needs npm and node.

    Objects are closed: an answer with a field that the package does not know is none of the provider's.
    """
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"{PACKAGE}@{version}"]
    subprocess.run(install, cwd=folder, check=True, stdout=sys.stderr)
    (folder / "wanted.json").write_text(json.dumps(ANSWERS | {_PART + name: path for name, path in PARTS.items()}))
    (folder / "convert.mjs").write_text(_CONVERT)
    closed = os.environ | {"AUDIT_SCHEMAS": "true"}
    subprocess.run(["node", "convert.mjs"], cwd=folder, check=True, env=closed)
    package = folder / "node_modules" / PACKAGE
    made = json.loads((folder / "made.json").read_text())
    return made, (package / "LICENSE").read_text(), json.loads((package / "package.json").read_text())


def cut(made: Json) -> Json:
    """`answers` by method and path, `parts` by name, and `$defs` with what they share."""
    answers = {name: schema for name, schema in made["properties"].items() if not name.startswith(_PART)}
    parts = {name.removeprefix(_PART): schema for name, schema in made["properties"].items() if name.startswith(_PART)}
    return {"answers": answers, "parts": parts, "$defs": made["$defs"]}
