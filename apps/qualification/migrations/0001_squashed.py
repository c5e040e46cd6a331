import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('qualification', '0001_initial'), ('qualification', '0002_score_heard'), ('qualification', '0003_verdicts'), ('qualification', '0004_criteria_results'), ('qualification', '0005_coverage_and_causes'), ('qualification', '0006_parking_and_clearance'), ('qualification', '0007_room_for_more_sealed_words'), ('qualification', '0008_seal_more_words'), ('qualification', '0009_no_more_clear_words'), ('qualification', '0010_granted_until'), ('qualification', '0011_review_events')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('catalog', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='CoverageAnswer',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='coverage_answers', to='leads.lead')),
                ('answer', models.CharField(choices=[('stated', 'stated'), ('verified', 'verified'), ('out_of_network', 'out of network'), ('not_covered', 'not covered')], max_length=20)),
                ('payer', models.CharField(blank=True, max_length=100)),
                ('plan', models.CharField(blank=True, max_length=100)),
                ('reference', models.CharField(blank=True, max_length=80)),
                ('actor_label', models.CharField(max_length=200)),
                ('answered_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', '-answered_at'], name='coverage_lead')],
            },
        ),
        migrations.CreateModel(
            name='ParkedLead',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='parkings', to='leads.lead')),
                ('service', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service')),
                ('wanted', models.CharField(max_length=80)),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('actor_label', models.CharField(max_length=200)),
                ('parked_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField(null=True)),
                ('resurfaced_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_because', models.CharField(blank=True, max_length=100)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['organization', 'parked_at'], name='parked_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'lead'), name='parked_once')],
            },
        ),
        migrations.CreateModel(
            name='ReviewEvent',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='leads.lead')),
                ('track', models.CharField(choices=[('intake', 'intake'), ('clinical', 'clinical')], max_length=10)),
                ('status', models.CharField(max_length=30)),
                ('name', models.CharField(max_length=60)),
                ('note', apps.tenancy.sealed_fields.SealedTextField(db_column='note_sealed')),
                ('reporter', models.CharField(blank=True, max_length=63)),
                ('actor_label', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('late_at', models.DateTimeField(null=True)),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', 'track', '-recorded_at'], name='review_lead')],
            },
        ),
        migrations.CreateModel(
            name='ScoreResult',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='leads.lead')),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('fit', models.PositiveSmallIntegerField()),
                ('intent', models.PositiveSmallIntegerField()),
                ('verdict', models.JSONField()),
                ('facts', models.JSONField(default=dict)),
                ('heard', models.JSONField(null=True)),
                ('cause', models.CharField(blank=True, db_default='', default='', max_length=120)),
                ('scored_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', '-scored_at'], name='score_lead')],
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='leads.lead')),
                ('script_id', models.CharField(max_length=40)),
                ('script_version', models.PositiveIntegerField(default=0)),
                ('answers', apps.tenancy.sealed_fields.SealedJSONField(db_column='answers_sealed')),
                ('member', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('actor_label', models.CharField(max_length=200)),
                ('verified_at', models.DateTimeField()),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', '-verified_at'], name='verification_lead')],
            },
        ),
        migrations.CreateModel(
            name='Qualification',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='qualifications', to='leads.lead')),
                ('verdict', models.CharField(choices=[('qualified', 'qualified'), ('disqualified', 'disqualified'), ('nurture', 'nurture')], max_length=12)),
                ('set_id', models.CharField(blank=True, max_length=63)),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('criteria', models.JSONField(default=list)),
                ('facts', apps.tenancy.sealed_fields.SealedJSONField(db_column='facts_sealed')),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('disqualification', models.CharField(blank=True, max_length=30)),
                ('flags', models.JSONField(default=list)),
                ('next_step', apps.tenancy.sealed_fields.SealedTextField(db_column='next_step_sealed')),
                ('next_step_at', models.DateTimeField(null=True)),
                ('verification', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='qualification.verification')),
                ('member', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('actor_label', models.CharField(max_length=200)),
                ('decided_at', models.DateTimeField()),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', '-decided_at'], name='qualification_lead')],
            },
        ),
        migrations.CreateModel(
            name='CriteriaResult',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='criteria_results', to='leads.lead')),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('set_id', models.CharField(max_length=63)),
                ('moment', models.CharField(choices=[('marketing', 'marketing'), ('verdict', 'verdict')], max_length=12)),
                ('facts', apps.tenancy.sealed_fields.SealedJSONField(db_column='facts_sealed')),
                ('verdict', models.JSONField()),
                ('qualification', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='criteria_results', to='qualification.qualification')),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', '-decided_at'], name='criteria_lead')],
            },
        ),
        migrations.CreateModel(
            name='ClearanceEvent',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='clearance', to='leads.lead')),
                ('step', models.CharField(choices=[('insurance_verification', 'insurance verification'), ('pre_authorisation', 'pre authorisation'), ('referring_physician', 'referring physician')], max_length=30)),
                ('status', models.CharField(choices=[('needed', 'needed'), ('requested', 'requested'), ('pending', 'pending'), ('done', 'done'), ('denied', 'denied'), ('not_needed', 'not needed')], max_length=12)),
                ('since', models.DateField()),
                ('look_again_at', models.DateTimeField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('reference', models.CharField(blank=True, max_length=80)),
                ('note', apps.tenancy.sealed_fields.SealedTextField(db_column='note_sealed')),
                ('actor_label', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', 'step', '-recorded_at'], name='clearance_lead')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clearanceevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c4cf92ca697f579d77b822810eb850d71a854920', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_45229', table='qualification_clearanceevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverageanswer',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='92b895df0ac6567b7e47269f6de117ddc18e4b5c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_22f08', table='qualification_coverageanswer', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='criteriaresult',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='dfb387f0edd79d8dd3ae9529a3e9490aac73b55c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7dfa0', table='qualification_criteriaresult', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0771e0f5db8e2e2f84806d15f6c81bb3afbaa1b0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8f7aa', table='qualification_reviewevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verification',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='fde728e8bd21dff73d16a90fa46ba2088b9eec88', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3b2e7', table='qualification_verification', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0818cde06471ede6ecfbd75aefeeceb5f42c33cf', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2d942', table='qualification_qualification', when='BEFORE')),
        ),
    ]
