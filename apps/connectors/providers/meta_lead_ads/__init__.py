"""Meta Lead Ads (Facebook, Instagram): a signed notice with ids only; the lead is then read from the Graph API.

Sources: Meta, "Webhooks for Leads", "Retrieving Leads", "Webhooks integration". There is no test flag: Meta's
testing tool fills fields with a filler, by which such leads are told. Boxes under the form's disclaimer come as
answers by their key; the connection's `consent_fields` say which channel each stands for.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from apps.connectors.decisions.answers import moment_of
from apps.connectors.decisions.bodies import as_words, json_object
from apps.connectors.decisions.calls import is_true
from apps.connectors.decisions.proofs import is_among, signed_body
from apps.connectors.terms import (
    Event,
    Group,
    HookRequest,
    Proof,
    Provider,
    Reply,
    SecretPurpose,
    Secrets,
    Unmappable,
    Unreadable,
)

FIELDS = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,field_data,"
    "custom_disclaimer_responses,is_organic,platform"
)
_ABOUT = {
    "campaign_id": "attribution.campaign_id",
    "campaign_name": "attribution.utm_campaign",
    "adset_id": "attribution.adgroup_id",
    "adset_name": "attribution.ad_group",
    "ad_id": "attribution.ad_id",
    "ad_name": "attribution.utm_content",
    "form_id": "attribution.form_id",
    "platform": "attribution.platform",
    "is_organic": "answer",
}
MAPPING = {
    "full_name": "person.full_name",
    "first_name": "person.first_name",
    "last_name": "person.last_name",
    "email": "person.email",
    "work_email": "person.email",
    "phone_number": "person.phone",
    "work_phone_number": "person.phone",
    "zip_code": "person.postal_code",
    "post_code": "person.postal_code",
    "city": "person.city",
    "state": "person.region",
    "province": "person.region",
    "date_of_birth": "person.date_of_birth",
    **_ABOUT,
}
_ID, _VERSION = re.compile(r"[0-9]{5,40}", re.ASCII), re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}", re.ASCII)
_FILLER = re.compile(r"\s*<test lead\b", re.IGNORECASE)


def _challenge(request: HookRequest, secrets: Secrets) -> Reply | None:
    """Answer Meta's check of the address: the challenge alone as plain text, or 403 for another token."""
    if request.method != "GET":
        return None
    asked = request.query
    proof = is_among(asked.get("hub.verify_token", ""), secrets)
    challenge = asked.get("hub.challenge", "")
    if asked.get("hub.mode") != "subscribe" or proof is not Proof.GOOD or not challenge.isalnum():
        return Reply(403, "The verify token is another one.", "text/plain")
    return Reply(200, challenge[:200], "text/plain")


def _prove(request: HookRequest, secrets: Secrets, now: datetime) -> Proof:
    given = request.headers.get("x-hub-signature-256", "")
    return signed_body(given, secrets, request.raw, algorithm="sha256", prefix="sha256=")


def _read(request: HookRequest) -> Sequence[Event]:
    entries = json_object(request).get("entry")
    if not isinstance(entries, list):
        raise Unmappable("The body has no entry.")
    events = [_notice(change, entry) for entry in map(_object, entries) for change in _changes(entry)]
    if not events:
        raise Unmappable("No entry has a change.")
    return list({event.key: event for event in events}.values())


def _changes(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = entry.get("changes")
    return [_object(each) for each in found] if isinstance(found, list) else []


def _notice(change: Mapping[str, Any], entry: Mapping[str, Any]) -> Event:
    field, value = as_words(change.get("field")), _object(change.get("value"))
    if field != "leadgen":
        page, at = as_words(entry.get("id")), as_words(entry.get("time"))
        return Event(f"{field}:{page}:{at}", kind=field or "unknown", ignored="Only “leadgen” is a lead.")
    lead_id = as_words(value.get("leadgen_id")).strip()
    if not _ID.fullmatch(lead_id):
        raise Unmappable("A change has no leadgen_id.")
    return Event(
        f"leadgen:{lead_id}", lead_id, kind="leadgen", submitted_at=_unix(value.get("created_time")), fetch=lead_id
    )


def _fetch_path(lead_id: str, settings: Mapping[str, Any]) -> str:
    """Return the path below the API's address; without `graph_version` the app's own version answers."""
    version = as_words(settings.get("graph_version"))
    return f"{version}/{lead_id}?fields={FIELDS}" if _VERSION.fullmatch(version) else f"{lead_id}?fields={FIELDS}"


def _fetched(lead: Mapping[str, Any]) -> Event:
    """Read the lead as the Graph API gives it."""
    lead_id, fields = as_words(lead.get("id")).strip(), lead.get("field_data")
    if not lead_id or not isinstance(fields, list):
        raise Unmappable("The Graph API's answer has no field_data.")
    values: dict[str, list[str]] = {}
    for part in map(_object, fields):
        name, given = as_words(part.get("name")), part.get("values")
        texts = [text for each in (given if isinstance(given, list) else [given]) if (text := as_words(each)).strip()]
        if name and texts:
            values.setdefault(f"answer.{name}" if name in _ABOUT else name, []).extend(texts)
    boxes = lead.get("custom_disclaimer_responses")
    for box in map(_object, boxes if isinstance(boxes, list) else []):
        if key := as_words(box.get("checkbox_key")):
            values[key] = ["yes" if is_true(box.get("is_checked")) else "no"]
    values |= {name: [text] for name in _ABOUT if (text := as_words(lead.get(name))).strip()}
    return Event(
        key=f"leadgen:{lead_id}",
        object_id=lead_id,
        kind="leadgen",
        values=values,
        questions={name: name.replace("_", " ") for name in values if name not in MAPPING},
        evidence={"evidence_ref": f"Meta lead {lead_id}, form {as_words(lead.get('form_id'))}"},
        submitted_at=moment_of(lead.get("created_time"), is_utc=True),
        is_test=any(_FILLER.match(text) for texts in values.values() for text in texts),
    )


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("A part of the body is no object.")
    return value


def _unix(value: Any) -> datetime | None:
    text = as_words(value)
    return datetime.fromtimestamp(int(text), UTC) if text.isascii() and text.isdigit() and len(text) <= 10 else None


PROVIDER = Provider(
    key="meta-lead-ads",
    name="Meta Lead Ads",
    group=Group.ADS,
    capture_method="web_form",
    proof_hint="The app secret signs every notice; the verify token answers Meta's check of this address; with the"
    " page access token (leads_retrieval) the lead itself is read.",
    prove=_prove,
    read=_read,
    mapping=MAPPING,
    challenge=_challenge,
    refused_status=403,
    methods=("POST",),
    purposes={
        SecretPurpose.PROOF: "App secret",
        SecretPurpose.VERIFY: "Verify token",
        SecretPurpose.API: "Page access token",
    },
    fetch_path=_fetch_path,
    fetched=_fetched,
)
