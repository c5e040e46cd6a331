"""The one way to erase what only grows: a function of the owner role that asks for an approved run (decision 0027).

It is made anew from the plan after each `migrate`, as the walls of tables are: a column that changes its type, or is
added to the plan, is followed without a migration of its own. The runtime role may call it and nothing else.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connections, models

from apps.compliance.erasure_plan import PEOPLE, PERSONS, STEPS, SUBMISSIONS, Step
from apps.privacy.retention import DataClass

NAME = "leadcrm_erase"
_NAMES = {
    "org": "v_org",
    "leads": "v_leads",
    "subs": "v_subs",
    "persons": "v_persons",
    "people": "v_people",
    "values": "v_values",
}


class UnknownColumn(Exception):
    """The plan names a column that no model has."""


def create_after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Signal adapter of `create`; the runtime role is left alone."""
    if settings.LEADCRM_OWNER_RUN and kwargs.get("verbosity", 1) >= 0:
        create(using)


def create(using: str = "default") -> None:
    """Make the function, and let the runtime role call it and nobody else."""
    role = settings.LEADCRM_RUNTIME_ROLE
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('compliance_erased') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(body())
        cursor.execute(f"REVOKE ALL ON FUNCTION {NAME}(uuid, jsonb, timestamptz) FROM PUBLIC")
        cursor.execute(f'GRANT EXECUTE ON FUNCTION {NAME}(uuid, jsonb, timestamptz) TO "{role}"')


def settled(step: Step) -> list[tuple[str, str]]:
    """Return what each column of a step becomes: (column, SQL). Raises UnknownColumn."""
    known = [_column(step.table, name) for name in step.columns]
    return [(str(each.column), _empty(each)) for each in known] + list(step.to.items())


def found_by(step: Step, names: dict[str, str]) -> str:
    """Return the condition that finds the rows of a step which still hold something."""
    where = f"t.organization_id = {names['org']} AND {step.where.format(**names)}"
    known = [_column(step.table, name) for name in step.columns]
    held = [f"t.{each.column} IS DISTINCT FROM {_empty(each)}" for each in known]
    if "erased_at" in step.to:
        held.append("t.erased_at IS NULL")
    return f"{where} AND ({' OR '.join(held)})" if held else where


def _empty(known: Any) -> str:
    """Return what an emptied column holds, by its type."""
    if known.null:
        return "NULL"
    if isinstance(known, ArrayField):
        return "'{}'"
    if isinstance(known, models.JSONField):
        return "'[]'::jsonb" if known.default is list else "'{}'::jsonb"
    if isinstance(known, models.CharField | models.TextField):
        return "''"
    raise UnknownColumn(f"{known} cannot be emptied.")


def _column(table: str, name: str) -> Any:
    for model in apps.get_models():
        if model._meta.db_table == table:
            for known in model._meta.concrete_fields:
                if name in (known.name, known.column):
                    return known
    raise UnknownColumn(f"{table}.{name}")


def body() -> str:
    """Return the statement that makes the function."""
    parts = "".join(_part(part) for part in dict.fromkeys(each.part for each in STEPS))
    tables = ", ".join(f"'{each}'" for each in sorted({each.table for each in STEPS}))
    return f"""
CREATE OR REPLACE FUNCTION {NAME}(p_item uuid, p_tombs jsonb, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $leadcrm$
DECLARE
    v_org uuid := NULLIF(current_setting('leadcrm.organization_id', true), '')::uuid;
    v_before text := coalesce(NULLIF(current_setting('pgtrigger.ignore', true), ''), '{{}}');
    v_run uuid; v_lead uuid; v_parts text[]; v_leads uuid[]; v_subs uuid[]; v_people uuid[];
    v_persons uuid[] := '{{}}'; v_values text[] := '{{}}'; v_rows jsonb := '{{}}'; v_n bigint;
BEGIN
    SELECT r.id, i.lead_id, i.parts INTO v_run, v_lead, v_parts
    FROM compliance_retentionitem i JOIN compliance_retentionrun r
        ON r.organization_id = i.organization_id AND r.id = i.run_id
    WHERE i.organization_id = v_org AND i.id = p_item AND i.state = 'waiting' AND r.state = 'running'
        AND r.approved_by_id IS NOT NULL AND r.approved_by_id <> r.proposed_by_id
    FOR UPDATE OF i;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'leadcrm: nothing is erased without a run that a second person approved'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    v_leads := ARRAY[v_lead];
    v_subs := ARRAY({SUBMISSIONS.format(**_NAMES)});
    v_people := ARRAY(SELECT x.id FROM ({PEOPLE.format(**_NAMES)}) x);
    IF EXISTS (SELECT FROM compliance_legalhold h WHERE h.organization_id = v_org AND h.ended_at IS NULL
            AND (h.lead_id = v_lead OR h.person_id = ANY(v_people) OR h.data_class = ANY(v_parts))) THEN
        RAISE EXCEPTION 'leadcrm: what is held is not erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF '{DataClass.IDENTITY}' = ANY(v_parts) THEN
        v_persons := ARRAY({PERSONS.format(**_NAMES)});
        v_values := ARRAY(SELECT c.value FROM leads_contactpoint c
            WHERE c.organization_id = v_org AND c.person_id = ANY(v_persons));
    END IF;
    PERFORM set_config('pgtrigger.ignore', (SELECT '{{' || coalesce(string_agg(g.tgname, ','), '') || '}}'
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
        WHERE c.relname IN ({tables}) AND g.tgname LIKE 'pgtrigger\\_%'), true);
{parts}
    IF '{DataClass.IDENTITY}' = ANY(v_parts) THEN
        UPDATE leads_lead SET erased_at = p_at WHERE organization_id = v_org AND id = v_lead;
    END IF;
    PERFORM set_config('pgtrigger.ignore', v_before, true);
    INSERT INTO compliance_erased (id, organization_id, run_id, subject_id, part, counted, at)
        SELECT gen_random_uuid(), v_org, v_run, v_lead, p, v_rows, p_at FROM unnest(v_parts) p
        UNION ALL
        SELECT gen_random_uuid(), v_org, v_run, q, '{DataClass.IDENTITY}', '{{}}'::jsonb, p_at FROM unnest(v_persons) q
        ON CONFLICT (organization_id, subject_id, part) DO NOTHING;
    UPDATE compliance_retentionitem SET state = 'erased', done_at = p_at WHERE organization_id = v_org AND id = p_item;
    RETURN v_rows;
END $leadcrm$"""  # noqa: S608 (names of our own models)


def _part(part: str) -> str:
    steps = "".join(_statement(each) for each in STEPS if each.part == part)
    return f"    IF '{part}' = ANY(v_parts) THEN\n{steps}    END IF;\n"


def _statement(step: Step) -> str:
    where = found_by(step, _NAMES)
    changed = ", ".join(f"{name} = {value}" for name, value in settled(step))
    act = f"DELETE FROM {step.table} t" if step.drops else f"UPDATE {step.table} t SET {changed}"  # noqa: S608
    return (
        f"        {act} WHERE {where};\n        GET DIAGNOSTICS v_n = ROW_COUNT;\n"
        f"        v_rows := v_rows || jsonb_build_object('{step.table}',"
        f" coalesce((v_rows ->> '{step.table}')::bigint, 0) + v_n);\n"
    )


def counting(names: dict[str, str], parts: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield (table, statement) that counts what would go, for a dry run."""
    for step in STEPS:
        if step.part in parts:
            yield step.table, f"SELECT count(*) FROM {step.table} t WHERE {found_by(step, names)}"  # noqa: S608
