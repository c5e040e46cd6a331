import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('exceptions', '0001_exceptions'), ('exceptions', '0002_missing_data'), ('exceptions', '0003_ineligible'), ('exceptions', '0004_review_before_contact'), ('exceptions', '0005_room_for_sealed_answers'), ('exceptions', '0006_seal_answers'), ('exceptions', '0007_no_clear_answers'), ('exceptions', '0008_room_for_more_sealed_words'), ('exceptions', '0009_seal_more_words'), ('exceptions', '0010_no_more_clear_words')]

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
            name='ExceptionItem',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exceptions', to='leads.lead')),
                ('type', models.CharField(choices=[('missing_fields', 'Missing fields'), ('conflicting_location', 'Conflicting location'), ('unavailable_service', 'Unavailable service'), ('incomplete_form', 'Incomplete form'), ('wrong_number', 'Wrong number'), ('referral_to_verify', 'Referral to verify'), ('outside_coverage', 'Outside coverage'), ('no_permitted_channel', 'No permitted channel'), ('unmapped_value', 'Unmapped value'), ('no_rule', 'No rule'), ('sync_error', 'Sync error'), ('owner_mismatch', 'Owner mismatch'), ('ineligible', 'Not eligible'), ('pre_contact_review', 'Review before contact')], max_length=30)),
                ('code', models.CharField(max_length=60)),
                ('detail', apps.tenancy.sealed_fields.SealedTextField(db_column='detail_sealed')),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('escalated_at', models.DateTimeField(null=True)),
                ('queue', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.queue')),
                ('state', models.CharField(choices=[('open', 'open'), ('waiting_approval', 'waiting approval'), ('resolved', 'resolved')], default='open', max_length=20)),
                ('guess', models.JSONField(default=dict)),
                ('allowed', models.JSONField(default=list)),
                ('approver', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('approves', models.JSONField(default=list)),
                ('then', models.CharField(default='team_lead', max_length=63)),
                ('missing_data', models.CharField(db_default='hold', default='hold', max_length=12)),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('criteria', models.JSONField(db_default=[], default=list)),
                ('answers', apps.tenancy.sealed_fields.SealedJSONField(db_column='answers_sealed')),
                ('proposal', apps.tenancy.sealed_fields.SealedJSONField(db_column='proposal_sealed')),
                ('decision', models.CharField(blank=True, max_length=20)),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('decided_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('decided_label', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
                ('approved_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['open', 'waiting_approval'])), fields=['organization', 'due_at'], name='exception_open'), models.Index(fields=['organization', 'opened_at'], name='exception_opened'), models.Index(condition=models.Q(('state', 'resolved')), fields=['organization', 'decided_at'], name='exception_decided')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'waiting_approval'])), fields=('organization', 'lead', 'type'), name='one_open_exception_of_a_type')],
            },
        ),
    ]
