import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tformance.accounts.rls import TenantTable

KINDS = [("user", "User"), ("bot", "Bot"), ("app", "App"), ("ghost", "Ghost"), ("mannequin", "Mannequin")]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_audit"),
        ("facts", "0021_indexes_of_signals_and_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="actor",
            name="is_member_decided",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="actor",
            name="told_kind",
            field=models.CharField(blank=True, choices=KINDS, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="actor",
            name="verdict",
            field=models.CharField(
                blank=True, choices=[("bot", "Bot"), ("person", "Person")], default="", max_length=6
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="teammember",
            name="joined_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="teammember",
            name="left_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="teammember",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.UniqueConstraint(fields=("team", "user"), name="member_of_user"),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("joined_on__isnull", True),
                    ("left_on__isnull", True),
                    ("joined_on__lt", models.F("left_on")),
                    _connector="OR",
                ),
                name="member_interval",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmembership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left_on__isnull", True), ("joined_on__lt", models.F("left_on")), _connector="OR"
                ),
                name="stay_interval",
            ),
        ),
        migrations.CreateModel(
            name="KeptApart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "one",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="facts.actor",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="facts.actor"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "one", "other"), name="kept_apart_once"),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))), name="kept_apart_order"
                    ),
                ],
            },
        ),
        TenantTable("facts_keptapart"),
    ]
