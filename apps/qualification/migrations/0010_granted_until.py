"""Until when a pre-authorisation was granted (row AP-11)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("qualification", "0009_no_more_clear_words")]
    operations = [
        migrations.AddField(
            model_name="clearanceevent",
            name="valid_until",
            field=models.DateField(null=True),
        ),
    ]
