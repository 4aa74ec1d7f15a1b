"""How far a team has come from having nothing to having its whole history: one row per team, moved by `onboarding`."""

from django.db import models
from django.db.models import Q

from tformance.accounts.models import TenantModel, User


class SetUp(TenantModel):
    """What the set-up of a team waits for, since when, and who began it.

    `reason` says why it is partial or failed. `passed` are the questions that were left behind, by skipping or by going
    on. `site` is this server's address as the browser of `user` saw it, for the link in the message that they get.
    `mail_failures` counts how often the mail server refused it, `mail_not_before` is when it is tried again.
    """

    class State(models.TextChoices):
        NOT_STARTED = "not_started"
        CONNECTING = "connecting"  # a source is chosen
        CHOOSING = "choosing"  # it is connected, no repository is followed
        RECENT = "recent"  # the last 30 days are being read
        HISTORY = "history"  # they are there, what was before them is being read
        COMPLETE = "complete"
        PARTIAL = "partial"  # all is read but what is tried again and again
        FAILED = "failed"  # nothing goes on until somebody does something

    class Mail(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"  # in the hands of one process, and of no other any more
        SENT = "sent"
        DROPPED = "dropped"  # there is nobody to write to, or the mail server refused it for days

    state = models.CharField(max_length=20, choices=State.choices, default=State.NOT_STARTED)
    reason = models.TextField(blank=True)
    moved_at = models.DateTimeField()
    passed = models.JSONField(default=list)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    site = models.CharField(max_length=300, blank=True)
    mail = models.CharField(max_length=20, choices=Mail.choices, default=Mail.WAITING)
    mail_failures = models.PositiveIntegerField(default=0)
    mail_not_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team"], name="set_up_once"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("not_started", "connecting", "choosing", "recent", "history"),
                        *("complete", "partial", "failed"),
                    ]
                ),
                name="set_up_state",
            ),
            models.CheckConstraint(condition=Q(mail__in=["waiting", "sending", "sent", "dropped"]), name="set_up_mail"),
            models.CheckConstraint(
                condition=Q(Q(state__in=["partial", "failed"]), ~Q(reason=""))
                | Q(~Q(state__in=["partial", "failed"]), Q(reason="")),
                name="set_up_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"set-up: {self.state}"
