"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations, models

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0006_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("handoffs_handoff", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("handoffs_mismatch", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="handoff", name="reason"),
        migrations.RenameField(model_name="handoff", old_name="sealed_reason", new_name="reason"),
        migrations.RemoveField(model_name="mismatch", name="reason"),
        migrations.RenameField(model_name="mismatch", old_name="sealed_reason", new_name="reason"),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                name="returned_says_why", condition=~models.Q(state="returned") | models.Q(reason__isnull=False)
            ),
        ),
    ]
