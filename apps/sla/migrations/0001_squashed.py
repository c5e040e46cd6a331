import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('sla', '0001_initial'), ('sla', '0002_picked'), ('sla', '0003_exceptions'), ('sla', '0004_attempts_and_pauses'), ('sla', '0005_alert_mails')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='SlaPause',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('reason', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=200)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('actor_label', models.CharField(max_length=200)),
                ('paused_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=60)),
            ],
            options={
                'verbose_name': 'SLA pause',
                'indexes': [models.Index(fields=['organization', 'lead', 'paused_at'], name='pause_of_lead')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'lead'), name='one_open_pause')],
            },
        ),
        migrations.CreateModel(
            name='SlaTimer',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timers', to='leads.lead')),
                ('kind', models.CharField(choices=[('acknowledgement', 'acknowledgement'), ('first_contact', 'first contact'), ('routing', 'routing'), ('acceptance', 'acceptance'), ('follow_up', 'follow up'), ('exception', 'exception'), ('intake', 'intake'), ('attempt', 'attempt')], max_length=20)),
                ('policy_id', models.CharField(max_length=40)),
                ('policy_name', models.CharField(max_length=200)),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('clock', models.CharField(default='business', max_length=10)),
                ('limit_seconds', models.PositiveIntegerField()),
                ('started_at', models.DateTimeField()),
                ('at_risk_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('at_risk_noted_at', models.DateTimeField(null=True)),
                ('breached_at', models.DateTimeField(null=True)),
                ('met_at', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('pause', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.slapause')),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('total', models.PositiveSmallIntegerField(default=0)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=60)),
                ('picked', models.JSONField(null=True)),
            ],
            options={
                'verbose_name': 'SLA timer',
                'indexes': [models.Index(condition=models.Q(('cancelled_at__isnull', True), ('met_at__isnull', True)), fields=['organization', 'due_at'], name='timer_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cancelled_at__isnull', True), ('met_at__isnull', True)), fields=('organization', 'lead', 'kind'), name='one_running_timer')],
            },
        ),
        migrations.CreateModel(
            name='Escalation',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('timer', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='sla.slatimer')),
                ('step', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField()),
                ('do', models.CharField(max_length=20)),
                ('who', models.CharField(max_length=30)),
                ('done_at', models.DateTimeField(null=True)),
                ('result', models.CharField(blank=True, max_length=200)),
                ('member', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('seen_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['at', 'step'],
                'indexes': [models.Index(condition=models.Q(('member__isnull', False)), fields=['organization', 'done_at'], name='escalation_told')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'timer', 'step'), name='escalation_once')],
            },
        ),
    ]
