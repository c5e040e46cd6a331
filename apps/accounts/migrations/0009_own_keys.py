"""Keys of a person's own (check 18 of the screens)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_approve_templates")]
    operations = [
        migrations.AddField(model_name="user", name="own_keys", field=models.JSONField(blank=True, default=dict))
    ]
