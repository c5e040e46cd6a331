import apps.consent.terms
import apps.outreach.cadence_terms
import apps.outreach.template_terms
import apps.outreach.terms
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
    replaces = [('outreach', '0001_initial'), ('outreach', '0002_more_outcomes'), ('outreach', '0003_deliveries_and_replies'), ('outreach', '0004_takes_texts'), ('outreach', '0005_chat_activities'), ('outreach', '0006_confirmed_addresses'), ('outreach', '0007_messages_to_a_point'), ('outreach', '0008_disconnected'), ('outreach', '0009_line_of_a_text'), ('outreach', '0010_data_requests'), ('outreach', '0011_engagement'), ('outreach', '0012_room_for_sealed_words'), ('outreach', '0013_seal_words'), ('outreach', '0014_no_clear_words'), ('outreach', '0015_purposes'), ('outreach', '0016_business_mails'), ('outreach', '0017_template_versions'), ('outreach', '0018_words_into_versions'), ('outreach', '0019_words_in_versions_alone'), ('outreach', '0020_template_tags'), ('outreach', '0021_delivered_outcome'), ('outreach', '0022_scripts_of_calls'), ('outreach', '0023_live_attempts'), ('outreach', '0024_automation_pauses'), ('outreach', '0025_cadences'), ('outreach', '0026_scheduling_links'), ('outreach', '0027_recordings')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('exceptions', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='activities', to='leads.lead')),
                ('kind', models.CharField(choices=[('call', 'call'), ('email', 'email'), ('text', 'text'), ('meeting', 'meeting'), ('visit', 'visit'), ('chat', 'chat')], max_length=10)),
                ('direction', models.CharField(choices=[('outbound', 'outbound'), ('inbound', 'inbound')], default=apps.outreach.terms.Direction['OUTBOUND'], max_length=8)),
                ('outcome', models.CharField(choices=[('connected', 'connected'), ('voicemail', 'voicemail'), ('no_answer', 'no answer'), ('busy', 'busy'), ('call_back', 'call back'), ('wrong_number', 'wrong number'), ('declined', 'declined'), ('do_not_contact', 'do not contact'), ('someone_else', 'someone else'), ('disconnected', 'disconnected'), ('sent', 'sent'), ('delivered', 'delivered'), ('held', 'held')], max_length=20)),
                ('started_at', models.DateTimeField()),
                ('duration_seconds', models.PositiveIntegerField(default=0)),
                ('note', apps.tenancy.sealed_fields.SealedTextField(db_column='note_sealed')),
                ('contact_point', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.contactpoint')),
                ('team', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('member', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('actor_label', models.CharField(max_length=200)),
                ('logged_at', models.DateTimeField()),
                ('event_id', models.UUIDField()),
                ('dedup_key', models.CharField(max_length=80, null=True)),
                ('script', models.CharField(blank=True, db_default='', default='', max_length=40)),
                ('script_version', models.PositiveIntegerField(null=True)),
                ('logged_as', models.CharField(choices=[('team', 'team'), ('agency', 'agency')], db_default=models.Value('team'), default=apps.outreach.terms.LoggedAs['TEAM'], max_length=10)),
            ],
            options={
                'verbose_name_plural': 'activities',
                'constraints': [models.UniqueConstraint(fields=('organization', 'lead', 'dedup_key'), name='activity_once')],
            },
        ),
        migrations.CreateModel(
            name='AutomationPause',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('person', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='automation_pauses', to='leads.person')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='automation_pauses', to='leads.lead')),
                ('reason', models.CharField(choices=[('alarm', 'alarm'), ('by_hand', 'by_hand')], max_length=20)),
                ('note', apps.tenancy.sealed_fields.SealedTextField(db_column='note_sealed')),
                ('paused_by', models.CharField(max_length=200)),
                ('paused_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=200)),
                ('ended_because', apps.tenancy.sealed_fields.SealedTextField(db_column='ended_because_sealed')),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'person', 'paused_at'], name='automation_pause_of')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'person'), name='one_automation_pause')],
            },
        ),
        migrations.CreateModel(
            name='CadenceRun',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cadence_runs', to='leads.lead')),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('cadence', models.CharField(max_length=63)),
                ('segment', models.CharField(blank=True, max_length=63)),
                ('stage', models.CharField(max_length=63)),
                ('team', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('started_by', models.CharField(max_length=200)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_because', models.CharField(blank=True, choices=[('finished', 'finished'), ('replied', 'replied'), ('reached', 'reached'), ('intent', 'intent'), ('booked', 'booked'), ('opted_out', 'opted out'), ('closed', 'closed'), ('left_stage', 'left stage'), ('left_group', 'left group'), ('owner_changed', 'owner changed'), ('by_hand', 'by hand'), ('merged', 'merged')], max_length=20)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'cadence', 'started_at'], name='cadence_runs')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'lead'), name='one_cadence_of_a_lead'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_because', '')), models.Q(('ended_at__isnull', False), models.Q(('ended_because', ''), _negated=True)), _connector='OR'), name='cadence_ends_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='InboundCall',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inbound_calls', to='leads.lead')),
                ('call_ref', models.CharField(max_length=80)),
                ('begun_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'call_ref'), name='inbound_call_once')],
            },
        ),
        migrations.CreateModel(
            name='LiveAttempt',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='live_attempts', to='leads.lead')),
                ('channel', models.CharField(choices=[('call', 'call'), ('text', 'text'), ('email', 'email')], max_length=10)),
                ('member', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('actor_id', models.UUIDField()),
                ('actor_label', models.CharField(max_length=200)),
                ('begun_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('provider_ref', models.CharField(blank=True, db_default='', default='', max_length=64)),
                ('call_state', models.CharField(blank=True, choices=[('dialling', 'dialling'), ('ringing', 'ringing'), ('talking', 'talking'), ('completed', 'completed'), ('busy', 'busy'), ('no_answer', 'no answer'), ('failed', 'failed')], db_default='', default='', max_length=20)),
                ('duration_seconds', models.PositiveIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'lead'), name='one_live_attempt'), models.UniqueConstraint(condition=models.Q(('provider_ref', ''), _negated=True), fields=('organization', 'provider_ref'), name='live_attempt_of_call')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='leads.lead')),
                ('purpose', models.CharField(max_length=30)),
                ('channel', models.CharField(default='email', max_length=10)),
                ('contact_point', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.contactpoint')),
                ('template_key', models.CharField(max_length=63)),
                ('template_version', models.PositiveIntegerField()),
                ('permitted_as', models.CharField(choices=[('care_inquiry', 'care inquiry'), ('reminders', 'reminders'), ('marketing', 'marketing'), ('business', 'business')], db_default=models.Value('care_inquiry'), default=apps.consent.terms.Purpose['CARE_INQUIRY'], max_length=20)),
                ('subject', apps.tenancy.sealed_fields.SealedTextField(db_column='subject_sealed')),
                ('body', apps.tenancy.sealed_fields.SealedTextField(db_column='body_sealed')),
                ('state', models.CharField(choices=[('pending', 'pending'), ('sending', 'sending'), ('sent', 'sent'), ('failed', 'failed'), ('blocked', 'blocked'), ('unknown', 'unknown')], default=apps.outreach.terms.MessageState['PENDING'], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('sending_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('provider_ref', models.CharField(blank=True, max_length=200)),
                ('line', models.CharField(blank=True, db_default='', default='', max_length=16)),
                ('words_id', models.UUIDField(null=True)),
                ('written_by', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('dedup_key', models.CharField(max_length=80)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['pending', 'sending', 'unknown'])), fields=['organization', 'state', 'created_at'], name='message_open'), models.Index(fields=['organization', 'contact_point', 'created_at'], name='message_to_point'), models.Index(fields=['organization', 'created_at'], name='message_by_day')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'dedup_key'), name='message_once')],
            },
        ),
        migrations.CreateModel(
            name='Engagement',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='leads.lead')),
                ('person', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('message', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outreach.message')),
                ('kind', models.CharField(choices=[('delivered', 'delivered'), ('opened', 'opened'), ('clicked', 'clicked'), ('replied', 'replied'), ('scheduling_link', 'scheduling link')], max_length=20)),
                ('reference', models.CharField(max_length=80)),
                ('source_label', models.CharField(max_length=200)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'lead', 'kind', 'reference'), name='engagement_once')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryEvent',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('channel', models.CharField(max_length=10)),
                ('contact_value', models.CharField(max_length=254)),
                ('message', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='outreach.message')),
                ('result', models.CharField(choices=[('delivered', 'delivered'), ('hard_bounce', 'hard bounce'), ('soft_bounce', 'soft bounce'), ('blocked', 'blocked'), ('complained', 'complained'), ('unsubscribed', 'unsubscribed'), ('failed', 'failed'), ('takes_no_texts', 'takes no texts'), ('confirmed', 'confirmed')], max_length=20)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('happened_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('event_key', models.CharField(max_length=80)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'contact_value'], name='delivery_of_value')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'event_key'), name='delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='DataRequest',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_requests', to='leads.lead')),
                ('item', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exceptions.exceptionitem')),
                ('message', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_requests', to='outreach.message')),
                ('asked', models.JSONField()),
                ('state', models.CharField(choices=[('open', 'open'), ('answered', 'answered'), ('replaced', 'replaced'), ('settled', 'settled'), ('locked', 'locked')], default=apps.outreach.terms.RequestState['OPEN'], max_length=10)),
                ('asked_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('asked_label', models.CharField(max_length=200)),
                ('token_digest', models.CharField(max_length=64, null=True)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('sealed', models.BinaryField(null=True)),
                ('misses', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', 'created_at'], name='data_request_of_lead')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organization', 'lead'), name='one_open_request_of_a_lead'), models.UniqueConstraint(fields=('organization', 'token_digest'), name='data_request_token')],
            },
        ),
        migrations.CreateModel(
            name='CadenceStep',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('run', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='outreach.cadencerun')),
                ('number', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=63)),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('planned', 'planned'), ('done', 'done'), ('skipped', 'skipped'), ('cancelled', 'cancelled')], default=apps.outreach.cadence_terms.StepState['PLANNED'], max_length=10)),
                ('channel', models.CharField(blank=True, max_length=10)),
                ('message', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outreach.message')),
                ('task', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.task')),
                ('ended_at', models.DateTimeField(null=True)),
                ('because', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'run', 'number'), name='cadence_step_once')],
            },
        ),
        migrations.CreateModel(
            name='BusinessMail',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('message', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='business', to='outreach.message')),
                ('about', models.CharField(max_length=300)),
                ('basis', models.CharField(choices=[('relation', 'relation'), ('asked', 'asked'), ('published', 'published'), ('referred', 'referred')], max_length=10)),
                ('written_by', models.CharField(max_length=200)),
                ('written_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(null=True)),
                ('check_result', models.CharField(blank=True, max_length=300)),
                ('has_way_out', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'message'), name='business_mail_once'), models.CheckConstraint(condition=models.Q(('about', ''), _negated=True), name='business_mail_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='leads.lead')),
                ('activity', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='outreach.activity')),
                ('kind', models.CharField(choices=[('recording', 'recording'), ('transcript', 'transcript')], max_length=12)),
                ('address', apps.tenancy.sealed_fields.SealedTextField(db_column='address_sealed')),
                ('added_by', models.CharField(max_length=200)),
                ('added_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'activity', 'kind'), name='recording_once')],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('submission_id', models.UUIDField()),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='leads.lead')),
                ('message', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='outreach.message')),
                ('about', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'replies',
                'constraints': [models.UniqueConstraint(fields=('organization', 'submission_id'), name='reply_once')],
            },
        ),
        migrations.CreateModel(
            name='SchedulingLink',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='scheduling_links', to='leads.lead')),
                ('message', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outreach.message')),
                ('state', models.CharField(choices=[('open', 'open'), ('answered', 'answered'), ('replaced', 'replaced'), ('settled', 'settled'), ('locked', 'locked')], default=apps.outreach.terms.RequestState['OPEN'], max_length=10)),
                ('token_digest', models.CharField(max_length=64, null=True)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('misses', models.PositiveSmallIntegerField(default=0)),
                ('visit_id', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', 'sent_at'], name='scheduling_link_of_lead')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'token_digest'), name='scheduling_link_token')],
            },
        ),
        migrations.CreateModel(
            name='SegmentStart',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('segment', models.CharField(max_length=63)),
                ('cadence', models.CharField(max_length=63)),
                ('started_by', models.CharField(max_length=200)),
                ('started_at', models.DateTimeField()),
                ('matched', models.PositiveIntegerField(default=0)),
                ('begun', models.PositiveIntegerField(default=0)),
                ('left_out', models.JSONField(default=dict)),
                ('reached', models.UUIDField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'segment'), name='one_start_of_a_segment')],
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('channel', models.CharField(default='email', max_length=10)),
                ('language', models.CharField(default='en', max_length=8)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key', 'channel', 'language'), name='template_once')],
            },
        ),
        migrations.CreateModel(
            name='TemplateVersion',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('template', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='outreach.template')),
                ('number', models.PositiveIntegerField()),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('body', models.TextField()),
                ('purpose', models.CharField(choices=[('care_inquiry', 'care inquiry'), ('reminders', 'reminders'), ('marketing', 'marketing'), ('business', 'business')], default=apps.consent.terms.Purpose['CARE_INQUIRY'], max_length=20)),
                ('holds_phi', models.BooleanField(default=False)),
                ('stages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), blank=True, db_default=[], default=list, size=None)),
                ('category', models.CharField(blank=True, choices=[('therapy', 'therapy'), ('specialty_care', 'specialty care'), ('diagnostic', 'diagnostic'), ('program_enrolment', 'program enrolment')], db_default='', default='', max_length=20)),
                ('service', models.CharField(blank=True, db_default='', default='', max_length=63)),
                ('goal', models.CharField(blank=True, choices=[('acknowledge', 'acknowledge'), ('receipt', 'receipt'), ('missed_call', 'missed call'), ('schedule', 'schedule'), ('remind', 'remind'), ('rebook', 'rebook'), ('ask', 'ask'), ('referral', 'referral'), ('records', 'records'), ('educate', 'educate'), ('reactivate', 'reactivate'), ('preferences', 'preferences')], db_default='', default='', max_length=20)),
                ('team', models.CharField(blank=True, db_default='', default='', max_length=63)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('submitted', 'submitted'), ('approved', 'approved'), ('retired', 'retired')], default=apps.outreach.template_terms.TemplateState['DRAFT'], max_length=10)),
                ('author', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('author_label', models.CharField(max_length=200)),
                ('written_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(null=True)),
                ('sent_back_because', models.CharField(blank=True, max_length=300)),
                ('approver', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('approver_label', models.CharField(blank=True, max_length=200)),
                ('approved_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'verbose_name': 'template version',
                'constraints': [models.UniqueConstraint(fields=('organization', 'template', 'number'), name='template_version_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'submitted'])), fields=('organization', 'template'), name='template_one_draft'), models.CheckConstraint(condition=models.Q(('approver__isnull', True), ('author__isnull', True), models.Q(('approver', models.F('author')), _negated=True), _connector='OR'), name='template_not_own_approver'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='template_approved_when')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activity',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='32ee169139364e68f9c2a757cbbb2179f2f7cd09', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_38c1d', table='outreach_activity', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='engagement',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0589045e9beaf82003ad8532bc19ae75273dfeb6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d2a94', table='outreach_engagement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deliveryevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='58ac89d23ecc7fe96fce61f25a6fa61c3548e79e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e6061', table='outreach_deliveryevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reply',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5c79bdbb0edbccc4d62f99281903990fd6b58882', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d4ddc', table='outreach_reply', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='template',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='802ffd93f08c598e7efcfcb865f00e5b27aa3a8a', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_5cdfa', table='outreach_template', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='templateversion',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='edd58525714528fdcb184a9c83c8031695f4e26e', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_c98be', table='outreach_templateversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='templateversion',
            trigger=pgtrigger.compiler.Trigger(name='approved_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'approved\', \'retired\') AND (OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."holds_phi" IS DISTINCT FROM (NEW."holds_phi") OR OLD."stages" IS DISTINCT FROM (NEW."stages") OR OLD."category" IS DISTINCT FROM (NEW."category") OR OLD."service" IS DISTINCT FROM (NEW."service") OR OLD."goal" IS DISTINCT FROM (NEW."goal") OR OLD."team" IS DISTINCT FROM (NEW."team") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR NOT (NEW."state" IN (\'approved\', \'retired\'))))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2246a61741b453927af666dd3dd2678427a03ca1', operation='UPDATE', pgid='pgtrigger_approved_is_frozen_62925', table='outreach_templateversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='templateversion',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='211519d92ff996fe06a050ce878a99ac2ef90bd3', operation='DELETE', pgid='pgtrigger_no_delete_f25ce', table='outreach_templateversion', when='BEFORE')),
        ),
    ]
