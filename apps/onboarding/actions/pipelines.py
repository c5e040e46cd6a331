"""Pipelines and their stages: set up from an ordered list; a stage that leads may be in stays."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.accounts.saving import Change, Saved, save_row
from apps.leads.closing import check_endings
from apps.leads.decisions import check_next_actions
from apps.leads.models import Pipeline, Stage
from apps.outreach.template_segments import require_segments
from apps.tenancy.actor import Actor
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid, Problem


def save_pipeline(
    *, actor: Actor, key: str, values: Mapping[str, Any], stages: Sequence[tuple[str, Mapping[str, Any]]]
) -> Saved[Pipeline]:
    """Create or update a pipeline with these stages in this order.

    A stage that is not among them is put behind them and keeps its leads: nothing is removed.
    Refuses next actions that could not be carried out, and endings that nobody could read (`leads.closing`), and
    messages whose receivers are chosen by a field that does not serve their purpose (row AU-07).
    """
    lists = (values.get(each) or [] for each in ("closure_reasons", "outcomes", "missing_data_reasons"))
    faults = [Problem(each.path, each.code, each.sentence) for each in check_endings(*lists)]
    faults += [
        Problem(each.path, each.code, each.sentence)
        for place, (_, stage) in enumerate(stages)
        for each in check_next_actions(stage.get("next_actions", []), f"/stages/{place}/next_actions")
    ]
    if faults:
        raise Invalid(faults[0].detail, tuple(faults))
    for _, stage in stages:
        require_segments(stage.get("next_actions") or [], now=database_now())
    saved = save_row(Pipeline, actor=actor, find={"key": key}, values=values)
    changed = []
    for position, (stage_key, stage) in enumerate(stages):
        find = {"pipeline": saved.row, "key": stage_key}
        done = save_row(Stage, actor=actor, find=find, values={**stage, "position": position})
        if done.change is not Change.UNCHANGED:
            changed.append(stage_key)
    left = Stage.rows().filter(pipeline=saved.row).exclude(key__in=[key for key, _ in stages])
    for place, row in enumerate(left.order_by("position", "id")):
        find = {"pipeline": saved.row, "key": row.key}
        save_row(Stage, actor=actor, find=find, values={"position": len(stages) + place})
    if changed and saved.change is Change.UNCHANGED:
        return Saved(saved.row, Change.UPDATED, ("stages",))
    return saved
