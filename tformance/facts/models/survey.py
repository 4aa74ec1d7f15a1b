"""What people say of a pull request: its author whether AI helped, its reviewers how good it is and what they guess."""

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest


class PRSurvey(TenantModel):
    """One a pull request; without an answer `author_ai_assisted` and `answered_at` are null."""

    class Source(models.TextChoices):
        HUMAN = "human"
        AUTO = "auto"  # taken from what the commits say; a person's answer is never replaced by it

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="surveys", db_index=False)
    author_ai_assisted = models.BooleanField(null=True)
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pull_request"], name="survey_once")]


class PRSurveyReview(TenantModel):
    """A reviewer's answers; `guess_correct` is null until both the guess and the author's answer are known."""

    survey = models.ForeignKey(PRSurvey, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    reviewer = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="survey_reviews", db_index=False)
    quality_rating = models.PositiveSmallIntegerField(null=True)  # 1 could be better, 2 fine, 3 very good
    ai_guess = models.BooleanField(null=True)
    guess_correct = models.BooleanField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "survey", "reviewer"], name="survey_review_once"),
            models.CheckConstraint(
                condition=models.Q(quality_rating__isnull=True) | models.Q(quality_rating__range=(1, 3)),
                name="survey_rating",
            ),
        ]
