from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("facts", "0015_reviewers"),
    ]

    operations = [
        migrations.AddField(
            model_name="toucheddays",
            name="concern",
            field=models.CharField(
                choices=[("all", "All"), ("weeks", "Weeks"), ("rollups", "Rollups")], default="all", max_length=7
            ),
        ),
    ]
