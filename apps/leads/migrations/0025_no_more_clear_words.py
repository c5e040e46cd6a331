"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("leads", "0024_seal_more_words")]
    operations = [
        migrations.RunPython(sealer("leads_timelineentry", "sentence", "sentence_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("leads_task", "title", "title_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("leads_changerequest", "proposed", "proposed_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("leads_changerequest", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("leads_changerequest", "answer", "answer_sealed"), migrations.RunPython.noop),
        migrations.RunPython(sealer("leads_priorityoverride", "reason", "reason_sealed"), migrations.RunPython.noop),
        migrations.RemoveField(model_name="timelineentry", name="sentence"),
        migrations.RenameField(model_name="timelineentry", old_name="sealed_sentence", new_name="sentence"),
        migrations.RemoveField(model_name="task", name="title"),
        migrations.RenameField(model_name="task", old_name="sealed_title", new_name="title"),
        migrations.RemoveField(model_name="changerequest", name="proposed"),
        migrations.RenameField(model_name="changerequest", old_name="sealed_proposed", new_name="proposed"),
        migrations.RemoveField(model_name="changerequest", name="reason"),
        migrations.RenameField(model_name="changerequest", old_name="sealed_reason", new_name="reason"),
        migrations.RemoveField(model_name="changerequest", name="answer"),
        migrations.RenameField(model_name="changerequest", old_name="sealed_answer", new_name="answer"),
        migrations.RemoveField(model_name="priorityoverride", name="reason"),
        migrations.RenameField(model_name="priorityoverride", old_name="sealed_reason", new_name="reason"),
    ]
