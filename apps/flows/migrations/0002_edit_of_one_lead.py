from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_squashed")]

    operations = [
        migrations.AlterField(
            model_name="bulkrun",
            name="act",
            field=models.CharField(
                choices=[
                    ("assign", "assign"),
                    ("snooze", "snooze"),
                    ("change", "change a value"),
                    ("hand_off", "hand off"),
                    ("edit", "edit one lead"),
                ],
                max_length=10,
            ),
        ),
    ]
