"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_set_aside")]
    operations = [
        migrations.AddField(
            model_name="consentevent",
            name="sealed_evidence",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="evidence_sealed"),
        ),
        migrations.AlterField(model_name="consentevent", name="evidence", field=models.JSONField(default=dict, null=True)),
        migrations.AddField(
            model_name="consentevent",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="consentevent", name="reason", field=models.CharField(blank=True, max_length=300, null=True)),
    ]
