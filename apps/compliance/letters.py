"""Drafts of the letters of a breach case, for counsel to finish. Nothing here sends anything.

What a letter to a person says is what 45 CFR 164.404(c) asks for: what happened and when it was discovered, which data,
what the person can do, what we do, and how to reach us. What is not known yet stands in brackets.
"""

from datetime import date, datetime

from apps.audit import ledger
from apps.compliance.breach import persons_of, require_handler
from apps.compliance.models import BreachCase, BreachLetter
from apps.compliance.terms import Letter
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid
from apps.tenancy.organizations import current_organization

_PERSON = """\
{tenant}
[postal address]
[date]

[name of the person]
[address of the person]

Dear [name of the person],

we write to tell you about an incident that concerned your information.

What happened. {what} We discovered this on {discovered}.

Which information. {data}

What we have done. {contained}

What you can do. [steps that fit the data, such as looking through statements of your insurance, or a notice with the
credit bureaus]

Where to ask. Call [toll-free number], write to [e-mail address] or to the address above. We are sorry that this
happened.

{tenant}
"""
_SECRETARY = """\
Notice to the Secretary of Health and Human Services (45 CFR 164.408), to be entered in the portal of the Office for
Civil Rights.

Covered entity: {tenant}
Reference: {ref}
Date of discovery: {discovered}
Persons affected: {persons}
When: {when}
What happened: {what}
Who: {who}
Information involved: {data}
Safeguards before: [from the security-measures sheet]
What was done: {contained}
"""
_MEDIA = """\
{tenant} tells of an incident with information of patients (45 CFR 164.406)

On {discovered} {tenant} discovered the following: {what}
The information: {data}
What was done: {contained}
Everybody concerned is written to. Questions: [toll-free number].
"""
_ENTITY = """\
Notice of a business associate to {tenant} (45 CFR 164.410)

Reference: {ref}
Discovered on: {discovered}
What happened: {what}
Information involved: {data}
Persons concerned: {persons} (list enclosed)
What was done: {contained}
"""
_TEXTS = {Letter.PERSON: _PERSON, Letter.SECRETARY: _SECRETARY, Letter.MEDIA: _MEDIA, Letter.ENTITY: _ENTITY}


def draft(*, actor: Actor, case: BreachCase, kind: Letter, now: datetime) -> BreachLetter:
    """Write a draft from what the case says; one that stands there is written anew unless it was sent already."""
    require_handler(actor, case)
    there = BreachLetter.rows().filter(case=case, kind=kind).first()
    if there is not None and there.sent_on:
        raise Conflict("This letter was sent. Its text stays as it went out.", code="sent")
    row = there or BreachLetter(case=case, kind=kind)
    row.body, row.made_at, row.made_by = text_of(case, kind), now, actor.label
    row.save()
    ledger.record(
        actor=actor, action="breach.draft", object_type="breach_case", object_id=case.id, detail={"letter": kind.value}
    )
    return row


def note_sent(*, actor: Actor, case: BreachCase, kind: Letter, sent_on: date, today: date) -> None:
    """Note by hand that a letter went out; refuses a day that lies ahead."""
    require_handler(actor, case)
    if sent_on > today:
        raise Invalid("A letter that goes out later was not sent yet.")
    rows = BreachLetter.rows().filter(case=case, kind=kind, sent_on=None)
    if not rows.update(sent_on=sent_on, sent_noted_by=actor.label):
        raise Conflict("There is no such draft, or it was sent already.")
    ledger.record(
        actor=actor,
        action="breach.sent",
        object_type="breach_case",
        object_id=case.id,
        detail={"letter": kind.value, "sent_on": str(sent_on)},
    )


def text_of(case: BreachCase, kind: Letter) -> str:
    """Return the text of a draft; what nobody answered yet stands in brackets."""
    found = case.found_by
    return _TEXTS[kind].format(
        tenant=current_organization().name,
        ref=case.ref,
        what=case.what,
        who=case.who or "[who]",
        discovered=case.discovered_on.strftime("%B %-d, %Y"),
        data=case.data or "[which information]",
        contained=case.contained or "[what was done to contain it]",
        persons=persons_of(case),
        when=f"{found['since']} to {found['until']}" if found else "[when]",
    )
