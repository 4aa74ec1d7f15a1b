from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_saved_view"),
        ("facts", "0013_rollouts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="prfile",
            name="pr_file_path",
        ),
        migrations.RemoveIndex(
            model_name="pullrequest",
            name="pull_request_deployed",
        ),
        migrations.RemoveIndex(
            model_name="pullrequest",
            name="pr_team_state_merged_idx",
        ),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", True)),
                fields=["team", "state", "merged_at"],
                include=(
                    "id",
                    "by_automation",
                    "carries",
                    "repository",
                    "author",
                    "size_bucket",
                    "ai_marked",
                    "ai_authored",
                    "ai_tool",
                    "cycle_time_hours",
                    "review_time_hours",
                    "lead_time_hours",
                    "coding_phase_hours",
                    "draft_phase_hours",
                    "pickup_phase_hours",
                    "review_phase_hours",
                    "merge_phase_hours",
                    "size_lines",
                    "additions",
                    "deletions",
                    "review_rounds",
                    "commits_after_first_review",
                    "avg_fix_response_hours",
                    "total_comments",
                    "unresolved_threads",
                    "self_merged_unreviewed",
                    "is_hotfix",
                    "is_revert",
                    "deploy_time_hours",
                ),
                name="pr_team_state_merged_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(
                condition=models.Q(("deployed_at__isnull", False), ("gone_at__isnull", True)),
                fields=["team", "deployed_at", "id"],
                include=(
                    "merged_at",
                    "first_commit_at",
                    "deploy_time_hours",
                    "repository",
                    "author",
                    "by_automation",
                    "carries",
                ),
                name="pull_request_deployed",
            ),
        ),
        migrations.AddConstraint(
            model_name="prfile",
            constraint=models.UniqueConstraint(
                fields=("team", "pull_request", "path"),
                include=("category", "additions", "deletions", "is_generated"),
                name="pr_file_path",
            ),
        ),
    ]
