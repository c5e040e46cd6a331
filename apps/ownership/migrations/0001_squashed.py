import apps.ownership.models
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('ownership', '0001_initial'), ('ownership', '0002_policy_of_spells'), ('ownership', '0003_shares'), ('ownership', '0004_room_for_more_sealed_words'), ('ownership', '0005_seal_more_words'), ('ownership', '0006_no_more_clear_words')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('accounts', '__first__'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('leads', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='LeadShare',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='leads.lead')),
                ('team', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('member', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('may_contact', models.BooleanField(default=False)),
                ('may_download', models.BooleanField(default=False)),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('granted_by', models.CharField(max_length=200)),
                ('granted_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_because', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['granted_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('team__isnull', False), ('member__isnull', False), _connector='XOR'), name='share_is_with_one'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('granted_at'))), name='share_ends_later')],
            },
        ),
        migrations.CreateModel(
            name='LeadTeamGrant',
            fields=[
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('content_object', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='team_grants', to='leads.lead')),
                ('ends_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['organization', 'group', 'permission', 'content_object'], name='grant_group')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'content_object', 'group', 'permission'), name='grant_once')],
            },
        ),
        migrations.CreateModel(
            name='LeadUserGrant',
            fields=[
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('content_object', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='user_grants', to='leads.lead')),
                ('ends_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('organization', 'content_object', 'user', 'permission'), name='user_grant_once')],
            },
        ),
        migrations.CreateModel(
            name='Spell',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spells', to='leads.lead')),
                ('kind', models.CharField(choices=[('primary', 'primary'), ('delivery', 'delivery'), ('outcome', 'outcome'), ('outreach', 'outreach')], default='primary', max_length=10)),
                ('team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('membership', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('trigger', models.CharField(max_length=40)),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('actor_label', models.CharField(max_length=200)),
                ('event_id', models.UUIDField(null=True)),
                ('policy', models.CharField(blank=True, db_default='', default='', max_length=60)),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
            ],
            options={
                'ordering': ['started_at', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'lead', 'kind'), name='one_owner'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.F('organization_id'), '='), (models.F('lead_id'), '='), (models.F('kind'), '='), (apps.ownership.models._Period('started_at', 'ended_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='spells_do_not_overlap')],
            },
        ),
    ]
