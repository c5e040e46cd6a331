"""Deciding whether a draft is a valid lead: ordered checks, each with its id and what follows (row VQ-01)."""

from collections.abc import Callable, Mapping, Sequence

from apps.capture.mapping import PICKLISTS
from apps.capture.terms import (
    CheckName,
    CheckResult,
    Draft,
    EmailReading,
    Finding,
    PhoneReading,
    PlaceProblem,
    PointValidity,
    Unmapped,
    ValidityState,
    ValidityVerdict,
)
from apps.consent.terms import STOPS, Channel
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Problem, Severity

Fault = tuple[str, str, str]
#: They refused every way of contact; the code of the exception (row CN-16).
REFUSED_EVERYWHERE = "no_permitted_channel"
"""Code, detail and JSON pointer of what one check found."""

_POINTERS = {
    **dict.fromkeys(
        ("first_name", "last_name", "phone", "email", "postal_code", "city", "region", "date_of_birth"),
        "/person",
    ),
    **dict.fromkeys(
        (
            *("service", "location", "patient_type", "timeframe", "message", "preferred_channel"),
            *("best_time", "part_of_day"),
        ),
        "/request",
    ),
    **dict.fromkeys(("payer", "member_id"), "/insurance"),
}
#: Picklist values that decide where a lead goes: a lead without them is looked at before it is routed.
DECIDING = ("service", "location", "patient_type")
#: What is asked of unmapped values where the tenant's document says nothing of them (row DD-04).
_UNMAPPED_USUALLY: tuple[Document, ...] = (
    {"id": "", "check": CheckName.UNMAPPED_VALUE, "result": CheckResult.EXCEPTION, "fields": DECIDING},
    {
        "id": "",
        "check": CheckName.UNMAPPED_VALUE,
        "result": CheckResult.NOTE,
        "fields": ("timeframe", "part_of_day", "preferred_channel", "relation"),
    },
)
_IN_DRAFT = {"service": ("service_typed", "service_key"), "location": ("location_typed", "location_key")}


def is_blank(draft: Draft) -> bool:
    """Whether nobody and nothing is named: no name, contact value, request or referral (row VQ-02)."""
    person = (draft.first_name, draft.last_name, draft.organization_name, *_contacts(draft))
    request = (draft.service_typed, draft.message, draft.answers, draft.referral, _unmapped_own(draft))
    return not any((*person, *request))


def judge(
    draft: Draft, document: object, *, required: Sequence[str], consent_states: Mapping[str, str], source: str = ""
) -> ValidityVerdict:
    """Say whether a draft is valid, held or excluded, and name every check that found something.

    A blank draft is looked at no further. A value that no picklist knows is an exception where it decides the way
    (service, office, patient type) and else a note, unless the document says otherwise. Excluded beats held, held
    beats valid; an exception or a note changes neither. Who refused every way of contact is an exception, whatever a
    missing permission is: to ask for it would be contact. `required` are the fields of its source, `consent_states`
    what is on record by channel. A check that names `sources` judges only theirs; `source` is the inquiry's own.
    """
    top = as_document(document)
    checks = [check for check in map(as_document, as_items(top.get("checks"))) if _is_for(check, source)]
    if all(as_text(check.get("check")) != CheckName.UNMAPPED_VALUE for check in checks):
        checks += _UNMAPPED_USUALLY
        if own := _unmapped_own(draft):
            checks.append({**_UNMAPPED_USUALLY[-1], "fields": own})
    checks.sort(key=lambda check: as_text(check.get("check")) != CheckName.BLANK)
    findings: list[Finding] = []
    for check in checks:
        name, result = as_text(check.get("check")), as_text(check.get("result"))
        if name not in set(CheckName) or result not in set(CheckResult):
            continue
        for code, detail, pointer in _find(CheckName(name), draft, check, required, consent_states):
            does = CheckResult.EXCEPTION if code == REFUSED_EVERYWHERE else CheckResult(result)
            findings.append(Finding(as_text(check.get("id")), code, detail, does, pointer))
        if findings and findings[0].code == CheckName.BLANK:
            break
    results = {finding.result for finding in findings}
    state = ValidityState.HELD if CheckResult.HELD in results else ValidityState.VALID
    if CheckResult.EXCLUDED in results:
        state = ValidityState.EXCLUDED
    exceptions = [finding.code for finding in findings if finding.result is CheckResult.EXCEPTION]
    is_test = draft.is_test or _is_test_address(draft, as_document(top.get("test_traffic")))
    return ValidityVerdict(state, is_test, tuple(findings), exceptions[0] if exceptions else "")


def _is_for(check: Document, source_key: str) -> bool:
    """Whether a check judges a source's inquiries: without a list it is for all, with an empty one for none."""
    return "sources" not in check or source_key in as_texts(check.get("sources"))


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a definition of a valid lead."""
    top = as_document(document)
    problems = unknown_keys(top, frozenset({"checks", "test_traffic"}), "")
    ids, names = [], []
    for place, item in enumerate(as_items(top.get("checks"))):
        path, check = f"/checks/{place}", as_document(item)
        ids.append((f"{path}/id", as_text(check.get("id"))))
        if "sources" not in check:
            names.append(as_text(check.get("check")))
        problems += [*_check_entry(check, path, known), *_source_problems(check, path, known)]
    problems += duplicate_ids(ids)
    for name in (CheckName.BLANK, CheckName.NO_CONTACT_POINT, CheckName.CONSENT_MISSING):
        if name not in names:
            sentence = f"“{name}” is not looked for at every source: elsewhere such leads count as valid."
            problems.append(Problem("/checks", "check_absent", sentence, Severity.WARNING))
    traffic = as_document(top.get("test_traffic"))
    return problems + unknown_keys(traffic, frozenset({"email_tags", "email_domains"}), "/test_traffic")


def _check_entry(check: Document, path: str, tenant: Known) -> list[Problem]:
    is_by_area = as_text(check.get("check")) == CheckName.OUT_OF_AREA
    wrong: list[Problem] = []
    is_of_values = as_text(check.get("check")) == CheckName.UNMAPPED_VALUE
    known = {"id", "check", "result", "meaning", "sources", *(["regions"] if is_by_area else [])}
    if is_of_values:
        known.add("fields")
        for name in as_texts(check.get("fields")):
            picklists = (*PICKLISTS, *tenant.own_picklists)
            if name not in picklists:
                sentence = f"“{name}” is no picklist: choose from {', '.join(picklists)}."
                wrong.append(Problem(f"{path}/fields", "no_picklist", sentence))
    problems = [*unknown_keys(check, frozenset(known), path), *wrong]
    if is_by_area and not as_texts(check.get("regions")):
        sentence = "“out_of_area” names the regions that are served: without any, nobody is out of area."
        problems.append(Problem(f"{path}/regions", "regions_missing", sentence))
    for key in ("id", "meaning"):
        if not as_text(check.get(key)):
            problems.append(Problem(f"{path}/{key}", f"{key}_missing", f"A check needs its {key}."))
    for key, words in (("check", tuple(CheckName)), ("result", tuple(CheckResult))):
        if as_text(check.get(key)) not in words:
            sentence = f"“{key}” must be one of: {', '.join(words)}."
            problems.append(Problem(f"{path}/{key}", f"bad_{key}", sentence))
    return problems


def _source_problems(check: Document, path: str, known: Known) -> list[Problem]:
    if "sources" not in check:
        return []
    if not as_texts(check.get("sources")):
        sentence = "“sources” names the sources that are judged so: leave it out for a check of all."
        return [Problem(f"{path}/sources", "sources_missing", sentence)]
    return [
        Problem(f"{path}/sources/{place}", "unknown_source", f"There is no source “{key}”.")
        for place, key in enumerate(as_texts(check.get("sources")))
        if key not in known.sources
    ]


def _find(
    name: CheckName, draft: Draft, check: Document, required: Sequence[str], consent_states: Mapping[str, str]
) -> list[Fault]:
    if name is CheckName.OUT_OF_AREA:
        return _out_of_area(draft, as_texts(check.get("regions")))
    if name is CheckName.UNMAPPED_VALUE:
        wanted = as_texts(check.get("fields"))
        return [_unmapped(each) for each in draft.unmapped if not wanted or each.field in wanted]
    if name is CheckName.REQUIRED_FIELD_MISSING:
        return [_missing(key) for key in required if not _is_given(draft, key)]
    if name is CheckName.CONSENT_MISSING:
        return _no_consent(draft, consent_states)
    return _FINDERS[name](draft)


def _no_consent(draft: Draft, consent_states: Mapping[str, str]) -> list[Fault]:
    """Nothing was permitted: either nobody said anything, or every way of contact was refused (row CN-16)."""
    states = {**consent_states, **{claim.channel: claim.state for claim in draft.consents}}
    if "granted" in {claim.state for claim in draft.consents} | set(consent_states.values()):
        return []
    if all(states.get(str(each)) in STOPS for each in Channel):
        return [(REFUSED_EVERYWHERE, "They refused every way of contact: nobody asks them again.", "/consent")]
    return [(CheckName.CONSENT_MISSING, "No permission to call, text or e-mail is on record.", "/consent")]


def _blank(draft: Draft) -> list[Fault]:
    return [(CheckName.BLANK, "The submission names nobody and asks for nothing.", "")] if is_blank(draft) else []


def _no_contact_point(draft: Draft) -> list[Fault]:
    if any(point.validity is not PointValidity.INVALID for point in _contacts(draft)):
        return []
    return [(CheckName.NO_CONTACT_POINT, "There is no phone or e-mail address that could work.", "/person")]


def _phone_invalid(draft: Draft) -> list[Fault]:
    return _invalid(CheckName.PHONE_INVALID, "phone", "The phone number cannot work", _phones(draft))


def _email_invalid(draft: Draft) -> list[Fault]:
    return _invalid(CheckName.EMAIL_INVALID, "email", "The e-mail address cannot work", _emails(draft))


def _place_unclear(draft: Draft) -> list[Fault]:
    if not draft.place.problem:
        return []
    conflicts = draft.place.problem is PlaceProblem.CONFLICTING
    sentence = "City and ZIP name two places." if conflicts else "It is not clear which place is meant."
    return [(draft.place.problem.value, sentence, "/person/city")]


def _out_of_area(draft: Draft, served: Sequence[str]) -> list[Fault]:
    """A person whose region is known for sure and is none of those served. A doubtful place is asked about."""
    region = draft.place.region
    if not served or not region or draft.place.problem or region in served:
        return []
    return [(CheckName.OUT_OF_AREA, f"Out of area: {region} is not served.", "/person/region")]


def _unmapped_own(draft: Draft) -> tuple[str, ...]:
    """Return the tenant's own choice fields that hold a value nobody knows."""
    return tuple(dict.fromkeys(each.field for each in draft.unmapped if each.field not in PICKLISTS))


def _unmapped(value: Unmapped) -> Fault:
    by = f" (sent as “{value.name}”)" if value.name else ""
    what = f"“{value.typed}” means for {value.field.replace('_', ' ')}"
    if value.private_label:
        what = f"an answer to “{value.private_label}” means"
    sentence = f"Unmapped value: nobody has said what {what}{by}."
    return CheckName.UNMAPPED_VALUE, sentence, f"/{PICKLISTS.get(value.field, 'answers')}/{value.field}"


def _channel_unreachable(draft: Draft) -> list[Fault]:
    points: Mapping[str, PhoneReading | EmailReading]
    points = _emails(draft) if draft.preferred_channel == "email" else _phones(draft)
    reachable = any(point.validity is not PointValidity.INVALID for point in points.values())
    if reachable or not draft.preferred_channel:
        return []
    sentence = f"The person wants {draft.preferred_channel}, and nothing on record can be reached that way."
    return [(CheckName.CHANNEL_UNREACHABLE, sentence, "/request/preferred_channel")]


_FINDERS: Mapping[CheckName, Callable[[Draft], list[Fault]]] = {
    CheckName.BLANK: _blank,
    CheckName.NO_CONTACT_POINT: _no_contact_point,
    CheckName.PHONE_INVALID: _phone_invalid,
    CheckName.EMAIL_INVALID: _email_invalid,
    CheckName.PLACE_UNCLEAR: _place_unclear,
    CheckName.CHANNEL_UNREACHABLE: _channel_unreachable,
}


def _invalid(code: str, key: str, sentence: str, points: Mapping[str, PhoneReading | EmailReading]) -> list[Fault]:
    return [
        (code, f"{sentence}: {point.reason}.", f"{part}/{key}")
        for part, point in points.items()
        if point.validity is PointValidity.INVALID
    ]


def _phones(draft: Draft) -> dict[str, PhoneReading]:
    """Return the phones that may be called, by the part of the body they came in."""
    other = draft.on_behalf_of.phone if draft.on_behalf_of else None
    return {part: phone for part, phone in (("/person", draft.phone), ("/on_behalf_of", other)) if phone}


def _emails(draft: Draft) -> dict[str, EmailReading]:
    other = draft.on_behalf_of.email if draft.on_behalf_of else None
    return {part: email for part, email in (("/person", draft.email), ("/on_behalf_of", other)) if email}


def _contacts(draft: Draft) -> list[PhoneReading | EmailReading]:
    return [*_phones(draft).values(), *_emails(draft).values()]


def _is_given(draft: Draft, key: str) -> bool:
    """Whether a required field holds something; a key that is no field of the draft is a form's question."""
    if key == "phone":
        return bool(_phones(draft))
    if key == "email":
        return bool(_emails(draft))
    known = any(getattr(draft, name, None) for name in _IN_DRAFT.get(key, (key,)))
    return known or any(answer.key == key for answer in draft.answers)


def _missing(key: str) -> Fault:
    pointer = f"{_POINTERS[key]}/{key}" if key in _POINTERS else "/answers"
    return CheckName.REQUIRED_FIELD_MISSING, f"“{key}” is required for this source.", pointer


def _is_test_address(draft: Draft, traffic: Document) -> bool:
    tags = {tag.lower() for tag in as_texts(traffic.get("email_tags"))}
    domains = {domain.lower() for domain in as_texts(traffic.get("email_domains"))}
    for email in _emails(draft).values():
        local, _, domain = email.address.partition("@")
        if domain in domains or not tags.isdisjoint(local.split("+")[1:]):
            return True
    return False
