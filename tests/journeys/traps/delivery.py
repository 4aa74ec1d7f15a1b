"""How changes reach production, and what only looks as if they did."""

from tests.journeys.traps.stage import Pull, Repository, Stage, sha


def play(stage: Stage) -> None:
    for scene in (
        first_deployment,
        other_repositorys_commit,
        by_containment,
        attempts,
        rollback,
        several_environments,
        rollouts,
        two_failures_one_deployment,
        hotfix_late,
        recovery,
        failure_told_later,
    ):
        scene(stage)


def _merged(repository: Repository, *hours: float) -> list[Pull]:
    return [repository.pull(merged=each) for each in hours]


def first_deployment(stage: Stage) -> None:
    repository = stage.repository("first-deployment")
    old, new = _merged(repository, 5, 30)
    repository.deployment(old.oid, 24, "SUCCESS")
    repository.deployment(new.oid, 32, "SUCCESS")


def other_repositorys_commit(stage: Stage) -> None:
    repository = stage.repository("other-commit")
    (pull,) = _merged(repository, 5)
    repository.deployment(pull.oid, 6, "SUCCESS")
    repository.deployment(sha("of another repository"), 10, "SUCCESS")


def by_containment(stage: Stage) -> None:
    """Merged before the deployment began, but not in what was deployed."""
    repository = stage.repository("by-containment")
    base, inside, outside = _merged(repository, 1, 5, 6)
    repository.deployment(base.oid, 2, "SUCCESS")
    repository.deployment(inside.oid, 8, "SUCCESS")
    repository.deployment(outside.oid, 20, "SUCCESS")


def attempts(stage: Stage) -> None:
    repository = stage.repository("attempts")
    base, pull = _merged(repository, 1, 5)
    repository.deployment(base.oid, 2, "SUCCESS")
    repository.deployment(pull.oid, 6, "IN_PROGRESS", "FAILURE")
    repository.deployment(pull.oid, 7, "IN_PROGRESS", "ERROR")
    repository.deployment(pull.oid, 8, "IN_PROGRESS", "SUCCESS", "INACTIVE")
    repository.deployment(pull.oid, 9, "IN_PROGRESS", "SUCCESS")


def rollback(stage: Stage) -> None:
    repository = stage.repository("rollback")
    base, pull = _merged(repository, 1, 5)
    repository.deployment(base.oid, 2, "SUCCESS")
    repository.deployment(pull.oid, 6, "SUCCESS")
    repository.deployment(base.oid, 7, "SUCCESS")


def several_environments(stage: Stage) -> None:
    repository = stage.repository("several-environments")
    base, pull = _merged(repository, 1, 5)
    repository.deployment(base.oid, 2, "SUCCESS")
    for environment in ("staging", "preview", "pre-production"):
        repository.deployment(pull.oid, 6, "SUCCESS", environment=environment)
    repository.deployment(pull.oid, 9, "SUCCESS")


def rollouts(stage: Stage) -> None:
    """Each push goes to two regions; one of them is taken back in one region, and one comes to the other region only."""
    repository = stage.repository("rollouts")
    base, first, second, third = _merged(repository, 1, 5, 10, 20)
    for pull, eu, us in ((base, 2, 3), (first, 6, 7), (second, 11, 12)):
        repository.deployment(pull.oid, eu, "SUCCESS", environment="production-eu")
        repository.deployment(pull.oid, us, "SUCCESS", environment="production-us")
    repository.deployment(first.oid, 15, "SUCCESS", environment="production-us")
    repository.deployment(third.oid, 21, "SUCCESS", environment="production-us")


def two_failures_one_deployment(stage: Stage) -> None:
    repository = stage.repository("two-failures")
    base, pull = _merged(repository, 1, 5)
    repository.deployment(base.oid, 2, "SUCCESS")
    repository.deployment(pull.oid, 6, "SUCCESS")
    revert = repository.pull(opened=7, merged=8, body="Reverts traps/two-failures#2")
    hotfix = repository.pull(opened=7, merged=9, labels=["hotfix"])
    repository.deployment(revert.oid, 8.5, "SUCCESS")
    repository.deployment(hotfix.oid, 9.5, "SUCCESS")


def hotfix_late(stage: Stage) -> None:
    """A revert two days later is no failure of that deployment."""
    repository = stage.repository("hotfix-late")
    base, pull = _merged(repository, 1, 5)
    repository.deployment(base.oid, 2, "SUCCESS")
    repository.deployment(pull.oid, 6, "SUCCESS")
    revert = repository.pull(opened=50, merged=54, body="Reverts traps/hotfix-late#2")
    repository.deployment(revert.oid, 55, "SUCCESS")


def recovery(stage: Stage) -> None:
    """One is rolled back; what should mend another is itself taken back, so both are mended only by that."""
    repository = stage.repository("recovery")
    base, first, second = _merged(repository, 1, 5, 20)
    repository.deployment(base.oid, 2, "SUCCESS")
    repository.deployment(first.oid, 6, "SUCCESS")
    repository.deployment(base.oid, 9, "SUCCESS")
    repository.deployment(second.oid, 21, "SUCCESS")
    revert = repository.pull(opened=21, merged=22, body="Reverts traps/recovery#3")
    repository.deployment(revert.oid, 23, "SUCCESS")
    repository.deployment(first.oid, 25, "SUCCESS")


def failure_told_later(stage: Stage) -> None:
    """Deployed on one day, rolled back on the next, on which another is deployed."""
    repository = stage.repository("failure-told-later")
    base, pull, later = _merged(repository, 1, 5, 29)
    repository.deployment(base.oid, 2, "SUCCESS")
    repository.deployment(pull.oid, 6, "SUCCESS")
    repository.deployment(base.oid, 26, "SUCCESS")
    repository.deployment(later.oid, 30, "SUCCESS")
