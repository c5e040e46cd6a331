import apps.capture.form_terms
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
    replaces = [('capture', '0001_initial'), ('capture', '0002_rehearsals'), ('capture', '0003_forms_with_versions'), ('capture', '0004_quarantine_at_hand'), ('capture', '0005_documents'), ('capture', '0006_excluded_at_hand'), ('capture', '0007_event_forms'), ('capture', '0008_dismissed'), ('capture', '0009_documents_of_forms'), ('capture', '0010_city_question'), ('capture', '0011_form_trials'), ('capture', '0012_forms_of_teams'), ('capture', '0013_preferred_visit')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('catalog', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('title', models.CharField(max_length=200)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('media_type', models.CharField(blank=True, max_length=100)),
                ('data', models.BinaryField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='asset_key'), models.CheckConstraint(condition=models.Q(('data__isnull', False), models.Q(('url', ''), _negated=True), _connector='OR'), name='asset_has_something')],
            },
        ),
        migrations.CreateModel(
            name='Form',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('owning_team', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('shared_team_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, db_default=[], default=list, size=None)),
                ('slug', models.SlugField(max_length=63)),
                ('title', models.CharField(max_length=200)),
                ('intro', models.TextField(blank=True)),
                ('source', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forms', to='catalog.source')),
                ('what_happens_next', models.TextField()),
                ('services', models.JSONField(default=list)),
                ('consent_version', models.CharField(max_length=20)),
                ('is_published', models.BooleanField(default=False)),
                ('kind', models.CharField(choices=[('inquiry', 'inquiry'), ('referral', 'referral'), ('download', 'download'), ('event', 'event')], default=apps.capture.form_terms.FormKind['INQUIRY'], max_length=10)),
                ('layout', models.CharField(choices=[('one_page', 'one page'), ('steps', 'steps')], default=apps.capture.form_terms.FormLayout['ONE_PAGE'], max_length=10)),
                ('title_es', models.CharField(blank=True, max_length=200, verbose_name='Spanish title')),
                ('intro_es', models.TextField(blank=True, verbose_name='Spanish intro')),
                ('what_happens_next_es', models.TextField(blank=True, verbose_name='Spanish what happens next')),
                ('consent_version_es', models.CharField(blank=True, max_length=20, verbose_name='Spanish consent version')),
                ('field_cap', models.PositiveSmallIntegerField(default=15)),
                ('needs_approval', models.BooleanField(default=False)),
                ('allowed_sites', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('asset', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='forms', to='capture.asset')),
                ('edited_by', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'slug'), name='form_slug'), models.CheckConstraint(condition=models.Q(('is_published', False), models.Q(models.Q(('what_happens_next', ''), _negated=True), models.Q(('consent_version', ''), _negated=True)), _connector='OR'), name='published_form_tells_next')],
            },
        ),
        migrations.CreateModel(
            name='FormDraft',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('form', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='capture.form')),
                ('token_digest', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('saved_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('submission_id', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'expires_at'], name='form_draft_expiry')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'token_digest'), name='form_draft_token')],
            },
        ),
        migrations.CreateModel(
            name='FormQuestion',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('form', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='capture.form')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('key', models.SlugField(max_length=40)),
                ('kind', models.CharField(choices=[('service', 'service'), ('location', 'location'), ('reason', 'reason'), ('appointment_type', 'appointment type'), ('part_of_day', 'part of day'), ('best_time', 'best time'), ('patient_type', 'patient type'), ('preferred_channel', 'preferred channel'), ('timeframe', 'timeframe'), ('insurance', 'insurance'), ('contact', 'contact'), ('postal_code', 'postal code'), ('city', 'city'), ('who', 'who'), ('referral', 'referral'), ('documents', 'documents'), ('choice', 'choice'), ('short_text', 'short text'), ('consent', 'consent')], max_length=20)),
                ('label', models.CharField(blank=True, max_length=200)),
                ('hint', models.CharField(blank=True, max_length=300, verbose_name='why we ask')),
                ('is_required', models.BooleanField(default=False)),
                ('purpose', models.CharField(blank=True, choices=[('routing', 'routing'), ('scheduling', 'scheduling'), ('eligibility', 'eligibility'), ('contact', 'contact'), ('consent', 'consent')], max_length=12)),
                ('criterion', models.CharField(blank=True, max_length=40)),
                ('choices', models.TextField(blank=True)),
                ('label_es', models.CharField(blank=True, max_length=200, verbose_name='Spanish label')),
                ('hint_es', models.CharField(blank=True, max_length=300, verbose_name='why we ask, in Spanish')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'form', 'key'), name='form_question_key')],
            },
        ),
        migrations.CreateModel(
            name='FormVersion',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('form', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='capture.form')),
                ('number', models.PositiveIntegerField()),
                ('is_variant', models.BooleanField(db_default=False, default=False)),
                ('document', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('author', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('published_by', models.CharField(max_length=200)),
                ('published_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'form', 'number'), name='form_version_number')],
            },
        ),
        migrations.CreateModel(
            name='FormVisit',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('experiment', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.experiment')),
                ('arm', models.CharField(max_length=1)),
                ('at', models.DateTimeField()),
                ('submission_id', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'experiment', 'at'], name='form_visit_time')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('submission_id__isnull', False)), fields=('organization', 'submission_id'), name='form_visit_sent_once')],
            },
        ),
        migrations.CreateModel(
            name='HeldDocument',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('shelf', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('size_bytes', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('sender_digest', models.CharField(blank=True, default='', max_length=32)),
                ('held_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['held_at', 'id'],
                'indexes': [models.Index(fields=['organization', 'expires_at'], name='held_document_expiry')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'shelf', 'digest'), name='held_document_once')],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('source', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='catalog.source')),
                ('source_typed', models.CharField(blank=True, max_length=100)),
                ('external_id', models.CharField(max_length=200, null=True)),
                ('party', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='accounts.party')),
                ('api_key', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.apikey')),
                ('door', models.CharField(max_length=10)),
                ('capture_method', models.CharField(max_length=20)),
                ('raw', models.BinaryField()),
                ('raw_digest', models.CharField(max_length=64)),
                ('event_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('stored_at', models.DateTimeField()),
                ('clock_skew_seconds', models.IntegerField(default=0)),
                ('mapping_version', models.PositiveIntegerField(default=1)),
                ('is_test', models.BooleanField(default=False)),
                ('is_rehearsal', models.BooleanField(default=False)),
                ('request_id', models.CharField(blank=True, default='', max_length=64)),
                ('form_version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to='capture.formversion')),
                ('sender_digest', models.CharField(blank=True, db_default='', default='', max_length=32)),
                ('screening', models.JSONField(db_default={}, default=dict)),
                ('state', models.CharField(choices=[('received', 'received'), ('quarantined', 'quarantined'), ('dismissed', 'dismissed'), ('processed', 'processed')], default='received', max_length=12)),
                ('processed_at', models.DateTimeField(null=True)),
                ('verdict', models.CharField(blank=True, max_length=10)),
                ('reasons', models.JSONField(default=list)),
                ('lead_id', models.UUIDField(null=True)),
                ('person_id', models.UUIDField(null=True)),
                ('counted_as_delivered', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'party', '-received_at', '-id'], name='submission_of_party'), models.Index(fields=['organization', 'lead_id'], name='submission_of_lead'), models.Index(condition=models.Q(('sender_digest', ''), _negated=True), fields=['organization', 'sender_digest', 'received_at'], name='submission_of_sender'), models.Index(condition=models.Q(('form_version__isnull', False)), fields=['organization', 'form_version', 'received_at'], name='submission_of_form'), models.Index(condition=models.Q(('state', 'quarantined')), fields=['organization', '-received_at', '-id'], name='submission_quarantined'), models.Index(condition=models.Q(('verdict', 'rejected')), fields=['organization', 'received_at'], name='submission_excluded')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('organization', 'source', 'party', 'external_id'), name='submission_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='IdempotencyRecord',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('owner_id', models.UUIDField()),
                ('key', models.CharField(max_length=255)),
                ('body_digest', models.CharField(max_length=64)),
                ('submission', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.submission')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'owner_id', 'key'), name='idempotency_once')],
            },
        ),
        migrations.CreateModel(
            name='SubmissionDocument',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('submission', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='capture.submission')),
                ('name', models.CharField(max_length=200)),
                ('media_type', models.CharField(max_length=40)),
                ('size_bytes', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('sealed', models.BinaryField()),
                ('added_by', models.CharField(max_length=200)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['added_at', 'id'],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='formversion',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4904741f15a6ea8bd378605703bbe9addd7f70a9', operation='UPDATE OR DELETE', pgid='pgtrigger_frozen_6c0b4', table='capture_formversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='formvisit',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='09c182bfbd01969f3eda8b4b1acad214eee8616f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3b302', table='capture_formvisit', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='submission',
            trigger=pgtrigger.compiler.Trigger(name='raw_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."capture_method" IS DISTINCT FROM (NEW."capture_method") OR OLD."event_at" IS DISTINCT FROM (NEW."event_at") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."mapping_version" IS DISTINCT FROM (NEW."mapping_version") OR OLD."raw" IS DISTINCT FROM (NEW."raw") OR OLD."raw_digest" IS DISTINCT FROM (NEW."raw_digest") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."stored_at" IS DISTINCT FROM (NEW."stored_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f8dc8e5e1a3463885eb793407f66fc2155cfdace', operation='UPDATE', pgid='pgtrigger_raw_is_kept_d83f1', table='capture_submission', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='submission',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='058ce47eb0975edc4050adb51ccefa1ee0db6caa', operation='DELETE', pgid='pgtrigger_no_delete_02cc9', table='capture_submission', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='submissiondocument',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bd8ffe9885136328c0b6e132eb03f723257b6520', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f6e7d', table='capture_submissiondocument', when='BEFORE')),
        ),
    ]
