from django.db import migrations, models


class Migration(migrations.Migration):
    """One index for both conditions; apart they would be looked for among the reverts of all teams."""

    dependencies = [("facts", "0004_iteration")]

    operations = [
        migrations.RemoveIndex("pullrequest", "pull_request_claims"),
        migrations.AddIndex(
            "pullrequest",
            models.Index(
                fields=["team", "repository"],
                condition=~models.Q(revert_claims=[]) | models.Q(reverts__isnull=False),
                name="pull_request_linkable",
            ),
        ),
    ]
