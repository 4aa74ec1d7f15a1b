"""The plain second reading of what METRICS says of AI: what tools leave in commits and descriptions."""

from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.identities import AGENTS, ASSIST, AUTHORS, FOOTERS
from tformance.sandbox.truth_iteration import is_bot, lacks_commits


def has_trailer(message: str) -> bool:
    """An assist trailer in the last paragraph of a commit message."""
    known = {mark.email.lower() for mark in ASSIST}
    for line in message.strip().split("\n\n")[-1].splitlines():
        key, _, value = line.partition(":")
        address = value.rstrip().removesuffix(">").rpartition("<")[2].lower()
        if key.strip().lower() == "co-authored-by" and value.rstrip().endswith(">") and address in known:
            return True
    return False


def has_footer(body: str) -> bool:
    """A generator's line in the body, outside code fences; a quoted line begins with `>` and never equals it."""
    fenced = False
    for line in body.splitlines():
        if line.strip().startswith("```"):
            fenced = not fenced
        elif not fenced and line.strip() in FOOTERS:
            return True
    return False


def ai(data: Dataset, pull: Row, commits: list[Row]) -> dict[str, Any]:
    """Each verdict is yes, no_evidence or unknown."""
    agents = _agents()
    absent = "unknown" if lacks_commits(pull, commits) else "no_evidence"
    by_agent = pull.get("author") in AGENTS and is_bot(data, pull.get("author"))
    own = [c for c in commits if len(c.get("parents") or []) < 2]
    by_agents = [(c.get("author_name"), (c.get("author_email") or "").lower()) in agents for c in own]
    alone = bool(own) and all(by_agents) and absent == "no_evidence"
    authored = by_agent or alone
    assisted = any(has_trailer(c.get("message") or "") for c in own) or has_footer(pull.get("body") or "")
    assisted = assisted or (any(by_agents) and not authored)
    verdicts = {"ai_assisted": "yes" if assisted else absent, "ai_authored": "yes" if authored else absent}
    said = {"yes": True, "no_evidence": False, "unknown": None}
    return {**verdicts, "is_assisted": said[verdicts["ai_assisted"]], "is_authored": said[verdicts["ai_authored"]]}


def is_marked(commit: Row) -> bool:
    """A tool in its trailers, or an agent as its author; merges repeat what others say."""
    by_agent = (commit.get("author_name"), (commit.get("author_email") or "").lower()) in _agents()
    return len(commit.get("parents") or []) < 2 and (by_agent or has_trailer(commit.get("message") or ""))


def marks(data: Dataset) -> dict[str, bool]:
    return {row["oid"]: is_marked(row) for key in data.pull_ids() for row in data.children("commits", key)}


def _agents() -> set[tuple[str, str]]:
    return {(mark.name, mark.email.lower()) for mark in AUTHORS}
