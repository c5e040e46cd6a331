import apps.compliance.retention_terms
import apps.compliance.rights_terms
import apps.compliance.terms
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('compliance', '0001_breach_cases'), ('compliance', '0002_unusual_access'), ('compliance', '0003_retention'), ('compliance', '0004_rights_requests')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='BreachCase',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('number', models.BigIntegerField()),
                ('what', models.CharField(max_length=500)),
                ('discovered_on', models.DateField()),
                ('due_on', models.DateField()),
                ('who', models.CharField(blank=True, max_length=500)),
                ('data', models.CharField(blank=True, max_length=500)),
                ('is_secured', models.BooleanField(default=False)),
                ('contained', models.CharField(blank=True, max_length=500)),
                ('factors', models.JSONField(default=dict)),
                ('found_by', models.JSONField(default=dict)),
                ('unassigned', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('open', 'open'), ('no_breach', 'no breach'), ('notified', 'notified')], default=apps.compliance.terms.CaseState['OPEN'], max_length=10)),
                ('decided_because', models.CharField(blank=True, max_length=500)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.CharField(max_length=200)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='breach_number'), models.CheckConstraint(condition=models.Q(('due_on', models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('discovered_on'), '+', models.Value(60)), output_field=models.DateField()))), name='breach_is_due_in_60_days'), models.CheckConstraint(condition=models.Q(('state', apps.compliance.terms.CaseState['OPEN']), models.Q(('decided_because', ''), _negated=True), _connector='OR'), name='closed_breach_says_why')],
            },
        ),
        migrations.CreateModel(
            name='BreachLetter',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('case', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='compliance.breachcase')),
                ('kind', models.CharField(choices=[('person', 'person'), ('secretary', 'secretary'), ('media', 'media'), ('entity', 'entity')], max_length=10)),
                ('body', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=200)),
                ('sent_on', models.DateField(null=True)),
                ('sent_noted_by', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['kind'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'case', 'kind'), name='breach_letter_once')],
            },
        ),
        migrations.CreateModel(
            name='BreachPerson',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('case', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='persons', to='compliance.breachcase')),
                ('person', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('reads', models.PositiveIntegerField(default=0)),
                ('excluded_because', models.CharField(blank=True, max_length=300)),
                ('excluded_by', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'case', 'person'), name='breach_person_once')],
            },
        ),
        migrations.CreateModel(
            name='BreachTask',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('case', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='compliance.breachcase')),
                ('key', models.CharField(max_length=30)),
                ('part', models.CharField(choices=[('privacy officer', 'privacy officer'), ('security', 'security'), ('counsel', 'counsel'), ('communications', 'communications')], max_length=20)),
                ('due_on', models.DateField()),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['due_on', 'key'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'case', 'key'), name='breach_task_once')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('scope', models.CharField(choices=[('person', 'person'), ('lead', 'lead'), ('class', 'class')], max_length=6)),
                ('person', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('data_class', models.CharField(blank=True, max_length=20)),
                ('reason', models.CharField(max_length=300)),
                ('set_by', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, max_length=200)),
                ('ended_because', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-set_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('data_class', ''), ('lead', None), ('person__isnull', False), ('scope', apps.compliance.retention_terms.HoldScope['PERSON'])), models.Q(('data_class', ''), ('lead__isnull', False), ('person', None), ('scope', apps.compliance.retention_terms.HoldScope['LEAD'])), models.Q(('lead', None), ('person', None), ('scope', apps.compliance.retention_terms.HoldScope['CLASS']), models.Q(('data_class', ''), _negated=True)), _connector='OR'), name='hold_names_its_subject')],
            },
        ),
        migrations.CreateModel(
            name='RetentionRun',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('number', models.BigIntegerField()),
                ('because', models.CharField(choices=[('schedule', 'schedule'), ('request', 'request')], max_length=8)),
                ('state', models.CharField(choices=[('proposed', 'proposed'), ('refused', 'refused'), ('running', 'running'), ('done', 'done')], default=apps.compliance.retention_terms.RunState['PROPOSED'], max_length=8)),
                ('schedule', models.JSONField(default=list)),
                ('counts', models.JSONField(default=dict)),
                ('left', models.JSONField(default=dict)),
                ('total', models.PositiveIntegerField(default=0)),
                ('proposed_by', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('proposed_at', models.DateTimeField()),
                ('approved_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('approved_at', models.DateTimeField(null=True)),
                ('decided_because', models.CharField(blank=True, max_length=300)),
                ('ended_at', models.DateTimeField(null=True)),
                ('erased', models.JSONField(default=dict)),
                ('receipt', models.JSONField(default=dict)),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='retention_number'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='retention_needs_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', [apps.compliance.retention_terms.RunState['RUNNING'], apps.compliance.retention_terms.RunState['DONE']]), _negated=True), ('approved_by__isnull', False), _connector='OR'), name='retention_runs_when_approved')],
            },
        ),
        migrations.CreateModel(
            name='RetentionItem',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('run', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='compliance.retentionrun')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('erased', 'erased'), ('left', 'left')], default=apps.compliance.retention_terms.ItemState['WAITING'], max_length=7)),
                ('why', models.CharField(blank=True, max_length=100)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['organization', 'run', 'id'], name='retention_waiting')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'run', 'lead'), name='retention_item_once')],
            },
        ),
        migrations.CreateModel(
            name='Erased',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('run', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='compliance.retentionrun')),
                ('subject_id', models.UUIDField()),
                ('part', models.CharField(max_length=40)),
                ('counted', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'run'], name='erased_by_run')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'subject_id', 'part'), name='erased_once')],
            },
        ),
        migrations.CreateModel(
            name='RightsRequest',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('number', models.BigIntegerField()),
                ('person', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('lead', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('ask', models.CharField(choices=[('copy', 'copy'), ('amendment', 'amendment'), ('accounting', 'accounting'), ('erasure', 'erasure')], max_length=10)),
                ('words', apps.tenancy.sealed_fields.SealedTextField()),
                ('received_on', models.DateField()),
                ('due_on', models.DateField()),
                ('put_off_because', models.CharField(blank=True, max_length=300)),
                ('identity_proof', models.CharField(blank=True, max_length=200)),
                ('identity_by', models.CharField(blank=True, max_length=200)),
                ('identity_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('open', 'open'), ('approved', 'approved'), ('declined', 'declined')], default=apps.compliance.rights_terms.AskState['OPEN'], max_length=10)),
                ('decided_because', models.CharField(blank=True, max_length=500)),
                ('decided_by', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
                ('released_by', models.CharField(blank=True, max_length=200)),
                ('released_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('run', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='compliance.retentionrun')),
                ('opened_by', models.CharField(max_length=200)),
                ('opened_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['due_on', 'number'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='rights_number'), models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('received_on'))), name='rights_due_after_receipt'), models.CheckConstraint(condition=models.Q(('state', apps.compliance.rights_terms.AskState['OPEN']), models.Q(('decided_because', ''), _negated=True), _connector='OR'), name='rights_decided_for_a_reason'), models.CheckConstraint(condition=models.Q(('state', apps.compliance.rights_terms.AskState['OPEN']), models.Q(('identity_proof', ''), _negated=True), _connector='OR'), name='rights_decided_of_somebody_known')],
            },
        ),
        migrations.CreateModel(
            name='UnusualAccess',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('actor_id', models.UUIDField()),
                ('actor_label', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('volume', 'volume'), ('after_hours', 'after hours'), ('export', 'export'), ('surname', 'surname')], max_length=12)),
                ('hour', models.DateTimeField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('count', models.PositiveIntegerField()),
                ('looked_by', models.CharField(blank=True, max_length=200)),
                ('looked_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-first_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('looked_at', None)), fields=['organization', '-first_at'], name='unusual_waiting')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'kind', 'actor_id', 'hour'), name='unusual_once_an_hour')],
            },
        ),
    ]
