import apps.accounts.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Recognising an API key and counting its use in one statement, before any scope is open.
USE_KEY = """
    CREATE FUNCTION leadcrm_use_key(asked text, own_id uuid, fixed timestamptz, shift interval)
    RETURNS TABLE (
        organization_id uuid, id uuid, name text, mode text, scopes text[], party_id uuid, membership_id uuid,
        per_minute integer, expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz,
        party_is_active boolean, instant timestamptz, used integer)
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    #variable_conflict use_column
    DECLARE
        place tenancy_address%ROWTYPE;
        present timestamptz := coalesce(fixed, clock_timestamp() + shift);
        counted integer;
    BEGIN
        SELECT * INTO place FROM tenancy_address WHERE kind = 'api_key' AND key = asked;
        IF NOT FOUND THEN RETURN; END IF;
        PERFORM set_config('leadcrm.organization_id', place.organization_id::text, true);
        INSERT INTO accounts_keyusage AS usage (id, organization_id, key_id, minute, count)
        VALUES (own_id, place.organization_id, place.row_id, date_trunc('minute', present, 'UTC'), 1)
        ON CONFLICT (organization_id, key_id, minute) DO UPDATE SET count = usage.count + 1
        RETURNING usage.count INTO counted;
        RETURN QUERY
        SELECT k.organization_id, k.id, k.name::text, k.mode::text, k.scopes::text[], k.party_id, k.membership_id,
            k.per_minute, k.expires_at, k.revoked_at, k.last_used_at, coalesce(p.is_active, true), present, counted
        FROM accounts_apikey k
        LEFT JOIN accounts_party p ON p.organization_id = k.organization_id AND p.id = k.party_id
        WHERE k.id = place.row_id;
    END
    $$
"""


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('accounts', '0001_initial'), ('accounts', '0002_agency_people'), ('accounts', '0003_key_choice'), ('accounts', '0004_use_key'), ('accounts', '0005_notices'), ('accounts', '0006_read_only_field_groups'), ('accounts', '0007_access_requests'), ('accounts', '0008_approve_templates'), ('accounts', '0009_own_keys')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('key_mode', models.CharField(choices=[('letters', 'letters'), ('alt', 'alt'), ('off', 'off')], default=apps.accounts.terms.KeyChoice['LETTERS'], max_length=7)),
                ('own_keys', models.JSONField(blank=True, default=dict)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('health_system', 'health system'), ('partner_clinic', 'partner clinic'), ('physician_group', 'physician group'), ('payer', 'payer'), ('employer', 'employer'), ('referral_program', 'referral program'), ('agency', 'agency'), ('affiliate_provider', 'affiliate provider'), ('vendor', 'vendor')], max_length=30)),
                ('is_active', models.BooleanField(default=True)),
                ('agreement', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'verbose_name_plural': 'parties',
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='party_key')],
            },
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('permissions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('hidden_field_groups', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('read_only_field_groups', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, db_default=[], default=list, size=None)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='role_key')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('role', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.role')),
                ('party', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='accounts.party')),
                ('is_active', models.BooleanField(default=True)),
                ('availability', models.CharField(choices=[('available', 'available'), ('on_call', 'on call'), ('wrap_up', 'wrap up'), ('break', 'break'), ('away', 'away')], default=apps.accounts.terms.Availability['AVAILABLE'], max_length=12)),
                ('open_lead_cap', models.PositiveIntegerField(default=50)),
                ('skills', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'user'), name='membership_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('name', models.CharField(max_length=200)),
                ('prefix', models.CharField(max_length=24)),
                ('digest', models.CharField(max_length=64)),
                ('mode', models.CharField(choices=[('live', 'live'), ('test', 'test')], default=apps.accounts.terms.KeyMode['LIVE'], max_length=4)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('party', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='accounts.party')),
                ('membership', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='accounts.membership')),
                ('per_minute', models.PositiveIntegerField(default=600)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('replaced_by', apps.tenancy.fields.TenantForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='accounts.apikey')),
            ],
            options={
                'verbose_name': 'API key',
                'constraints': [models.UniqueConstraint(fields=('organization', 'digest'), name='api_key_digest')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to=settings.AUTH_USER_MODEL)),
                ('organization_id', models.UUIDField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'organization_id'), name='seat_once')],
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', models.SlugField(max_length=63)),
                ('name', models.CharField(max_length=200)),
                ('function', models.CharField(choices=[('marketing_ops', 'marketing ops'), ('sdr_call', 'sdr call'), ('tele_sales', 'tele sales'), ('intake', 'intake'), ('scheduling', 'scheduling'), ('patient_services', 'patient services'), ('clinical', 'clinical'), ('account_management', 'account management'), ('recruiting', 'recruiting'), ('partnerships', 'partnerships'), ('operations', 'operations'), ('compliance', 'compliance')], max_length=30)),
                ('group', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='team', to='auth.group')),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='team_key')],
            },
        ),
        migrations.CreateModel(
            name='AccessRequest',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('asset_type', models.CharField(max_length=20)),
                ('asset_id', models.UUIDField()),
                ('team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('reason', models.CharField(max_length=300)),
                ('asker', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('asker_label', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'open'), ('granted', 'granted'), ('declined', 'declined')], default='open', max_length=10)),
                ('answer', models.CharField(blank=True, max_length=300)),
                ('answered_label', models.CharField(blank=True, max_length=200)),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organization', 'asset_id', 'team'), name='access_asked_once'), models.CheckConstraint(condition=models.Q(('state', 'open'), ('answered_at__isnull', False), _connector='OR'), name='access_answer_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='TeamMembership',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='accounts.team')),
                ('membership', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='teams', to='accounts.membership')),
                ('is_lead', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'team', 'membership'), name='team_member_once')],
            },
        ),
        migrations.CreateModel(
            name='KeyUsage',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('key', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.apikey')),
                ('minute', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'key', 'minute'), name='key_minute')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('member', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='accounts.membership')),
                ('kind', models.CharField(max_length=30)),
                ('sentence', models.CharField(max_length=300)),
                ('url', models.CharField(blank=True, max_length=300)),
                ('dedup_key', models.CharField(max_length=120)),
                ('made_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('seen_at', None)), fields=['organization', 'member', 'made_at'], name='notice_unseen')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'member', 'dedup_key'), name='notice_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='party',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='fedf295fd52341ce098e1faf167f07be35bedeab', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_2477c', table='accounts_party', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='team',
            trigger=pgtrigger.compiler.Trigger(name='moves_stamp', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            INSERT INTO tenancy_counter (id, organization_id, name, value)\n            SELECT gen_random_uuid(), o.id, 'settings', 1 FROM tenancy_organization o\n             WHERE o.id = NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid\n            ON CONFLICT (organization_id, name) DO UPDATE SET value = tenancy_counter.value + 1;\n            PERFORM set_config('leadcrm.settings_changed', '1', true);\n            RETURN NULL;\n        ", hash='f76e1aa626d9707faddcef56349499ac3751aba5', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_moves_stamp_2272e', table='accounts_team', when='AFTER')),
        ),
        migrations.RunSQL(USE_KEY, "DROP FUNCTION leadcrm_use_key(text, uuid, timestamptz, interval)"),
    ]
