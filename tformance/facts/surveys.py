"""Answers about a pull request, which come one by one and in any order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import BooleanField, Case, Value, When

from tformance.accounts.tenancy import current_team_id
from tformance.facts.models.survey import PRSurvey, PRSurveyReview


@dataclass(frozen=True, slots=True)
class AuthorAnswer:
    """Whether AI helped; `ai_assisted` None takes the answer back. Pull request by our id."""

    pull_request: int
    ai_assisted: bool | None
    source: Literal["human", "auto"]
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewerAnswer:
    """What an account says as a reviewer, all of it at once; `quality_rating` is 1 to 3. By our ids."""

    pull_request: int
    reviewer: int
    quality_rating: int | None
    ai_guess: bool | None
    answered_at: datetime


Answer = AuthorAnswer | ReviewerAnswer


def store_answer(answer: Answer) -> int:
    """Returns how many rows changed: none where the answer is an automatic one and a person has answered."""
    survey = _survey(answer.pull_request)
    stored = _store_author(survey, answer) if isinstance(answer, AuthorAnswer) else _store_review(survey, answer)
    _settle_guesses(survey)
    return stored


def _survey(pull_request: int) -> PRSurvey:
    """Locked, so that an answer and a guess that come together both see the other."""
    key = {"team_id": current_team_id(), "pull_request_id": pull_request}
    found, _ = PRSurvey.objects.get_or_create(**key)
    locked: PRSurvey = PRSurvey.objects.select_for_update(no_key=True).get(pk=found.pk)
    return locked


def _store_author(survey: PRSurvey, answer: AuthorAnswer) -> int:
    if answer.source == "auto" and survey.source == PRSurvey.Source.HUMAN and survey.author_ai_assisted is not None:
        return 0
    survey.author_ai_assisted, survey.source, survey.answered_at = answer.ai_assisted, answer.source, answer.answered_at
    survey.save(update_fields=["author_ai_assisted", "source", "answered_at"])
    return 1


def _store_review(survey: PRSurvey, answer: ReviewerAnswer) -> int:
    said = {
        "quality_rating": answer.quality_rating,
        "ai_guess": answer.ai_guess,
        "answered_at": answer.answered_at,
    }
    key = {"team_id": current_team_id(), "survey": survey, "reviewer_id": answer.reviewer}
    PRSurveyReview.objects.update_or_create(**key, defaults=said)
    return 1


def _settle_guesses(survey: PRSurvey) -> None:
    truth = survey.author_ai_assisted
    judged = [When(ai_guess=guess, then=Value(guess == truth)) for guess in (True, False) if truth is not None]
    verdict = Case(*judged, default=Value(None), output_field=BooleanField(null=True))
    PRSurveyReview.objects.filter(survey=survey).update(guess_correct=verdict)
