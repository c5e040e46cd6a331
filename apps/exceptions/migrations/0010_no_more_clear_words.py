"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("exceptions", "0009_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("exceptions_exceptionitem", "detail", "detail_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("exceptions_exceptionitem", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("exceptions_exceptionitem", "proposal", "proposal_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="exceptionitem", name="detail"),
        migrations.RenameField(model_name="exceptionitem", old_name="sealed_detail", new_name="detail"),
        migrations.RemoveField(model_name="exceptionitem", name="reason"),
        migrations.RenameField(model_name="exceptionitem", old_name="sealed_reason", new_name="reason"),
        migrations.RemoveField(model_name="exceptionitem", name="proposal"),
        migrations.RenameField(model_name="exceptionitem", old_name="sealed_proposal", new_name="proposal"),
    ]
