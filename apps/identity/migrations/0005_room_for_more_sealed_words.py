"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_match_per_lead")]
    operations = [
        migrations.AddField(
            model_name="matchdecision",
            name="sealed_facts",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="facts_sealed"),
        ),
        migrations.AlterField(model_name="matchdecision", name="facts", field=models.JSONField(default=dict, null=True)),
        migrations.AddField(
            model_name="merge",
            name="sealed_before",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="before_sealed"),
        ),
        migrations.AlterField(model_name="merge", name="before", field=models.JSONField(default=dict, null=True)),
        migrations.AddField(
            model_name="merge",
            name="sealed_after",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="after_sealed"),
        ),
        migrations.AlterField(model_name="merge", name="after", field=models.JSONField(default=dict, null=True)),
        migrations.AddField(
            model_name="merge",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="merge", name="reason", field=models.CharField(max_length=300, null=True)),
    ]
