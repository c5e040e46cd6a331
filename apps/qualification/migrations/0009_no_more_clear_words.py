"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("qualification", "0008_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("qualification_verification", "answers", "answers_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_qualification", "facts", "facts_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_qualification", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_qualification", "next_step", "next_step_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_criteriaresult", "facts", "facts_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_clearanceevent", "note", "note_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("qualification_parkedlead", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="verification", name="answers"),
        migrations.RenameField(model_name="verification", old_name="sealed_answers", new_name="answers"),
        migrations.RemoveField(model_name="qualification", name="facts"),
        migrations.RenameField(model_name="qualification", old_name="sealed_facts", new_name="facts"),
        migrations.RemoveField(model_name="qualification", name="reason"),
        migrations.RenameField(model_name="qualification", old_name="sealed_reason", new_name="reason"),
        migrations.RemoveField(model_name="qualification", name="next_step"),
        migrations.RenameField(model_name="qualification", old_name="sealed_next_step", new_name="next_step"),
        migrations.RemoveField(model_name="criteriaresult", name="facts"),
        migrations.RenameField(model_name="criteriaresult", old_name="sealed_facts", new_name="facts"),
        migrations.RemoveField(model_name="clearanceevent", name="note"),
        migrations.RenameField(model_name="clearanceevent", old_name="sealed_note", new_name="note"),
        migrations.RemoveField(model_name="parkedlead", name="reason"),
        migrations.RenameField(model_name="parkedlead", old_name="sealed_reason", new_name="reason"),
    ]
