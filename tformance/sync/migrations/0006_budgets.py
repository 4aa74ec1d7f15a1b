from django.db import migrations, models


class Migration(migrations.Migration):
    """What is left of each budget is told again by the next answer."""

    dependencies = [("sync", "0005_lane_without_connection")]

    operations = [migrations.AddField("lane", "budgets", models.JSONField(default=dict, db_default={}))]
