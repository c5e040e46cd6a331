"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0018_first_outreach")]
    operations = [
        migrations.AddField(
            model_name="timelineentry",
            name="sealed_note",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="note_sealed"),
        ),
        migrations.AlterField(model_name="timelineentry", name="note", field=models.TextField(blank=True, null=True)),
    ]
