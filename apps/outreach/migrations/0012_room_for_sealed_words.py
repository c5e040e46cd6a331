"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0011_engagement")]
    operations = [
        migrations.AddField(
            model_name="activity",
            name="sealed_note",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="note_sealed"),
        ),
        migrations.AlterField(model_name="activity", name="note", field=models.TextField(blank=True, null=True)),
        migrations.AddField(
            model_name="message",
            name="sealed_subject",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="subject_sealed"),
        ),
        migrations.AlterField(model_name="message", name="subject", field=models.CharField(max_length=200, null=True)),
        migrations.AddField(
            model_name="message",
            name="sealed_body",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="body_sealed"),
        ),
        migrations.AlterField(model_name="message", name="body", field=models.TextField(null=True)),
    ]
