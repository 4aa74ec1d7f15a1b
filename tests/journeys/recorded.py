"""What GitHub answered about a public repository, recorded by others: as a folder that the local GitHub serves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]
FOLDER: Final = Path(__file__).parents[3] / "shared" / "data" / "devlake" / "github" / "raw_json"


def lines(kind: str) -> list[Row]:
    file = FOLDER / f"raw_github_api_{kind}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]


def pulls() -> list[Row]:
    """One recording of each."""
    found = {row["data"]["number"]: row["data"] for row in lines("pull_requests")}
    return [found[number] for number in sorted(found)]


def write(folder: Path) -> None:
    """Everything that was recorded of the pull requests that were."""
    known, home = {pull["number"]: pull["node_id"] for pull in pulls()}, pulls()[0]["base"]["repo"]
    repository = _row(home, "created_at", "updated_at", "pushed_at", "default_branch")
    rows = {
        "users": list(_users()),
        "repositories": [repository | {"name_with_owner": home["full_name"]}],
        "pull_requests": [_pull(pull) for pull in pulls()],
    }
    for kind, listed in children().items():
        rows[kind] = [row | {"pull_request_id": known[number]} for number, row in listed if number in known]
    (folder / "dataset.json").write_text('{"version": 1}')
    for kind, found in rows.items():
        (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in found))


def children() -> dict[str, list[tuple[int, Row]]]:
    """By kind each row with the number of its pull request."""
    threads, remarks = _threads()
    said = {row["data"]["id"]: row["data"] for row in lines("comments") if "/pull/" in row["data"]["html_url"]}.values()
    return {
        "reviews": [(row["input"]["Number"], _review(row["data"])) for row in _once("pull_request_reviews", "id")],
        "commits": [(row["input"]["Number"], _commit(row["data"])) for row in _once("pull_request_commits", "sha")],
        "review_threads": threads,
        "comments": [*((_number(each["issue_url"]), _comment(each)) for each in said), *remarks],
    }


def _threads() -> tuple[list[tuple[int, Row]], list[tuple[int, Row]]]:
    """Threads and the remarks in them; a remark whose beginning was not recorded begins a thread."""
    reviews = {row["data"]["id"]: row["data"]["node_id"] for row in lines("pull_request_reviews")}
    found = {row["data"]["id"]: row["data"] for row in lines("pull_request_review_comments")}
    threads, remarks = [], []
    for key, each in found.items():
        number, begun = _number(each["pull_request_url"]), found.get(each.get("in_reply_to_id"))
        home = {"thread_id": f"T_{begun['id'] if begun else key}", "reply_to_id": begun["node_id"] if begun else None}
        remarks.append((number, _comment(each) | home | {"review_id": reviews.get(each["pull_request_review_id"])}))
        if begun is None:
            threads.append((number, {"id": f"T_{key}", "path": each["path"], "line": each.get("line")}))
    return threads, remarks


def _once(kind: str, key: str) -> Iterator[Row]:
    """A row that was recorded twice of one pull request is one."""
    yield from {(row["input"]["Number"], row["data"][key]): row for row in lines(kind)}.values()


def _number(url: str) -> int:
    return int(url.rpartition("/")[2])


def _row(found: Row, *names: str) -> Row:
    return {"id": found["node_id"], "database_id": found["id"], **{name: found.get(name) for name in names}}


def _login(account: Row | None) -> str | None:
    return account["login"].removesuffix("[bot]") if account else None


def _users() -> Iterator[Row]:
    kinds = (
        "pull_requests",
        "pull_request_reviews",
        "pull_request_review_comments",
        "pull_request_commits",
        "comments",
    )
    found: dict[int, Row] = {}
    for row in (row["data"] for kind in kinds for row in lines(kind)):
        for account in (row.get("user"), row.get("author"), row.get("committer")):
            if account:
                found[account["id"]] = _row(account, "type") | {"login": _login(account)}
    yield from found.values()


def _pull(found: Row) -> Row:
    head, base = found["head"], found["base"]
    state = "MERGED" if found["merged_at"] else found["state"].upper()
    own = _row(
        found, "number", "title", "body", "created_at", "updated_at", "closed_at", "merged_at", "author_association"
    )
    return own | {
        "repository_id": base["repo"]["node_id"],
        "author": _login(found["user"]),
        "state": state,
        "is_draft": found["draft"],
        "merge_commit_oid": found["merge_commit_sha"] if found["merged_at"] else None,
        "base_ref_name": base["ref"],
        "head_ref_name": head["ref"],
        "head_ref_oid": head["sha"],
        "is_cross_repository": head["repo"] is None or head["repo"]["id"] != base["repo"]["id"],
        "labels": [label["name"] for label in found["labels"]],
    }


def _review(found: Row) -> Row:
    stamps = {"created_at": found["submitted_at"], "author": _login(found["user"]), "commit_oid": found["commit_id"]}
    return _row(found, "state", "body", "submitted_at") | stamps


def _comment(found: Row) -> Row:
    return _row(found, "body", "created_at", "updated_at") | {"author": _login(found["user"])}


def _commit(found: Row) -> Row:
    said = found["commit"]
    return {
        "id": found["node_id"],
        "oid": found["sha"],
        "message": said["message"],
        "author": _login(found["author"]),
        "authored_date": said["author"]["date"],
        "committed_date": said["committer"]["date"],
        "author_name": said["author"]["name"],
        "author_email": said["author"]["email"],
        "committer_name": said["committer"]["name"],
        "committer_email": said["committer"]["email"],
        "parents": [parent["sha"] for parent in found["parents"]],
    }
