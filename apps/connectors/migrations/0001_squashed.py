import apps.connectors.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('connectors', '0001_initial'), ('connectors', '0002_secret_purpose'), ('connectors', '0003_spent_tokens'), ('connectors', '0004_held_hooks'), ('connectors', '0005_vendors_of_before')]

    initial = True

    dependencies = [
        ('capture', '0001_squashed'),
        ('catalog', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=200)),
                ('provider', models.CharField(max_length=40)),
                ('source', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='connections', to='catalog.source')),
                ('sealed_token', models.BinaryField()),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('mapping_version', models.PositiveIntegerField(default=1)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('consent_version', models.CharField(blank=True, max_length=20)),
                ('consent_channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, size=None)),
                ('is_active', models.BooleanField(default=True)),
                ('refused_count', models.PositiveIntegerField(default=0)),
                ('last_refused_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='connection_key')],
            },
        ),
        migrations.CreateModel(
            name='ConnectionSecret',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('connection', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='connectors.connection')),
                ('purpose', models.CharField(choices=[('proof', 'proof'), ('verify', 'verify'), ('api', 'api')], default=apps.connectors.terms.SecretPurpose['PROOF'], max_length=10)),
                ('sealed', models.BinaryField()),
                ('hint', models.CharField(max_length=4)),
                ('added_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['added_at'],
            },
        ),
        migrations.CreateModel(
            name='Hook',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('connection', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='hooks', to='connectors.connection')),
                ('raw', models.BinaryField()),
                ('raw_digest', models.CharField(max_length=64)),
                ('headers', models.JSONField(default=dict)),
                ('received_at', models.DateTimeField()),
                ('mapping_version', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('taken', 'taken'), ('held', 'held'), ('ignored', 'ignored'), ('unmapped', 'unmapped'), ('waiting', 'waiting')], max_length=10)),
                ('problem', models.CharField(blank=True, max_length=500)),
                ('is_test', models.BooleanField(default=False)),
                ('repeats', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'connection', '-received_at'], name='hook_of_connection'), models.Index(condition=models.Q(('state', 'unmapped')), fields=['organization', 'received_at'], name='hook_unmapped')],
            },
        ),
        migrations.CreateModel(
            name='HookEvent',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('connection', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connectors.connection')),
                ('hook', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='connectors.hook')),
                ('key', models.CharField(max_length=300)),
                ('object_id', models.CharField(blank=True, max_length=180)),
                ('kind', models.CharField(max_length=40)),
                ('ignored', models.CharField(blank=True, max_length=200)),
                ('submission', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.submission')),
                ('taken_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'connection', 'object_id'], name='hook_event_object')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'connection', 'key'), name='hook_event_once')],
            },
        ),
        migrations.CreateModel(
            name='SpentToken',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('connection', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connectors.connection')),
                ('token_digest', models.CharField(max_length=64)),
                ('raw_digest', models.CharField(max_length=64)),
                ('spent_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'connection', 'token_digest'), name='token_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hook',
            trigger=pgtrigger.compiler.Trigger(name='hook_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."connection_id" IS DISTINCT FROM (NEW."connection_id") OR OLD."headers" IS DISTINCT FROM (NEW."headers") OR OLD."raw" IS DISTINCT FROM (NEW."raw") OR OLD."raw_digest" IS DISTINCT FROM (NEW."raw_digest") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f53a75ac1b93ff5b0a87bf91e2d6b3bec6bc7ee3', operation='UPDATE', pgid='pgtrigger_hook_is_kept_72e31', table='connectors_hook', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hook',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='94dce9a586a354d90396039f26ffff784dcd00be', operation='DELETE', pgid='pgtrigger_no_delete_d688b', table='connectors_hook', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='spenttoken',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e5397131cf0f60eedbff2259a9dfe171965756f7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6622e', table='connectors_spenttoken', when='BEFORE')),
        ),
    ]
