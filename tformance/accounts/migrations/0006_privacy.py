from django.db import migrations, models

SEEN_BY = [("leads", "Leads and admins"), ("admins", "Admins only"), ("nobody", "Nobody else")]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_api_token")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="least_people",
            field=models.PositiveSmallIntegerField(db_default=5, default=5),
        ),
        migrations.AddField(
            model_name="team",
            name="people_seen_by",
            field=models.CharField(choices=SEEN_BY, db_default="leads", default="leads", max_length=10),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_people__range", (5, 50))), name="team_least_people"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("people_seen_by__in", ["leads", "admins", "nobody"])), name="team_people_seen_by"
            ),
        ),
    ]
