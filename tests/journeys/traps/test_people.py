from tests.journeys.traps.asked import Asked
from tformance.accounts.tenancy import tenant
from tformance.facts.models.people import Actor


def test_automation_does_not_dilute_times_and_has_its_own_switch(asked: Asked) -> None:
    assert asked.value("automation", "cycle_time") == 10
    assert asked.value("automation", "merged_prs", "count") == 1
    assert asked.value("automation", "merged_prs", "count", automation=True) == 3


def test_a_person_whose_name_has_bot_in_it_is_a_person(asked: Asked) -> None:
    assert asked.value("names-with-bot", "cycle_time") == 10
    assert not asked.pull("names-with-bot", 1).by_automation
    assert asked.pull("names-with-bot", 2).by_automation


def test_the_first_review_is_a_persons_and_a_bots_is_another_measure(asked: Asked) -> None:
    assert asked.value("ai-review-first", "review_time") == 3
    assert asked.value("ai-review-first", "time_to_first_bot_review") == 1


def test_a_quality_bot_is_no_sign_of_ai(asked: Asked) -> None:
    assert asked.value("coverage-bot", "ai_marked_share", "share") == 0


def test_the_authors_own_review_and_remarks_are_no_response(asked: Asked) -> None:
    assert asked.value("own-review", "review_time") == 3
    assert asked.value("own-review", "reviews_given", "count") == 1


def test_who_writes_along_is_a_reviewer_only_before_that(asked: Asked) -> None:
    assert asked.value("helping-reviewer", "reviews_given", "count") == 1
    assert asked.value("helping-reviewer", "review_time") == 2
    assert asked.pull("helping-reviewer").merge_phase_hours is None, "nobody else approved"


def test_deleted_accounts_are_one_unknown_actor_that_is_no_person(asked: Asked) -> None:
    first, second = asked.pull("ghosts", 1), asked.pull("ghosts", 2)
    assert first.author_id == second.author_id
    assert first.author.kind == Actor.Kind.GHOST
    assert first.author.member_id is None
    with tenant(asked.team.pk):
        assert Actor.objects.filter(kind=Actor.Kind.GHOST).count() == 1
    assert asked.value("ghosts", "merged_prs", "count") == 2


def test_a_pull_request_from_a_fork_that_is_gone_counts(asked: Asked) -> None:
    assert asked.pull("forks").is_cross_repository
    assert asked.value("forks", "cycle_time") == 4
