from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_budgets")]

    operations = [migrations.RemoveField("lane", name) for name in ("remaining", "limit", "reset_at")]
