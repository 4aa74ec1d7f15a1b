import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from tformance.accounts.rls import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_removal'),
        ('facts', '0027_erasing'),
    ]

    operations = [
        migrations.AddField(
            model_name='actor',
            name='email',
            field=models.CharField(blank=True, db_default='', max_length=320),
        ),
        migrations.AddField(
            model_name='pullrequest',
            name='jira_key',
            field=models.CharField(blank=True, db_default='', max_length=80),
        ),
        migrations.AlterField(
            model_name='actor',
            name='node_id',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.CreateModel(
            name='JiraProject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gone_at', models.DateTimeField(null=True)),
                ('site', models.CharField(max_length=100)),
                ('provider_id', models.BigIntegerField()),
                ('key', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=300)),
                ('url', models.TextField()),
                ('style', models.CharField(blank=True, max_length=20)),
                ('points_field', models.CharField(blank=True, max_length=60)),
                ('fetched_at', models.DateTimeField()),
                ('covered_from', models.DateTimeField(null=True)),
                ('covered_to', models.DateTimeField(null=True)),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
        ),
        migrations.CreateModel(
            name='JiraIssue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gone_at', models.DateTimeField(null=True)),
                ('site', models.CharField(max_length=100)),
                ('jira_id', models.BigIntegerField()),
                ('jira_key', models.CharField(max_length=80)),
                ('former_keys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('summary', models.TextField()),
                ('issue_type', models.CharField(max_length=200)),
                ('is_subtask', models.BooleanField()),
                ('status', models.CharField(max_length=200)),
                ('status_category', models.CharField(blank=True, choices=[('new', 'New'), ('indeterminate', 'Indeterminate'), ('done', 'Done')], max_length=20)),
                ('priority', models.CharField(blank=True, max_length=100)),
                ('labels', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('parent_jira_id', models.BigIntegerField(null=True)),
                ('points', models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ('resolution', models.CharField(blank=True, max_length=200)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('fetched_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('cycle_time_hours', models.FloatField(null=True)),
                ('lead_time_hours', models.FloatField(null=True)),
                ('assignee', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facts.actor')),
                ('credited', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facts.actor')),
                ('reporter', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facts.actor')),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='issues', to='facts.jiraproject')),
            ],
        ),
        migrations.CreateModel(
            name='JiraSprint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gone_at', models.DateTimeField(null=True)),
                ('site', models.CharField(max_length=100)),
                ('provider_id', models.BigIntegerField()),
                ('board', models.BigIntegerField(null=True)),
                ('name', models.CharField(blank=True, max_length=300)),
                ('state', models.CharField(blank=True, max_length=20)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('completed_at', models.DateTimeField(null=True)),
                ('fetched_at', models.DateTimeField(null=True)),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
        ),
        migrations.CreateModel(
            name='JiraSprintStay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('issue', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sprint_stays', to='facts.jiraissue')),
                ('sprint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stays', to='facts.jirasprint')),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
        ),
        migrations.CreateModel(
            name='JiraTransition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('from_status', models.CharField(max_length=200)),
                ('from_category', models.CharField(blank=True, choices=[('new', 'New'), ('indeterminate', 'Indeterminate'), ('done', 'Done')], max_length=20)),
                ('to_status', models.CharField(max_length=200)),
                ('to_category', models.CharField(blank=True, choices=[('new', 'New'), ('indeterminate', 'Indeterminate'), ('done', 'Done')], max_length=20)),
                ('author', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facts.actor')),
                ('issue', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='facts.jiraissue')),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
        ),
        migrations.CreateModel(
            name='PRJiraLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('title', 'Title'), ('branch', 'Branch'), ('body', 'Body'), ('commit', 'Commit')], max_length=10), size=None)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='facts.jiraissue')),
                ('pull_request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='jira_links', to='facts.pullrequest')),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
        ),
        migrations.AddField(
            model_name='jiraissue',
            name='related_prs',
            field=models.ManyToManyField(related_name='jira_issues', through='facts.PRJiraLink', to='facts.pullrequest'),
        ),
        migrations.CreateModel(
            name='PRJiraMention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('places', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('title', 'Title'), ('branch', 'Branch'), ('body', 'Body'), ('commit', 'Commit')], max_length=10), size=None)),
                ('pull_request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='jira_mentions', to='facts.pullrequest')),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
        ),
        migrations.CreateModel(
            name='JiraEstimate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('points', models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ('team', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                ('issue', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='estimates', to='facts.jiraissue')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'issue', 'at'), name='jira_estimate_identity')],
            },
        ),
        migrations.AddConstraint(
            model_name='jiraproject',
            constraint=models.UniqueConstraint(fields=('team', 'site', 'provider_id'), name='jira_project_identity'),
        ),
        migrations.AddConstraint(
            model_name='jirasprint',
            constraint=models.UniqueConstraint(fields=('team', 'site', 'provider_id'), name='jira_sprint_identity'),
        ),
        migrations.AddConstraint(
            model_name='jirasprintstay',
            constraint=models.UniqueConstraint(fields=('team', 'issue', 'sprint', 'joined_at'), name='jira_stay_identity'),
        ),
        migrations.AddConstraint(
            model_name='jirasprintstay',
            constraint=models.CheckConstraint(condition=models.Q(('left_at__isnull', True), ('joined_at__lt', models.F('left_at')), _connector='OR'), name='jira_stay_interval'),
        ),
        migrations.AddConstraint(
            model_name='jiratransition',
            constraint=models.UniqueConstraint(fields=('team', 'issue', 'provider_id'), name='jira_transition_identity'),
        ),
        migrations.AddConstraint(
            model_name='prjiralink',
            constraint=models.UniqueConstraint(fields=('team', 'pull_request', 'issue'), name='jira_link_once'),
        ),
        migrations.AddIndex(
            model_name='jiraissue',
            index=models.Index(fields=['team', 'jira_key'], name='jira_issue_key'),
        ),
        migrations.AddIndex(
            model_name='jiraissue',
            index=models.Index(fields=['team', 'project', 'jira_id'], include=('updated_at',), name='jira_issue_project'),
        ),
        migrations.AddIndex(
            model_name='jiraissue',
            index=models.Index(condition=models.Q(('done_at__isnull', False), ('gone_at__isnull', True)), fields=['team', 'done_at'], include=('credited', 'points', 'issue_type', 'is_subtask'), name='jira_issue_done'),
        ),
        migrations.AddIndex(
            model_name='jiraissue',
            index=models.Index(condition=models.Q(('former_keys', []), _negated=True), fields=['team'], name='jira_issue_moved'),
        ),
        migrations.AddConstraint(
            model_name='jiraissue',
            constraint=models.UniqueConstraint(fields=('team', 'site', 'jira_id'), name='jira_issue_identity'),
        ),
        migrations.AddIndex(
            model_name='prjiramention',
            index=models.Index(fields=['team', 'key'], include=('pull_request',), name='jira_mention_key'),
        ),
        migrations.AddConstraint(
            model_name='prjiramention',
            constraint=models.UniqueConstraint(fields=('team', 'pull_request', 'key'), name='jira_mention_once'),
        ),
        TenantTable("facts_jiraproject"),
        TenantTable("facts_jiraissue"),
        TenantTable("facts_jiratransition"),
        TenantTable("facts_jirasprint"),
        TenantTable("facts_jirasprintstay"),
        TenantTable("facts_jiraestimate"),
        TenantTable("facts_prjiramention"),
        TenantTable("facts_prjiralink"),
    ]
