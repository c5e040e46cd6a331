"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("flows", "0008_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("flows_bulkrun", "detail", "detail_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("flows_bulkitem", "before", "before_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="bulkrun", name="detail"),
        migrations.RenameField(model_name="bulkrun", old_name="sealed_detail", new_name="detail"),
        migrations.RemoveField(model_name="bulkitem", name="before"),
        migrations.RenameField(model_name="bulkitem", old_name="sealed_before", new_name="before"),
    ]
