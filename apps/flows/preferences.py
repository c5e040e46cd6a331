"""What the receiver of a message says by its link: which contact for what, when and in which language, or none at all.

The link is the person's own word. It narrows everything at once. It widens by a wording that was read, never past the
do-not-contact list, and never past a STOP that came from another number or address than the link went to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.consent import actions as consent
from apps.consent.agreeing import BY_PAGE, Asked, agree, questions
from apps.consent.decisions import SAID_BY_VALUE, current_state
from apps.consent.gate_lock import shut
from apps.consent.models import PreferenceLink
from apps.consent.preference_links import take_use
from apps.consent.queries import POINT_KIND, Reach, events_of, reaches_of
from apps.consent.terms import Channel, ConsentValue, ContactCode, Purpose
from apps.flows.consent_requests import grant_requests, of_purpose
from apps.flows.following import note_followed
from apps.flows.opt_out import leads_of, opt_out_of_value, stop_contact, stop_person
from apps.flows.release import reconsider
from apps.leads.actions import save_lead, tell
from apps.leads.models import ContactPoint, Lead, Person
from apps.outreach.actions import cancel_stage_messages
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.errors import Conflict
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

STOPPED, NARROWED = "stopped by their preference link", "changed by their preference link"
_STOPPED_VALUES = (ConsentValue.WITHDRAWN, ConsentValue.DENIED)

Key = tuple[Channel, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One channel for one purpose: what holds, at which number or address, and whether they may agree here.

    `bar` says why not: listed, by_number (a STOP came from the number itself) or no_wording; "" where they may.
    """

    channel: Channel
    purpose: str
    value: ConsentValue
    contact_value: str
    asked: Asked | None
    bar: str

    @property
    def is_permitted(self) -> bool:
        """Whether we may use it now."""
        return self.value is ConsentValue.GRANTED and self.bar != "listed"


@dataclass(frozen=True, slots=True)
class Opened:
    """What an open link shows; without a person where the number or address is nobody's of them any more."""

    link: PreferenceLink
    person: Person | None
    choices: tuple[Choice, ...]
    best_time: str
    language: str

    @property
    def is_all_stopped(self) -> bool:
        """Whether nobody contacts them any more, by any channel and for any purpose."""
        return not any(each.value in (ConsentValue.GRANTED, ConsentValue.UNKNOWN) for each in self.choices)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What changes: channel and purpose to yes or no, and time and language where they are said."""

    choices: Mapping[Key, bool]
    best_time: str | None = None
    language: str | None = None

    def __bool__(self) -> bool:
        return bool(self.choices) or self.best_time is not None or self.language is not None


def look(link_id: UUID, now: datetime, language: str = "") -> Opened | None:
    """Return what a link shows; None for one that is too old, or whose person was erased. Changes nothing."""
    link = PreferenceLink.rows().select_related("person__merged_into").filter(id=link_id).first()
    if link is None or link.expires_at <= now:
        return None
    person = link.person.merged_into or link.person
    if not ContactPoint.rows().filter(person=person, value=link.contact_value).exists():
        return Opened(link, None, (), "", "")
    lead = _open_leads(person)[:1]
    choices = _choices(link, person, now, language or person.language or "en")
    return Opened(link, person, choices, lead[0].best_time if lead else "", person.language)


def stop_all(link_id: UUID, now: datetime) -> None:
    """Let nobody contact the person any more, nor anybody else at the number or address that the link went to."""
    opened = look(link_id, now)
    if opened is None:
        raise Conflict("This link does not work any more.", code="expired")
    if opened.person is not None and opened.is_all_stopped:
        return
    _withdraw(opened, list(Channel), STOPPED, now)


def stop_mail(link_id: UUID, now: datetime) -> None:
    """Take the one press of a mail program: no more of this channel to where the message went (RFC 8058)."""
    link = PreferenceLink.rows().get(id=link_id)
    for channel in _own_channels(link):
        reason = "unsubscribed by one click" if channel is Channel.EMAIL else STOPPED
        opt_out_of_value(
            actor=by_page(),
            channel=channel,
            value=link.contact_value,
            words=reason,
            reason=reason,
            source=BY_PAGE,
            now=now,
        )


def save(link_id: UUID, wishes: Wishes, now: datetime, language: str = "") -> bool:
    """Keep what the person changed on the page; False where the link took too many changes within the hour.

    What they may not agree to here is left as it is. What goes first is what narrows.
    """
    opened = look(link_id, now, language)
    if opened is None or opened.person is None:
        raise Conflict("This link does not work any more.", code="expired")
    if not wishes:
        return True
    if not take_use(opened.link, now):
        return False
    person, known = opened.person, {(each.channel, each.purpose): each for each in opened.choices}
    refused = [known[key] for key, wish in wishes.choices.items() if key in known and not wish]
    if not refused:
        note_followed(opened.link.message_id)
    agreed = [known[key] for key, wish in wishes.choices.items() if key in known and wish and not known[key].bar]
    _narrow(opened, [each for each in refused if each.value not in _STOPPED_VALUES], agreed, now)
    for each in agreed:
        if each.value is not ConsentValue.GRANTED and each.asked is not None:
            _agree(opened, person, each, each.asked, now)
    _keep_wishes(person, wishes, now)
    return True


def by_page() -> Actor:
    """Return as whom a person acts who uses a preference link."""
    return system_actor(current_organization_id(), "the person, by preference page", Door.FORM)


def _choices(link: PreferenceLink, person: Person, now: datetime, language: str) -> tuple[Choice, ...]:
    found = reaches_of(
        person, now=now, document=live_document("contact", now), default_zone=current_organization().zone
    )
    events, asked = events_of([person.id]).get(person.id, []), questions(language[:2])
    rows: list[Choice] = []
    for channel in Channel:
        reach = found[channel]
        for purpose in Purpose:
            if reach.point is None or (purpose != Purpose.CARE_INQUIRY and (channel, purpose) not in asked):
                continue
            state = current_state(events, channel, purpose, reach.point.value, at=now)
            question = asked.get((channel, purpose))
            bar = _bar(link, reach, state.source if state.value is ConsentValue.WITHDRAWN else "", question)
            rows.append(Choice(channel, purpose, state.value, reach.point.value, question, bar))
    return tuple(rows)


def _bar(link: PreferenceLink, reach: Reach, withdrawn_by: str, question: Asked | None) -> str:
    if reach.verdict.code is ContactCode.DO_NOT_CONTACT:
        return "listed"
    if withdrawn_by == SAID_BY_VALUE and reach.point is not None and reach.point.value != link.contact_value:
        return "by_number"
    return "" if question is not None else "no_wording"


def _own_channels(link: PreferenceLink) -> list[Channel]:
    """Return the channels that end at the number or address which the link went to."""
    return [each for each in Channel if POINT_KIND[each] == POINT_KIND[Channel(link.channel)]]


def _narrow(opened: Opened, refused: Sequence[Choice], agreed: Sequence[Choice], now: datetime) -> None:
    """Withdraw single purposes, or a channel whole where none of it is left."""
    no, yes = {(each.channel, each.purpose) for each in refused}, {each.channel for each in agreed}
    whole = []
    for channel in dict.fromkeys(each.channel for each in refused):
        left = [each for each in opened.choices if each.channel is channel and each.value is ConsentValue.GRANTED]
        if channel not in yes and all((each.channel, each.purpose) in no for each in left):
            whole.append(channel)
    if whole:
        _withdraw(opened, whole, NARROWED, now)
    for each in refused:
        if each.channel not in whole:
            _withdraw_purpose(opened, each, now)


def _withdraw(opened: Opened, channels: Sequence[Channel], reason: str, now: datetime) -> None:
    """Withdraw channels for every purpose: by the link's own value for all who have it, the others for the person."""
    link, actor = opened.link, by_page()
    shut([opened.person.id] if opened.person else [], [link.contact_value])
    own = [each for each in channels if each in _own_channels(link)]
    for channel in own:
        opt_out_of_value(
            actor=actor,
            channel=channel,
            value=link.contact_value,
            words=reason,
            reason=reason,
            source=BY_PAGE,
            now=now,
        )
    others = [each for each in channels if each not in own]
    if others and opened.person is not None:
        stop_person(opened.person, others, actor=actor, reason=reason, source=BY_PAGE, words=reason, now=now)


def _withdraw_purpose(opened: Opened, choice: Choice, now: datetime) -> None:
    person, actor = opened.person, by_page()
    if person is None:
        return
    consent.narrow(
        actor=actor,
        person=person,
        channels=[choice.channel],
        reason=NARROWED,
        source=BY_PAGE,
        now=now,
        evidence=NARROWED,
        purpose=choice.purpose,
    )
    if choice.purpose == Purpose.CARE_INQUIRY:
        # Contacts are planned for this purpose: what is on its way ends, the line leaves the other purposes alone.
        stop_contact(person, [choice.channel], actor=actor, reason=NARROWED, now=now)
        return
    for lead in leads_of(person):
        sentence = f"{choice.channel.capitalize()}: withdrawn{of_purpose(choice.purpose)}, {NARROWED}."
        tell(lead, kind="consent", sentence=sentence, actor=actor, now=now)
        if choice.purpose == Purpose.MARKETING:
            cancel_stage_messages(lead, reason=NARROWED, now=now)


def _agree(opened: Opened, person: Person, choice: Choice, asked: Asked, now: datetime) -> None:
    actor, link = by_page(), opened.link
    if choice.contact_value == link.contact_value:
        consent.take_back(actor=actor, channel=choice.channel, value=link.contact_value, now=now)
    agree(
        person=person,
        asked=asked,
        contact_value=choice.contact_value,
        reference=f"preference link {link.id}, message {link.message_id}",
        actor=actor,
        now=now,
    )
    for lead in leads_of(person):
        sentence = f"{choice.channel.capitalize()}: granted{of_purpose(choice.purpose)} by their preference link."
        tell(lead, kind="consent", sentence=sentence, actor=actor, now=now)
        grant_requests(lead, choice.channel, choice.purpose, actor=actor, now=now)
        reconsider(lead.id, now=now)


def _keep_wishes(person: Person, wishes: Wishes, now: datetime) -> None:
    """Keep the language with the person and the time with each open lead."""
    actor, changed = by_page(), []
    if wishes.language is not None and wishes.language != person.language:
        person.language = wishes.language
        person.save(update_fields=["language"])
        changed.append("language")
    for lead in leads_of(person) if wishes.best_time is not None else []:
        if lead.closed_at is None and lead.best_time != wishes.best_time:
            lead.best_time = wishes.best_time or ""
            save_lead(lead, ["best_time"])
            sentence = "Changed: best time, by their preference link."
            tell(lead, kind="edit", sentence=sentence, actor=actor, now=now)
            changed.append("best_time")
    if changed:
        ledger.record(
            actor=actor,
            action="preferences.save",
            object_type="person",
            object_id=person.id,
            fields=list(dict.fromkeys(changed)),
        )


def _open_leads(person: Person) -> list[Lead]:
    own = Lead.rows().filter(person=person, contact_person__isnull=True, closed_at__isnull=True)
    others = Lead.rows().filter(contact_person=person, closed_at__isnull=True)
    return sorted([*own, *others], key=lambda each: each.created_at, reverse=True)
