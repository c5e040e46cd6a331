"""The form of one ownership policy: whose leads it rules, how it finds their owner, who answers for what, its texts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.catalog.terms import CaptureMethod
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group, entries
from apps.flows.admin.rules.inputs import Choice, Choices, Flag, Input, Text
from apps.ownership.policy import first_team, read_policies
from apps.ownership.policy_words import EVENTS, MODELS, SECTION_NAMES, STEP_NAMES
from apps.ownership.terms import BY_ROUTING, Model, OwnerEvent, Policy
from apps.policies.decisions.documents import as_text
from apps.policies.decisions.sentences import listed
from apps.policies.terms import FieldSpec, Labels

_DEPTH = 2


def _head() -> Sequence[Input]:
    return (
        Text(name="id", label="Id", longest=40, is_required=True),
        Text(name="name", label="Name", is_required=True),
        Choices(name="campaigns", label="Rules leads of these campaigns", options=picks.campaigns(), is_long=True),
        Choices(name="sources", label="Rules leads of these sources", options=picks.sources(), is_long=True),
        Choices(name="pipelines", label="Rules leads of these pipelines", options=list(picks.pipelines().items())),
        Choice(name="model", label="Model", options=_options(MODELS), is_required=True),
        Choice(name="team", label="Single owner: the central team", options=picks.teams(), none="none"),
        Choice(name="delivery", label="Partnership: the team that delivers", options=picks.teams(), none="none"),
        Choice(
            name="outcome",
            label="Partnership: the team that answers for the outcome",
            options=picks.teams(),
            none="none",
        ),
        Choice(
            name="booking",
            label="Partnership: the event with which the outcome team takes over",
            options=[(str(key), EVENTS[key]) for key in (OwnerEvent.SCHEDULED, OwnerEvent.MEETING_AGREED)],
            none=EVENTS[OwnerEvent.SCHEDULED],
        ),
        entries(_channel(), "channel", name="channels", label="Channel: owners by how the inquiry came in"),
        Choice(
            name="first_outreach",
            label="Who makes the first contact",
            options=[(BY_ROUTING, "The team that the routing rules find"), *picks.teams()],
            none="The owner",
        ),
    )


def _moves() -> Sequence[Input]:
    stage = (
        Choice(name="stage", label="From this stage on", options=picks.stages()),
        Choice(name="team", label="This team owns the lead", options=picks.teams()),
        Flag(name="keeps_view", label="The team before may still look"),
    )
    trigger = (
        Choice(name="event", label="When", options=_options(EVENTS)),
        Text(name="name", label="Name of an event of your own", longest=40),
        Choice(name="team", label="This team takes over", options=picks.teams()),
        Flag(name="keeps_view", label="The team before may still look"),
        Flag(name="opens_opportunity", label="It opens an opportunity with the group"),
        Choice(
            name="approver",
            label="Terms are approved by whoever leads",
            options=picks.teams(),
            none="the team that takes over",
        ),
    )
    shared = (
        Choice(name="until", label="Until this stage", options=picks.stages(), none="not shared"),
        Choices(name="teams", label="These teams log contacts too", options=picks.teams(), is_long=True),
        Flag(name="agency", label="So does the agency that delivered the lead"),
    )
    return (
        entries(stage, "stage", name="stages", label="Who owns from when"),
        entries(trigger, "event", name="triggers", label="Events that hand the lead over"),
        Group(name="shared", label="Shared with others", inputs=shared),
    )


def _matrix() -> Sequence[Input]:
    inputs = [Choice(name=step, label=STEP_NAMES[step], options=picks.teams(), none="missing") for step in STEP_NAMES]
    return (Group(name="responsibility", label="Which team answers for which step", inputs=inputs),)


def _texts() -> Sequence[Input]:
    inputs = [Text(name=key, label=word, longest=600, is_wide=True) for key, word in SECTION_NAMES.items()]
    return (Group(name="sections", label="The ten sections; all are needed before it rules", inputs=inputs),)


def _channel() -> Sequence[Input]:
    channels = picks.worded(CaptureMethod)
    return (
        Choice(name="channel", label="Channel", options=channels),
        Choice(name="team", label="Owner", options=picks.teams()),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    (policy,) = read_policies({"policies": [row]}).named
    return list(_sentences(policy))


def _sentences(policy: Policy) -> Iterator[str]:
    teams, stages = dict(picks.teams()), dict(picks.stages())
    named = [*_called(policy.campaigns, picks.campaigns()), *_called(policy.sources, picks.sources())]
    named += _called(policy.pipelines, picks.pipelines().items())
    yield f"For {listed(named, 'and') or 'no lead yet'}: {MODELS[policy.model]}."
    owner = first_team(policy, "")
    yield f"{teams.get(owner, owner)} owns the lead first." if owner else "The routing rules find the first owner."
    if policy.model is Model.PARTNERSHIP:
        yield f"{teams.get(policy.outcome, policy.outcome)} takes over when it is booked, and answers for the outcome."
    for channel, team in policy.channels.items():
        yield f"What comes by {channel.replace('_', ' ')} is owned by {teams.get(team, team)}."
    if policy.first_outreach:
        caller = teams.get(policy.first_outreach, "The team that the routing rules find")
        yield f"{caller} makes the first contact."
    for stage, handover in policy.stages.items():
        yield f"From {stages.get(stage, stage)} on {teams.get(handover.team_key, handover.team_key)} owns the lead."
    for each in policy.triggers:
        what = EVENTS[OwnerEvent(each.event)] if each.event != OwnerEvent.CUSTOM else f"“{each.name}”"
        opens = ", and an opportunity with the group is opened" if each.opens else ""
        by = f"; who leads {teams.get(each.approver, each.approver)} approves" if each.approver else ""
        yield f"At {what} {teams.get(each.handover.team_key, each.handover.team_key)} takes over{opens}{by}."
    if policy.sharing is not None:
        who = [teams.get(each, each) for each in sorted(policy.sharing.teams)]
        who += ["the agency that delivered it"] if policy.sharing.agency else []
        yield f"Until {stages.get(policy.sharing.until, policy.sharing.until)} {listed(who, 'and')} may log contacts."


def _called(keys: frozenset[str], options: Any) -> list[str]:
    return [name for key, name in options if key in keys]


def _options(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), word) for key, word in words.items()]


def _name_of(row: Mapping[str, Any]) -> str:
    return as_text(row.get("name")) or as_text(row.get("id"))


offer(
    Form(
        "ownership",
        ("policies", "#"),
        "policy",
        (
            Section("", _DEPTH, _head),
            Section("Who takes over when", _DEPTH, _moves, prefix="moves-"),
            Section("Responsibility", _DEPTH, _matrix, prefix="matrix-"),
            Section("Sections", _DEPTH, _texts, prefix="texts-"),
        ),
        reads=_reads,
        name_of=_name_of,
        start="P-",
        where=lambda document, place: "Policies for pipelines and campaigns",
    )
)
