import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tformance.accounts.rls import TenantTable


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_saved_view")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("who", models.CharField(max_length=254)),
                ("what", models.CharField(max_length=40)),
                ("about", models.CharField(blank=True, max_length=300)),
                ("subject", models.CharField(blank=True, max_length=100)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team", "-at", "-id"], name="audit_newest"),
                    models.Index(fields=["team", "subject", "-at"], name="audit_subject"),
                ],
            },
        ),
        TenantTable("accounts_auditentry"),
    ]
