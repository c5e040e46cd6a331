import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('identity', '0001_initial'), ('identity', '0002_pairs_and_merges'), ('identity', '0003_match_keys'), ('identity', '0004_match_per_lead'), ('identity', '0005_room_for_more_sealed_words'), ('identity', '0006_seal_more_words'), ('identity', '0007_no_more_clear_words')]

    initial = True

    dependencies = [
        ('leads', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='DuplicatePair',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('first', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('second', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('score', models.PositiveSmallIntegerField()),
                ('band', models.CharField(choices=[('strong', 'strong'), ('review', 'review')], max_length=10)),
                ('why', models.CharField(max_length=400)),
                ('lines', models.JSONField(default=list)),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('found_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'open'), ('merged', 'merged'), ('linked', 'linked'), ('separate', 'not a duplicate')], default='open', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('decided_by', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['organization', '-score', 'id'], name='pair_open')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'first', 'second'), name='pair_once'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='pair_in_order'), models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('decided_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='pair_decided_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='MatchDecision',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('submission_id', models.UUIDField()),
                ('person', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('rule_id', models.CharField(blank=True, max_length=40)),
                ('keys', models.JSONField(default=list)),
                ('action', models.CharField(max_length=10)),
                ('verdict', models.CharField(max_length=10)),
                ('reason', models.CharField(max_length=400)),
                ('facts', apps.tenancy.sealed_fields.SealedJSONField(db_column='facts_sealed')),
                ('near', models.JSONField(default=list)),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'submission_id', 'lead'), name='match_once')],
            },
        ),
        migrations.CreateModel(
            name='MatchKey',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('person', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('key', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'key', '-person'], name='match_key_newest')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('survivor', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='leads.person')),
                ('absorbed', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('moved', models.JSONField(default=dict)),
                ('before', apps.tenancy.sealed_fields.SealedJSONField(db_column='before_sealed')),
                ('after', apps.tenancy.sealed_fields.SealedJSONField(db_column='after_sealed')),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('merged_by', models.CharField(max_length=200)),
                ('merged_at', models.DateTimeField()),
                ('undone_by', models.CharField(blank=True, max_length=200)),
                ('undone_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('organization', 'absorbed'), name='absorbed_once'), models.CheckConstraint(condition=models.Q(('survivor', models.F('absorbed')), _negated=True), name='merge_is_of_two')],
            },
        ),
    ]
