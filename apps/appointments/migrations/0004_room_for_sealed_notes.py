"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0003_attended")]
    operations = [
        migrations.AddField(
            model_name="appointmentevent",
            name="sealed_note",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="note_sealed"),
        ),
        migrations.AlterField(model_name="appointmentevent", name="note", field=models.CharField(blank=True, max_length=300, null=True)),
    ]
