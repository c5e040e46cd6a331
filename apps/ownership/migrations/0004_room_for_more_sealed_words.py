"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ownership", "0003_shares")]
    operations = [
        migrations.AddField(
            model_name="spell",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="spell", name="reason", field=models.CharField(blank=True, max_length=300, null=True)),
        migrations.AddField(
            model_name="leadshare",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="leadshare", name="reason", field=models.CharField(max_length=300, null=True)),
    ]
