from django.db import migrations, models


class Migration(migrations.Migration):
    """What measures of checks and of attempts to deploy read in a period."""

    dependencies = [
        ("facts", "0006_github_whole"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", True), ("is_production", True)),
                fields=["team", "deployed_at"],
                include=("repository", "environment", "state", "succeeded_at"),
                name="deployment_attempted",
            ),
        ),
        migrations.AddIndex(
            model_name="prcheckrun",
            index=models.Index(
                condition=models.Q(("completed_at__isnull", False), ("conclusion__isnull", False)),
                fields=["team", "completed_at"],
                include=("pull_request", "name", "head_sha", "conclusion", "duration_seconds", "is_final_head"),
                name="check_completed",
            ),
        ),
        migrations.AddIndex(
            model_name="prcheckrun",
            index=models.Index(
                condition=models.Q(("conclusion", "success")),
                fields=["team", "head_sha", "name"],
                name="check_passed",
            ),
        ),
    ]
