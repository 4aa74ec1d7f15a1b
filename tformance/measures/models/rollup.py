"""What measures say of whole weeks and months, kept so that a year of many rows is not read anew."""

from django.db import models

from tformance.accounts.models import TenantModel


class Rollup(TenantModel):
    """A week or month of one measure, by the keys of a cut: `sums` of each, and in the same order the `places` of its
    histogram, which a measure without percentiles has not. `rollups.tally` writes and reads both.

    It holds as long as no mark (`facts.touched`) concerns one of the UTC days from `first_day` to `last_day`.
    """

    measure = models.CharField(max_length=60)
    version = models.PositiveIntegerField()  # of the measure's definition
    cut = models.CharField(max_length=60, blank=True)  # dimensions, with commas between them
    grain = models.CharField(max_length=5)
    zone = models.CharField(max_length=64)
    day = models.DateField()  # in the zone
    first_day = models.DateField()
    last_day = models.DateField()
    rows = models.IntegerField()
    sums = models.JSONField()
    places = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "measure", "cut", "grain", "day"], name="rollup_once"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of the {self.grain} of {self.day}"
