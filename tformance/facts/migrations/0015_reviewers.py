from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_saved_view"),
        ("facts", "0014_covering_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="prreview",
            index=models.Index(condition=models.Q(("counts", True)), fields=["team", "author"], name="review_author"),
        ),
    ]
