"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exceptions", "0007_no_clear_answers")]
    operations = [
        migrations.AddField(
            model_name="exceptionitem",
            name="sealed_detail",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="detail_sealed"),
        ),
        migrations.AlterField(model_name="exceptionitem", name="detail", field=models.CharField(blank=True, max_length=300, null=True)),
        migrations.AddField(
            model_name="exceptionitem",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="exceptionitem", name="reason", field=models.CharField(blank=True, max_length=300, null=True)),
        migrations.AddField(
            model_name="exceptionitem",
            name="sealed_proposal",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="proposal_sealed"),
        ),
        migrations.AlterField(model_name="exceptionitem", name="proposal", field=models.JSONField(default=dict, null=True)),
    ]
