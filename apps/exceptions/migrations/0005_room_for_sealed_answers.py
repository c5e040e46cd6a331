"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exceptions", "0004_review_before_contact")]
    operations = [
        migrations.AddField(
            model_name="exceptionitem",
            name="sealed_answers",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="answers_sealed"),
        ),
        migrations.AlterField(model_name="exceptionitem", name="answers", field=models.JSONField(default=dict, null=True)),
    ]
