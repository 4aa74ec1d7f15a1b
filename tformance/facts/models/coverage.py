"""How far a repository was read: what measures need to say what a number stands on."""

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.repository import Repository


class Coverage(TenantModel):
    """Everything of a stream that changed in [covered_from, covered_to) is stored; without a start, from the beginning.

    No row means that nothing was read completely yet.
    """

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="coverage", db_index=False)
    stream = models.CharField(max_length=40)
    covered_from = models.DateTimeField(null=True)
    covered_to = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "repository", "stream"], name="coverage_once")]

    def __str__(self) -> str:
        return f"{self.stream} from {self.covered_from or 'the beginning'} to {self.covered_to}"
