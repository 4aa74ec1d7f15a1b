from django.db import migrations, models
from django.utils import timezone


def one_turn_each(apps, schema_editor):
    """Every lane goes on with its one connection; those that share a credential meet at their next round."""
    lanes = apps.get_model("sync", "Lane").objects.using(schema_editor.connection.alias)
    turns = apps.get_model("sync", "Turn").objects.using(schema_editor.connection.alias)
    for lane in lanes.all():
        lane.key = f"connection {lane.connection_id}"
        lane.save(update_fields=["key"])
        instant = timezone.now()
        turns.create(
            lane_id=lane.pk,
            connection_id=lane.connection_id,
            team_id=lane.team_id,
            due_at=instant,
            round_at=instant,
        )


class Migration(migrations.Migration):
    dependencies = [("sync", "0003_endpoint_checked")]

    operations = [
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("connection_id", models.BigIntegerField(unique=True)),
                ("team_id", models.BigIntegerField()),
                ("due_at", models.DateTimeField(null=True)),
                ("served_at", models.DateTimeField(null=True)),
                ("round_at", models.DateTimeField()),
                ("lane", models.ForeignKey(on_delete=models.CASCADE, related_name="turns", to="sync.lane")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team_id"], name="turn_team"),
                    models.Index(fields=["due_at"], name="turn_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("requests", models.PositiveIntegerField(default=0)),
                ("points", models.PositiveIntegerField(default=0)),
                (
                    "lane",
                    models.ForeignKey(
                        db_index=False, on_delete=models.CASCADE, related_name="spending", to="sync.lane"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["lane", "hour"], name="spending_hour")],
            },
        ),
        migrations.AddField("lane", "key", models.CharField(max_length=64, null=True)),
        migrations.AddField("lane", "remaining", models.PositiveIntegerField(null=True)),
        migrations.AddField("lane", "limit", models.PositiveIntegerField(null=True)),
        migrations.AddField("lane", "reset_at", models.DateTimeField(null=True)),
        migrations.RunPython(one_turn_each, migrations.RunPython.noop),
        migrations.AddField("scope", "gaps", models.JSONField(default=dict)),
        migrations.AddField("scope", "looked_at", models.DateTimeField(null=True)),
        migrations.AddField("scope", "reconciled_at", models.DateTimeField(null=True)),
    ]
