"""Roles name groups of fields that they see and do not edit."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_notices")]

    operations = [
        migrations.AddField(
            model_name="role",
            name="read_only_field_groups",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, db_default=[], default=list, size=None
            ),
        ),
    ]
