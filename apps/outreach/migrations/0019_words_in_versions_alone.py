"""Drops the columns whose words are in versions now (row PH-14)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("outreach", "0018_words_into_versions")]
    operations = [
        migrations.RemoveField(model_name="template", name="body"),
        migrations.RemoveField(model_name="template", name="purpose"),
        migrations.RemoveField(model_name="template", name="subject"),
        migrations.RemoveField(model_name="template", name="version"),
    ]
