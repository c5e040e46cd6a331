"""Record what a person agreed to in writing on a page of ours, with the wording that they read."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.audit import ledger
from apps.consent.actions import store
from apps.consent.models import ConsentEvent, ConsentWording
from apps.consent.terms import Channel, ConsentValue
from apps.leads.models import Person
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id

#: The source of lines by which a person changed what we may do, by a link of ours.
BY_PAGE = "preference_page"
#: Versions of wordings that the preference page shows begin with this word.
PAGE_VERSION = "page"
STANDARD_VERSION = "page-standard"
#: What is asked about the inquiry itself where the tenant has no wording of its own.
_STANDARD: Mapping[str, Mapping[Channel, str]] = {
    "en": {
        Channel.CALL: "Yes, call me about my request.",
        Channel.TEXT: "Yes, text me about my request. Message rates may apply. Reply STOP at any time.",
        Channel.EMAIL: "Yes, send me e-mail about my request.",
    },
    "es": {
        Channel.CALL: "Sí, llámenme sobre mi solicitud.",
        Channel.TEXT: "Sí, envíenme mensajes de texto sobre mi solicitud. Pueden aplicarse tarifas. Responda ALTO en"
        " cualquier momento.",
        Channel.EMAIL: "Sí, envíenme correo electrónico sobre mi solicitud.",
    },
}
_INQUIRY = "care_inquiry"


@dataclass(frozen=True, slots=True)
class Asked:
    """One permission as the preference page asks for it."""

    channel: Channel
    purpose: str
    text: str
    version: str
    language: str


def questions(language: str = "en") -> dict[tuple[Channel, str], Asked]:
    """Return what the tenant asks on the preference page, its newest wordings, in a language or else in English."""
    standard = language if language in _STANDARD else "en"
    found = {
        (channel, _INQUIRY): Asked(channel, _INQUIRY, text, STANDARD_VERSION, standard)
        for channel, text in _STANDARD[standard].items()
    }
    rows = ConsentWording.rows().filter(version__startswith=PAGE_VERSION, language__in={"en", language})
    for row in sorted(rows, key=lambda each: (each.language == language, each.version)):
        if row.channel in set(Channel):
            key = (Channel(row.channel), str(row.purpose))
            found[key] = Asked(*key, row.text, row.version, row.language)
    return found


def agree(
    *, person: Person, asked: Asked, contact_value: str, reference: str, actor: Actor, now: datetime
) -> ConsentEvent:
    """Record that a person agreed, by their own hand, to be contacted at a number or an address for a purpose."""
    row = ConsentEvent(
        id=new_id(),
        person=person,
        contact_value=contact_value,
        channel=asked.channel,
        purpose=asked.purpose,
        value=ConsentValue.GRANTED,
        recorded_at=now,
        captured_at=now,
        source=BY_PAGE,
        recorded_by=actor.label,
        wording_version=asked.version[:20],
        wording_digest=hashlib.sha256(asked.text.encode()).hexdigest(),
        evidence_kind=BY_PAGE,
        evidence_ref=reference[:500],
        evidence={"text": asked.text, "language": asked.language},
    )
    store([row], by="capture")
    ledger.record(
        actor=actor,
        action="consent.agree",
        object_type="person",
        object_id=person.id,
        fields=[f"consent_{asked.channel}"],
        detail={"purpose": asked.purpose, "wording": asked.version},
    )
    return row
