import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from tformance.accounts.rls import TenantTable


def texts(longest, **given):
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.CharField(max_length=longest), size=None, **given
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_privacy"),
        ("facts", "0025_deployment_attempts"),
    ]

    operations = [
        migrations.CreateModel(
            name="RulesRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("repository", models.BigIntegerField(default=0)),
                ("number", models.IntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField()),
                (
                    "team",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules_round",
                        to="accounts.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TeamRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1)),
                ("hotfix_labels", texts(60, null=True)),
                ("hotfix_branches", texts(60, null=True)),
                ("hotfix_titles", texts(60, null=True)),
                ("production", texts(255, default=list)),
                ("not_production", texts(255, default=list)),
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
                    models.UniqueConstraint(fields=("team",), name="team_rules_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("hotfix_branches__isnull", True),
                                ("hotfix_labels__isnull", True),
                                ("hotfix_titles__isnull", True),
                            ),
                            models.Q(
                                ("hotfix_branches__isnull", False),
                                ("hotfix_labels__isnull", False),
                                ("hotfix_titles__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="team_rules_hotfix_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hotfix_labels__contains", [""]), _negated=True),
                            models.Q(("hotfix_branches__contains", [""]), _negated=True),
                            models.Q(("hotfix_titles__contains", [""]), _negated=True),
                        ),
                        name="team_rules_hotfix_said",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("production__overlap", models.F("not_production")), _negated=True),
                        name="team_rules_environment_once",
                    ),
                ],
            },
        ),
        TenantTable("facts_teamrules"),
    ]
