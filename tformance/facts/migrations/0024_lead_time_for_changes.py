import tformance.facts.models.instants
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_api_token"),
        ("facts", "0023_flaky_checks"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="pullrequest",
            name="pull_request_deployed",
        ),
        migrations.AddField(
            model_name="pullrequest",
            name="lead_time_for_changes_hours",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        first_commit_at__lte=models.F("deployed_at"),
                        then=tformance.facts.models.instants.HoursBetween("first_commit_at", "deployed_at"),
                    ),
                    output_field=models.FloatField(),
                ),
                output_field=models.FloatField(),
            ),
        ),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(
                condition=models.Q(("deployed_at__isnull", False), ("gone_at__isnull", True)),
                fields=["team", "deployed_at", "id"],
                include=(
                    "state",
                    "by_automation",
                    "carries",
                    "repository",
                    "author",
                    "ai_marked",
                    "ai_tool",
                    "size_bucket",
                    "base_ref",
                    "work_type",
                    "merge_kind",
                    "is_draft",
                    "pr_created_at",
                    "pr_updated_at",
                    "own_at",
                    "size_lines",
                    "cycle_time_hours",
                    "review_time_hours",
                    "lead_time_hours",
                    "merged_at",
                    "deploy_time_hours",
                    "lead_time_for_changes_hours",
                ),
                name="pull_request_deployed",
            ),
        ),
    ]
