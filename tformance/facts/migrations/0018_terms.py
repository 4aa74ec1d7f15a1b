"""Words and labels of pull requests become rows. Those of what is stored are filled in before there is a wall or an index."""

import django.db.models.deletion
from django.db import migrations, models

from tformance.accounts.rls import TenantTable
from tformance.facts.models.term import terms

BATCH = 5_000


def fill(apps, schema_editor):
    """By team, as no row of another is seen even by the owner of the tables."""
    connection = schema_editor.connection
    pulls = apps.get_model("facts", "PullRequest").objects.using(connection.alias).order_by("id")
    with connection.cursor() as cursor:
        for team in apps.get_model("accounts", "Team").objects.using(connection.alias).values_list("id", flat=True):
            cursor.execute("SELECT set_config('app.team_id', %s, true)", [str(team)])
            last = 0
            while rows := list(pulls.filter(id__gt=last).values_list("id", "title", "number", "labels")[:BATCH]):
                with cursor.copy("COPY facts_prterm (team_id, pull_request_id, term) FROM STDIN") as copy:
                    for key, *said in rows:
                        for term in sorted(terms(*said)):
                            copy.write_row((team, key, term))
                last = rows[-1][0]
        cursor.execute("SELECT set_config('app.team_id', '', true)")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_saved_view"),
        ("facts", "0017_check_of_commit"),
    ]

    operations = [
        migrations.CreateModel(
            name="PRTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("term", models.TextField(db_collation="C")),
                (
                    "pull_request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="terms",
                        to="facts.pullrequest",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        TenantTable("facts_prterm"),
        migrations.AddConstraint(
            model_name="prterm",
            constraint=models.UniqueConstraint(fields=("team", "term", "pull_request"), name="pr_term_once"),
        ),
        migrations.AddIndex(
            model_name="prterm",
            index=models.Index(fields=["team", "pull_request", "term"], name="pr_term_of_pull_request"),
        ),
    ]
