from django.db import migrations, models


class Migration(migrations.Migration):
    """Which deliveries are parts of one that counts already; the rules' new version works it out for what is stored."""

    dependencies = [
        ("facts", "0012_indexes_of_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="is_rollout",
            field=models.BooleanField(db_default=False),
        ),
        migrations.RemoveIndex(
            model_name="deployment",
            name="deployment_delivered",
        ),
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", True), ("is_delivery", True)),
                fields=["team", "succeeded_at", "id"],
                include=("repository", "environment", "failure", "recovered_at", "is_rollout"),
                name="deployment_delivered",
            ),
        ),
    ]
