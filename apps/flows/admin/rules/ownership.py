"""The form of the ownership matrix: which team owns a lead from which stage on, who keeps consent, what is locked."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group, entries
from apps.flows.admin.rules.inputs import Choice, Choices, Flag, Input, Text
from apps.ownership.terms import KEY_FIELDS
from apps.ownership.visits import VISIT_STATES, read_setters
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts
from apps.policies.decisions.sentences import listed
from apps.policies.queries import field_specs
from apps.policies.terms import FieldSpec, Labels


def _matrix() -> Sequence[Input]:
    known = {**dict(picks.worded(sorted(KEY_FIELDS))), **{key: each.label for key, each in field_specs().items()}}
    fields = sorted(known.items(), key=lambda pair: pair[1].casefold())
    stage = (
        Choice(name="stage", label="From this stage on", options=picks.stages()),
        Choice(name="team", label="This team owns the lead", options=picks.teams()),
        Flag(name="keeps_view", label="The team before may still look"),
    )
    visit = (
        Choice(name="state", label="This state", options=list(VISIT_STATES.items())),
        Choices(name="teams", label="Is set by these teams", options=picks.teams(), is_long=True),
        Flag(name="owner", label="By whoever owns the lead too"),
    )
    return (
        entries(stage, "stage", name="stages", label="Who owns from when"),
        Group(
            name="consent",
            label="Consent",
            inputs=[Choice(name="team", label="Is maintained by", options=picks.teams())],
        ),
        entries(visit, "state", name="visits", label="Who sets which state of a visit; of others, the owner"),
        Choices(name="locked_fields", label="Only the owning team changes", options=fields, is_long=True),
        Choices(name="after_outreach_locks", label="Fixed once outreach began", options=fields, is_long=True),
        Text(name="how_to_ask", label="How somebody else asks for a change", longest=300, is_wide=True),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    stages, teams = dict(picks.stages()), dict(picks.teams())
    found = []
    for each in map(as_document, as_items(row.get("stages"))):
        stage, team = as_text(each.get("stage")), as_text(each.get("team"))
        keeps = ", and the team before may still look" if each.get("keeps_view") is True else ""
        found.append(f"From {stages.get(stage, stage)} on {teams.get(team, team)} owns the lead{keeps}.")
    keeper = as_text(as_document(row.get("consent")).get("team"))
    who = teams.get(keeper, keeper) or "nobody yet"
    found.append(f"Consent lives in the person consent record and is maintained by {who}.")
    for state, setters in read_setters(row).items():
        found.append(f"A visit is set to “{VISIT_STATES[state]}” by {setters.words(teams)}.")
    locked = [each.replace("_", " ") for each in as_texts(row.get("locked_fields"))]
    return [*found, f"Only the owning team changes {listed(locked, 'and')}."] if locked else found


offer(Form("ownership", (), "the ownership matrix", (Section("", 0, _matrix),), reads=_reads, name_of=lambda row: ""))
