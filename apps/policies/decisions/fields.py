"""The fields that a rule may look at, with their labels; picklists come from the tenant's catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from apps.policies.terms import FieldKind, FieldSpec

#: Fields with free text of a person: words can be misspelt, so pages warn of rules that rest on them.
FREE_TEXT = frozenset({"message_words", "payer", "city"})
_LABELS: Mapping[FieldKind, Mapping[str, str]] = {
    FieldKind.CHOICE: {
        "service": "Service",
        "location": "Location",
        "requested_location": "Requested location",
        "patient_type": "Patient type",
        "timeframe": "Timeframe",
        "channel": "Channel",
        "source": "Source",
        "source_type": "Source type",
        "party": "Agency",
        "campaign": "Campaign",
        "language": "Language",
        "preferred_channel": "Preferred channel",
        "lead_class": "Lead class",
        "fit_band": "Fit band",
        "intent_band": "Intent band",
        "priority": "Priority",
        "stage": "Stage",
        "workflow": "Workflow",
        "program": "Program",
        "eligibility": "Eligibility",
        "phone_validity": "Phone validity",
        "email_validity": "E-mail validity",
        "consent_call": "Consent to calls",
        "consent_text": "Consent to texts",
        "consent_email": "Consent to e-mail",
        "validity": "Validity",
        "weekday": "Weekday",
        "request_type": "What they ask for",
        "coverage": "Insurance coverage",
    },
    FieldKind.NUMBER: {
        "age": "Age",
        "fit": "Fit score",
        "intent": "Intent score",
        "hour_of_day": "Hour of day",
        "nearest_km": "Kilometres to the nearest office that offers it",
        "form_depth": "Things told in the form",
        "message_word_count": "Words of the message",
        "deadline_days": "Days until the deadline they name",
        "engaged_times": "Times they opened, clicked or answered",
        "source_conversion": "Percent of the source's past leads that became patients",
        "next_slot_days": "Days until the first open slot",
        "minutes_to_talk": "Minutes from the first contact to a conversation",
    },
    FieldKind.TEXT: {
        "landing_page": "Landing page",
        "ad_group": "Ad group",
        "keyword": "Keyword",
        "payer": "Payer",
        "city": "City",
        "region": "State",
        "message_words": "Message",
    },
    FieldKind.POSTAL: {"postal_code": "ZIP"},
    FieldKind.FLAG: {
        "has_phone": "Phone given",
        "has_email": "E-mail given",
        "consent_any": "Consent on any channel",
        "is_test": "Test lead",
        "is_repeat": "Repeat lead",
        "is_open": "Office open now",
        "service_offered": "Service offered at an open office",
        "location_available": "Office offers the service and takes people",
        "slot_in_time": "Open slot within the service's days",
        "age_fits": "Age within the service's limits",
        "need_fits": "Message speaks of the service they chose",
        "names_procedure": "Message names a procedure or service",
        "is_referral": "Referred by a provider",
        "has_replied": "Answered a message of ours",
        "used_scheduling_link": "Used the scheduling link",
        "line_mismatch": "Wants another service than the line they dialled",
    },
}

#: The values of choice fields that are ours and no tenant's.
_VALUES: Mapping[str, tuple[str, ...]] = {
    "request_type": ("second_opinion", "appointment", "price", "information"),
    "coverage": ("stated", "verified", "out_of_network", "not_covered"),
}

FIELDS: Mapping[str, FieldSpec] = {
    key: FieldSpec(key, label, kind, _VALUES.get(key, ()))
    for kind, labels in _LABELS.items()
    for key, label in labels.items()
}


def with_choices(
    choices: Mapping[str, Sequence[str]], fields: Mapping[str, FieldSpec] = FIELDS
) -> dict[str, FieldSpec]:
    """Return the fields with a tenant's picklists. Only choice fields take one; the rest is passed over."""
    return {
        key: replace(spec, choices=tuple(choices[key])) if key in choices and spec.kind is FieldKind.CHOICE else spec
        for key, spec in fields.items()
    }
