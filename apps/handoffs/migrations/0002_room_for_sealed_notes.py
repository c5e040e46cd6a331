"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0001_handoffs")]
    operations = [
        migrations.AddField(
            model_name="handoff",
            name="sealed_note",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="note_sealed"),
        ),
        migrations.AlterField(model_name="handoff", name="note", field=models.JSONField(null=True)),
    ]
