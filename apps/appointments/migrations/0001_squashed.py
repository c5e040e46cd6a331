import apps.appointments.terms
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
    replaces = [('appointments', '0001_initial'), ('appointments', '0002_event_day'), ('appointments', '0003_attended'), ('appointments', '0004_room_for_sealed_notes'), ('appointments', '0005_seal_notes'), ('appointments', '0006_no_clear_notes'), ('appointments', '0007_completed_visits')]

    initial = True

    dependencies = [
        ('catalog', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='leads.lead')),
                ('service', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.service')),
                ('location', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.location')),
                ('provider', models.CharField(blank=True, max_length=200)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('scheduled', 'scheduled'), ('confirmed', 'confirmed'), ('rescheduled', 'rescheduled'), ('attended', 'attended'), ('no_show', 'no show'), ('cancelled', 'cancelled'), ('completed_intake', 'completed intake')], default=apps.appointments.terms.AppointmentState['SCHEDULED'], max_length=20)),
                ('confirmed_by', models.CharField(blank=True, max_length=60)),
                ('external_ref', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'starts_at'], name='appointment_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('location__isnull', False), models.Q(('provider', ''), _negated=True), _connector='OR'), models.Q(models.Q(('confirmed_by', ''), _negated=True), models.Q(('external_ref', ''), _negated=True), _connector='OR')), name='booked_means_booked'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='AppointmentEvent',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('appointment', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='appointments.appointment')),
                ('state', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('actor_label', models.CharField(max_length=200)),
                ('note', apps.tenancy.sealed_fields.SealedTextField(db_column='note_sealed')),
                ('event_id', models.UUIDField()),
            ],
            options={
                'ordering': ['at', 'id'],
                'indexes': [models.Index(fields=['organization', 'at'], name='appointment_event_day')],
            },
        ),
        migrations.CreateModel(
            name='CompletedVisit',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('appointment', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='appointments.appointment')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='completed_visits', to='leads.lead')),
                ('person', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('source', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.source')),
                ('completed_at', models.DateTimeField()),
                ('care_started_on', models.DateField()),
                ('is_first', models.BooleanField()),
                ('event_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'completed_at'], name='completed_day')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'appointment'), name='completed_once'), models.UniqueConstraint(condition=models.Q(('is_first', True)), fields=('organization', 'person'), name='one_conversion_a_person')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointmentevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c2d9d05acde915e4c49625d1939f6720a656da54', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_34c57', table='appointments_appointmentevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='completedvisit',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='25ad7920867038092c70ed1571eaacd4fe0a2768', operation='DELETE', pgid='pgtrigger_kept_bdf08', table='appointments_completedvisit', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='completedvisit',
            trigger=pgtrigger.compiler.Trigger(name='told_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."appointment_id" IS DISTINCT FROM (NEW."appointment_id") OR OLD."lead_id" IS DISTINCT FROM (NEW."lead_id") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."completed_at" IS DISTINCT FROM (NEW."completed_at") OR OLD."care_started_on" IS DISTINCT FROM (NEW."care_started_on") OR OLD."event_id" IS DISTINCT FROM (NEW."event_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2baf5cfb29ee52aa68c819481fe1b868000fe65a', operation='UPDATE', pgid='pgtrigger_told_once_be77d', table='appointments_completedvisit', when='BEFORE')),
        ),
    ]
