"""What a provider cuts off, rewrites or repeats: squashes, rebases, long lists, stacks, promotions."""

from tests.journeys.traps.stage import Stage, sha

MANY = 1010


def play(stage: Stage) -> None:
    for scene in (squash, rebase, too_many, many_comments, many_pulls, stacked, promotion, backport, mirrored):
        scene(stage)


def squash(stage: Stage) -> None:
    repository = stage.repository("squash")
    before = repository.pull(opened=-30, merged=-25)
    pull = repository.pull(merged=10, commits=False)
    for hours in (-5, -3, 2):
        pull.commit(hours)
    pull.review(1)
    repository.deployment(before.oid, -20, "SUCCESS")
    repository.deployment(pull.oid, 12, "SUCCESS")


def rebase(stage: Stage) -> None:
    """Two commits land under other names; the provider names the last of them."""
    pull = stage.repository("rebase").pull(merged=10, commits=False)
    pull.commit(-5)
    pull.commit(-3)


def too_many(stage: Stage) -> None:
    repository = stage.repository("too-many")
    pull = repository.pull(merged=10, commits_total=300, files_total=3_500)
    pull.file("a.py", 10)
    repository.pull(merged=20)


def many_comments(stage: Stage) -> None:
    pull = stage.repository("many-comments").pull(merged=10)
    for _ in range(150):
        pull.comment(1)
    for _ in range(120):
        pull.review(2, "ben", "COMMENTED")


def many_pulls(stage: Stage) -> None:
    repository = stage.repository("many-pulls")
    for _ in range(MANY):
        repository.pull(merged=1, commits=False)


def stacked(stage: Stage) -> None:
    """The upper one is merged into the lower one's branch, the lower one is squashed into main and deployed."""
    repository = stage.repository("stacked")
    before = repository.pull(opened=-30, merged=-25)
    lower = repository.pull(merged=20, head="lower")
    repository.pull(merged=10, head="upper", base="lower")
    repository.deployment(before.oid, -20, "SUCCESS")
    repository.deployment(lower.oid, 24, "SUCCESS")


def promotion(stage: Stage) -> None:
    repository = stage.repository("promotion")
    parts = [repository.pull(merged=hours, base="develop") for hours in (5, 6)]
    whole = repository.pull(opened=20, merged=21, head="develop", base="main", title="Release 7", commits=False)
    for part in parts:
        whole.commit(5, oid=part.oid)


def backport(stage: Stage) -> None:
    repository = stage.repository("backport")
    original = repository.pull(merged=5)
    again = repository.pull(opened=6, merged=7, base="release-1", title="[release-1] Add a thing", commits=False)
    again.commit(6, message=f"Add a thing\n\n(cherry picked from commit {original.oid})")


def mirrored(stage: Stage) -> None:
    """The same commit stands in a repository and in its mirror."""
    for name in ("mirrored", "mirror"):
        stage.repository(name).pull(merged=5, commits=False).commit(1, oid=sha("the same"))
