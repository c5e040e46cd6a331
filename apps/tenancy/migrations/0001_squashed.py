import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models


# Opening a scope in one statement: the tenant is set, and the instant and the settings' stamp come back.
ENTER = """
    CREATE FUNCTION leadcrm_enter(asked uuid, OUT instant timestamptz, OUT stamp bigint)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        PERFORM set_config('leadcrm.organization_id', asked::text, true);
        instant := clock_timestamp();
        SELECT value INTO stamp FROM tenancy_counter WHERE organization_id = asked AND name = 'settings';
    END
    $$
"""


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('tenancy', '0001_extensions'), ('tenancy', '0002_initial'), ('tenancy', '0003_enter'), ('tenancy', '0004_tenant_keys')]

    initial = True

    dependencies = [
    ]

    operations = [
        # Tables of higher apps rely on both; both are trusted: the owner role may create them.
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('zone', models.CharField(default='America/Chicago', max_length=64)),
                ('region', models.CharField(default='US', max_length=2)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'organization',
            },
        ),
        migrations.CreateModel(
            name='TenantKey',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('generation', models.PositiveSmallIntegerField()),
                ('wrapped', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('rotated_at', models.DateTimeField(null=True)),
                ('destroyed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'generation'), name='tenant_key_generation'), models.CheckConstraint(condition=models.Q(models.Q(('destroyed_at__isnull', False), ('wrapped', '')), models.Q(models.Q(('wrapped', ''), _negated=True), ('destroyed_at__isnull', True)), _connector='OR'), name='tenant_key_is_there_or_gone')],
            },
        ),
        migrations.CreateModel(
            name='Wakeup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organization_id', models.UUIDField()),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.UUIDField()),
                ('due_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('parked_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(default='', max_length=200)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('parked_at__isnull', True)), fields=['due_at'], name='wakeup_due')],
                'constraints': [models.UniqueConstraint(fields=('organization_id', 'kind', 'row_id'), name='wakeup_once')],
            },
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=128)),
                ('organization_id', models.UUIDField()),
                ('row_id', models.UUIDField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='address_kind_key')],
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('name', models.CharField(max_length=30)),
                ('value', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='counter_name')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='9c09c6a0c32cb90cca5b929410ca2113bd9bf78b', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_a27a4', table='tenancy_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tenantkey',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='982dc66074154e7fe8d276b0cf8d3805eeecaf56', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_cc97e', table='tenancy_tenantkey', when='AFTER')),
        ),
        migrations.RunSQL(ENTER, "DROP FUNCTION leadcrm_enter(uuid)"),
    ]
