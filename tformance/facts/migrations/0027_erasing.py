import django.db.models.deletion
from django.db import migrations, models

from tformance.accounts.rls import TenantTable


def team() -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.team"
    )


def key() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_removal"),
        ("facts", "0026_team_rules"),
    ]

    operations = [
        migrations.AddField("actor", "erased_as", models.PositiveIntegerField(null=True)),
        migrations.AddField("teammember", "erased_as", models.PositiveIntegerField(null=True)),
        migrations.CreateModel(
            name="ErasedKey",
            fields=[("id", key()), ("secret", models.BinaryField()), ("team", team())],
            options={"constraints": [models.UniqueConstraint(fields=["team"], name="erased_key_team")]},
        ),
        migrations.CreateModel(
            name="ErasedWord",
            fields=[
                ("id", key()),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=32)),
                ("first", models.CharField(max_length=32)),
                ("runs", models.PositiveSmallIntegerField()),
                ("is_plain", models.BooleanField()),
                ("team", team()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["team", "digest"], name="erased_word_once")]},
        ),
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("id", key()),
                ("table", models.CharField(blank=True, max_length=63)),
                ("last", models.BigIntegerField(default=0)),
                ("team", team()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["team"], name="sweep_team")]},
        ),
        TenantTable("facts_erasedkey"),
        TenantTable("facts_erasedword"),
        TenantTable("facts_sweep"),
    ]
