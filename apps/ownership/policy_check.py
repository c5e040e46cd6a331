"""What is wrong with the policies of an ownership document, and what each still lacks before it may rule.

Something wrong keeps the draft from being saved. A step without a team and a section without words keep it from being
approved: an ownership policy is whole, or nobody works by it (rows OW-08, OW-13).
"""

from collections.abc import Iterable, Mapping

from apps.ownership.policy import read_policies, weight_of
from apps.ownership.terms import BY_ROUTING, SECTIONS, STAGE_EVENTS, STEPS, Model, OwnerEvent, Policy
from apps.policies.decisions.documents import (
    as_document,
    as_items,
    as_text,
    as_texts,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Problem, Severity

_PARTS = frozenset(
    {
        *("id", "name", "meaning", "model", "pipelines", "campaigns", "sources", "team", "delivery", "outcome"),
        *("booking", "channels", "stages", "triggers", "shared", "first_outreach", "responsibility", "sections"),
    }
)
_TRIGGER_PARTS = frozenset({"event", "name", "team", "keeps_view", "opens_opportunity", "approver"})
#: The parts that only one model has, with the model.
_OWN = {"team": Model.SINGLE_OWNER, "delivery": Model.PARTNERSHIP, "outcome": Model.PARTNERSHIP}
_OWN |= {"booking": Model.PARTNERSHIP, "channels": Model.CHANNEL}
_NEEDED = {Model.SINGLE_OWNER: ("team",), Model.PARTNERSHIP: ("delivery", "outcome")}
_CALLED = {
    "team": "the central team",
    "delivery": "the team that delivers",
    "outcome": "the team that answers for the outcome",
}


def check_policies(rules: Mapping[str, object], fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with the policies, and what is missing in them."""
    if not isinstance(rules.get("policies", []), list):
        return [Problem("/policies", "bad_value", "“policies” is a list.")]
    problems: list[Problem] = []
    rows = [(f"/policies/{place}", as_document(item)) for place, item in enumerate(as_items(rules.get("policies")))]
    problems += duplicate_ids([(f"{path}/id", as_text(row.get("id"))) for path, row in rows])
    campaigns = frozenset(fields["campaign"].choices) if "campaign" in fields else frozenset()
    for path, row in rows:
        problems += unknown_keys(row, _PARTS, path)
        problems += _check_head(row, path, known, campaigns)
        problems += _check_model(row, path, known)
        problems += _check_stages_and_triggers(row, path, known)
        problems += _check_sharing(row, path, known)
        problems += _check_gaps(row, path, known)
        problems += _check_queues(row, path, known)
    return problems + _clashes(read_policies(rules).named)


def _check_head(row: Mapping[str, object], path: str, known: Known, campaigns: frozenset[str]) -> Iterable[Problem]:
    for part in ("id", "name"):
        if not as_text(row.get(part)):
            yield Problem(f"{path}/{part}", f"{part}_missing", f"A policy needs its {part}.")
    for part, keys in (("pipelines", known.pipelines), ("campaigns", campaigns), ("sources", known.sources)):
        for each in as_texts(row.get(part)):
            if each not in keys:
                yield Problem(f"{path}/{part}", f"unknown_{part[:-1]}", f"There is no {part[:-1]} “{each}”.")
    if not any(as_texts(row.get(part)) for part in ("pipelines", "campaigns", "sources")):
        sentence = "Name the pipelines, campaigns or sources whose leads the policy rules."
        yield Problem(f"{path}/pipelines", "applies_nowhere", sentence)


def _check_model(row: Mapping[str, object], path: str, known: Known) -> Iterable[Problem]:
    word = as_text(row.get("model"))
    if word not in set(Model):
        yield Problem(f"{path}/model", "unknown_model", f"The model is one of {', '.join(sorted(Model))}.")
        return
    model = Model(word)
    for part, owner in _OWN.items():
        if row.get(part) and model is not owner:
            sentence = f"“{part}” belongs to the model {_words(owner)}."
            yield Problem(f"{path}/{part}", "other_model", sentence)
    for part in _NEEDED.get(model, ()):
        if not as_text(row.get(part)):
            yield Problem(f"{path}/{part}", "team_missing", f"The model {_words(model)} needs {_CALLED[part]}.")
    for part in ("team", "delivery", "outcome", "first_outreach"):
        key = as_text(row.get(part))
        if key and key not in known.teams and not (part == "first_outreach" and key == BY_ROUTING):
            yield _unknown_team(f"{path}/{part}", key)
    if model is Model.PARTNERSHIP and as_text(row.get("delivery")) == as_text(row.get("outcome")) != "":
        sentence = "Two stages need two teams: the one that delivers and the one that answers for the outcome."
        yield Problem(f"{path}/outcome", "same_team", sentence)
    for place, item in enumerate(as_items(row.get("channels"))):
        entry = as_document(item)
        yield from unknown_keys(entry, frozenset({"channel", "team"}), f"{path}/channels/{place}")
        if not as_text(entry.get("channel")):
            yield Problem(f"{path}/channels/{place}/channel", "channel_missing", "Name the channel.")
        if as_text(entry.get("team")) not in known.teams:
            yield _unknown_team(f"{path}/channels/{place}/team", as_text(entry.get("team")))


def _check_stages_and_triggers(row: Mapping[str, object], path: str, known: Known) -> Iterable[Problem]:
    if as_text(row.get("model")) == Model.SINGLE_OWNER:
        for part in ("stages", "triggers"):
            if row.get(part):
                sentence = "A single owner keeps the lead from capture to close: no stage and no event moves it."
                yield Problem(f"{path}/{part}", "single_owner_moves", sentence)
    seen: set[str] = set()
    for place, item in enumerate(as_items(row.get("stages"))):
        yield from check_stage(item, f"{path}/stages/{place}", known, seen)
    keys: set[str] = set()
    for place, item in enumerate(as_items(row.get("triggers"))):
        yield from _check_trigger(as_document(item), f"{path}/triggers/{place}", known, keys)


def _check_trigger(row: Mapping[str, object], path: str, known: Known, seen: set[str]) -> Iterable[Problem]:
    yield from unknown_keys(row, _TRIGGER_PARTS, path)
    event, name, team = (as_text(row.get(part)) for part in ("event", "name", "team"))
    if event not in set(OwnerEvent):
        yield Problem(f"{path}/event", "unknown_event", f"The event is one of {', '.join(OwnerEvent)}.")
    elif event == OwnerEvent.CUSTOM and (not name or name in set(OwnerEvent)):
        yield Problem(f"{path}/name", "name_missing", "An event of your own needs a name of its own.")
    elif event != OwnerEvent.CUSTOM and name:
        yield Problem(f"{path}/name", "name_too_many", "Only a custom event has a name.")
    key = name if event == OwnerEvent.CUSTOM else event
    if key and key in seen:
        yield Problem(f"{path}/event", "trigger_twice", f"The event “{key}” has two teams.")
    seen.add(key)
    if team not in known.teams:
        yield _unknown_team(f"{path}/team", team)
    for part in ("keeps_view", "opens_opportunity"):
        if not isinstance(row.get(part, False), bool):
            yield Problem(f"{path}/{part}", "bad_value", f"“{part}” is true or false.")
    if row.get("opens_opportunity") and event in STAGE_EVENTS:
        sentence = "Only an event that a person records opens an opportunity."
        yield Problem(f"{path}/opens_opportunity", "not_recorded", sentence)
    approver = as_text(row.get("approver"))
    if approver and approver not in known.teams:
        yield _unknown_team(f"{path}/approver", approver)
    if approver and event != OwnerEvent.TERMS_APPROVED:
        sentence = "Only terms are approved: name the approver where terms are approved."
        yield Problem(f"{path}/approver", "other_event", sentence)


def check_stage(item: object, path: str, known: Known, seen: set[str]) -> list[Problem]:
    """Name what is wrong with one entry of an owner map; `seen` holds the stages before it."""
    row = as_document(item)
    stage, team = as_text(row.get("stage")), as_text(row.get("team"))
    problems = unknown_keys(row, frozenset({"stage", "team", "keeps_view"}), path)
    if stage not in known.stages:
        problems.append(Problem(f"{path}/stage", "unknown_stage", f"There is no stage “{stage}”."))
    if stage in seen:
        problems.append(Problem(f"{path}/stage", "stage_twice", f"The stage “{stage}” has two owners."))
    seen.add(stage)
    if team not in known.teams:
        problems.append(_unknown_team(f"{path}/team", team))
    if not isinstance(row.get("keeps_view", False), bool):
        problems.append(Problem(f"{path}/keeps_view", "bad_value", "“keeps_view” is true or false."))
    return problems


def _check_sharing(row: Mapping[str, object], path: str, known: Known) -> Iterable[Problem]:
    if "shared" not in row:
        return
    part, path = as_document(row["shared"]), f"{path}/shared"
    yield from unknown_keys(part, frozenset({"until", "teams", "agency"}), path)
    until, teams = as_text(part.get("until")), as_texts(part.get("teams"))
    if until not in known.stages:
        yield Problem(f"{path}/until", "unknown_stage", f"There is no stage “{until}” at which sharing could end.")
    for each in teams:
        if each not in known.teams:
            yield _unknown_team(f"{path}/teams", each)
    if not teams and part.get("agency") is not True:
        yield Problem(f"{path}/teams", "nobody_shares", "Name who logs beside the owner: teams, or the agency.")


def _check_gaps(row: Mapping[str, object], path: str, known: Known) -> Iterable[Problem]:
    """Name what keeps a policy from ruling: a step nobody answers for, a section nobody wrote."""
    name = as_text(row.get("name")) or as_text(row.get("id"))
    steps, sections = as_document(row.get("responsibility")), as_document(row.get("sections"))
    yield from unknown_keys(steps, frozenset(STEPS), f"{path}/responsibility")
    yield from unknown_keys(sections, frozenset(SECTIONS), f"{path}/sections")
    for step in STEPS:
        team = as_text(steps.get(step))
        if team and team not in known.teams:
            yield _unknown_team(f"{path}/responsibility/{step}", team)
        elif not team:
            sentence = f"“{name}”: no team answers for {_words(step)}."
            yield Problem(f"{path}/responsibility/{step}", "step_missing", sentence, Severity.BLOCKS)
    for section in SECTIONS:
        if not as_text(sections.get(section)):
            sentence = f"“{name}”: section {_words(section)} missing."
            yield Problem(f"{path}/sections/{section}", "section_missing", sentence, Severity.BLOCKS)


def _check_queues(row: Mapping[str, object], path: str, known: Known) -> Iterable[Problem]:
    """Warn of teams that a lead would go to and that have no queue for it to wait in."""
    named = [(part, as_text(row.get(part))) for part in ("team", "delivery", "outcome")]
    for part in ("channels", "stages", "triggers"):
        items = [as_document(item) for item in as_items(row.get(part))]
        named += [(f"{part}/{place}/team", as_text(item.get("team"))) for place, item in enumerate(items)]
    for part, team in named:
        if team in known.queueless_teams:
            sentence = f"The team “{team}” has no queue: leads that go to it wait in the queue they came from."
            yield Problem(f"{path}/{part}", "team_without_queue", sentence, Severity.WARNING)


def _clashes(policies: tuple[Policy, ...]) -> list[Problem]:
    """Name policies that rule the same leads by the same right: only the first of them would be asked."""
    found = []
    for place, each in enumerate(policies):
        others = [other for other in policies[:place] if weight_of(other) == weight_of(each) and _meet(other, each)]
        if others and weight_of(each):
            sentence = f"“{others[0].name}” rules the same leads; name campaigns or sources to tell them apart."
            found.append(Problem(f"/policies/{place}/pipelines", "policies_clash", sentence))
    return found


def _meet(one: Policy, other: Policy) -> bool:
    pairs = (
        (one.pipelines, other.pipelines),
        (one.campaigns, other.campaigns),
        (one.sources, other.sources),
    )
    return all(not left or bool(left & right) for left, right in pairs)


def _unknown_team(path: str, team: str) -> Problem:
    return Problem(path, "unknown_team", f"There is no team “{team}”.")


def _words(key: str) -> str:
    return key.replace("_", " ")
