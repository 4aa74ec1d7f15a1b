from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_api_token"),
        ("facts", "0024_lead_time_for_changes"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="deployment",
            name="deployment_attempted",
        ),
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", True)),
                fields=["team", "deployed_at"],
                include=("repository", "environment", "state", "succeeded_at", "is_production"),
                name="deployment_attempted",
            ),
        ),
    ]
