"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0004_no_clear_notes")]
    operations = [
        migrations.RemoveConstraint(model_name="handoff", name="returned_says_why"),
        migrations.AddField(
            model_name="handoff",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="handoff", name="reason", field=models.CharField(blank=True, max_length=300, null=True)),
        migrations.AddField(
            model_name="mismatch",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="mismatch", name="reason", field=models.CharField(max_length=300, null=True)),
    ]
