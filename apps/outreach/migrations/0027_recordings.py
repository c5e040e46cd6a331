"""Where the recording or the transcript of a contact lies (row TK-12)."""

import apps.tenancy.fields
import apps.tenancy.ids
import apps.tenancy.scope
import apps.tenancy.sealed_fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0026_erased_at'),
        ('outreach', '0026_scheduling_links'),
        ('tenancy', '0004_tenant_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.UUIDField(default=apps.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('recording', 'recording'), ('transcript', 'transcript')], max_length=12)),
                ('address', apps.tenancy.sealed_fields.SealedTextField(db_column='address_sealed')),
                ('added_by', models.CharField(max_length=200)),
                ('added_at', models.DateTimeField()),
                ('erased_at', models.DateTimeField(null=True)),
                ('activity', apps.tenancy.fields.TenantForeignKey(indexed=False, on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='outreach.activity')),
                ('lead', apps.tenancy.fields.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='leads.lead')),
                ('organization', models.ForeignKey(db_index=False, default=apps.tenancy.scope.current_organization_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'activity', 'kind'), name='recording_once')],
            },
        ),
    ]
