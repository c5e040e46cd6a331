"""What lists showed, one narrow row a thing, and indexes for the questions of a compliance officer."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import apps.tenancy.ids
import apps.tenancy.scope


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_settings_index'),
        ('tenancy', '0003_enter'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditSubject',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('subject_id', models.UUIDField()),
                ('seq', models.BigIntegerField()),
                ("organization", models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
            ],
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['organization', 'at', 'seq'], name='audit_at'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['organization', 'action', '-seq'], name='audit_action'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(condition=models.Q(('party_id__isnull', False)), fields=['organization', 'party_id', '-seq'], name='audit_party'),
        ),
        migrations.AddConstraint(
            model_name='auditsubject',
            constraint=models.UniqueConstraint(fields=('organization', 'subject_id', 'seq'), name='audit_subject'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditsubject',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8450e8b92747379f779ad0ef32797a9f5fa3daa2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_40f93', table='audit_auditsubject', when='BEFORE')),
        ),
    ]
