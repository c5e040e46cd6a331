"""Makes room for sealed words beside the clear ones (row PH-07)."""

import apps.tenancy.sealed_fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0022_zone_by")]
    operations = [
        migrations.AddField(
            model_name="timelineentry",
            name="sealed_sentence",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="sentence_sealed"),
        ),
        migrations.AlterField(model_name="timelineentry", name="sentence", field=models.CharField(max_length=500, null=True)),
        migrations.AddField(
            model_name="task",
            name="sealed_title",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="title_sealed"),
        ),
        migrations.AlterField(model_name="task", name="title", field=models.CharField(max_length=200, null=True)),
        migrations.AddField(
            model_name="changerequest",
            name="sealed_proposed",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="proposed_sealed"),
        ),
        migrations.AlterField(model_name="changerequest", name="proposed", field=models.CharField(max_length=100, null=True)),
        migrations.AddField(
            model_name="changerequest",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="changerequest", name="reason", field=models.CharField(max_length=300, null=True)),
        migrations.AddField(
            model_name="changerequest",
            name="sealed_answer",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="answer_sealed"),
        ),
        migrations.AlterField(model_name="changerequest", name="answer", field=models.CharField(blank=True, max_length=300, null=True)),
        migrations.AddField(
            model_name="priorityoverride",
            name="sealed_reason",
            field=apps.tenancy.sealed_fields.SealedTextField(db_column="reason_sealed"),
        ),
        migrations.AlterField(model_name="priorityoverride", name="reason", field=models.CharField(max_length=300, null=True)),
    ]
