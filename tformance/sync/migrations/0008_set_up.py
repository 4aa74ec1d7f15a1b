import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from tformance.accounts.rls import TenantTable

STATES = [
    ("not_started", "Not Started"),
    ("connecting", "Connecting"),
    ("choosing", "Choosing"),
    ("recent", "Recent"),
    ("history", "History"),
    ("complete", "Complete"),
    ("partial", "Partial"),
    ("failed", "Failed"),
]
MAILS = [("waiting", "Waiting"), ("sending", "Sending"), ("sent", "Sent"), ("dropped", "Dropped")]
BAD = Q(state__in=["partial", "failed"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_api_token"),
        ("sync", "0007_lane_without_one_budget"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SetUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(choices=STATES, default="not_started", max_length=20)),
                ("reason", models.TextField(blank=True)),
                ("moved_at", models.DateTimeField()),
                ("passed", models.JSONField(default=list)),
                ("site", models.CharField(blank=True, max_length=300)),
                ("mail", models.CharField(choices=MAILS, default="waiting", max_length=20)),
                ("mail_failures", models.PositiveIntegerField(default=0)),
                ("mail_not_before", models.DateTimeField(null=True)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["team"], name="set_up_once"),
                    models.CheckConstraint(
                        condition=Q(state__in=[state for state, _ in STATES]), name="set_up_state"
                    ),
                    models.CheckConstraint(condition=Q(mail__in=[mail for mail, _ in MAILS]), name="set_up_mail"),
                    models.CheckConstraint(
                        condition=Q(BAD, ~Q(reason="")) | Q(~BAD, Q(reason="")), name="set_up_reason"
                    ),
                ],
            },
        ),
        TenantTable("sync_setup"),
    ]
