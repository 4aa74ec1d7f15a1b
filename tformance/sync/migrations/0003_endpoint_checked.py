from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0002_github_whole'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhookendpoint',
            name='checked_until',
            field=models.DateTimeField(null=True),
        ),
    ]
