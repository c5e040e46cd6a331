"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("ownership", "0005_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("ownership_spell", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("ownership_leadshare", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="spell", name="reason"),
        migrations.RenameField(model_name="spell", old_name="sealed_reason", new_name="reason"),
        migrations.RemoveField(model_name="leadshare", name="reason"),
        migrations.RenameField(model_name="leadshare", old_name="sealed_reason", new_name="reason"),
    ]
