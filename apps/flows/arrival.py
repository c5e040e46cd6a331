"""What an arrival brings: the draft, the people in it, the permissions, and the facts for the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.capture.actions import payload_of
from apps.capture.choices import choice_words
from apps.capture.form_depth import form_depth
from apps.capture.inference import infer, with_inferred
from apps.capture.mapping import Mapped, apply_mapping, synonyms_in
from apps.capture.models import Submission
from apps.capture.normalise import normalise
from apps.capture.phone import read_phone
from apps.capture.queries import mapping_documents, mapping_number
from apps.capture.referral import referral_in_mail, with_contact
from apps.capture.terms import Draft, EmailReading, LineKind, PhoneReading, Town, Unmapped
from apps.capture.text import fold, words_for_rules
from apps.catalog.models import Campaign, Source, TrackingNumber
from apps.catalog.queries import (
    campaigns_by_key,
    custom_fields,
    is_an_office_open,
    locations_by_key,
    private_labels,
    queues_by_key,
    services_by_key,
    services_today,
    spec_of,
    tracking_numbers,
    visit_types,
    words,
)
from apps.catalog.source_figures import conversion_of
from apps.catalog.terms import CaptureMethod, ChannelSpec, ServiceKind, SourceType
from apps.catalog.unmapped import ignored_words, is_ignored
from apps.consent.actions import Claim
from apps.consent.terms import Channel, ConsentState, ZoneBy
from apps.consent.whereabouts import whereabouts
from apps.leads.models import Touch
from apps.leads.terms import ContactValue, PersonSketch, StageKey
from apps.policies.decisions.documents import as_document
from apps.policies.models import RuleSetVersion
from apps.policies.queries import versions_in_force
from apps.qualification.decisions import eligibility_by_age, eligibility_by_opening
from apps.tenancy.models import Organization
from apps.tenancy.organizations import current_organization


@dataclass(frozen=True, slots=True)
class Case:
    """One submission being worked on: what it says and the rules in force at this instant.

    `mapped` is the inquiry after the mapping of its source, `mapping_number` that mapping's version; 0 without one.
    `line` is the number they dialled, if it stands for an advertisement. `touch` is the one that is there already,
    of an inquiry that is split off the lead it was joined to. `bounced` says since when addresses of it are on the
    bounced list.
    """

    submission: Submission
    source: Source
    organization: Organization
    draft: Draft
    campaign: Campaign | None
    versions: Mapping[str, RuleSetVersion]
    now: datetime
    mapped: Mapped
    mapping_number: int = 0
    line: TrackingNumber | None = None
    touch: Touch | None = None
    bounced: Mapping[str, datetime] = field(default_factory=dict)

    def document(self, kind: str) -> dict[str, Any]:
        """Return the document in force of a kind, or an empty one."""
        version = self.versions.get(kind)
        return dict(version.document) if version else {}

    @property
    def spec(self) -> ChannelSpec:
        """What the source's channel asks of its inquiries."""
        return spec_of(self.source)

    @property
    def party_key(self) -> str:
        """The agency that delivered, if one did."""
        return self.submission.party.key if self.submission.party else ""


def open_case(submission: Submission, now: datetime, *, documents: Sequence[Mapping[str, Any]] | None = None) -> Case:
    """Read a submission into a case, by the mapping of now or by these documents."""
    organization, source = current_organization(), submission.source
    if documents is None:
        documents = mapping_documents(source.key, now)
    mapped = apply_mapping(
        payload_of(submission), documents, custom={key: row.label for key, row in custom_fields().items()}
    )
    mapped = replace(mapped, body=_as_referral(mapped.body, submission))
    draft = draft_of(mapped.body, documents)
    if draft.unmapped:
        draft = replace(draft, unmapped=_unmapped(draft, mapped, source))
    if not draft.is_test and submission.is_test:
        draft = replace(draft, is_test=True)
    dialled = _dialled(draft, organization.region)
    if dialled is not None:
        draft = _told_by_number(draft, dialled)
    has_called = draft.capture_method == CaptureMethod.CALL and draft.phone is not None and draft.phone.e164
    if has_called and not draft.preferred_channel:
        # Who calls wants to talk, until they say otherwise (row CN-03).
        draft = replace(draft, preferred_channel=str(Channel.CALL))
    campaign = _campaign(draft, source, dialled)
    versions, number = versions_in_force(now), mapping_number(source.key, now)
    if "inference" in versions:
        counting = services_today()
        inferred = infer(draft, versions["inference"].document)
        draft = with_inferred(
            draft, tuple(each for each in inferred if each.field != "service" or each.value in counting)
        )
    return Case(submission, source, organization, draft, campaign, versions, now, mapped, number, dialled)


def _as_referral(body: Mapping[str, Any], submission: Submission) -> dict[str, Any]:
    """Return the body with whom to talk to about a referral; a mail to a referral's source is read as one."""
    if submission.source.type == SourceType.REFERRAL and submission.capture_method == CaptureMethod.EMAIL:
        return referral_in_mail(body)
    return with_contact(body)


def draft_of(body: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]) -> Draft:
    """Read a body into a draft with the words of the catalog and of these mapping documents."""
    names = words()
    draft = normalise(
        body,
        region=current_organization().region,
        services={fold(word): key for word, key in names.services.items()},
        locations={fold(word): key for word, key in names.locations.items()},
        towns=_towns(),
        synonyms=synonyms_in(documents),
        choices={field: choice_words(known) for field, known in names.choices.items()},
    )
    private = private_labels()
    unmapped = tuple(replace(each, private_label=private.get(each.field, "")) for each in draft.unmapped)
    known = {fold(each): each for each in visit_types()}
    visit = known.get(fold(draft.appointment_type), draft.appointment_type)
    return replace(draft, unmapped=unmapped, appointment_type=visit)


def _unmapped(draft: Draft, mapped: Mapped, source: Source) -> tuple[Unmapped, ...]:
    """Return what nobody knows, with the sender's names; what was decided to mean nothing is left out."""
    ignored = ignored_words(source)
    return tuple(
        replace(each, name=mapped.names.get(each.field, ""))
        for each in draft.unmapped
        if not is_ignored(ignored, each.field, fold(each.typed))
    )


def patient_of(case: Case) -> PersonSketch:
    """Return the person who needs care (or the organisation that asks)."""
    draft = case.draft
    name = (draft.organization_name, "") if draft.is_organization and draft.organization_name else None
    first, last = name or (draft.first_name, draft.last_name)
    sketch = PersonSketch(
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
        zone=draft.place.zone,
        points=_points(draft.phone, draft.email, draft.typed.get("phone", ""), draft.typed.get("email", "")),
        external_ids=(draft.external_id,) if draft.external_id else (),
    )
    return _placed(sketch, case, draft.phone.e164 if draft.phone else "")


def submitter_of(case: Case) -> PersonSketch | None:
    """Return who asks for the patient, if it is somebody else (row CP-25)."""
    who = case.draft.on_behalf_of
    if who is None or not (who.phone or who.email or who.first_name or who.last_name):
        return None
    sketch = PersonSketch(
        first_name=who.first_name,
        last_name=who.last_name,
        language=case.draft.language,
        points=_points(who.phone, who.email),
    )
    return _placed(sketch, case, who.phone.e164 if who.phone else "")


def _placed(sketch: PersonSketch, case: Case, number: str) -> PersonSketch:
    """Say in which zone a person's time is told, and by what it is known; the tenant's where nothing is."""
    place = whereabouts(zone=sketch.zone, region=sketch.region, number=number)
    if place.by is ZoneBy.NOTHING:
        return replace(sketch, zone=case.organization.zone)
    return replace(sketch, zone=place.zones[0], zone_by=str(place.by))


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
                this_inquiry_only=claim.this_inquiry_only,
                expires_at=claim.expires_at,
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
        "source_conversion": conversion_of(source.key),
        "owning_queue": owning_queue(source, case.document("routing")),
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
        "line_mismatch": mismatch_of(case),
        "form_depth": form_depth(draft),
        "hour_of_day": local.hour,
        "weekday": f"{local:%A}".lower(),
        "is_open": is_an_office_open(draft.location_key, case.now),
        "priority": "P3",
        "stage": StageKey.NEW.value,
    }
    facts |= facts_of_service(draft.service_key, facts["age"], draft.patient_type)
    return facts | {f"consent_{channel}": str(state.value) for channel, state in states.items()}


def owning_queue(source: Source, routing: Mapping[str, Any]) -> str | None:
    """Return the queue of the team that owns the channel: it takes what no rule sends anywhere (row CP-02).

    None where that team works the fallback queue anyway, or no queue.
    """
    team_id, queues = spec_of(source).owning_team_id, queues_by_key()
    fallback = queues.get(str(as_document(routing.get("fallback")).get("queue", "")))
    if team_id is None or (fallback is not None and fallback.team_id == team_id):
        return None
    own = [row for row in queues.values() if row.team_id == team_id and row.is_active]
    return min(own, key=lambda row: (row.location_id is not None, row.key)).key if own else None


def mismatch_of(case: Case) -> bool | None:
    """Say whether they want another service than the line they dialled is for (row RT-18); None if not known."""
    services = case.line.campaign.services if case.line is not None and case.line.campaign is not None else []
    return case.draft.service_key not in services if services and case.draft.service_key else None


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
        takes_texts = phone.kind is not LineKind.FIXED
        points.append(
            ContactValue("phone", phone.e164, typed_phone or phone.e164, str(phone.validity), takes_texts=takes_texts)
        )
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


def facts_of_service(key: str, age: int | None, patient_type: str) -> dict[str, Any]:
    """Return the program that the service is, if it is one, and whether it takes the person (row DD-14)."""
    service = services_by_key().get(key)
    if service is None:
        return {"program": None, "eligibility": None}
    by_age = eligibility_by_age(age, service.min_age, service.max_age)
    return {
        "program": service.key if service.kind == ServiceKind.PROGRAM else None,
        "eligibility": eligibility_by_opening(by_age, patient_type, is_open=service.accepts_new_patients).value,
    }


def _age(draft: Draft, now: datetime) -> int | None:
    born = draft.date_of_birth
    if born is None:
        return None
    today = now.date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
