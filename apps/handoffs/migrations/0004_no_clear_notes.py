"""Drops the columns in which words stood in the clear; what a server of before wrote meanwhile is sealed first."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from apps.tenancy.sealing_rows import sealer


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0003_seal_notes")]
    operations = [
        migrations.RunPython(sealer("handoffs_handoff", "note", "note_sealed"), migrations.RunPython.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name='handoff',
            name='offer_stays',
        ),
        migrations.RemoveField(model_name="handoff", name="note"),
        migrations.RenameField(model_name="handoff", old_name="sealed_note", new_name="note"),
        pgtrigger.migrations.AddTrigger(
            model_name='handoff',
            trigger=pgtrigger.compiler.Trigger(name='offer_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."lead_id" IS DISTINCT FROM (NEW."lead_id") OR OLD."type_id" IS DISTINCT FROM (NEW."type_id") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id") OR OLD."from_team_id" IS DISTINCT FROM (NEW."from_team_id") OR OLD."to_team_id" IS DISTINCT FROM (NEW."to_team_id") OR OLD."offered_label" IS DISTINCT FROM (NEW."offered_label") OR OLD."offered_at" IS DISTINCT FROM (NEW."offered_at") OR OLD."note_sealed" IS DISTINCT FROM (NEW."note_sealed") OR OLD."checklist" IS DISTINCT FROM (NEW."checklist") OR OLD."travels" IS DISTINCT FROM (NEW."travels") OR OLD."withheld" IS DISTINCT FROM (NEW."withheld"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0c100b16405eaf34f5b265c349bf168d4b056e6f', operation='UPDATE', pgid='pgtrigger_offer_stays_a7489', table='handoffs_handoff', when='BEFORE')),
        ),
    ]
