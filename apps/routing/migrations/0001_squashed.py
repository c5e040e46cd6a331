import apps.routing.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('routing', '0001_initial'), ('routing', '0002_heard_and_engine'), ('routing', '0003_engine_by_function'), ('routing', '0004_decisions_by_time'), ('routing', '0005_experiment_arms')]

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
            name='MemberTurn',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('queue', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='catalog.queue')),
                ('membership', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.membership')),
                ('last_turn', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'queue', 'membership'), name='turn_of_member')],
            },
        ),
        migrations.CreateModel(
            name='QueueTurn',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('queue', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.queue')),
                ('last_turn', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'queue'), name='turn_of_queue')],
            },
        ),
        migrations.CreateModel(
            name='RoutingDecision',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='routings', to='leads.lead')),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('experiment', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.experiment')),
                ('arm', models.CharField(blank=True, db_default='', max_length=1)),
                ('queue', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.queue')),
                ('member', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('rule_id', models.CharField(blank=True, max_length=40)),
                ('cause', models.CharField(max_length=40)),
                ('is_fallback', models.BooleanField(default=False)),
                ('exception', models.CharField(blank=True, max_length=60)),
                ('verdict', models.JSONField()),
                ('turn', models.JSONField(default=dict)),
                ('facts', models.JSONField()),
                ('heard', models.JSONField(null=True)),
                ('engine', models.PositiveSmallIntegerField(db_default=1, default=apps.routing.terms.engine_now)),
                ('network', models.JSONField()),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'lead', '-decided_at'], name='routing_lead'), models.Index(fields=['organization', 'decided_at', 'id'], name='routing_time'), models.Index(condition=models.Q(('experiment__isnull', False)), fields=['organization', 'experiment', 'arm'], name='routing_experiment')],
            },
        ),
    ]
