"""Why a lead is where it is: the stored routing as a ladder, the match, the score, the owners so far."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from apps.flows.masking import reads_service
from apps.identity.models import MatchDecision
from apps.identity.terms import LeadAction
from apps.leads.models import Lead
from apps.leads.queries import stage_spells_of
from apps.ownership.models import Spell
from apps.ownership.queries import spells_of
from apps.policies.decisions.fields import FIELDS
from apps.qualification.models import ScoreResult
from apps.qualification.queries import scores_of
from apps.routing.models import RoutingDecision
from apps.routing.queries import as_words, decisions_of
from apps.routing.terms import LAYERS
from apps.tenancy.actor import Actor
from apps.workspace.explaining import (
    hidden_facts,
    lines_testing,
    service_level_of,
    skipped_of,
    told_of_hidden,
    veiled,
    veiled_verdict,
)
from apps.workspace.words import Wall, plain, span

#: Facts that say nothing a reader asks for.
_SILENT = frozenset({"validity", "is_test", "hour_of_day", "weekday"})
#: Facts that are shown even where they were unknown: their absence explains a route.
_ALWAYS = frozenset({"service", "requested_location", "postal_code"})
#: What the walk looks at after the layers; each stands in the path only where it mattered.
_AFTER = ("channel", "hours", "capacity", "batch")


def latest_match(lead: Lead) -> MatchDecision | None:
    """Return the last arrival that was judged to belong to this lead, and was not split off it since."""
    split = MatchDecision.rows().filter(action=LeadAction.SPLIT, submission_id=OuterRef("submission_id"))
    rows = MatchDecision.rows().filter(lead=lead).select_related("version")
    rows = rows.exclude(Exists(split.exclude(lead=lead)))
    found: MatchDecision | None = rows.order_by("-decided_at", "-id").first()
    return found


def _version_label(words: Mapping[str, Any]) -> str:
    label = _("Routing rules, version %(n)s") % {"n": words["version"] or "-"}
    if not words["experiment"]:
        return label
    return label + " · " + _("Experiment %(name)s, arm %(arm)s") % {"name": words["experiment"], "arm": words["arm"]}


def routing_of(decision: RoutingDecision, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return a stored decision as components/routing_path.html wants it: each layer once, in order."""
    words = as_words(decision, veiled_verdict(decision, actor))
    path = [
        {name: wall.told(text) if isinstance(text, str) else text for name, text in step.items()}
        for step in words["path"]
    ]
    steps = {str(step.get("layer")): step for step in path}
    fallback = steps.get("fallback")
    return {
        "sentence": wall.told(words["reason"]),
        "version_label": _version_label(words),
        "decided_at": words["decided_at"],
        "decided_label": wall.day(words["decided_at"]),
        "layers": [_layer(steps.get(key), name, decision.rule_id) for key, name in LAYERS.items()],
        "after": [_afterwards(steps[key]) for key in _AFTER if key in steps],
        "target": {
            "team": words["queue"],
            "person": words["member"],
            "sentence": str(decision.turn.get("reason", "")),
        },
        "alternatives": [
            {"name": str(each.get("name") or each.get("key")), "reason": wall.told(str(each.get("why_not", "")))}
            for each in words["alternatives"]
        ]
        + skipped_of(decision),
        "fallback": {
            "sentence": str(fallback.get("sentence", "")) if fallback else _("A rule named the queue."),
            "used": bool(words["is_fallback"]),
        },
    }


def service_level_shown(decision: RoutingDecision) -> dict[str, str] | None:
    """Return the service level that was chosen then, with its version."""
    found = service_level_of(decision)
    if found is None:
        return None
    label = _("Service levels, version %(n)s") % {"n": found["version"] or "-"}
    return {"sentence": str(found["reason"]), "label": label}


def facts_seen(decision: RoutingDecision, lead: Lead, actor: Actor) -> list[dict[str, Any]]:
    """Return what the router saw, as stored with the decision, without what the role may not see."""
    named = (lead.service, lead.location, lead.source, lead.campaign)
    names = {each.key: each.name for each in named if each is not None}
    hidden = _SILENT | hidden_facts(actor) | (set() if reads_service(actor) else {"service"})
    order = [*FIELDS, *(each for each in decision.facts if each not in FIELDS)]
    return [
        {
            "label": _(FIELDS[name].label) if name in FIELDS else plain(name),
            "value": names.get(str(decision.facts[name])) or _spoken(decision.facts[name]),
            "lock": None,
        }
        for name in order
        if name in decision.facts and name not in hidden
        if decision.facts[name] is not None or name in _ALWAYS
    ]


def owners_of(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, str]]:
    """Return who owned the lead, from when to when, for how long, why and by whom; newest first."""
    until = lead.closed_at or wall.now
    told = told_of_hidden(decisions_of(lead), actor) if hidden_facts(actor) else []
    return [
        {
            "owner": spell.membership.user.name if spell.membership else "",
            "team": spell.team.name,
            "from_label": wall.day(spell.started_at),
            "until_label": wall.day(spell.ended_at) if spell.ended_at else "",
            "lasted": span(((spell.ended_at or until) - spell.started_at).total_seconds()),
            "trigger": plain(spell.trigger.replace(":", ": ")),
            "reason": wall.told(veiled(spell.reason, told)),
            "actor": spell.actor_label,
            "policy": _policy_label(spell),
        }
        for spell in reversed(spells_of(lead))
    ]


def _policy_label(spell: Spell) -> str:
    if not spell.policy:
        return ""
    number = spell.version.number if spell.version else "-"
    return _("policy %(key)s, rules version %(n)s") % {"key": spell.policy, "n": number}


def stages_so_far(lead: Lead, wall: Wall) -> list[dict[str, str]]:
    """Return the stages the lead was in, how long, and what moved it, newest first."""
    return [
        {
            "stage": spell.stage.label,
            "lasted_label": span(((spell.ended_at or wall.now) - spell.started_at).total_seconds()),
            "from_label": wall.day(spell.started_at),
            "until_label": wall.day(spell.ended_at) if spell.ended_at else "",
            "reason": plain(spell.event),
            "actor": spell.actor_label,
        }
        for spell in reversed(stage_spells_of(lead))
    ]


def match_of(match: MatchDecision | None, wall: Wall) -> dict[str, str] | None:
    """Return how the arrival was matched with what was on file."""
    if match is None:
        return None
    version = match.version.number if match.version else "-"
    by = _("Duplicate rules, version %(n)s") % {"n": version}
    by = _("Decided by a colleague") if match.action == LeadAction.SPLIT else by
    return {
        "sentence": match.reason,
        "rule": match.rule_id,
        "keys": ", ".join(plain(str(key)) for key in match.keys),
        "label": f"{by} · {wall.day(match.decided_at)}",
    }


def score_of(score: ScoreResult | None, actor: Actor, wall: Wall) -> dict[str, Any] | None:
    """Return a score as components/score_lines.html wants it; a line about what is hidden says only its points."""
    if score is None:
        return None
    document = score.version.document if score.version else {}
    version = score.version.number if score.version else "-"
    return {
        "scales": [
            _scale(score.verdict.get(part, {}), document.get(part, {}), label, hidden_facts(actor))
            for part, label in (("fit", _("Fit")), ("intent", _("Intent")))
        ],
        "verdict": "",
        "version_label": _("Scorecard, version %(n)s") % {"n": version} + f" · {wall.day(score.scored_at)}",
    }


def scores_so_far(lead: Lead, wall: Wall) -> list[dict[str, Any]]:
    """Return every score of the lead, newest first: by which version of the scorecard, and why it was scored."""
    return [
        {
            "fit": row.fit,
            "intent": row.intent,
            "version_label": _("Scorecard v%(n)s") % {"n": row.version.number} if row.version else _("No scorecard"),
            "at_label": wall.day(row.scored_at),
            "cause": plain(row.cause),
        }
        for row in scores_of(lead)
    ]


def _layer(step: Mapping[str, Any] | None, name: str, deciding_rule: str) -> dict[str, Any]:
    """Fired is the one layer whose rule named the queue; others may have matched and set something else."""
    sentence = str(step.get("sentence", "")) if step else ""
    layer: dict[str, Any] = {"name": name, "rule": "", "rule_url": "", "values": []}
    if step is None or sentence.startswith("Not asked"):
        return layer | {"state": "skipped", "state_label": _("Not asked"), "rule": sentence}
    rule_id, effect = str(step.get("rule_id", "")), str(step.get("effect", ""))
    if not rule_id:
        return layer | {"state": "passed", "state_label": sentence}
    fired, matched = rule_id == deciding_rule, effect != "passed over"
    return layer | {
        "state": "fired" if fired else "passed",
        "state_label": _("Rule matched") if matched else _("Passed over"),
        "rule": f"{rule_id} {step.get('rule_name', '')}: {sentence}",
        "values": [{"label": _("Effect"), "seen": effect, "wanted": "", "met": matched}] if effect else [],
    }


def _afterwards(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the hours, the room or the batch of the queue changed, as a layer of its own."""
    effect = {"label": _("Effect"), "seen": str(step.get("effect", "")), "wanted": "", "met": True}
    layer = {"name": str(step.get("layer_name", "")), "rule": str(step.get("sentence", "")), "rule_url": ""}
    return layer | {"state": "passed", "state_label": "", "values": [effect]}


def _scale(part: Mapping[str, Any], card: Mapping[str, Any], label: str, hidden: frozenset[str]) -> dict[str, Any]:
    value, maximum = int(part.get("total", 0)), int(card.get("max") or 100)
    bands = {str(band.get("key")): str(band.get("name") or band.get("key")) for band in card.get("bands", [])}
    band, apart = str(part.get("band", "")), lines_testing(card, hidden)
    return {
        "label": label,
        "value": value,
        "maximum": maximum,
        "percent": max(0, min(100, round(value * 100 / maximum))),
        "band": bands.get(band, plain(band) if band else ""),
        "lines": [
            {
                "label": line["meaning"] if line["rule_id"] not in apart else _("tests what is hidden from your role"),
                "points": _points(int(line["points"])),
                "seen": "",
            }
            for line in part.get("lines", [])
        ],
    }


def _points(points: int) -> str:
    return f"+{points}" if points >= 0 else f"−{abs(points)}"


def _spoken(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).replace("_", " ")
