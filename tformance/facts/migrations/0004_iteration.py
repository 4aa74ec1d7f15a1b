import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

NULLABLE = {
    "review_rounds": models.IntegerField,
    "commits_after_first_review": models.IntegerField,
    "avg_fix_response_hours": models.FloatField,
    "force_pushes_after_review": models.IntegerField,
    "total_comments": models.IntegerField,
    "bot_comments": models.IntegerField,
    "review_threads": models.IntegerField,
    "unresolved_threads": models.IntegerField,
    "reviewers": models.IntegerField,
    "self_merged_unreviewed": models.BooleanField,
}
# What measures of merged pull requests read, so that they are answered from the index alone.
MEASURED = [
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
    "review_rounds",
    "commits_after_first_review",
    "avg_fix_response_hours",
    "total_comments",
    "self_merged_unreviewed",
    "is_hotfix",
    "is_revert",
]


class Migration(migrations.Migration):
    dependencies = [("facts", "0003_indexes_of_measures")]

    operations = [
        *(migrations.AddField("pullrequest", name, field(null=True)) for name, field in NULLABLE.items()),
        # Rows that are there already follow an older definition and are derived again.
        migrations.AddField("pullrequest", "is_hotfix", models.BooleanField(default=False), preserve_default=False),
        migrations.AddField(
            "pullrequest",
            "revert_claims",
            django.contrib.postgres.fields.ArrayField(models.TextField(), default=list),
        ),
        migrations.AddField(
            "pullrequest",
            "reverts",
            models.ForeignKey(
                "facts.pullrequest",
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="reverted_by",
            ),
        ),
        migrations.AddField("pullrequest", "is_revert", models.BooleanField(db_default=False)),
        migrations.RemoveIndex("pullrequest", "pull_request_merged"),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                fields=["team", "merged_at", "id"],
                include=MEASURED,
                condition=models.Q(merged_at__isnull=False, gone_at__isnull=True),
                name="pull_request_merged",
            ),
        ),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                fields=["team", "repository"], condition=~models.Q(revert_claims=[]), name="pull_request_claims"
            ),
        ),
        migrations.AddIndex(
            "pullrequest",
            models.Index(fields=["reverts"], condition=models.Q(reverts__isnull=False), name="pull_request_reverts"),
        ),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                fields=["team", "merge_sha"], condition=models.Q(merge_sha__isnull=False), name="pull_request_merge_sha"
            ),
        ),
    ]
