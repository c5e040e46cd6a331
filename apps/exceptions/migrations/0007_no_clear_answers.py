"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("exceptions", "0006_seal_answers")]
    operations = [
        migrations.RunPython(sealer("exceptions_exceptionitem", "answers", "answers_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="exceptionitem", name="answers"),
        migrations.RenameField(model_name="exceptionitem", old_name="sealed_answers", new_name="answers"),
    ]
