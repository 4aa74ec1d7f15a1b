import django.db.models.deletion
from django.db import migrations, models

from tformance.accounts.rls import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_saved_view"),
        ("measures", "0001_weekly"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rollup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("measure", models.CharField(max_length=60)),
                ("version", models.PositiveIntegerField()),
                ("cut", models.CharField(blank=True, max_length=60)),
                ("grain", models.CharField(max_length=5)),
                ("zone", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("rows", models.IntegerField()),
                ("sums", models.JSONField()),
                ("places", models.JSONField(null=True)),
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
                    models.UniqueConstraint(fields=("team", "measure", "cut", "grain", "day"), name="rollup_once")
                ],
            },
        ),
        TenantTable("measures_rollup"),
    ]
