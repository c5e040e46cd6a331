import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    # A database of before has all of these; decision 0046.
    replaces = [('handoffs', '0001_handoffs'), ('handoffs', '0002_room_for_sealed_notes'), ('handoffs', '0003_seal_notes'), ('handoffs', '0004_no_clear_notes'), ('handoffs', '0005_room_for_more_sealed_words'), ('handoffs', '0006_seal_more_words'), ('handoffs', '0007_no_more_clear_words')]

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
            name='Mismatch',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mismatches', to='leads.lead')),
                ('chosen', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service')),
                ('actual', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service')),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('found_by', models.CharField(choices=[('transfer', 'transfer'), ('report', 'report')], max_length=10)),
                ('reported_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('reported_label', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'mismatches',
                'indexes': [models.Index(fields=['organization', 'at'], name='mismatch_at')],
            },
        ),
        migrations.CreateModel(
            name='Handoff',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handoffs', to='leads.lead')),
                ('type_id', models.CharField(max_length=40)),
                ('type_name', models.CharField(max_length=200)),
                ('version', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.rulesetversion')),
                ('previous', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handoffs.handoff')),
                ('from_team', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('to_team', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('offered_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('offered_label', models.CharField(max_length=200)),
                ('offered_at', models.DateTimeField()),
                ('accept_by', models.DateTimeField()),
                ('outreach_seconds', models.PositiveIntegerField()),
                ('outreach_by', models.DateTimeField(null=True)),
                ('keeps_view', models.BooleanField(default=False)),
                ('note', apps.tenancy.sealed_fields.SealedJSONField(db_column='note_sealed')),
                ('checklist', models.JSONField(default=list)),
                ('travels', models.JSONField(default=list)),
                ('withheld', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('offered', 'offered'), ('accepted', 'accepted'), ('returned', 'returned'), ('withdrawn', 'withdrawn')], default='offered', max_length=10)),
                ('answered_by', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('answered_label', models.CharField(blank=True, max_length=200)),
                ('answered_at', models.DateTimeField(null=True)),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'offered')), fields=['organization', 'to_team', 'accept_by'], name='handoff_waits'), models.Index(fields=['organization', 'offered_at'], name='handoff_offered')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'offered')), fields=('organization', 'lead'), name='one_open_handoff'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'returned'), _negated=True), ('reason__isnull', False), _connector='OR'), name='returned_says_why'), models.CheckConstraint(condition=models.Q(('state', 'offered'), ('answered_at__isnull', False), _connector='OR'), name='answer_has_instant')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handoff',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='0429c106f06e55f12781894a901c60fce852445d', operation='DELETE', pgid='pgtrigger_no_delete_ebedc', table='handoffs_handoff', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='handoff',
            trigger=pgtrigger.compiler.Trigger(name='offer_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."lead_id" IS DISTINCT FROM (NEW."lead_id") OR OLD."type_id" IS DISTINCT FROM (NEW."type_id") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id") OR OLD."from_team_id" IS DISTINCT FROM (NEW."from_team_id") OR OLD."to_team_id" IS DISTINCT FROM (NEW."to_team_id") OR OLD."offered_label" IS DISTINCT FROM (NEW."offered_label") OR OLD."offered_at" IS DISTINCT FROM (NEW."offered_at") OR OLD."note_sealed" IS DISTINCT FROM (NEW."note_sealed") OR OLD."checklist" IS DISTINCT FROM (NEW."checklist") OR OLD."travels" IS DISTINCT FROM (NEW."travels") OR OLD."withheld" IS DISTINCT FROM (NEW."withheld"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0c100b16405eaf34f5b265c349bf168d4b056e6f', operation='UPDATE', pgid='pgtrigger_offer_stays_a7489', table='handoffs_handoff', when='BEFORE')),
        ),
    ]
