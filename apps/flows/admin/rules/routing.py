"""Forms of the routing rules: one rule of a layer, one trigger, and what happens where no rule names a queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.accounts.queries import skills_held
from apps.catalog.providers import expertise
from apps.catalog.queries import queues_by_key
from apps.exceptions.decisions import plan_for
from apps.exceptions.terms import MISSING_DATA_WORDS, TOLD_BY_PERSON, TYPE_LABELS, ItemType
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer, ways
from apps.flows.admin.rules.groups import Group
from apps.flows.admin.rules.inputs import Choice, Choices, Condition, Flag, Input, Number, Span, Text
from apps.policies import registry
from apps.policies.admin.ladder import rule_in_words, trigger_in_words
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.policies.decisions.places import Place
from apps.policies.models import RuleSetVersion
from apps.policies.queries import queue_tags, version_in_force
from apps.policies.registry import Way
from apps.policies.terms import FieldSpec, Labels
from apps.routing.decisions.providers import MOST_DAYS
from apps.routing.decisions.triggers import HIGHEST, On
from apps.routing.hits import HIT_DAYS, rule_hits
from apps.routing.terms import LAYERS, PRIORITIES, Effect, Method, OfficeMode
from apps.tenancy.clock import database_now

ON_WORDS = {
    On.STAGE_CHANGED: "the stage changes",
    On.SCORE_CROSSED: "a score crosses a mark or reaches another band",
    On.SERVICE_SELECTED: "another service is chosen",
    On.LOCATION_CHANGED: "another location is chosen",
    On.DATA_SUPPLIED: "something is supplied that rules look at",
}


def _rule() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="Name"),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Condition(),
        Group(name="then", label="Then", inputs=_effects()),
        Flag(name="stop", label="Stop: ask no further layer"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _effects() -> Sequence[Input]:
    offices = picks.worded(OfficeMode) + picks.offices()
    options: dict[Effect, tuple[str, list[tuple[str, str]]]] = {
        Effect.PRIORITY: ("Priority", [(each, each) for each in PRIORITIES]),
        Effect.EXPERTISE: ("Only where a provider has the skill", [(each, each) for each in expertise()]),
        Effect.OFFICE: ("Office", offices),
        Effect.QUEUE: ("Send to queue", picks.queues()),
        Effect.QUEUE_TAG: ("Or the office's queue for", [(tag, tag) for tag in sorted(queue_tags())]),
        Effect.METHOD: ("Hand out", picks.worded(Method)),
        Effect.SKILL: ("To somebody with the skill", [(each, each) for each in skills_held()]),
    }
    chosen = [
        Choice(name=str(effect), label=label, options=known, none="no change")
        for effect, (label, known) in options.items()
    ]
    days = f"1 to {MOST_DAYS}; empty: whenever there is one."
    slot = Number(name=str(Effect.SLOT_WITHIN), label="Only with an open slot within days", help=days)
    return (*chosen, slot, Text(name=str(Effect.WORKFLOW), label="Workflow", longest=60))


def _trigger() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Choice(name="on", label="Look at a lead again when", options=[(str(on), ON_WORDS[on]) for on in On]),
        Text(name="meaning", label="What it means for the business", longest=500, is_required=True, is_wide=True),
        Choice(name="score", label="Which score", options=picks.worded(("fit", "intent")), none="none"),
        Number(name="at", label="Crosses", help=f"1 to {HIGHEST}; empty: whenever it reaches another band."),
        Choices(name="stages", label="Only when it comes to these stages", options=picks.stages(), is_wide=True),
        Flag(name="moves_worked", label="Moves a lead that somebody works on too"),
        Flag(name="is_active", label="Active", usual=True),
    )


def _fallback() -> Sequence[Input]:
    return (
        Choice(
            name="queue", label="Where no rule names a queue", options=picks.queues(), none="the first active queue"
        ),
        Span(name="max_wait_seconds", label="At most waits there"),
    )


def _reads_rule(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [rule_in_words(row, fields, labels)] if "when" in row else []


def _reads_trigger(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    return [trigger_in_words(row)]


def _reads_fallback(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    key = as_text(row.get("queue"))
    queue = queues_by_key().get(key)
    return [f"When no rule names a queue → send to {queue.name if queue else key or 'the first active queue'}"]


def _hits(row: Mapping[str, Any], now: datetime) -> Sequence[str]:
    count = rule_hits(now).get(as_text(row.get("id")), 0)
    return [f"It held for {count} lead{'' if count == 1 else 's'} in the last {HIT_DAYS} days."]


def _layer(document: Mapping[str, Any], place: Place) -> str:
    layer = as_document(as_items(document.get("layers"))[int(place[1])])
    return LAYERS.get(as_text(layer.get("key")), "")


def with_layer(document: Mapping[str, Any], steps: Sequence[str]) -> dict[str, Any]:
    """Return the document with the layer that the steps of a pointer name, in its place in the fixed order."""
    layers, order = [as_document(item) for item in as_items(document.get("layers"))], list(LAYERS)
    known = [as_text(layer.get("key")) for layer in layers]
    if len(steps) < 2 or steps[1] in known or steps[1] not in LAYERS:
        return dict(document)
    layers.append({"key": steps[1], "name": LAYERS[steps[1]], "rules": []})
    layers.sort(key=lambda item: order.index(str(item["key"])) if item.get("key") in LAYERS else len(order))
    return {**document, "layers": layers}


def _ways(version: RuleSetVersion) -> list[tuple[str, Sequence[Way]]]:
    """Return the ways to triggers and fallback, and to layers that are not there yet; rules stand in the ladder."""
    page = reverse("admin:rule_edit", args=[version.pk])
    known = {as_document(item).get("key") for item in as_items(version.document.get("layers"))}
    empty = [
        Way(f"Add a rule to {name}", f"{page}?at=/layers/{key}/rules/-")
        for key, name in LAYERS.items()
        if key not in known
    ]
    found = [("Layers without rules", empty), *ways(version), ("Where something is missing", _missing_data())]
    return [(heading, links) for heading, links in found if links]


def _missing_data() -> list[Way]:
    """Return the ways to what becomes of leads that lack something: the exception rules in force say it (row EX-03)."""
    live = version_in_force("exceptions", database_now())
    if live is None:
        return []
    page = reverse("admin:rule_edit", args=[live.pk])
    rows = [as_text(as_document(item).get("type")) for item in as_items(live.document.get("types"))]
    return [
        Way(
            f"{TYPE_LABELS[kind]}: {MISSING_DATA_WORDS[plan_for(ItemType(kind), live.document).missing_data].lower()}",
            f"{page}?at=/types/{number}",
        )
        for number, kind in enumerate(rows)
        if kind in TOLD_BY_PERSON
    ]


offer(
    Form(
        "routing",
        ("layers", "#", "rules", "#"),
        "rule",
        (Section("", 4, _rule),),
        reads=_reads_rule,
        start="R-",
        grown=with_layer,
        where=_layer,
        notes=_hits,
        is_listed=False,
    ),
    Form("routing", ("triggers", "#"), "trigger", (Section("", 2, _trigger),), reads=_reads_trigger, start="T-"),
    Form("routing", ("fallback",), "fallback", (Section("", 1, _fallback),), reads=_reads_fallback),
)
registry.register_ways("routing", _ways)
