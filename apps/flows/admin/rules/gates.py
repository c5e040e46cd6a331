"""Forms of the gates: one allowed move between stages, what a stage asks for, and which stages end a lead."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.catalog.outside import systems_by_key
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.inputs import Choice, Choices, Input, Text
from apps.leads.terms import ANY_OPEN_STAGE, COLLECTABLE, REACHABLE_POINT, LeadEvent
from apps.policies.decisions.documents import as_document, as_text, as_texts
from apps.policies.decisions.sentences import listed
from apps.policies.queries import field_specs
from apps.policies.terms import FieldSpec, Labels

ANY = "any open stage"


def _move() -> Sequence[Input]:
    systems = [(key, row.name) for key, row in systems_by_key().items()]
    stages = picks.stages()
    return (
        Choices(name="from", label="From", options=[(ANY_OPEN_STAGE, ANY), *stages], is_wide=True),
        Choice(name="to", label="To", options=stages),
        Choice(name="event", label="When this happened", options=picks.worded(LeadEvent)),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Choices(name="updates", label="Outside systems that hear of it", options=systems, is_wide=True),
    )


def _gates() -> Sequence[Input]:
    fields = [(REACHABLE_POINT, "a phone or e-mail that works")]
    fields += sorted(((key, spec.label) for key, spec in field_specs().items()), key=lambda pair: pair[1])
    return [Choices(name=key, label=word, options=fields, is_long=True) for key, word in picks.stages()]


def _collect() -> Sequence[Input]:
    fields = [(name, name.replace("_", " ")) for name in COLLECTABLE]
    return [Choices(name=key, label=f"Asked at {word}", options=fields, is_long=True) for key, word in picks.stages()]


def _reads_collect(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    words = dict(picks.stages())
    return [
        f"At {words.get(stage, stage)} people are asked for "
        f"{listed([each.replace('_', ' ') for each in as_texts(asked)], 'and') or 'nothing'} only."
        for stage, asked in as_document(row).items()
    ] or ["Every stage may ask for everything."]


def _ends() -> Sequence[Input]:
    return (Choices(name="closed_stages", label="Stages that end a lead (none: the usual)", options=picks.stages()),)


def _reads_move(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    words = {ANY_OPEN_STAGE: ANY, **dict(picks.stages())}
    start = listed([words.get(each, each) for each in as_texts(row.get("from"))]) or "nowhere yet"
    to, event = as_text(row.get("to")), as_text(row.get("event")).replace("_", " ")
    return [f"From {start} to {words.get(to, to) or 'nowhere yet'}, once this is on record: {event or 'nothing yet'}."]


def _reads_gates(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    words = dict(picks.stages())
    names = {REACHABLE_POINT: "a phone or e-mail that works", **{key: spec.label for key, spec in fields.items()}}
    return [
        f"Before {words.get(stage, stage)} must be known: "
        f"{listed([names.get(each, each) for each in as_texts(asked)], 'and') or 'nothing'}."
        for stage, asked in as_document(row).items()
    ] or ["No stage asks for anything."]


def _reads_ends(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    words = dict(picks.stages())
    found = listed([words.get(each, each) for each in as_texts(row.get("closed_stages"))], "and")
    return [f"A lead ends at {found}." if found else "A lead ends at the stages that the pipeline closes."]


def _name(row: Mapping[str, Any]) -> str:
    start = ", ".join(ANY if each == ANY_OPEN_STAGE else each for each in as_texts(row.get("from")))
    return f"{start} → {as_text(row.get('to'))}".replace("_", " ")


offer(
    Form("gates", ("moves", "#"), "move", (Section("", 2, _move),), reads=_reads_move, name_of=_name),
    Form("gates", ("gates",), "what stages ask for", (Section("", 1, _gates),), reads=_reads_gates),
    Form("gates", ("collect",), "what stages may ask for", (Section("", 1, _collect),), reads=_reads_collect),
    Form(
        "gates",
        (),
        "the stages that end a lead",
        (Section("", 0, _ends),),
        reads=_reads_ends,
        name_of=lambda row: "",
        apart=("moves", "gates", "collect"),
    ),
)
