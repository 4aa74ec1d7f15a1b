"""Single situations of a pull request, each with the messages GitHub sends for it."""

import secrets
from collections.abc import Callable
from typing import Any

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.live import Live, fresh, instant
from tformance.sandbox.live_apps import Impossible, Told


def pull_of(live: Live, asked: Told) -> Row:
    """By node id (`id`) or by `repository` and `number`."""
    if asked.get("id"):
        return live.pull(str(asked["id"]))
    home = live.named(str(asked["repository"]))
    found = live.hub.data.numbered(str(home["id"]), int(asked["number"]))
    if found is None:
        raise Impossible(f"{asked['repository']} has no pull request {asked['number']}")
    return found


def answer(pull: Row, guids: list[str], **more: Any) -> Told:
    now = clock.now().timestamp()
    return {"id": str(pull["id"]), "number": pull["number"], "at": now, "deliveries": guids, **more}


def _change(live: Live, pull: Row, **columns: Any) -> Row:
    return live.hub.data.change("pull_requests", str(pull["id"]), updated_at=instant(), **columns)


def _event(live: Live, pull: Row, kind: str, **columns: Any) -> None:
    row = {"id": fresh("EV")["id"], "pull_request_id": pull["id"], "type": kind, "created_at": instant()}
    live.hub.data.add("timeline", row | columns)


def _child(live: Live, kind: str, pull: Row, asked: Told, name: str) -> Row:
    """The row whose id was named, or the newest of the pull request."""
    rows = live.hub.data.children(kind, str(pull["id"]))
    if asked.get(name) is not None:
        rows = [row for row in rows if str(row["id"]) == str(asked[name])]
    if not rows:
        raise Impossible(f"Pull request {pull['id']} has no such row among its {kind}")
    return rows[-1]


def _open(live: Live, asked: Told) -> Told:
    pull = live.open_new(asked.get("repository"))
    return answer(pull, [])


def _merge(live: Live, asked: Told) -> Told:
    return live.merge_one(str(pull_of(live, asked)["id"])).shape()


def _close(live: Live, asked: Told) -> Told:
    pull = pull_of(live, asked)
    if pull["state"] != "OPEN":
        raise Impossible("Only an open pull request can be closed")
    actor = pull.get("author")
    _event(live, pull, "ClosedEvent", actor=actor)
    pull = _change(live, pull, state="CLOSED", closed_at=instant())
    return answer(pull, live.hub.events.pull_request("closed", pull, actor))


def _reopen(live: Live, asked: Told) -> Told:
    pull = pull_of(live, asked)
    if pull["state"] != "CLOSED":
        raise Impossible("Only a closed pull request that was not merged can be opened again")
    _event(live, pull, "ReopenedEvent", actor=pull.get("author"))
    pull = _change(live, pull, state="OPEN", closed_at=None)
    return answer(pull, live.hub.events.pull_request("reopened", pull, pull.get("author")))


def _draft(live: Live, asked: Told) -> Told:
    return answer(*live.set_draft(pull_of(live, asked), draft=True))


def _ready(live: Live, asked: Told) -> Told:
    return answer(*live.set_draft(pull_of(live, asked), draft=False))


def _label(live: Live, asked: Told) -> Told:
    pull, name = pull_of(live, asked), str(asked["label"])
    pull = _change(live, pull, labels=[*(pull.get("labels") or ()), name])
    label = live.hub.events.pulls.whole(pull)["labels"][-1]
    _event(live, pull, "LabeledEvent", actor=pull.get("author"), label=name)
    return answer(pull, live.hub.events.pull_request("labeled", pull, pull.get("author"), label=label))


def _edit(live: Live, asked: Told) -> Told:
    pull, before = pull_of(live, asked), pull_of(live, asked)["title"]
    title = str(asked["title"])
    _event(live, pull, "RenamedTitleEvent", actor=pull.get("author"), previous_title=before, current_title=title)
    pull, changes = _change(live, pull, title=title), {"title": {"from": before}}
    return answer(pull, live.hub.events.pull_request("edited", pull, pull.get("author"), changes=changes))


def _delete(live: Live, asked: Told) -> Told:
    """GitHub's support deletes pull requests; nobody is told."""
    pull = pull_of(live, asked)
    live.hub.data.drop("pull_requests", str(pull["id"]))
    return answer(pull, [])


def _review(live: Live, asked: Told) -> Told:
    pull, made, guids = live.review(pull_of(live, asked), str(asked.get("state", "COMMENTED")).upper())
    return answer(pull, guids, review=str(made["id"]))


def _dismiss(live: Live, asked: Told) -> Told:
    pull = pull_of(live, asked)
    row = _child(live, "reviews", pull, asked, "review")
    before, now = row["state"], instant()
    _event(
        live, pull, "ReviewDismissedEvent", actor=pull.get("author"), review_id=row["id"], previous_review_state=before
    )
    row = live.hub.data.change("reviews", str(row["id"]), state="DISMISSED", updated_at=now)
    pull, events = _change(live, pull), live.hub.events
    shown = events.pulls.review(pull, row)
    guids = events.of_pull("pull_request_review", "dismissed", pull, pull.get("author"), review=shown)
    return answer(pull, guids, review=str(row["id"]))


def _resolve(live: Live, asked: Told) -> Told:
    pull = pull_of(live, asked)
    row = _child(live, "review_threads", pull, asked, "thread")
    actor = pull.get("author")
    row = live.hub.data.change("review_threads", str(row["id"]), is_resolved=True, resolved_by=actor)
    events = live.hub.events
    guids = events.of_pull("pull_request_review_thread", "resolved", pull, actor, thread=events.pulls.thread(pull, row))
    return answer(pull, guids, thread=str(row["id"]))


def _push(live: Live, asked: Told) -> Told:
    """A further commit; with `force` the head is replaced and GitHub's timeline says so."""
    pull, oid, now = pull_of(live, asked), secrets.token_hex(20), instant()
    before, actor = pull.get("head_ref_oid"), pull.get("author")
    live.commit(pull, oid, now)
    if asked.get("force"):
        _event(live, pull, "HeadRefForcePushedEvent", actor=actor, before_oid=before, after_oid=oid)
        live.hub.data.drop_commits(str(pull["id"]), keep=oid)
    live.check(pull, oid, now)
    pull = _change(live, pull, head_ref_oid=oid)
    guids = live.hub.events.pull_request("synchronize", pull, actor, before=before, after=oid)
    return answer(pull, guids, before=before, after=oid)


def _force_push(live: Live, asked: Told) -> Told:
    return _push(live, asked | {"force": True})


def _late_check(live: Live, asked: Told) -> Told:
    """A check that ends after all else; `updated_at` does not move."""
    pull = pull_of(live, asked)
    conclusion = str(asked.get("conclusion", "SUCCESS")).upper()
    row = live.check(pull, pull.get("head_ref_oid") or "0" * 40, instant(), conclusion)
    events = live.hub.events
    guids = events.check_run("completed", pull, row) + events.check_suite("completed", pull, row)
    return answer(pull, guids, check_run=str(row["id"]))


def _comment(live: Live, asked: Told) -> Told:
    """A comment; with `thread` one of that thread."""
    pull, now, author = pull_of(live, asked), instant(), live.reviewer(pull_of(live, asked))
    stamps = {"created_at": now, "updated_at": now, "author": author, "body": str(asked.get("body", "One more thing."))}
    row = fresh("IC") | {"pull_request_id": pull["id"]} | stamps
    events = live.hub.events
    if asked.get("thread") is None:
        made = live.hub.data.add("comments", row)
        pull = _change(live, pull)
        return answer(pull, events.issue_comment("created", pull, made), comment=str(made["id"]))
    thread = _child(live, "review_threads", pull, asked, "thread")
    place = {key: thread.get(key) for key in ("path", "line")} | {"commit_oid": pull.get("head_ref_oid")}
    made = live.hub.data.add("comments", row | fresh("PRRC") | place | {"thread_id": thread["id"]})
    pull = _change(live, pull)
    shown = events.pulls.review_comment(pull, made)
    guids = events.of_pull("pull_request_review_comment", "created", pull, author, comment=shown)
    return answer(pull, guids, comment=str(made["id"]))


def _delete_comment(live: Live, asked: Told) -> Told:
    pull = pull_of(live, asked)
    row = _child(live, "comments", pull, asked, "comment")
    live.hub.data.drop("comments", str(row["id"]))
    events = live.hub.events
    if row.get("thread_id") is None:
        guids = events.issue_comment("deleted", pull, row)
    else:
        shown = events.pulls.review_comment(pull, row)
        guids = events.of_pull("pull_request_review_comment", "deleted", pull, row.get("author"), comment=shown)
    return answer(pull, guids, comment=str(row["id"]))


OF_PULLS: dict[str, Callable[[Live, Told], Told]] = {
    "open_pull_request": _open,
    "merge_pull_request": _merge,
    "close_pull_request": _close,
    "reopen_pull_request": _reopen,
    "convert_to_draft": _draft,
    "ready_for_review": _ready,
    "label": _label,
    "edit_title": _edit,
    "delete_pull_request": _delete,
    "review": _review,
    "dismiss_review": _dismiss,
    "resolve_thread": _resolve,
    "push": _push,
    "force_push": _force_push,
    "late_check": _late_check,
    "late_comment": _comment,
    "delete_comment": _delete_comment,
}
