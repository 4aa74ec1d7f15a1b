"""Pull requests and what belongs to them, as webhook messages show them: REST's shapes, and what only messages have."""

from tformance.sandbox import rest_pulls
from tformance.sandbox.dataset import Row
from tformance.sandbox.rest_shapes import Shape, number_of
from tformance.sandbox.shapes import Shapes

_COUNTED = (
    "merged mergeable mergeable_state merged_by comments review_comments commits additions deletions changed_files "
    "maintainer_can_modify"
)
_ISSUE = (
    "id number title user labels state locked assignee assignees milestone created_at updated_at closed_at "
    "author_association active_lock_reason body draft"
)


class Pulls:
    """Shapes of one pull request's rows."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes, self.data = shapes, shapes.data

    def home(self, pull: Row) -> Row:
        return self.data.repositories[str(pull["repository_id"])]

    def whole(self, pull: Row) -> Shape:
        """As `pull_request` messages carry it."""
        shape = rest_pulls.pull_request(self.data, pull)
        return shape | {"active_lock_reason": None, "rebaseable": None}

    def simple(self, pull: Row) -> Shape:
        """Without its counts, as review and thread messages carry it."""
        counted = set(_COUNTED.split()) | {"rebaseable"}
        return {key: value for key, value in self.whole(pull).items() if key not in counted}

    def review(self, pull: Row, row: Row) -> Shape:
        shape = rest_pulls.review(self.data, pull, row)
        stamps = {"submitted_at": row.get("submitted_at"), "updated_at": row.get("updated_at")}
        return shape | stamps | {"state": row["state"].lower(), "body": row.get("body") or None}

    def review_comment(self, pull: Row, row: Row) -> Shape:
        shape = rest_pulls.review_comment(self.data, pull, row)
        sha = row.get("commit_oid") or pull.get("head_ref_oid") or "0" * 40
        places = dict.fromkeys(("line", "original_line"), row.get("line") or 1)
        return (
            shape
            | places
            | dict.fromkeys(("start_line", "original_start_line", "start_side"))
            | dict.fromkeys(("position", "original_position"), 1)
            | {"commit_id": sha, "original_commit_id": sha, "side": "RIGHT", "subject_type": "line"}
            | {"reactions": _reactions(shape["url"])}
        )

    def thread(self, pull: Row, row: Row) -> Shape:
        comments = self.data.children("comments", str(pull["id"]))
        mine = [each for each in comments if str(each.get("thread_id")) == str(row["id"])]
        return {"node_id": str(row["id"]), "comments": [self.review_comment(pull, each) for each in mine]}

    def comment(self, pull: Row, row: Row) -> Shape:
        shape = rest_pulls.issue_comment(self.data, pull, row)
        return shape | {"reactions": _reactions(shape["url"]), "performed_via_github_app": None}

    def issue(self, pull: Row) -> Shape:
        """The pull request as the issue it also is."""
        shape = self.whole(pull)
        here = shape["issue_url"]
        of_pull = {key: shape[key] for key in ("url", "html_url", "diff_url", "patch_url", "merged_at")}
        return {key: shape[key] for key in _ISSUE.split()} | {
            "url": here,
            "html_url": shape["html_url"],
            "repository_url": here.rpartition("/issues/")[0],
            "labels_url": f"{here}/labels{{/name}}",
            **{f"{name}_url": f"{here}/{name}" for name in ("comments", "events", "timeline")},
            "node_id": str(pull["id"]),
            "comments": shape["comments"],
            "performed_via_github_app": None,
            "state_reason": None,
            "reactions": _reactions(here),
            "pull_request": of_pull,
        }

    def minimal(self, pull: Row) -> Shape:
        """As check runs and suites refer to it."""
        shape = self.whole(pull)
        home = self.home(pull)
        where = {"id": number_of(home), "name": home["name_with_owner"].split("/")[1], "url": _api(shape)}
        ends = {
            side: {"ref": shape[side]["ref"], "sha": shape[side]["sha"], "repo": where} for side in ("head", "base")
        }
        return {"id": shape["id"], "number": shape["number"], "url": shape["url"]} | ends


def _api(shape: Shape) -> str:
    return str(shape["url"]).rpartition("/pulls/")[0]


def _reactions(address: str) -> Shape:
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{address}/reactions", "total_count": 0, **dict.fromkeys(kinds, 0)}
