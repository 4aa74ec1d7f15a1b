"""What a pull request says it was picked from."""

import re
from typing import Final

from tformance.facts.records import PullRequestRecord

_PICKED: Final = re.compile(r"^\(cherry picked from commit ([0-9a-f]{40})\)$", re.MULTILINE)


def picked_shas(record: PullRequestRecord) -> tuple[str, ...]:
    """The commits it repeats elsewhere, in order: its body says so, or every commit of it does.

    The words are those of `git cherry-pick -x`.
    """
    if said := _PICKED.findall(record.body.replace("\r", "")):
        return tuple(dict.fromkeys(said))
    if record.commits is None or not record.commits.complete:
        return ()
    named = [_PICKED.findall(commit.message) for commit in record.commits.items if not commit.is_merge]
    return tuple(dict.fromkeys(sha for shas in named for sha in shas)) if named and all(named) else ()
