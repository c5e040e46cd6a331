import apps.catalog.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('catalog', '0001_initial'), ('catalog', '0002_tracking_number'), ('catalog', '0003_words_and_fields'), ('catalog', '0004_channels'), ('catalog', '0005_service_menu'), ('catalog', '0006_choice_synonyms'), ('catalog', '0007_field_keeping'), ('catalog', '0008_sealed_words'), ('catalog', '0009_seal_private_words'), ('catalog', '0010_keeping_words'), ('catalog', '0011_offices_stand_in'), ('catalog', '0012_established_only'), ('catalog', '0013_capacity_and_shifts'), ('catalog', '0014_outside_systems'), ('catalog', '0015_batch_times'), ('catalog', '0016_source_figures'), ('catalog', '0017_providers'), ('catalog', '0018_phi_identifiers'), ('catalog', '0019_queue_channels'), ('catalog', '0020_channels_ask_consent'), ('catalog', '0021_vendors'), ('catalog', '0022_field_purposes'), ('catalog', '0023_disclosures'), ('catalog', '0024_visiting_hours')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Calendar',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('zone', models.CharField(max_length=64)),
                ('always_open', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='calendar_key')],
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('scope', models.TextField(blank=True)),
                ('party', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='accounts.party')),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), blank=True, default=list, size=None)),
                ('eligibility', models.TextField(blank=True)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='campaign_key')],
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=20)),
                ('name', models.CharField(max_length=100)),
                ('capture_method', models.CharField(choices=[('web_form', 'web form'), ('call', 'call'), ('chat', 'chat'), ('email', 'email'), ('event', 'event'), ('referral', 'referral'), ('import', 'import'), ('manual', 'manual'), ('api', 'api')], max_length=12)),
                ('initial_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), blank=True, default=list, size=None)),
                ('required_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), blank=True, default=list, size=None)),
                ('start_event', models.CharField(choices=[('form_submitted', 'form submitted'), ('call_connected', 'call connected'), ('chat_accepted', 'chat accepted'), ('email_captured', 'email captured'), ('event_check_in', 'event check in'), ('referral_received', 'referral received'), ('record_received', 'record received')], max_length=24)),
                ('owning_team', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('consent_step', models.CharField(choices=[('hold', 'hold'), ('refuse', 'refuse')], default=apps.catalog.terms.ConsentStep['HOLD'], max_length=8)),
                ('sla_policy', models.CharField(blank=True, max_length=40)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='channel_key'), models.CheckConstraint(condition=models.Q(('start_event', ''), _negated=True), name='channel_starts_somehow')],
            },
        ),
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('label', models.CharField(max_length=100)),
                ('meaning', models.CharField(blank=True, max_length=500)),
                ('kind', models.CharField(choices=[('text', 'text'), ('choice', 'choice'), ('number', 'number'), ('date', 'date'), ('yes_no', 'yes no')], default=apps.catalog.terms.FieldKind['TEXT'], max_length=10)),
                ('picklist', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('synonyms', models.JSONField(blank=True, default=dict)),
                ('privacy', models.CharField(choices=[('plain', 'plain'), ('contact', 'contact'), ('marketing', 'marketing'), ('health', 'health'), ('insurance', 'insurance'), ('phi', 'phi')], default=apps.catalog.terms.PrivacyClass['PLAIN'], max_length=10)),
                ('origin', models.CharField(blank=True, max_length=200)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='custom_field_key')],
            },
        ),
        migrations.CreateModel(
            name='FieldKeeping',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('field', models.CharField(max_length=63)),
                ('team', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('kept_months', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1200)])),
                ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('care', 'care'), ('scheduling', 'scheduling'), ('payment', 'payment'), ('reporting', 'reporting'), ('marketing', 'marketing')], max_length=12), blank=True, db_default=models.Value('{}'), default=list, size=None)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'verbose_name': 'maintainer and retention',
                'verbose_name_plural': 'maintainers and retention',
                'constraints': [models.UniqueConstraint(fields=('organization', 'field'), name='field_keeping_once')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('calendar', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='catalog.calendar')),
                ('day', models.DateField()),
                ('name', models.CharField(max_length=100)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'calendar', 'day'), name='holiday_once')],
            },
        ),
        migrations.CreateModel(
            name='Location',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('street', models.CharField(blank=True, max_length=200)),
                ('city', models.CharField(max_length=100)),
                ('region', models.CharField(max_length=40)),
                ('postal_code', models.CharField(max_length=12)),
                ('latitude', models.FloatField()),
                ('longitude', models.FloatField()),
                ('synonyms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('calendar', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.calendar')),
                ('is_available', models.BooleanField(default=True)),
                ('unavailable_because', models.CharField(blank=True, max_length=100)),
                ('fallback', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.location')),
                ('phone', models.CharField(blank=True, max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='location_key')],
            },
        ),
        migrations.CreateModel(
            name='OpeningSpan',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('calendar', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spans', to='catalog.calendar')),
                ('weekday', models.PositiveSmallIntegerField()),
                ('opens', models.TimeField()),
                ('closes', models.TimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='span_weekday'), models.UniqueConstraint(fields=('organization', 'calendar', 'weekday', 'opens'), name='span_once')],
            },
        ),
        migrations.CreateModel(
            name='OutsideSystem',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=100)),
                ('adapter', models.CharField(choices=[('webhook', 'signed message (webhook)'), ('by_hand', 'by hand')], max_length=20)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('sealed_secret', models.BinaryField(null=True)),
                ('api_key', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='systems', to='accounts.apikey')),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), blank=True, db_default=models.Value('{}'), default=list, size=None)),
                ('purpose', models.CharField(choices=[('care', 'care'), ('scheduling', 'scheduling'), ('payment', 'payment'), ('reporting', 'reporting'), ('marketing', 'marketing')], db_default='care', default=apps.catalog.terms.FieldUse['CARE'], max_length=12)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='outside_system_key')],
            },
        ),
        migrations.CreateModel(
            name='Provider',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), default=list, size=None)),
                ('offices', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), default=list, size=None)),
                ('takes_new_patients', models.BooleanField(default=True)),
                ('visiting_hours', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='provider_key')],
            },
        ),
        migrations.CreateModel(
            name='Queue',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('target_kind', models.CharField(choices=[('office', 'office'), ('specialty_practice', 'specialty practice'), ('affiliate', 'affiliate'), ('internal_queue', 'internal queue'), ('scheduling_team', 'scheduling team'), ('specialty_coordinator', 'specialty coordinator'), ('follow_up_workflow', 'follow up workflow')], default=apps.catalog.terms.TargetKind['INTERNAL'], max_length=24)),
                ('team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='queues', to='accounts.team')),
                ('calendar', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.calendar')),
                ('location', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='queues', to='catalog.location')),
                ('method', models.CharField(choices=[('round_robin', 'round robin'), ('shared', 'shared')], default=apps.catalog.terms.QueueMethod['ROUND_ROBIN'], max_length=12)),
                ('after_hours_queue', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.queue')),
                ('max_wait_seconds', models.PositiveIntegerField(default=1800)),
                ('tag', models.CharField(blank=True, max_length=30)),
                ('capacity', models.PositiveIntegerField(blank=True, null=True)),
                ('overflow_queue', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.queue')),
                ('batch_times', django.contrib.postgres.fields.ArrayField(base_field=models.TimeField(), blank=True, default=list, size=None)),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('call', 'call'), ('text', 'text'), ('email', 'email')], max_length=8), blank=True, default=list, size=None)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='queue_key')],
            },
        ),
        migrations.CreateModel(
            name='SchedulingWorkflow',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('own_schedule', 'own schedule'), ('external_system', 'external system'), ('call_back', 'call back')], max_length=16)),
                ('team', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('system', models.CharField(blank=True, max_length=200)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='workflow_key'), models.CheckConstraint(condition=models.Q(('kind', 'external_system'), ('system', ''), _connector='XOR'), name='workflow_names_its_system', violation_error_message='Name the system where it is another one, and only there.')],
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('therapy', 'therapy'), ('specialty_care', 'specialty care'), ('diagnostic', 'diagnostic'), ('program_enrolment', 'program enrolment')], default=apps.catalog.terms.ServiceKind['SPECIALTY_CARE'], max_length=20)),
                ('synonyms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('appointment_types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None)),
                ('accepts_new_patients', models.BooleanField(default=True)),
                ('min_age', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('max_age', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('eligibility', models.TextField(blank=True)),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('slot_days', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)])),
                ('workflow', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='services', to='catalog.schedulingworkflow')),
                ('owner', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('effective_on', models.DateField(blank=True, null=True)),
                ('proposed_by', models.CharField(blank=True, max_length=200)),
                ('approved_by', models.CharField(blank=True, max_length=200)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='service_key')],
            },
        ),
        migrations.CreateModel(
            name='OpenSlots',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('provider', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='catalog.provider')),
                ('location', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.location')),
                ('service', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service')),
                ('starts', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), blank=True, default=list, size=None)),
                ('heard_at', models.DateTimeField()),
                ('heard_from', models.CharField(max_length=200)),
            ],
            options={
                'verbose_name': 'open slots',
                'verbose_name_plural': 'open slots',
                'constraints': [models.UniqueConstraint(fields=('organization', 'service', 'provider', 'location'), name='open_slots_once')],
            },
        ),
        migrations.CreateModel(
            name='Offering',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('service', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offerings', to='catalog.service')),
                ('location', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offerings', to='catalog.location')),
                ('is_specialty', models.BooleanField(default=False)),
                ('established_only', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'service', 'location'), name='offering_once')],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('type', models.CharField(choices=[('website_form', 'website form'), ('landing_page', 'landing page'), ('gated_download', 'gated download'), ('event', 'event'), ('referral', 'referral'), ('partner_portal', 'partner portal'), ('inbound_call', 'inbound call'), ('call_tracking_number', 'call tracking number'), ('live_chat', 'live chat'), ('chatbot', 'chatbot'), ('paid_search', 'paid search'), ('paid_display', 'paid display'), ('organic_search', 'organic search'), ('outbound_reply', 'outbound reply'), ('email_capture', 'email capture'), ('job_board', 'job board'), ('calling_list', 'calling list'), ('booked_call', 'booked call'), ('business_inquiry', 'business inquiry'), ('unknown', 'unknown')], max_length=24)),
                ('channel', models.CharField(max_length=20)),
                ('start_event', models.CharField(blank=True, choices=[('form_submitted', 'form submitted'), ('call_connected', 'call connected'), ('chat_accepted', 'chat accepted'), ('email_captured', 'email captured'), ('event_check_in', 'event check in'), ('referral_received', 'referral received'), ('record_received', 'record received')], max_length=24)),
                ('required_fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('missing_consent', models.CharField(blank=True, choices=[('hold', 'hold'), ('refuse', 'refuse')], max_length=8)),
                ('party', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sources', to='accounts.party')),
                ('campaign', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sources', to='catalog.campaign')),
                ('owning_team', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='source_key')],
            },
        ),
        migrations.CreateModel(
            name='SourceFigure',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('source', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='catalog.source')),
                ('made_on', models.DateField()),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('leads', models.PositiveIntegerField()),
                ('converted', models.PositiveIntegerField()),
                ('percent', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'source', 'made_on'), name='source_figure_of_day'), models.CheckConstraint(condition=models.Q(('converted__lte', models.F('leads')), ('leads__gt', 0)), name='source_figure_share')],
            },
        ),
        migrations.CreateModel(
            name='TeamCoverage',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='coverage', to='accounts.team')),
                ('location', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.location')),
                ('service', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'team', 'location', 'service'), name='coverage_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='TrackingNumber',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('number', models.CharField(max_length=16)),
                ('label', models.CharField(blank=True, max_length=100)),
                ('keyword', models.CharField(blank=True, max_length=100)),
                ('campaign', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tracking_numbers', to='catalog.campaign')),
                ('location', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.location')),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='tracking_number')],
            },
        ),
        migrations.CreateModel(
            name='UnmappedWord',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('source', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='unmapped_words', to='catalog.source')),
                ('field', models.CharField(blank=True, max_length=80)),
                ('word', models.CharField(max_length=100)),
                ('typed', models.CharField(blank=True, max_length=80)),
                ('name', models.CharField(blank=True, max_length=100)),
                ('team', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('state', models.CharField(choices=[('open', 'open'), ('mapped', 'mapped'), ('ignored', 'ignored')], default=apps.catalog.terms.WordState['OPEN'], max_length=8)),
                ('means', models.CharField(blank=True, max_length=80)),
                ('sealed', models.BinaryField(null=True)),
                ('version', models.PositiveIntegerField(null=True)),
                ('decided_by', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['organization', '-last_at'], name='unmapped_word_open')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'source', 'field', 'word'), name='unmapped_word_once')],
            },
        ),
        migrations.CreateModel(
            name='Vendor',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('service', models.CharField(max_length=200)),
                ('touches_phi', models.BooleanField(default=True)),
                ('owner', apps.tenancy.fields.TenantForeignKey(blank=True, indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('grace_until', models.DateField(blank=True, null=True)),
                ('paused_at', models.DateTimeField(editable=False, null=True)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='vendor_key')],
            },
        ),
        migrations.CreateModel(
            name='VendorAgreement',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('vendor', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agreements', to='catalog.vendor')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('executed', 'Executed'), ('ended', 'Ended')], max_length=10)),
                ('signed_on', models.DateField(blank=True, null=True)),
                ('effective_on', models.DateField(blank=True, null=True)),
                ('expires_on', models.DateField(blank=True, null=True)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('permitted_uses', models.BooleanField(default=False)),
                ('safeguards', models.BooleanField(default=False)),
                ('notice_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('subcontractors', models.BooleanField(default=False)),
                ('access_and_amendment', models.BooleanField(default=False)),
                ('termination', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.CharField(max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'executed')), fields=('organization', 'vendor'), name='one_executed_agreement'), models.CheckConstraint(condition=models.Q(('expires_on__isnull', True), ('expires_on__gte', models.F('effective_on')), _connector='OR'), name='agreement_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'executed'), _negated=True), models.Q(('effective_on__isnull', False), ('signed_on__isnull', False)), _connector='OR'), name='executed_agreement_is_signed')],
            },
        ),
        migrations.CreateModel(
            name='VendorCertificate',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('vendor', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='certificates', to='catalog.vendor')),
                ('kind', models.CharField(choices=[('hitrust', 'HITRUST'), ('soc2_ii', 'SOC 2 Type II'), ('other', 'Other')], max_length=20)),
                ('expires_on', models.DateField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'vendor', 'kind'), name='certificate_once')],
            },
        ),
        migrations.CreateModel(
            name='VendorUse',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('vendor', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='catalog.vendor')),
                ('kind', models.CharField(choices=[('connection', 'Sender'), ('system', 'Outside system'), ('texts', 'Text messages'), ('mail', 'Mail'), ('agency', 'Agency deliveries')], max_length=12)),
                ('ref', models.CharField(blank=True, max_length=63)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'kind', 'ref'), name='vendor_use_once')],
            },
        ),
        migrations.CreateModel(
            name='WaitingLead',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('word', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='waiting', to='catalog.unmappedword')),
                ('submission_id', models.UUIDField()),
                ('lead_id', models.UUIDField()),
                ('filled_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead_id'], name='waiting_lead_of_lead')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'word', 'submission_id'), name='waiting_lead_once')],
            },
        ),
        migrations.CreateModel(
            name='WorkShift',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('membership', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.membership')),
                ('calendar', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.calendar')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'membership'), name='work_shift_of_member')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='calendar',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='ea4103ae1b325681064797ab806ff5ca4e8cf566', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_fe1cb', table='catalog_calendar', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='cf9a568d902c2bee1292d13971b69679952ffa64', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_266ce', table='catalog_campaign', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='channel',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='38816606a82cce18e69a0896aaf100ff2f30c35a', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_e5998', table='catalog_channel', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='customfield',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='5e8f11322f68d533fa53c298b2df6564dfa5b3f1', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_4a5b5', table='catalog_customfield', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fieldkeeping',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='a89f13076db94d5bf5eb39bc2027c5fc66454f8a', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_f4a42', table='catalog_fieldkeeping', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holiday',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='2e6aeca1c70dd9eff5bf1dea427c99d92a44a74f', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_22e95', table='catalog_holiday', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='location',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='87c4692bdf740eeba2a404fdfc1b436f12b034fb', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_62004', table='catalog_location', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='openingspan',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='2cdc4d42f9b12ac7e9af272f8ba3e256d3ea2cf3', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_ae3ca', table='catalog_openingspan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='outsidesystem',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='a58f4adc53375fb2e8f7d6d317a307db8ce1442e', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_77924', table='catalog_outsidesystem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='provider',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='2ffb3cef529f4d418f47f79946f61f0bcd510426', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_8d67a', table='catalog_provider', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='queue',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='3e9a6c9d6edc6daa09fcb9508a8cafe9f029cc27', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_d187f', table='catalog_queue', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schedulingworkflow',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='6c4f2f1420216b620863a99ceab74c5bac85c4a1', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_adeac', table='catalog_schedulingworkflow', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='service',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='2b041d4ccc3cb3523f6b199ead05a19671f0c00e', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_af436', table='catalog_service', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='offering',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='7455596c26ec196ac99db2088c9ed0e1bd59d3c1', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_10757', table='catalog_offering', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='781d0ee9f2543fb44747eaf56823469e360e223b', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_b165d', table='catalog_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sourcefigure',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='8b02477c482c23c632aa92ce97c9a1096f84500c', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_ebb5f', table='catalog_sourcefigure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sourcefigure',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d4b4cf79b221aebd575bcb2d01cdcf59b4372450', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3a5b7', table='catalog_sourcefigure', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='trackingnumber',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='64591ac80370fc5a095b6edf3503685abbe9d29e', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_9d5af', table='catalog_trackingnumber', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='vendor',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='adaf3b71ba711b3b4c518e9773d63b63f388a36c', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_ed989', table='catalog_vendor', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='vendoragreement',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='55a3de95185f23cf128a946b5e701260f5a1e695', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_df914', table='catalog_vendoragreement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='vendorcertificate',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='1005b92cef7a655a4d1db2d70b4d7e1742702a1f', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_3dd4a', table='catalog_vendorcertificate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='vendoruse',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='7ac4c175ea58ac0fbc248f6ead7340174e081445', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_b9555', table='catalog_vendoruse', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='workshift',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='07416285fcf97bcf3d949ea34daf12fe81df3b62', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_11127', table='catalog_workshift', when='AFTER')),
        ),
    ]
