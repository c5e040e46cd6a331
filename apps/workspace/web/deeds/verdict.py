"""What is found out and decided about a lead, and taking a closed one up again."""

from django.utils.translation import gettext_noop

from apps.flows import covering, deciders, prioritising, qualifying, reopening, verifying
from apps.leads.terms import Control
from apps.qualification.signals import Coverage
from apps.qualification.terms import Verdict
from apps.qualification.verdicts import Entry
from apps.workspace import reopening_page, verdict_page
from apps.workspace.web import verdict_forms
from apps.workspace.web.deeds.deed import Deed, Sent


def _verify(sent: Sent) -> object:
    answers = {name: str(value) for name, value in sent.values.items()}
    return verifying.verify_lead(
        actor=sent.actor, lead_id=sent.lead.id, answers=answers, now=sent.now, version=sent.version
    )


def _qualify(sent: Sent) -> object:
    values = sent.values
    entry = Entry(
        Verdict(values["verdict"]),
        values["reason"].strip(),
        criteria=tuple(values["criteria"]),
        disqualification=values["disqualification"],
        flags=tuple(line.strip() for line in values["flags"].splitlines() if line.strip()),
        next_step=values["next_step"].strip(),
        next_step_at=values["next_step_at"],
        needs_follow_up=values["needs_follow_up"],
    )
    return qualifying.qualify_lead(
        actor=sent.actor, lead_id=sent.lead.id, entry=entry, now=sent.now, version=sent.version
    )


def _name_decider(sent: Sent) -> object:
    values = sent.values
    decider = deciders.Decider(
        tuple(Control(each) for each in values["controls"]),
        **{name: values[name] for name in ("role", "first_name", "last_name", "phone", "email")},
    )
    return deciders.name_decision_maker(
        actor=sent.actor, lead_id=sent.lead.id, decider=decider, now=sent.now, version=sent.version
    )


def _reopen(sent: Sent) -> object:
    return reopening.reopen_lead(
        actor=sent.actor,
        lead_id=sent.lead.id,
        reason=sent.values["reason"].strip(),
        now=sent.now,
        version=sent.version,
    )


def _set_priority(sent: Sent) -> object:
    return prioritising.set_priority(
        actor=sent.actor,
        lead_id=sent.lead.id,
        priority=sent.values["priority"],
        reason=sent.values["reason"],
        now=sent.now,
        version=sent.version,
    )


def _record_coverage(sent: Sent) -> object:
    told = covering.Answered(
        Coverage(sent.values["answer"]),
        sent.now,
        **{name: sent.values[name] for name in ("payer", "plan", "reference")},
    )
    return covering.record_coverage(
        actor=sent.actor, lead_id=sent.lead.id, told=told, now=sent.now, version=sent.version
    )


VERDICT_DEEDS: dict[str, Deed] = {
    "verify": Deed(
        "verify",
        "verify",
        verdict_forms.Verify,
        _verify,
        gettext_noop("Verified."),
        choices=lambda lead, now: {**verdict_page.verification_choices(lead, now)},
        initial=verdict_page.verification_known,
        fills=verdict_page.verification_fills,
        beside=verdict_page.beside_verdict,
    ),
    "qualify": Deed(
        "qualify",
        "qualify",
        verdict_forms.Qualify,
        _qualify,
        gettext_noop("Decided."),
        choices=lambda lead, now: {**verdict_page.verdict_choices(lead, now)},
        initial=verdict_page.verdict_known,
        beside=verdict_page.beside_verdict,
    ),
    "name_decider": Deed(
        "decider", "name_decider", verdict_forms.NameDecider, _name_decider, gettext_noop("Noted who decides.")
    ),
    "set_priority": Deed(
        "priority",
        "set_priority",
        verdict_forms.SetPriority,
        _set_priority,
        gettext_noop("Priority set."),
        initial=lambda lead, wall: {"priority": lead.priority},
    ),
    "record_coverage": Deed(
        "coverage",
        "record_coverage",
        verdict_forms.RecordCoverage,
        _record_coverage,
        gettext_noop("Answer recorded. The score follows in a moment."),
        initial=lambda lead, wall: {"payer": lead.payer},
    ),
    "reopen": Deed(
        "reopen",
        "reopen",
        verdict_forms.Reopen,
        _reopen,
        gettext_noop("Reopened."),
        beside=lambda lead, actor, wall: {"ends": reopening_page.ends_of(lead, wall)},
    ),
}
