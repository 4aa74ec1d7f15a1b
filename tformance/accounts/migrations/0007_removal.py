import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_privacy")]

    operations = [
        migrations.AddField(
            "team",
            "removal",
            models.CharField(
                blank=True, choices=[("team", "Team"), ("data", "Data")], db_default="", default="", max_length=4
            ),
        ),
        migrations.AddField("team", "keep_years", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField(
            "team", "keep_looks_months", models.PositiveSmallIntegerField(db_default=24, default=24)
        ),
        migrations.AlterField(
            "oldslug",
            "team",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="old_slugs",
                to="accounts.team",
            ),
        ),
    ]
