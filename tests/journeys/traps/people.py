"""Who counts: automation, AI reviewers, the author, people without an account."""

from tests.journeys.traps.stage import Stage, sha


def play(stage: Stage) -> None:
    automation(stage)
    names_with_bot(stage)
    ai_review_first(stage)
    coverage_bot(stage)
    own_review(stage)
    helping_reviewer(stage)
    ghosts(stage)
    forks(stage)


def automation(stage: Stage) -> None:
    repository = stage.repository("automation")
    repository.pull(author="ana", merged=10)
    repository.pull(author="dependabot", merged=1)
    repository.pull(author="dependabot", merged=1)


def names_with_bot(stage: Stage) -> None:
    repository = stage.repository("names-with-bot")
    repository.pull(author="abbott", merged=10)
    repository.pull(author="github-actions", merged=1)


def ai_review_first(stage: Stage) -> None:
    pull = stage.repository("ai-review-first").pull(merged=5)
    pull.review(1, "coderabbitai", "COMMENTED")
    pull.review(3, "ben")


def coverage_bot(stage: Stage) -> None:
    pull = stage.repository("coverage-bot").pull(merged=5)
    pull.comment(1, "codecov", "Coverage is 91 %")


def own_review(stage: Stage) -> None:
    pull = stage.repository("own-review").pull(merged=5)
    pull.review(1, "ana", "COMMENTED")
    pull.comment(2, "ana")
    pull.review(3, "ben")


def helping_reviewer(stage: Stage) -> None:
    """Ben reviews, then writes along, then approves what is partly his own."""
    pull = stage.repository("helping-reviewer").pull(merged=8)
    pull.review(2, "ben", "COMMENTED")
    pull.commit(4, by="ben")
    pull.review(6, "ben")


def ghosts(stage: Stage) -> None:
    repository = stage.repository("ghosts")
    first = repository.pull(author=None, merged=4, merged_by=None)
    first.review(2, None)
    repository.pull(author=None, merged=6, merged_by=None)


def forks(stage: Stage) -> None:
    repository = stage.repository("forks")
    repository.pull(merged=4, is_cross_repository=True, head_repository=None, head=sha("gone")[:8])
