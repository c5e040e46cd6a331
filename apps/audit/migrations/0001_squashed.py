import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# The end of a tenant's chain, locked, with an instant read after the lock: one statement, in order.
HEAD = """
    CREATE FUNCTION leadcrm_audit_head(asked uuid, new_id uuid, OUT seq bigint, OUT hash text, OUT instant timestamptz)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        LOOP
            SELECT h.seq, h.hash INTO seq, hash FROM audit_audithead h WHERE h.organization_id = asked FOR UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO audit_audithead (id, organization_id, seq, hash) VALUES (new_id, asked, 0, repeat('0', 64))
            ON CONFLICT DO NOTHING;
        END LOOP;
        instant := clock_timestamp();
    END
    $$
"""


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('audit', '0001_initial'), ('audit', '0002_head'), ('audit', '0003_settings_index'), ('audit', '0004_subjects'), ('audit', '0005_enter_lists')]

    initial = True

    dependencies = [
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('seq', models.BigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization',), name='audit_one_head')],
            },
        ),
        migrations.CreateModel(
            name='AuditSubject',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('subject_id', models.UUIDField()),
                ('seq', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'subject_id', 'seq'), name='audit_subject')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('seq', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.UUIDField(null=True)),
                ('actor_label', models.CharField(max_length=200)),
                ('party_id', models.UUIDField(null=True)),
                ('door', models.CharField(max_length=10)),
                ('action', models.CharField(max_length=60)),
                ('object_type', models.CharField(max_length=40)),
                ('object_id', models.UUIDField(null=True)),
                ('fields', models.JSONField(default=list)),
                ('detail', models.JSONField(default=dict)),
                ('event_id', models.UUIDField(null=True)),
                ('request_id', models.CharField(default='', max_length=64)),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'object_id', '-seq'], name='audit_object'), models.Index(fields=['organization', 'actor_id', '-seq'], name='audit_actor'), models.Index(condition=models.Q(('object_type__in', ('asset', 'calendar', 'campaign', 'channel', 'connection', 'consentwording', 'customfield', 'form', 'location', 'party', 'pipeline', 'queue', 'role', 'rule_version', 'schedulingworkflow', 'service', 'source', 'stage', 'team', 'template', 'trackingnumber'))), fields=['organization', '-seq'], name='audit_settings'), models.Index(fields=['organization', 'at', 'seq'], name='audit_at'), models.Index(fields=['organization', 'action', '-seq'], name='audit_action'), models.Index(condition=models.Q(('party_id__isnull', False)), fields=['organization', 'party_id', '-seq'], name='audit_party')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'seq'), name='audit_seq')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ab24cb77a22d3160dc788fecde00a98236f14d09', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6cfb3', table='audit_auditentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditsubject',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8450e8b92747379f779ad0ef32797a9f5fa3daa2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_40f93', table='audit_auditsubject', when='BEFORE')),
        ),
        migrations.RunSQL(HEAD, "DROP FUNCTION leadcrm_audit_head(uuid, uuid)"),
    ]
