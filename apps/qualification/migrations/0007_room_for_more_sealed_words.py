"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("qualification", "0006_parking_and_clearance")]
    operations = [
        migrations.AddField(
            model_name="verification",
            name="sealed_answers",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="answers_sealed"),
        ),
        migrations.AlterField(model_name="verification", name="answers", field=models.JSONField(null=True)),
        migrations.AddField(
            model_name="qualification",
            name="sealed_facts",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="facts_sealed"),
        ),
        migrations.AlterField(model_name="qualification", name="facts", field=models.JSONField(default=dict, null=True)),
        migrations.AddField(
            model_name="qualification",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="qualification", name="reason", field=models.CharField(max_length=400, null=True)),
        migrations.AddField(
            model_name="qualification",
            name="sealed_next_step",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="next_step_sealed"),
        ),
        migrations.AlterField(model_name="qualification", name="next_step", field=models.CharField(blank=True, max_length=200, null=True)),
        migrations.AddField(
            model_name="criteriaresult",
            name="sealed_facts",
            field=apps.tenancy.sealed_fields.SealedJSONField(db_column="facts_sealed"),
        ),
        migrations.AlterField(model_name="criteriaresult", name="facts", field=models.JSONField(null=True)),
        migrations.AddField(
            model_name="clearanceevent",
            name="sealed_note",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="note_sealed"),
        ),
        migrations.AlterField(model_name="clearanceevent", name="note", field=models.CharField(blank=True, max_length=200, null=True)),
        migrations.AddField(
            model_name="parkedlead",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="parkedlead", name="reason", field=models.CharField(max_length=300, null=True)),
    ]
