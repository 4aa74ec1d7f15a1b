import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0028_planning'),
        ('sync', '0008_set_up'),
    ]

    operations = [
        migrations.AddField(
            model_name='scope',
            name='project',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='facts.jiraproject'),
        ),
        migrations.AlterField(
            model_name='route',
            name='kind',
            field=models.CharField(choices=[('repository', 'Repository'), ('organization', 'Organization'), ('project', 'Project'), ('site', 'Site')], max_length=20),
        ),
        migrations.AlterField(
            model_name='scope',
            name='kind',
            field=models.CharField(choices=[('repository', 'Repository'), ('organization', 'Organization'), ('project', 'Project'), ('site', 'Site')], default='repository', max_length=20),
        ),
    ]
