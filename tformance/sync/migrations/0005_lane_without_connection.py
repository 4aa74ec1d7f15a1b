from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0004_lane_per_credential")]

    operations = [
        migrations.AlterField("lane", "key", models.CharField(max_length=64, unique=True)),
        migrations.RemoveIndex("lane", "lane_team"),
        migrations.RemoveField("lane", "connection_id"),
        migrations.RemoveField("lane", "team_id"),
        migrations.RemoveField("lane", "due_at"),
        migrations.RemoveField("lane", "next_round_at"),
    ]
