from django.db import migrations, models

PRESENT = models.Q(gone_at__isnull=True)


class Migration(migrations.Migration):
    dependencies = [("facts", "0002_coverage")]

    operations = [
        migrations.RemoveIndex("pullrequest", "pull_request_merged"),
        migrations.RemoveIndex("pullrequest", "pull_request_opened"),
        migrations.RemoveIndex("commit", "commit_committed"),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                fields=["team", "merged_at", "id"],
                include=[
                    "state",
                    "by_automation",
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
                ],
                condition=models.Q(merged_at__isnull=False) & PRESENT,
                name="pull_request_merged",
            ),
        ),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                fields=["team", "pr_created_at", "id"],
                include=["state", "by_automation", "repository", "author", "size_bucket", "ai_marked", "is_complete"],
                condition=PRESENT,
                name="pull_request_opened",
            ),
        ),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                "team",
                models.Case(
                    models.When(merged_at__isnull=False, then="merged_at"),
                    models.When(closed_at__isnull=False, then="closed_at"),
                    default="pr_created_at",
                    output_field=models.DateTimeField(),
                ),
                "id",
                condition=PRESENT,
                name="pull_request_own_day",
            ),
        ),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                fields=["team", "pr_created_at"], condition=models.Q(state="open") & PRESENT, name="pull_request_open"
            ),
        ),
        migrations.AddIndex("pullrequest", models.Index(fields=["team", "author"], name="pull_request_author")),
        migrations.AddIndex(
            "pullrequest",
            models.Index(fields=["team", "ai_tool"], condition=~models.Q(ai_tool="") & PRESENT, name="pull_request_ai_tool"),
        ),
        migrations.AddIndex(
            "pullrequest",
            models.Index(fields=["team"], condition=models.Q(gone_at__isnull=False), name="pull_request_gone"),
        ),
        migrations.AddIndex(
            "commit",
            models.Index(
                fields=["team", "committed_at"],
                include=["repository", "author", "is_merge", "ai_marked", "ai_tool"],
                condition=PRESENT,
                name="commit_committed",
            ),
        ),
    ]
