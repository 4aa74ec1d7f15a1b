from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_audit"),
        ("facts", "0022_decisions"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="prcheckrun",
            name="check_completed",
        ),
        migrations.RemoveIndex(
            model_name="prcheckrun",
            name="check_of_commit",
        ),
        migrations.AddField(
            model_name="prcheckrun",
            name="is_flaky",
            field=models.BooleanField(null=True),
        ),
        migrations.AddIndex(
            model_name="prcheckrun",
            index=models.Index(
                condition=models.Q(("completed_at__isnull", False), ("conclusion__isnull", False)),
                fields=["team", "completed_at"],
                include=(
                    "pull_request",
                    "name",
                    "conclusion",
                    "duration_seconds",
                    "is_final_head",
                    "is_flaky",
                ),
                name="check_completed",
            ),
        ),
    ]
