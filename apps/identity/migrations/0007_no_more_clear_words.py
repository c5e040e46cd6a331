"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("identity_matchdecision", "facts", "facts_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("identity_merge", "before", "before_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("identity_merge", "after", "after_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("identity_merge", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="matchdecision", name="facts"),
        migrations.RenameField(model_name="matchdecision", old_name="sealed_facts", new_name="facts"),
        migrations.RemoveField(model_name="merge", name="before"),
        migrations.RenameField(model_name="merge", old_name="sealed_before", new_name="before"),
        migrations.RemoveField(model_name="merge", name="after"),
        migrations.RenameField(model_name="merge", old_name="sealed_after", new_name="after"),
        migrations.RemoveField(model_name="merge", name="reason"),
        migrations.RenameField(model_name="merge", old_name="sealed_reason", new_name="reason"),
    ]
