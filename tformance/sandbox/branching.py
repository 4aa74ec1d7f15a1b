"""Pull requests that do not simply leave the default branch for it: stacked, ported back, synchronised, released."""

from random import Random

from tformance.sandbox.organisation import Home
from tformance.sandbox.story import Row, Story

_STACKED, _BACKPORT, _SYNC, _RELEASE = 0.03, 0.008, 0.004, 0.004
_RELEASE_BRANCH = "release/1.x"

Drawn = tuple[str, str, str, Row]  # title, body, branch, further columns


def drawn(rng: Random, home: Home, words: tuple[str, str, str], at: int, *, plain: bool) -> Drawn:
    """The words of a pull request and where it goes; only `plain` ones may be of an odd kind."""
    title, body, branch = words
    draw = rng.random() if plain else 1.0
    below = [name for name, opened, merged in home.branches[-30:] if opened < at < merged]
    if draw < _STACKED and below:
        return title, body, branch, {"base_ref_name": rng.choice(below)}
    draw -= _STACKED
    past = [each for each in home.merged[-40:] if each[0] < at]
    if 0 <= draw < _BACKPORT and past:
        _, oid, number, name = rng.choice(past)
        text = f"Backport of #{number}\n\n(cherry picked from commit {oid})\n"
        return f"[1.x] {name}", text, f"backport-{number}-to-1.x", {"base_ref_name": _RELEASE_BRANCH}
    draw -= _BACKPORT
    if 0 <= draw < _SYNC:
        return "Merge main into release/1.x", "", "main", {"base_ref_name": _RELEASE_BRANCH}
    if _SYNC <= draw < _SYNC + _RELEASE:
        return "Merge release/1.x back into main", "", _RELEASE_BRANCH, {}
    return title, body, branch, {}


def settled(story: Story) -> None:
    """Keep what later pull requests build on: the branch of this one, and the issues it closes."""
    home, pull = story.home, story.pull
    _retarget(story)
    if story.merged is not None and pull["base_ref_name"] == "main" and not pull["head_ref_name"].startswith("release"):
        home.branches.append((pull["head_ref_name"], story.opened, story.merged))
    for name in pull["closing_issues"]:
        number = int(name.rpartition("#")[2])
        opened, closed = home.closed.get(number, (story.opened - 7200, None))
        home.closed[number] = opened, min(filter(None, (closed, story.merged)), default=None)


def _retarget(story: Story) -> None:
    """A stacked pull request whose base is merged first goes to the default branch from then on."""
    name = story.pull["base_ref_name"]
    merged = next((merged for branch, _, merged in story.home.branches if branch == name), None)
    if merged is not None and (story.merged is None or story.merged > merged):
        story.event("BaseRefChangedEvent", merged + 30, story.author, previous_ref_name=name, current_ref_name="main")
        story.pull["base_ref_name"] = "main"
