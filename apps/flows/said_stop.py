"""Words of an inquiry or an answer that ask us to stop: heeded at once where they say so, read by a person otherwise.

What is clear stops contact before anything else is done with it (47 CFR 64.1200(a)(10)). What may be meant so stops
nothing, but somebody reads it, and what we send on our own waits until then.
"""

from datetime import timedelta

from apps.catalog.terms import CaptureMethod
from apps.consent.actions import narrow
from apps.consent.opt_out_words import is_opt_out, may_be_opt_out
from apps.consent.terms import Channel, OptOut, OptOutKind
from apps.flows.arrival import Case
from apps.flows.opt_out import stop_contact
from apps.leads.actions import open_task, refresh_next_action
from apps.leads.models import Lead, Person, Task
from apps.leads.terms import READ_REPLY
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

READ_WITHIN = timedelta(hours=4)
#: What comes so answers us, or speaks to us directly: a word that may mean "stop" is worth reading there.
SPOKEN_TO_US = frozenset({CaptureMethod.CHAT, CaptureMethod.EMAIL})
TITLES = {
    OptOutKind.WORDING: "Read their message: contact was stopped by its words",
    OptOutKind.UNCLEAR: "Read their message: do they want us to stop?",
}


def heed_words(case: Case, contact: Person) -> OptOut | None:
    """Stop calls and texts, by a mail mails too, at words such as "stop calling me"; return what was found."""
    text, method = case.draft.message, case.draft.capture_method
    found = is_opt_out(text) or (may_be_opt_out(text) if method in SPOKEN_TO_US else None)
    if found is None or found.kind is OptOutKind.UNCLEAR:
        return found
    actor = system_actor(current_organization_id())
    silenced = [Channel.CALL, Channel.TEXT, *([Channel.EMAIL] if method == CaptureMethod.EMAIL else [])]
    narrow(
        actor=actor,
        person=contact,
        channels=silenced,
        reason=f"their message says “{found.words}”",
        source="message",
        now=case.now,
        evidence=found.words,
    )
    stop_contact(contact, silenced, actor=actor, reason="opted out in a message", now=case.now)
    return found


def show_words(case: Case, lead: Lead, found: OptOut | None) -> None:
    """Let somebody read what was no plain word of a message, once while it waits; who closed the lead has read it."""
    if found is None or found.kind not in TITLES or lead.closed_at is not None:
        return
    if Task.rows().filter(lead=lead, kind=READ_REPLY, state="open").exists():
        return
    due_at = case.now + READ_WITHIN
    open_task(lead, kind=READ_REPLY, title=TITLES[found.kind], due_at=due_at, now=case.now, event_id=new_id())
    refresh_next_action(lead)
