"""Answers to what we sent: a touch of the campaign on the lead that exists, and a task to answer (row CP-13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from apps.catalog.models import Campaign
from apps.consent.terms import Channel
from apps.flows.arrival import Case
from apps.flows.cadences import end_all
from apps.flows.channel_mix import note_reached
from apps.flows.engaging import note_engagement
from apps.flows.first_steps import add_touch
from apps.flows.opt_out import holders_of, leads_of
from apps.leads.actions import lock_lead, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Person
from apps.outreach.cadence_terms import RunEnd
from apps.outreach.models import Message, Reply
from apps.outreach.queries import astray, last_text_to
from apps.outreach.terms import EngagementKind
from apps.privacy import details
from apps.privacy.phi import look_at_phi
from apps.sla import actions as sla
from apps.tenancy.actor import system_actor
from apps.tenancy.ids import new_id

ANSWER_WITHIN = timedelta(hours=4)
#: How messages arrive that can answer one of ours, and how an answer is said to have come; others are not looked up.
ANSWERING = {"email": "by e-mail", "chat": "by text"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an inquiry answers: the lead, whom it is from, and the campaign's or the message's name; a text has none."""

    lead: Lead
    person: Person
    about: str
    message: Message | None = None

    @property
    def called(self) -> str:
        """How a sentence names what was answered."""
        return f"“{self.about}”" if self.about else "our message"


def answered_message(references: Iterable[str]) -> Message | None:
    """Return the message of ours whose id a mail names among those it answers."""
    bare = [each.strip().strip("<>") for each in references if each.strip()][:50]
    rows = Message.rows().filter(provider_ref__in=[*bare, *(f"<{each}>" for each in bare)])
    return rows.select_related("lead__campaign").order_by("-created_at", "-id").first() if bare else None


def answered_text(number: str, line: str) -> Message | None:
    """Return what a text to a line of ours answers: the last one that went from that line to its number.

    None where the number turned out to be wrong, or another person's: who has it now was not texted.
    """
    message = last_text_to(number, line) if number and line else None
    if message is None or message.contact_point.validity == "invalid" or astray(message, message.lead):
        return None
    return message


def answered_lead(address: str, campaign: Campaign | None) -> Lead | None:
    """Return the open lead that a mail to a campaign belongs to: the campaign's own, else the person's newest."""
    if campaign is None:
        return None
    found = [lead for person in holders_of(Channel.EMAIL, address) for lead in leads_of(person)]
    still_open = [each for each in found if each.closed_at is None]
    return max(still_open, key=lambda each: (each.campaign_id == campaign.id, each.created_at), default=None)


def answer_of(case: Case) -> Answer | None:
    """Return what this inquiry was found to answer when it came in; nothing where that lead was closed meanwhile."""
    if case.draft.capture_method not in ANSWERING:
        return None
    row = Reply.rows().filter(submission_id=case.submission.id).first()
    if row is None:
        return None
    lead = lock_lead(row.lead_id)
    if lead.closed_at is not None:
        return None
    return Answer(lead, lead.contact_person or lead.person, row.about, row.message)


def join(case: Case, answer: Answer) -> Lead:
    """Add the answer to its lead: a touch, the words, a line, and a task for whoever owns it."""
    lead, event_id, actor = answer.lead, new_id(), system_actor(case.organization.id)
    add_touch(case, lead, "update")
    details.keep(subject_id=lead.id, kind="message", text=case.draft.message, now=case.now)
    look_at_phi(lead.id, {"message": case.draft.message}, now=case.now)
    sentence = f"Answered {answer.called} {ANSWERING[case.draft.capture_method]}."
    tell(lead, kind="repeat", sentence=sentence, actor=actor, now=case.submission.event_at, event_id=event_id)
    end_all([lead], RunEnd.REPLIED, now=case.now)
    did = "wrote about" if answer.about else "answered"
    note_reached(lead, str(case.draft.capture_method), case.now)
    title = f"Answer {answer.person}, who {did} {answer.called}"[:200]
    due_at = case.now + ANSWER_WITHIN
    open_task(lead, kind="follow_up", title=title, due_at=due_at, now=case.now, event_id=event_id)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    note_engagement(
        lead,
        EngagementKind.REPLIED,
        reference=str(answer.message.id if answer.message else case.submission.id),
        actor=actor,
        happened_at=case.submission.event_at,
        now=case.now,
        message=answer.message,
    )
    return lead
