import apps.relationships.models
import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('relationships', '0001_relationships_and_opportunities')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('policies', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Relationship',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('party', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.party')),
                ('owner_team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('owner', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('owner_since', models.DateTimeField()),
                ('owned_because', models.CharField(max_length=300)),
                ('created_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'party'), name='relationship_once')],
            },
        ),
        migrations.CreateModel(
            name='Opportunity',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('relationship', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='relationships.relationship')),
                ('lead', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='leads.lead')),
                ('name', models.CharField(max_length=200)),
                ('stage', models.CharField(choices=[('open', 'open'), ('proposed', 'proposed'), ('approved', 'approved')], default='open', max_length=10)),
                ('terms', models.TextField(blank=True)),
                ('next_steps', models.TextField(blank=True)),
                ('terms_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('terms_label', models.CharField(blank=True, max_length=200)),
                ('terms_at', models.DateTimeField(null=True)),
                ('approved_label', models.CharField(blank=True, max_length=200)),
                ('approved_at', models.DateTimeField(null=True)),
                ('owner_team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('owner', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('owner_since', models.DateTimeField()),
                ('owned_because', models.CharField(max_length=300)),
                ('opened_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name_plural': 'opportunities',
                'ordering': ['opened_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('stage', 'approved'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='approved_terms_are_dated'), models.CheckConstraint(condition=models.Q(('stage', 'open'), models.Q(models.Q(('terms', ''), _negated=True), models.Q(('next_steps', ''), _negated=True)), _connector='OR'), name='proposed_terms_are_there')],
            },
        ),
        migrations.CreateModel(
            name='RelationshipContact',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('relationship', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='relationships.relationship')),
                ('name', models.CharField(max_length=200)),
                ('title', models.CharField(blank=True, max_length=100)),
                ('role', models.CharField(choices=[('decides', 'decides'), ('schedules', 'schedules'), ('contracts', 'contracts'), ('refers', 'refers'), ('informs', 'informs')], max_length=12)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('email', models.CharField(blank=True, max_length=254)),
                ('added_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['added_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['organization', 'phone'], name='partner_phone'), models.Index(condition=models.Q(('email', ''), _negated=True), fields=['organization', 'email'], name='partner_email')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('role', 'decides')), fields=('organization', 'relationship'), name='one_contact_decides')],
            },
        ),
        migrations.CreateModel(
            name='RelationshipEntry',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('relationship', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='relationships.relationship')),
                ('opportunity', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='relationships.opportunity')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=20)),
                ('sentence', models.CharField(max_length=500)),
                ('actor_label', models.CharField(max_length=200)),
                ('event_id', models.UUIDField()),
            ],
            options={
                'verbose_name_plural': 'relationship entries',
                'indexes': [models.Index(fields=['organization', 'relationship', '-at', '-id'], name='relationship_story')],
            },
        ),
        migrations.CreateModel(
            name='RelationshipRequest',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('relationship', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='relationships.relationship')),
                ('opportunity', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='relationships.opportunity')),
                ('field', models.CharField(max_length=20)),
                ('proposed', models.TextField()),
                ('reason', models.CharField(max_length=300)),
                ('asker', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('asker_label', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'open'), ('accepted', 'accepted'), ('declined', 'declined')], default='open', max_length=10)),
                ('answer', models.CharField(blank=True, max_length=300)),
                ('answered_label', models.CharField(blank=True, max_length=200)),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'open'), ('answered_at__isnull', False), _connector='OR'), name='partner_answer_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='RelationshipSpell',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('relationship', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spells', to='relationships.relationship')),
                ('opportunity', apps.tenancy.fields.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spells', to='relationships.opportunity')),
                ('team', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('membership', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('trigger', models.CharField(max_length=40)),
                ('reason', models.CharField(max_length=300)),
                ('actor_label', models.CharField(max_length=200)),
                ('event_id', models.UUIDField()),
                ('policy', models.CharField(blank=True, max_length=60)),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
            ],
            options={
                'ordering': ['started_at', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('opportunity__isnull', True)), fields=('organization', 'relationship'), name='one_owner_of_group'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('opportunity__isnull', False)), fields=('organization', 'opportunity'), name='one_owner_of_opportunity'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('opportunity__isnull', True)), expressions=[(models.F('organization_id'), '='), (models.F('relationship_id'), '='), (apps.relationships.models._Period('started_at', 'ended_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='group_spells_do_not_overlap'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('opportunity__isnull', False)), expressions=[(models.F('organization_id'), '='), (models.F('opportunity_id'), '='), (apps.relationships.models._Period('started_at', 'ended_at', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='deal_spells_do_not_overlap')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relationshipentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='257d25afcdb37a5c1088dc5b5743f02672bac32c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e06bd', table='relationships_relationshipentry', when='BEFORE')),
        ),
    ]
