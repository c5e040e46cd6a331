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
    replaces = [('consent', '0001_initial'), ('consent', '0002_dnc_channel'), ('consent', '0003_set_aside'), ('consent', '0004_room_for_more_sealed_words'), ('consent', '0005_seal_more_words'), ('consent', '0006_no_more_clear_words'), ('consent', '0007_preference_link'), ('consent', '0008_limited_to_an_inquiry')]

    initial = True

    dependencies = [
        ('leads', '0001_squashed'),
        ('tenancy', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentEvent',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('person', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consent_events', to='leads.person')),
                ('contact_value', models.CharField(blank=True, max_length=254)),
                ('channel', models.CharField(max_length=10)),
                ('purpose', models.CharField(max_length=20)),
                ('value', models.CharField(max_length=10)),
                ('recorded_at', models.DateTimeField()),
                ('captured_at', models.DateTimeField()),
                ('source', models.CharField(max_length=40)),
                ('recorded_by', models.CharField(max_length=200)),
                ('reason', apps.tenancy.sealed_fields.SealedTextField(db_column='reason_sealed')),
                ('wording_version', models.CharField(blank=True, max_length=20)),
                ('wording_digest', models.CharField(blank=True, max_length=64)),
                ('evidence_kind', models.CharField(blank=True, max_length=30)),
                ('evidence_ref', models.CharField(blank=True, max_length=500)),
                ('evidence', apps.tenancy.sealed_fields.SealedJSONField(db_column='evidence_sealed')),
                ('submission_id', models.UUIDField(null=True)),
                ('only_lead', apps.tenancy.fields.TenantForeignKey(indexed=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead')),
                ('this_inquiry_only', models.BooleanField(db_default=False, default=False)),
                ('expires_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['recorded_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ConsentWording',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('channel', models.CharField(max_length=10)),
                ('purpose', models.CharField(default='care_inquiry', max_length=20)),
                ('version', models.CharField(max_length=20)),
                ('language', models.CharField(default='en', max_length=8)),
                ('text', models.TextField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'channel', 'purpose', 'version', 'language'), name='wording_once')],
            },
        ),
        migrations.CreateModel(
            name='DoNotContact',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('kind', models.CharField(choices=[('phone', 'phone'), ('email', 'e-mail'), ('person', 'person')], max_length=6)),
                ('value', models.CharField(max_length=254)),
                ('channel', models.CharField(blank=True, db_default='', default='', max_length=10)),
                ('reason', models.CharField(max_length=300)),
                ('added_by', models.CharField(max_length=200)),
                ('added_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'do-not-contact entry',
                'verbose_name_plural': 'do-not-contact entries',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('organization', 'kind', 'value', 'channel'), name='dnc_once')],
            },
        ),
        migrations.CreateModel(
            name='PreferenceLink',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('person', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('contact_value', models.CharField(max_length=254)),
                ('channel', models.CharField(max_length=10)),
                ('message_id', models.UUIDField(null=True)),
                ('token_digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('uses', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('used_since', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'token_digest'), name='preference_link_once')],
            },
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
                ('line', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='set_aside', to='consent.consentevent')),
                ('handed_to', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.person')),
                ('reason', models.CharField(max_length=300)),
                ('set_by', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'consent line set aside',
                'verbose_name_plural': 'consent lines set aside',
                'constraints': [models.UniqueConstraint(fields=('organization', 'line'), name='set_aside_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consentevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1c346e473e56f77096d8f27987b3d87f084bf816', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3dd0f', table='consent_consentevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consentevent',
            trigger=pgtrigger.compiler.Trigger(name='widening_needs_maintainer', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF NEW.value <> 'granted' THEN RETURN NEW; END IF;\n        IF coalesce(current_setting('leadcrm.consent_by', true), '') IN ('capture', 'maintainer')\n            THEN RETURN NEW; END IF;\n        RAISE EXCEPTION 'leadcrm: consent is widened only by capture evidence or the maintaining team'\n            USING ERRCODE = 'insufficient_privilege';\n    ", hash='4899dc24f01be5e73e6acc0ee1e9b6fb2bfda06a', operation='INSERT', pgid='pgtrigger_widening_needs_maintainer_1c9c7', table='consent_consentevent', when='BEFORE')),
        ),
    ]
