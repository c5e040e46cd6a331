import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('privacy', '0001_initial'), ('privacy', '0002_words_remember_what_they_were'), ('privacy', '0003_phi_state'), ('privacy', '0004_phi_marks'), ('privacy', '0005_disclosures'), ('privacy', '0006_sensitive_topics')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='HealthDetail',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('subject_id', models.UUIDField()),
                ('kind', models.CharField(max_length=30)),
                ('sealed', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('was', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'subject_id'], name='health_subject'), models.Index(condition=models.Q(('was__isnull', False)), fields=['organization', 'was'], name='health_was')],
            },
        ),
        migrations.CreateModel(
            name='PhiMark',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('subject_id', models.UUIDField()),
                ('is_phi', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('rule', models.CharField(max_length=10)),
                ('field', models.CharField(blank=True, max_length=60)),
                ('actor_label', models.CharField(blank=True, max_length=200)),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'subject_id', '-id'], name='phi_mark_subject')],
            },
        ),
        migrations.CreateModel(
            name='PhiState',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('subject_id', models.UUIDField()),
                ('since', models.DateTimeField()),
                ('rule', models.CharField(max_length=10)),
                ('field', models.CharField(max_length=60)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'subject_id'), name='phi_subject')],
            },
        ),
        migrations.CreateModel(
            name='SensitiveTopic',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=100)),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), blank=True, default=list, size=None)),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('team_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='sensitive_topic_key')],
            },
        ),
        migrations.CreateModel(
            name='LeadTopic',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('subject_id', models.UUIDField()),
                ('topic', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='privacy.sensitivetopic')),
                ('since', models.DateTimeField()),
                ('by', models.CharField(max_length=10)),
                ('field', models.CharField(max_length=60)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'subject_id', 'topic'), name='lead_topic_once')],
            },
        ),
        migrations.CreateModel(
            name='BrokenGlass',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('subject_id', models.UUIDField()),
                ('member', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('reason', models.CharField(choices=[('emergency', 'emergency'), ('cover', 'cover'), ('complaint', 'complaint'), ('audit', 'audit')], max_length=12)),
                ('note', apps.tenancy.sealed_fields.SealedTextField(db_column='note_sealed')),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('looked_by', models.CharField(blank=True, max_length=200)),
                ('looked_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'member', 'subject_id', 'until'], name='glass_of_member')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__lte', django.db.models.expressions.CombinedExpression(models.F('at'), '+', models.Value(datetime.timedelta(seconds=3600)))), ('until__gt', models.F('at'))), name='glass_heals_in_an_hour')],
            },
        ),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('at', models.DateTimeField()),
                ('lead_id', models.UUIDField()),
                ('person_id', models.UUIDField()),
                ('recipient', models.CharField(max_length=100)),
                ('recipient_kind', models.CharField(max_length=10)),
                ('fields', models.JSONField(default=list)),
                ('because', models.CharField(max_length=200)),
                ('by', models.CharField(max_length=200)),
                ('outcome', models.CharField(max_length=200)),
                ('reference', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', '-at', '-id'], name='disclosure_newest'), models.Index(fields=['organization', 'person_id', 'at'], name='disclosure_person')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='disclosure',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0cb66351fbe58db64df68d1b26087fa13195e69e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_35ba5', table='privacy_disclosure', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='phimark',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2477a91715c62fa8a9a35198999f8f7bb6b84a83', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_36aa4', table='privacy_phimark', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='phistate',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2d68331998610ac2a6e7017f4b7a712a9bb800a6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_221d2', table='privacy_phistate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sensitivetopic',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='7433f8d8dc3decb7ba329580b184076ba92440f0', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_e0034', table='privacy_sensitivetopic', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='leadtopic',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5f109b4cd5912fe1913fdd936bdd7736eb5379a2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4435d', table='privacy_leadtopic', when='BEFORE')),
        ),
    ]
