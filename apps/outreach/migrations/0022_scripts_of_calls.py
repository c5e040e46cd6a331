"""Which approved script a contact was made with (row TN-03), and whose word it is (row TK-08)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0021_delivered_outcome")]
    operations = [
        migrations.AddField(
            model_name="activity",
            name="script",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="activity",
            name="script_version",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="activity",
            name="logged_as",
            field=models.CharField(
                choices=[("team", "team"), ("agency", "agency")],
                db_default=models.Value("team"),
                default="team",
                max_length=10,
            ),
        ),
    ]
