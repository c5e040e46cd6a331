"""What an arrival brings: the draft, the people in it, the permissions, and the facts for the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.capture.actions import payload_of
from apps.capture.models import Submission
from apps.capture.normalise import normalise
from apps.capture.phone import read_phone
from apps.capture.terms import Draft, EmailReading, PhoneReading, Town
from apps.capture.text import fold, words_for_rules
from apps.catalog.models import Campaign, Source, TrackingNumber
from apps.catalog.queries import campaigns_by_key, locations_by_key, services_by_key, tracking_numbers, words
from apps.catalog.terms import ServiceKind
from apps.consent.actions import Claim
from apps.consent.terms import Channel, ConsentState
from apps.leads.terms import ContactValue, PersonSketch, StageKey
from apps.policies.models import RuleSetVersion
from apps.policies.queries import versions_in_force
from apps.qualification.decisions import eligibility_by_age
from apps.tenancy.models import Organization
from apps.tenancy.organizations import current_organization


@dataclass(frozen=True, slots=True)
class Case:
    """One submission being worked on: what it says and the rules in force at this instant."""

    submission: Submission
    source: Source
    organization: Organization
    draft: Draft
    campaign: Campaign | None
    versions: Mapping[str, RuleSetVersion]
    now: datetime

    def document(self, kind: str) -> dict[str, Any]:
        """Return the document in force of a kind, or an empty one."""
        version = self.versions.get(kind)
        return dict(version.document) if version else {}

    @property
    def party_key(self) -> str:
        """The agency that delivered, if one did."""
        return self.submission.party.key if self.submission.party else ""


def open_case(submission: Submission, now: datetime) -> Case:
    """Read a submission into a case."""
    organization = current_organization()
    names = words()
    draft = normalise(
        payload_of(submission),
        region=organization.region,
        services={fold(word): key for word, key in names.services.items()},
        locations={fold(word): key for word, key in names.locations.items()},
        towns=_towns(),
    )
    source = submission.source
    if not draft.is_test and submission.is_test:
        draft = replace(draft, is_test=True)
    dialled = _dialled(draft, organization.region)
    if dialled is not None:
        draft = _told_by_number(draft, dialled)
    campaign = _campaign(draft, source, dialled)
    return Case(submission, source, organization, draft, campaign, versions_in_force(now), now)


def patient_of(case: Case) -> PersonSketch:
    """Return the person who needs care (or the organisation that asks)."""
    draft = case.draft
    name = (draft.organization_name, "") if draft.is_organization and draft.organization_name else None
    first, last = name or (draft.first_name, draft.last_name)
    return PersonSketch(
        first_name=first,
        last_name=last,
        is_organization=draft.is_organization,
        date_of_birth=draft.date_of_birth,
        language=draft.language,
        city=draft.city,
        region=draft.region,
        postal_code=draft.postal_code,
        latitude=draft.place.latitude,
        longitude=draft.place.longitude,
        zone=draft.place.zone or case.organization.zone,
        points=_points(draft.phone, draft.email, draft.typed.get("phone", ""), draft.typed.get("email", "")),
        external_ids=(draft.external_id,) if draft.external_id else (),
    )


def submitter_of(case: Case) -> PersonSketch | None:
    """Return who asks for the patient, if it is somebody else (row CP-25)."""
    who = case.draft.on_behalf_of
    if who is None or not (who.phone or who.email or who.first_name or who.last_name):
        return None
    return PersonSketch(
        first_name=who.first_name,
        last_name=who.last_name,
        language=case.draft.language,
        zone=case.organization.zone,
        points=_points(who.phone, who.email),
    )


def claims_of(case: Case, contact: PersonSketch) -> list[Claim]:
    """Return the permissions that came along, each tied to the contact value it was given for."""
    found = []
    for claim in case.draft.consents:
        if claim.channel not in set(Channel) or claim.state not in ("granted", "denied", "withdrawn"):
            continue
        kind = "email" if claim.channel == Channel.EMAIL else "phone"
        values = [point.value for point in contact.points if point.kind == kind] or [""]
        evidence = {"ip": claim.ip, "user_agent": claim.user_agent, "page_url": claim.page_url}
        found += [
            Claim(
                channel=claim.channel,
                value=claim.state,
                contact_value=value,
                purpose=claim.purpose,
                captured_at=claim.captured_at or case.submission.event_at,
                text=claim.text,
                text_version=claim.text_version,
                evidence_kind=claim.evidence_kind or "submission",
                evidence_ref=claim.evidence_ref or str(case.submission.id),
                evidence={key: value for key, value in evidence.items() if value},
            )
            for value in values
        ]
    return found


def facts_of(
    case: Case,
    *,
    states: Mapping[Channel, ConsentState],
    validity: str,
    is_repeat: bool,
) -> dict[str, Any]:
    """Return what the rules may look at. Unknown is None, never a guess."""
    draft, source = case.draft, case.source
    local = case.now.astimezone(ZoneInfo(case.organization.zone))
    phone, email = _contact_points(draft)
    facts: dict[str, Any] = {
        "service": draft.service_key or None,
        "requested_location": draft.location_key or None,
        "location": draft.location_key or None,
        "patient_type": draft.patient_type or None,
        "timeframe": draft.timeframe or None,
        "channel": draft.capture_method,
        "source": source.key,
        "source_type": source.type,
        "party": case.party_key or None,
        "campaign": case.campaign.key if case.campaign else None,
        "landing_page": draft.attribution.get("landing_page") or None,
        "ad_group": draft.attribution.get("ad_group") or draft.attribution.get("utm_content") or None,
        "keyword": draft.attribution.get("keyword") or draft.attribution.get("utm_term") or None,
        "payer": draft.payer or None,
        "age": _age(draft, case.now),
        "postal_code": draft.postal_code or None,
        "city": draft.city or None,
        "place_confidence": draft.place.confidence if draft.city else None,
        "region": draft.region or None,
        "language": draft.language or None,
        "preferred_channel": draft.preferred_channel or None,
        "lead_class": draft.lead_class,
        "has_phone": phone is not None,
        "has_email": email is not None,
        "phone_validity": str(phone.validity) if phone else None,
        "email_validity": str(email.validity) if email else None,
        "consent_any": any(state.value == "granted" for state in states.values()),
        "validity": validity,
        "is_test": draft.is_test,
        "is_repeat": is_repeat,
        "hour_of_day": local.hour,
        "weekday": f"{local:%A}".lower(),
        "priority": "P3",
        "stage": StageKey.NEW.value,
    }
    facts |= facts_of_service(draft.service_key, facts["age"])
    return facts | {f"consent_{channel}": str(state.value) for channel, state in states.items()}


def words_in(case: Case) -> str:
    """Return the words of the message for keyword rules; they are judged and not stored with the facts."""
    return words_for_rules(case.draft.message)


def _contact_points(draft: Draft) -> tuple[PhoneReading | None, EmailReading | None]:
    who = draft.on_behalf_of
    if who is not None and (who.phone or who.email):
        return who.phone, who.email
    return draft.phone, draft.email


def _points(
    phone: PhoneReading | None, email: EmailReading | None, typed_phone: str = "", typed_email: str = ""
) -> tuple[ContactValue, ...]:
    points = []
    if phone is not None and phone.e164:
        points.append(ContactValue("phone", phone.e164, typed_phone or phone.e164, str(phone.validity)))
    if email is not None and email.address:
        points.append(ContactValue("email", email.address, typed_email or email.address, str(email.validity)))
    return tuple(points)


def _towns() -> list[Town]:
    return [
        Town(row.city, row.region, row.postal_code, row.latitude, row.longitude, tuple(row.synonyms))
        for row in locations_by_key().values()
    ]


def _dialled(draft: Draft, region: str) -> TrackingNumber | None:
    """Return what is known of the number that the person dialled."""
    typed = draft.attribution.get("tracking_number", "")
    return tracking_numbers().get(read_phone(typed, region).e164) if typed else None


def _told_by_number(draft: Draft, dialled: TrackingNumber) -> Draft:
    """Add what the number stands for: advertisement and office, where nothing else was said (row CP-10)."""
    told = {"ad_group": dialled.label, "keyword": dialled.keyword}
    known = {name: text for name, text in told.items() if text}
    draft = replace(draft, attribution=known | draft.attribution)
    if dialled.location is None or draft.location_key or draft.location_typed:
        return draft
    return replace(draft, location_key=dialled.location.key)


def _campaign(draft: Draft, source: Source, dialled: TrackingNumber | None) -> Campaign | None:
    """Return the campaign: the dialled number's, the one the link named, the source's."""
    named = campaigns_by_key().get(draft.attribution.get("utm_campaign", ""))
    of_number: Campaign | None = dialled.campaign if dialled is not None else None
    return of_number or named or source.campaign


def facts_of_service(key: str, age: int | None) -> dict[str, Any]:
    """Return the program that the service is, if it is one, and whether its limits allow the person."""
    service = services_by_key().get(key)
    if service is None:
        return {"program": None, "eligibility": None}
    return {
        "program": service.key if service.kind == ServiceKind.PROGRAM else None,
        "eligibility": eligibility_by_age(age, service.min_age, service.max_age).value,
    }


def _age(draft: Draft, now: datetime) -> int | None:
    born = draft.date_of_birth
    if born is None:
        return None
    today = now.date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
