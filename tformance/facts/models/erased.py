"""Who was erased: words that told who they are, as keyed digests only, and how far stored texts were searched for them."""

from django.db import models

from tformance.accounts.models import TenantModel


class ErasedKey(TenantModel):
    """One a team: what its digests are made with, sealed. Without it nobody can try names against the digests."""

    secret = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team"], name="erased_key_team")]


class ErasedWord(TenantModel):
    """A login, a full name or an e-mail address of the colleague with this `number`.

    `digest` is of all its runs of letters and digits, `first` of the first one, by which it is looked for; `runs` says
    how many there are. One that `is_plain` could as well be an ordinary word.
    """

    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=32)
    first = models.CharField(max_length=32)
    runs = models.PositiveSmallIntegerField()
    is_plain = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "digest"], name="erased_word_once")]


class Sweep(TenantModel):
    """Texts are searched for erased words, table by table: up to `last` of `table` it is done. No row: nothing is due."""

    table = models.CharField(max_length=63, blank=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team"], name="sweep_team")]
