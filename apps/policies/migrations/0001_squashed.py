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
    replaces = [('policies', '0001_initial'), ('policies', '0002_suspended'), ('policies', '0003_mapping'), ('policies', '0004_quality_kind'), ('policies', '0005_inference_kind'), ('policies', '0006_chat_and_scripts'), ('policies', '0007_reviews_and_kinds'), ('policies', '0008_tests_and_faults'), ('policies', '0009_process_kind'), ('policies', '0010_suite_kind'), ('policies', '0011_experiments'), ('policies', '0012_experiments_of_forms_and_stages'), ('policies', '0013_handoffs_kind'), ('policies', '0014_retention_kind'), ('policies', '0015_intake_kind'), ('policies', '0016_messages_kind'), ('policies', '0017_follow_up_kind'), ('policies', '0018_cadences_kind')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('kind', models.CharField(max_length=30)),
                ('subject', models.CharField(max_length=120)),
                ('sentence', models.CharField(max_length=300)),
                ('rules', models.JSONField(default=list)),
                ('url', models.CharField(blank=True, max_length=300)),
                ('dedup_key', models.CharField(max_length=120)),
                ('opened_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('outcome', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['organization', 'due_on'], name='review_open')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'dedup_key'), name='review_once')],
            },
        ),
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('kind', models.CharField(choices=[('validity', 'validity checks'), ('duplicates', 'duplicate rules'), ('scoring', 'scorecard'), ('routing', 'routing layers'), ('ownership', 'ownership matrix'), ('gates', 'stage gates'), ('sla', 'SLA policies'), ('contact', 'contact rules'), ('mapping', 'mapping'), ('quality', 'data quality'), ('inference', 'inference from words'), ('chat', 'chat answers'), ('scripts', 'call and chat scripts'), ('criteria', 'qualification criteria'), ('exceptions', 'what happens with exceptions'), ('process', 'process and statuses'), ('suite', 'suite of test leads'), ('handoffs', 'handoffs between teams'), ('retention', 'retention schedule'), ('intake', 'intake work'), ('messages', 'what messages must say'), ('follow_up', 'follow-up of contacts'), ('cadences', 'cadences and groups')], max_length=20)),
                ('key', models.SlugField(default='default', max_length=63)),
                ('name', models.CharField(max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'kind', 'key'), name='rule_set_key')],
            },
        ),
        migrations.CreateModel(
            name='RuleSetVersion',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('rule_set', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='policies.ruleset')),
                ('number', models.PositiveIntegerField()),
                ('document', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('tested', 'tested'), ('approved', 'approved'), ('superseded', 'superseded'), ('rolled_back', 'rolled back'), ('suspended', 'suspended')], default='draft', max_length=12)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('author', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('approver', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('created_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('effective_from', models.DateTimeField(null=True)),
                ('effective_until', models.DateTimeField(null=True)),
                ('suspended_because', models.CharField(blank=True, db_default='', max_length=500)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'rule_set', 'number'), name='version_number'), models.CheckConstraint(condition=models.Q(('approver__isnull', True), ('author__isnull', True), models.Q(('approver', models.F('author')), _negated=True), _connector='OR'), name='version_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Experiment',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('routing', 'routing rules'), ('form', 'hosted form'), ('stage', 'steps of a stage')], db_default='routing', default='routing', max_length=10)),
                ('subject_id', models.UUIDField(null=True)),
                ('subject_name', models.CharField(blank=True, db_default='', max_length=200)),
                ('arms', models.JSONField(db_default={}, default=dict)),
                ('rule_set', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to='policies.ruleset')),
                ('candidate', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to='policies.rulesetversion')),
                ('control', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('is_pilot', models.BooleanField(default=False)),
                ('hypothesis', models.CharField(max_length=500)),
                ('plan', models.CharField(blank=True, max_length=1000)),
                ('percent', models.PositiveSmallIntegerField()),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), blank=True, default=list, size=None)),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField()),
                ('goal', models.CharField(max_length=63)),
                ('wanted_points', models.PositiveSmallIntegerField(default=0)),
                ('most_fallback', models.PositiveSmallIntegerField(default=2)),
                ('most_mismatch', models.PositiveSmallIntegerField(default=2)),
                ('most_refused', models.PositiveSmallIntegerField(db_default=10, default=10)),
                ('least_per_arm', models.PositiveIntegerField(db_default=100, default=100)),
                ('priority', models.PositiveSmallIntegerField(default=2)),
                ('state', models.CharField(choices=[('draft', 'waits for approval'), ('approved', 'approved'), ('stopped', 'stopped'), ('adopted', 'adopted'), ('dropped', 'dropped')], default='draft', max_length=12)),
                ('author', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('approver', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('created_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='experiment_number'), models.CheckConstraint(condition=models.Q(('approver__isnull', True), models.Q(('approver', models.F('author')), _negated=True), _connector='OR'), name='experiment_two_people'), models.CheckConstraint(condition=models.Q(('percent__gte', 1), ('percent__lte', 100)), name='experiment_percent'), models.CheckConstraint(condition=models.Q(models.Q(('candidate__isnull', False), ('kind', 'routing'), ('rule_set__isnull', False)), models.Q(models.Q(('kind', 'routing'), _negated=True), ('candidate__isnull', True), ('subject_id__isnull', False)), _connector='OR'), name='experiment_tries_something')],
            },
        ),
        migrations.CreateModel(
            name='ExperimentIssue',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('experiment', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issues', to='policies.experiment')),
                ('sentence', models.CharField(max_length=500)),
                ('noted_at', models.DateTimeField()),
                ('noted_by', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('solved_at', models.DateTimeField(null=True)),
                ('solution', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='RuleFault',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('version', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='faults', to='policies.rulesetversion')),
                ('path', models.CharField(max_length=200)),
                ('rule_id', models.CharField(blank=True, max_length=60)),
                ('code', models.CharField(max_length=60)),
                ('sentence', models.CharField(max_length=300)),
                ('found_at', models.DateTimeField()),
                ('mended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('mended_at', None)), fields=('organization', 'version', 'path', 'code'), name='fault_once')],
            },
        ),
        migrations.CreateModel(
            name='VersionTest',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('version', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tests', to='policies.rulesetversion')),
                ('digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('sample', 'samples'), ('replay', 'replay of past leads'), ('suite', 'suite of test leads')], max_length=12)),
                ('passed', models.BooleanField()),
                ('sentence', models.CharField(max_length=300)),
                ('summary', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField()),
                ('made_by', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='experimentissue',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='73387dd3d37e29f5d2e174ca3efedbc3fd11bf56', operation='DELETE', pgid='pgtrigger_no_delete_3fb55', table='policies_experimentissue', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulesetversion',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='9dc63e826def219671272bd9e1200cbe2a007c44', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_55e45', table='policies_rulesetversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulesetversion',
            trigger=pgtrigger.compiler.Trigger(name='approved_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'approved\', \'superseded\', \'rolled_back\', \'suspended\') AND (OLD."document" IS DISTINCT FROM (NEW."document") OR OLD."number" IS DISTINCT FROM (NEW."number")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='9abb9cf83350b9292f616a9ab7ab7cc88346da44', operation='UPDATE', pgid='pgtrigger_approved_is_frozen_24506', table='policies_rulesetversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulesetversion',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='52187268021c538765736975014778fa5c4790e9', operation='DELETE', pgid='pgtrigger_no_delete_c50cc', table='policies_rulesetversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rulefault',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='0a84859f04bf4b3d4d9b821949c82f328e0653d7', operation='DELETE', pgid='pgtrigger_no_delete_831d4', table='policies_rulefault', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='experiment',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='d9da349bb1428d716affcaec52c927cb874c3beb', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_37ef9', table='policies_experiment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='experiment',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ce1323db65214d4466104d37d8cd8454afb83fb1', operation='DELETE', pgid='pgtrigger_no_delete_96eed', table='policies_experiment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='versiontest',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='83b5aafb80b84682d1fbb678b89b8e27060ea9f4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7fcf1', table='policies_versiontest', when='BEFORE')),
        ),
    ]
