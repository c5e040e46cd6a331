"""Google Ads lead form asset: one lead a request, proven by the key that the advertiser typed into the form.

Source: Google Ads webhook implementation guide. The form carries no consent text: the connection says which
wording the advertiser's form shows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.connectors.decisions.bodies import as_words, json_object
from apps.connectors.decisions.proofs import is_among
from apps.connectors.terms import Event, Group, HookRequest, Proof, Provider, Secrets, Unmappable, Unreadable

_IDS = {
    "campaign_id": "attribution.campaign_id",
    "adgroup_id": "attribution.adgroup_id",
    "creative_id": "attribution.ad_id",
    "asset_group_id": "attribution.asset_group_id",
    "form_id": "attribution.form_id",
    "gcl_id": "attribution.gclid",
}
#: National ids of Latin America stay in the raw copy: no field of a lead is made of them.
_NATIONAL_IDS = ("CPF_BR", "DNI_AR", "DNI_PE", "RUT_CL", "CC_CO", "CI_EC", "RFC_MX")
MAPPING = {
    "FIRST_NAME": "person.first_name",
    "GIVEN_NAME": "person.first_name",
    "LAST_NAME": "person.last_name",
    "FAMILY_NAME": "person.last_name",
    "FULL_NAME": "person.full_name",
    "EMAIL": "person.email",
    "WORK_EMAIL": "person.email",
    "PHONE_NUMBER": "person.phone",
    "WORK_PHONE": "person.phone",
    "POSTAL_CODE": "person.postal_code",
    "CITY": "person.city",
    "REGION": "person.region",
    "COMPANY_NAME": "answer",
    "SERVICE": "request.service",
    "CATEGORY": "request.service",
    "PREFERRED_LOCATION": "request.location",
    "PREFERRED_CONTACT_TIME": "request.best_time",
    "PREFERRED_CONTACT_METHOD": "request.preferred_channel",
    **{f"GOVERNMENT_ISSUED_ID_{each}": "-" for each in _NATIONAL_IDS},
    **_IDS,
}


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    try:
        body = json_object(request)
    except Unreadable:
        return Proof.MISSING
    return is_among(as_words(body.get("google_key")), secrets)


def _read(request: HookRequest) -> Sequence[Event]:
    body = json_object(request)
    lead_id = as_words(body.get("lead_id")).strip()
    columns = body.get("user_column_data")
    if not lead_id:
        raise Unmappable("The body has no lead_id.")
    if not isinstance(columns, list):
        raise Unmappable("The body has no user_column_data.")
    is_test = body.get("is_test") is True
    values: dict[str, list[str]] = {}
    questions: dict[str, str] = {}
    for column in columns:
        part: dict[str, Any] = column if isinstance(column, dict) else {}
        name, text = as_words(part.get("column_id")), as_words(part.get("string_value"))
        if name and text.strip():
            values.setdefault(name, []).append(text)
            questions[name] = as_words(part.get("column_name"))
    for name in _IDS:
        text = as_words(body.get(name))
        if text not in ("", "0"):
            values[name] = [text]
    return [Event(f"lead:{lead_id}", lead_id, values=values, questions=questions, is_test=is_test)]


PROVIDER = Provider(
    key="google-lead-form",
    name="Google Ads lead form",
    group=Group.ADS,
    capture_method="web_form",
    proof_hint="The key that you type into the lead form's webhook settings.",
    prove=_prove,
    read=_read,
    mapping=MAPPING,
)
