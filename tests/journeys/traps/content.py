"""What a change is made of, and what it takes back."""

from tests.journeys.traps.stage import Stage


def play(stage: Stage) -> None:
    for scene in (revert_words, revert_branches, reverts_of_reverts, generated, moved_files):
        scene(stage)


def revert_words(stage: Stage) -> None:
    repository = stage.repository("revert-words")
    first = repository.pull(merged=5, commits=False)
    inner = first.commit(1)
    repository.pull(opened=6, merged=7, title="Revert the order of columns")
    repository.pull(opened=6, merged=7, title="Undo it", body="Reverts traps/revert-words#1")
    second = repository.pull(opened=6, merged=8)
    repository.pull(opened=9, merged=10, title="Back out", body=f"This reverts commit {second.oid}.")
    repository.pull(opened=9, merged=10, title="Back out the inside", body=f"This reverts commit {inner}.")


def revert_branches(stage: Stage) -> None:
    repository = stage.repository("revert-branches")
    repository.pull(number=7, merged=5, head="topic")
    repository.pull(number=8, opened=6, merged=7, head="revert-7-topic")
    repository.pull(number=9, opened=6, merged=7, head="revert-2024-config")
    repository.pull(number=10, opened=6, merged=7, head="revert-7-day-limit")


def reverts_of_reverts(stage: Stage) -> None:
    repository = stage.repository("reverts-of-reverts")
    repository.pull(merged=5)
    repository.pull(opened=6, merged=7, body="Reverts traps/reverts-of-reverts#1")
    repository.pull(opened=8, merged=9, body="Reverts traps/reverts-of-reverts#2")


def generated(stage: Stage) -> None:
    pull = stage.repository("generated").pull(merged=5, additions=5_020, deletions=0, changed_files=3)
    pull.file("app.py", 20)
    pull.file("package-lock.json", 4_000)
    pull.file("vendor/lib.js", 1_000)


def moved_files(stage: Stage) -> None:
    pull = stage.repository("moved-files").pull(merged=5, additions=3, deletions=1, changed_files=3)
    pull.file("new/place.py", 0, 0, "RENAMED")
    pull.file("logo.png", 0, 0, "ADDED")
    pull.file("app.py", 3, 1)
