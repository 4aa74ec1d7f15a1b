"""What GitHub tells its hooks: one message per event, sent to every App and hook that should hear of it."""

from typing import Any

from tformance.sandbox.apps import Apps, Installation
from tformance.sandbox.dataset import Row
from tformance.sandbox.hooks import Deliveries, Hook
from tformance.sandbox.pulls import Pulls
from tformance.sandbox.rest_commits import check_run
from tformance.sandbox.rest_shapes import API, Shape
from tformance.sandbox.shapes import Shapes, bare

_ONLY_IN_SUITE = {"latest_check_runs_count", "check_runs_url", "head_commit"}


class Events:
    """Builds and posts messages. `hooks` are those of the organisation, set on the command line."""

    def __init__(self, shapes: Shapes, apps: Apps, deliveries: Deliveries, hooks: list[Hook]) -> None:
        self.shapes, self.apps, self.deliveries, self.hooks = shapes, apps, deliveries, hooks
        self.pulls = Pulls(shapes)

    def tell(self, event: str, repository: Row, body: Shape, sender: str | None, key: str = "") -> list[str]:
        """Post to all who watch this repository; gives the guids. `key` keeps messages about one thing in order."""
        owner = repository["name_with_owner"].split("/")[0]
        account = self.shapes.owner(owner)
        body = bare(body) | {
            "repository": bare(self.shapes.repository(repository)),
            "sender": self.shapes.someone(sender),
        }
        if account["type"] == "Organization":
            body["organization"] = self.shapes.organization(owner)
        place = key or str(repository["id"])
        sent = [self._to_app(event, body, each, place) for each in self.apps.covering(repository)]
        sent += [self._to(hook, event, body, place) for hook in self.hooks]
        return [guid for guid in sent if guid]

    def _to_app(self, event: str, body: Shape, installation: Installation, key: str) -> str | None:
        number = installation.id
        marked = body | {"installation": {"id": number, "node_id": f"MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u{number}"}}
        return self._to(installation.app.hook, event, marked, key)

    def _to(self, hook: Hook, event: str, body: Shape, key: str) -> str | None:
        if not hook.active or not hook.url or (hook.events is not None and event not in hook.events):
            return None
        return self.deliveries.post(hook, event, body, key)

    def pull_request(self, action: str, pull: Row, sender: str | None, **more: Any) -> list[str]:
        body = {"action": action, "number": pull["number"], "pull_request": self.pulls.whole(pull)} | more
        return self.tell("pull_request", self.pulls.home(pull), body, sender, str(pull["id"]))

    def of_pull(self, event: str, action: str, pull: Row, sender: str | None, **more: Any) -> list[str]:
        """A review, a comment of a thread or a thread: beside its pull request without counts."""
        body = {"action": action, "pull_request": self.pulls.simple(pull)} | more
        return self.tell(event, self.pulls.home(pull), body, sender, str(pull["id"]))

    def issue_comment(self, action: str, pull: Row, comment: Row, **more: Any) -> list[str]:
        body = {"action": action, "issue": self.pulls.issue(pull), "comment": self.pulls.comment(pull, comment)} | more
        return self.tell("issue_comment", self.pulls.home(pull), body, comment.get("author"), str(pull["id"]))

    def installation(self, action: str, installation: Installation, sender: str) -> str | None:
        """Comes without subscribing, also to a suspended or removed one."""
        rows = [self.shapes.simple(row) for row in installation.rows(self.shapes)]
        body = {"action": action, "installation": installation.shape(self.shapes), "repositories": rows}
        return self._unasked("installation", installation, body | {"requester": None}, sender)

    def installation_repositories(
        self, installation: Installation, added: list[Row], removed: list[Row], sender: str
    ) -> str | None:
        body = {
            "action": "added" if added else "removed",
            "installation": installation.shape(self.shapes),
            "repository_selection": "all" if installation.repositories is None else "selected",
            "repositories_added": [self.shapes.simple(row) for row in added],
            "repositories_removed": [self.shapes.simple(row) for row in removed],
            "requester": None,
        }
        return self._unasked("installation_repositories", installation, body, sender)

    def _unasked(self, event: str, installation: Installation, body: Shape, sender: str) -> str | None:
        hook = installation.app.hook
        if not hook.active or not hook.url:
            return None
        whole = body | {"sender": self.shapes.someone(sender)}
        return self.deliveries.post(hook, event, whole, str(installation.id))

    def check_run(self, action: str, pull: Row, row: Row) -> list[str]:
        shape = check_run(self.pulls.home(pull), row)
        suite = {key: value for key, value in self._suite(pull, row).items() if key not in _ONLY_IN_SUITE}
        shape |= {"check_suite": suite, "pull_requests": [self.pulls.minimal(pull)]}
        shape["details_url"] = shape["details_url"] or shape["html_url"]
        body = {"action": action, "check_run": shape}
        return self.tell("check_run", self.pulls.home(pull), body, row.get("app"), str(pull["id"]))

    def check_suite(self, action: str, pull: Row, row: Row) -> list[str]:
        body = {"action": action, "check_suite": self._suite(pull, row)}
        return self.tell("check_suite", self.pulls.home(pull), body, row.get("app"), str(pull["id"]))

    def _suite(self, pull: Row, row: Row) -> Shape:
        home, run = self.pulls.home(pull), check_run(self.pulls.home(pull), row)
        number = run["check_suite"]["id"]
        here = f"{API}/repos/{home['name_with_owner']}/check-suites/{number}"
        stamp = row.get("completed_at") or row.get("started_at")
        return {
            "id": number,
            "node_id": f"CS_{number}",
            "head_branch": pull.get("head_ref_name"),
            "head_sha": row["commit_oid"],
            "status": run["status"],
            "conclusion": run["conclusion"],
            "url": here,
            "before": pull.get("base_ref_oid"),
            "after": row["commit_oid"],
            "pull_requests": [self.pulls.minimal(pull)],
            "app": run["app"],
            "created_at": row.get("started_at") or stamp,
            "updated_at": stamp,
            "latest_check_runs_count": 1,
            "check_runs_url": f"{here}/check-runs",
            "head_commit": self._head_commit(pull, row["commit_oid"]),
        }

    def _head_commit(self, pull: Row, oid: str) -> Shape:
        row = self.shapes.data.commit(oid) or {}
        people = {role: _git_actor(row, role) for role in ("author", "committer")}
        stamp = row.get("committed_date") or pull["updated_at"]
        return {"id": oid, "tree_id": oid, "message": row.get("message") or "", "timestamp": stamp} | people

    def push(self, pull: Row, sender: str | None) -> list[str]:
        """The merge, as the push to the base branch that it also is."""
        home, after = self.pulls.home(pull), pull["merge_commit_oid"]
        before = pull.get("base_ref_oid") or "0" * 40
        commit = self._head_commit(pull, after) | {
            "message": f"{pull['title']} (#{pull['number']})",
            "distinct": True,
            "url": f"{self.shapes.repository(home)['html_url']}/commit/{after}",
            **{kind: [] for kind in ("added", "removed", "modified")},
        }
        body = {
            "ref": f"refs/heads/{pull.get('base_ref_name') or 'main'}",
            "before": before,
            "after": after,
            **dict.fromkeys(("created", "deleted", "forced"), False),
            "base_ref": None,
            "compare": f"{self.shapes.repository(home)['html_url']}/compare/{before[:12]}...{after[:12]}",
            "commits": [commit],
            "head_commit": commit,
            "pusher": {"name": sender or "ghost", "email": None},
        }
        return self.tell("push", home, body, sender, str(pull["id"]))


def _git_actor(row: Row, role: str) -> Shape:
    return {"name": row.get(f"{role}_name") or "Someone", "email": row.get(f"{role}_email") or None}
