"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0006_bulk_handoffs")]
    operations = [
        migrations.AddField(
            model_name="bulkrun",
            name="sealed_detail",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="detail_sealed"),
        ),
        migrations.AlterField(model_name="bulkrun", name="detail", field=models.JSONField(db_default={}, default=dict, null=True)),
        migrations.AddField(
            model_name="bulkitem",
            name="sealed_before",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="before_sealed"),
        ),
        migrations.AlterField(model_name="bulkitem", name="before", field=models.JSONField(default=dict, null=True)),
    ]
