import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('flows', '0001_bulk'), ('flows', '0002_change_values'), ('flows', '0003_replays'), ('flows', '0004_lead_arms'), ('flows', '0005_team_moves'), ('flows', '0006_bulk_handoffs'), ('flows', '0007_room_for_more_sealed_words'), ('flows', '0008_seal_more_words'), ('flows', '0009_no_more_clear_words'), ('flows', '0010_alert_mails'), ('flows', '0011_channel_mix')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkRun',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('actor_id', models.UUIDField()),
                ('key', models.CharField(max_length=200)),
                ('act', models.CharField(choices=[('assign', 'assign'), ('snooze', 'snooze'), ('change', 'change a value'), ('hand_off', 'hand off')], max_length=10)),
                ('detail', apps.tenancy.sealed_fields.SealedJSONField(db_column='detail_sealed')),
                ('made_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'actor_id', 'key'), name='bulk_run_once')],
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('run', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='flows.bulkrun')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('done', models.BooleanField()),
                ('code', models.CharField(max_length=40)),
                ('sentence', models.CharField(max_length=500)),
                ('version', models.PositiveIntegerField(default=0)),
                ('before', apps.tenancy.sealed_fields.SealedJSONField(db_column='before_sealed')),
                ('undone', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ChannelTrial',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('channel', models.CharField(choices=[('call', 'call'), ('text', 'text'), ('email', 'email')], max_length=10)),
                ('among', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None)),
                ('at', models.DateTimeField()),
                ('reached_at', models.DateTimeField(null=True)),
                ('reached_by', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'lead'), name='channel_trial_once')],
            },
        ),
        migrations.CreateModel(
            name='LeadArm',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('experiment', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.experiment')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('arm', models.CharField(max_length=1)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'experiment', 'lead'), name='lead_arm_once')],
            },
        ),
        migrations.CreateModel(
            name='ReplayRun',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('version', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replays', to='policies.rulesetversion')),
                ('digest', models.CharField(max_length=64)),
                ('against', models.JSONField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('asked', models.CharField(max_length=40)),
                ('counts', models.BooleanField()),
                ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('stopped', 'stopped')], max_length=10)),
                ('total', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0)),
                ('at', models.DateTimeField()),
                ('at_id', models.UUIDField()),
                ('tally', models.JSONField(default=dict)),
                ('sentence', models.CharField(blank=True, max_length=300)),
                ('made_at', models.DateTimeField()),
                ('made_by', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-made_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ReplayChange',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('run', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='flows.replayrun')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'run', 'number'), name='replay_change_once')],
            },
        ),
        migrations.CreateModel(
            name='TeamMove',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('from_team', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('to_team', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('reason', models.CharField(max_length=200)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.UUIDField(null=True)),
                ('actor_label', models.CharField(max_length=200)),
                ('event_id', models.UUIDField()),
                ('begun_at', models.DateTimeField()),
                ('moved', models.PositiveIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'from_team'), name='one_move_of_a_team')],
            },
        ),
        migrations.CreateModel(
            name='AlertMail',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('member', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.membership')),
                ('about', models.UUIDField()),
                ('code', models.CharField(max_length=30)),
                ('ref', models.CharField(blank=True, max_length=20)),
                ('path', models.CharField(max_length=300)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('sent_at', None)), fields=['organization', 'member', 'made_at'], name='alert_unsent')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'member', 'about'), name='alert_mail_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='leadarm',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a156719b234f22691525cbc2dec3a0c74be6fcbe', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e2521', table='flows_leadarm', when='BEFORE')),
        ),
    ]
