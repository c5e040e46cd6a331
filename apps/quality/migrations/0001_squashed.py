import apps.quality.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('quality', '0001_initial'), ('quality', '0002_stage_owner_and_explanations')]

    initial = True

    dependencies = [
        ('leads', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='FixItem',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('check_key', models.CharField(choices=[('missing_required', 'missing_required'), ('duplicates', 'duplicates'), ('missing_attribution', 'missing_attribution'), ('no_next_action', 'no_next_action'), ('inactive_owner', 'inactive_owner'), ('owner_mismatch', 'owner_mismatch'), ('stage_owner', 'stage_owner'), ('unmapped_value', 'unmapped_value'), ('unknown_source', 'unknown_source'), ('invalid_phone', 'invalid_phone'), ('stale_contact', 'stale_contact'), ('consent_evidence', 'consent_evidence'), ('disagrees', 'disagrees'), ('held_long', 'held_long'), ('no_inquiry', 'no_inquiry')], max_length=30)),
                ('subject_id', models.UUIDField()),
                ('lead', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('found_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('explained_at', models.DateTimeField(null=True)),
                ('explained_by', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('explained_because', models.CharField(blank=True, db_default='', default='', max_length=300)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('organization', 'check_key', 'subject_id'), name='fix_item_open_once')],
            },
        ),
        migrations.CreateModel(
            name='QualityRun',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('done', 'done')], default=apps.quality.terms.RunState['WAITING'], max_length=10)),
                ('asked_by', models.CharField(max_length=200)),
                ('asked_at', models.DateTimeField()),
                ('computed_at', models.DateTimeField(null=True)),
                ('results', models.JSONField(default=dict)),
                ('by_source', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['organization', '-computed_at'], name='quality_run_computed')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('organization',), name='one_quality_run_waits')],
            },
        ),
    ]
