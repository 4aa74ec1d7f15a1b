from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("facts", "0011_work_type"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="pullrequest",
            name="pull_request_author",
        ),
        migrations.RemoveIndex(
            model_name="pullrequest",
            name="pull_request_merged",
        ),
        migrations.RemoveIndex(
            model_name="pullrequest",
            name="pull_request_opened",
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
                    "merge_kind",
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
                    "self_merged_unreviewed",
                    "is_hotfix",
                    "is_revert",
                ),
                name="pr_team_state_merged_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", True)),
                fields=["team", "pr_created_at"],
                include=(
                    "id",
                    "state",
                    "by_automation",
                    "carries",
                    "repository",
                    "author",
                    "size_bucket",
                    "ai_marked",
                    "is_complete",
                ),
                name="pr_team_created_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(fields=["team", "author", "merged_at"], name="pr_team_author_merged_idx"),
        ),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", True)),
                fields=["team", "size_lines", "id"],
                name="pull_request_size",
            ),
        ),
        migrations.AddIndex(
            model_name="pullrequest",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", True)),
                fields=["team", "cycle_time_hours", "id"],
                name="pull_request_cycle_time",
            ),
        ),
    ]
