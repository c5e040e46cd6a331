"""Row TA-09 on every door: what a role's profile hides is in no page's source and in no answer of the API.

The addresses are those of the resolver. Who hides nothing reads each of them first and finds the words of every
group, or nothing would be proved; then who hides a group asks each address at which a word of it was found.
"""

import re
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db.models import Max, Q

from apps.accounts.terms import FieldGroup
from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.leads.models import Lead, Person
from leadcrm.admin_site import site
from tests.architecture.test_urls import ADMIN, API, ASSET, GROUP, GROUP_API, OF_STAFF, PAGE
from tests.leads_made import TUESDAY_NINE
from tests.matrix.profiles import ALL, CANARIES, HIDING, LOOKING, MARKETING, SOON, stage
from tests.matrix.report import note
from tests.matrix.world import WORDS, filled, send, taken_back
from tests.rows.arranging import ask

#: Where the sources' names stand as settings, whoever came by them.
NAMES_SOURCES = ("queue/", "leads/new/", "imports/", "reports/", "board/", "playbook/", "admin/catalog/", "quality/")
#: Where the services' names stand as settings; elsewhere they stand in pick-lists, which are read without them.
NAMES_SERVICES = ("leads/new/", "admin/catalog/", "playbook/", "reports/", "board/", "segments/")
#: Addresses that take what is looked for with them.
ASKED_WITH = {
    "quality/change/": "?field=payer",
    "queue/": "?view=all",
    "quality/<slug:key>/": "",
    "exceptions/": "",
}
#: Doors at which each group's words must be found by who sees it; a door that falls silent proves nothing.
SPEAKS = {
    FieldGroup.CONTACT: {
        *(PAGE, API, "queue/", "api/v1/leads", "people/<canonical_uuid:person_id>/", "duplicates/", "exceptions/"),
        *(
            "duplicates/<canonical_uuid:pair_id>/",
            "quarantine/",
            "parked/",
            "imports/<uuid:run_id>/",
            f"{PAGE}background/",
        ),
        *("queue/leads.csv", "search/", "chats/<uuid:chat_id>/", "admin/leads/lead/", f"{API}/tasks"),
        "people/<canonical_uuid:person_id>/merges/<canonical_uuid:merge_id>/",
        f"{PAGE}handoffs/<canonical_uuid:handoff_id>/",
        *("forms/<slug:kind>/<canonical_uuid:asset_id>/", f"{ASSET}/submissions"),
        *(GROUP, GROUP_API, f"{GROUP}contacts/<canonical_uuid:contact_id>/"),
    },
    FieldGroup.MARKETING: {PAGE, API, f"{PAGE}background/", "api/v1/leads", f"{PAGE}why/"},
    FieldGroup.HEALTH: {PAGE, f"{PAGE}background/", "quarantine/", "chats/<uuid:chat_id>/"},
    FieldGroup.INSURANCE: {
        *(PAGE, API, f"{PAGE}background/", f"{PAGE}edit/", f"{API}/clearance", f"{API}/insurance", "quality/change/")
    },
    FieldGroup.CONSENT: {PAGE, f"{API}/consents", f"{PAGE}background/"},
    FieldGroup.OUTCOME: {PAGE, API, f"{API}/activities"},
}
#: What is no inquiry: who reads it may be marketing, whatever became of the person elsewhere.
NOT_OF_A_LEAD = {
    "imports/<uuid:run_id>/": "a file of contact data, before its import",
    "segments/": "rules, of nobody",
    "relationships/": "people of businesses",
    GROUP: "people of businesses",
    f"{GROUP}contacts/<canonical_uuid:contact_id>/": "people of businesses",
    "api/v1/relationships": "people of businesses",
    GROUP_API: "people of businesses",
}
HANDED = f"{PAGE}handoffs/<canonical_uuid:handoff_id>/"


def doors() -> list[str]:
    """Return every address that is read and not an agency's, and the register of leads."""
    read = [route for method, route, _, _ in OF_STAFF if method == "GET" and not route.startswith("partner/")]
    return ["search/", *read, *_registers()]


def _registers() -> list[str]:
    """Return the registers of leads, people and inquiries, and of what is of one of them: list and page of a row."""
    found, named = [], {Lead, Person, Submission}
    for model in site._registry:
        related = {field.related_model for field in model._meta.fields if field.is_relation}
        if model in named or related & named:
            start = f"admin/{model._meta.app_label}/{model._meta.model_name}/"
            found += [start, f"{start}<path:object_id>/change/"]
    assert set(found) <= set(ADMIN)
    return found


def read(name: str, route: str, *, ended: bool = False) -> str:
    """Return what a profile is given at an address, with its headers, in small letters and without fillings."""
    there = stage()
    values = {**there.values, **(there.of_ended if ended else {}), **WORDS, "object_id": there.lead.id}
    if route.startswith("admin/"):
        values["object_id"] = _row_of(route)
    if "handoff_id" in route:
        values["lead_id"] = there.values["handed"]
    missing = [each for each in re.findall(r"<\w+:(\w+)>", route) if each not in values]
    if missing:
        return ""
    path = filled(route, values) + ASKED_WITH.get(route, "")
    with taken_back():
        before = _last_entry()
        if route == "search/":
            answer = send(there.clients[name], "POST", path, {"q": "canarin"})
        else:
            answer = send(there.clients[name], "GET", path, None)
        content = b"".join(answer) if answer.streaming else answer.content
        if name == ALL:
            _noted[route] = _noted.get(route, False) or _reads_since(before)
    assert answer.status_code < 500, (name, path)
    text = f"{answer.headers} {content.decode('utf-8', 'replace')}"
    return re.sub(r"[\s()_-]|&#x27;", "", text).casefold()


#: Whether the ledger kept that who hides nothing read an address.
_noted: dict[str, bool] = {}


def _last_entry() -> int:
    with stage().harbor.scope():
        return AuditEntry.rows().aggregate(last=Max("seq"))["last"] or 0


def _reads_since(seq: int) -> bool:
    reads = Q(action__endswith=".read") | Q(action__endswith=".export")
    with stage().harbor.scope():
        return AuditEntry.rows().filter(reads, seq__gt=seq).exists()


@cache
def _row_of(route: str) -> Any:
    """Return the row of a register whose page is read: the lead's or its person's own, else the first."""
    there = stage()
    app, name = route.split("/")[1:3]
    model: Any = apps.get_model(app, name)
    names = {field.name for field in model._meta.fields}
    mine = {"lead": there.lead.id, "person": there.lead.person_id}
    wanted = {field: mine[field] for field in mine.keys() & names}
    if model is Lead:
        return there.lead.id
    with there.harbor.scope():
        row = model.rows().filter(**wanted).order_by("pk").first()
    return row.pk if row is not None else uuid4()


def words_in(text: str, group: FieldGroup, route: str) -> list[str]:
    """Return the words of a group that an answer holds."""
    words = CANARIES[group]
    if group is FieldGroup.MARKETING and route.startswith(NAMES_SOURCES):
        words = tuple(each for each in words if each not in ("sourcecanary", "webortho"))
    if group is FieldGroup.HEALTH:
        text = re.sub(r"<option[^>]*>(service:)?servicecanary", "", text)
        words = tuple(each for each in words if each != "servicecanary" or not route.startswith(NAMES_SERVICES))
    return [each for each in words if each in text]


def of_ended(route: str) -> bool:
    """Say whether an address is of one lead; of the ended one, where no form names every outcome."""
    return ":lead_id>" in route and "_id>" not in route.replace(":lead_id>", "")


@cache
def spoken() -> dict[FieldGroup, dict[str, list[str]]]:
    """Return the words of each group by address, as who hides nothing is told them."""
    found: dict[FieldGroup, dict[str, list[str]]] = {group: {} for group in FieldGroup}
    for route in doors():
        text = read(ALL, route)
        for group in FieldGroup:
            told = read(ALL, route, ended=True) if group is FieldGroup.OUTCOME and of_ended(route) else text
            if group is FieldGroup.OUTCOME and not of_ended(route):
                continue
            if words := words_in(told, group, route):
                found[group][route] = words
    return found


@pytest.mark.row("TA-09")
@pytest.mark.parametrize("group", FieldGroup)
def test_what_a_profile_hides_is_in_no_answer(group: FieldGroup) -> None:
    told = spoken()[group]
    assert SPEAKS[group] - told.keys() == set(), "these doors told nothing, so nothing is proved by them"
    assert {word for words in told.values() for word in words} == set(CANARIES[group])
    leaks = {}
    for route in told:
        text = read(HIDING[group], route, ended=group is FieldGroup.OUTCOME)
        if words := words_in(text, group, route):
            leaks[route] = words
        note("field_groups", group, route, leaks.get(route, ""))
    assert not leaks, "\n".join(f"{route}: {words}" for route, words in leaks.items())


@pytest.mark.row("PH-04")
def test_marketing_is_told_at_no_door_whose_inquiry_is_phi() -> None:
    """Every lead of the stage is PHI: no name, number or place of a person stands beside it, whatever the door."""
    leaks = {}
    for route in spoken()[FieldGroup.CONTACT].keys() - NOT_OF_A_LEAD.keys():
        if words := words_in(read(MARKETING, route), FieldGroup.CONTACT, route):
            leaks[route] = words
    assert not leaks, "\n".join(f"{route}: {words}" for route, words in leaks.items())


@pytest.mark.row("AU-01")
def test_every_door_that_tells_of_a_person_keeps_who_read_it() -> None:
    """Doors are found by what they told of contact, health and insurance, so a new one is asked by itself.

    Values of a field without their leads, and people of businesses, are no reads of a person.
    """
    groups = (FieldGroup.CONTACT, FieldGroup.HEALTH, FieldGroup.INSURANCE)
    told = {route for group in groups for route in spoken()[group]}
    assert len(told) > 40
    left_out = NOT_OF_A_LEAD.keys() | {"quality/change/"}
    assert [route for route in sorted(told - left_out) if not _noted[route]] == []


#: A writing door for each field of a group: address, method, what is sent, as a page or by API.
WRITES: dict[FieldGroup, list[tuple[str, str, dict[str, Any]]]] = {
    FieldGroup.CONTACT: [
        ("POST", f"{PAGE}contact-point/", {"works": "no", "reason": "Rings out"}),
        ("POST", f"{API}/contact-points/<uuid:point_id>", {"works": False, "reason": "Rings out"}),
        ("POST", f"{PAGE}decider/", {"controls": ["referral"]}),
        ("POST", f"{API}/decision-makers", {"controls": ["referral"]}),
    ],
    FieldGroup.MARKETING: [
        ("POST", "api/v1/leads/bulk", {"act": "change", "field": "campaign", "value": "ortho-new", "reason": "x"}),
        (
            "POST",
            "quality/change/",
            {"field": "campaign", "value": "ortho-new", "was": "", "reason": "x", "step": "do"},
        ),
    ],
    FieldGroup.HEALTH: [],
    FieldGroup.INSURANCE: [
        ("PATCH", API, {"payer": "Blue"}),
        ("POST", f"{PAGE}edit/", {"payer": "Blue", "service": "imaging", "location": "elm-st"}),
        ("POST", f"{PAGE}script/", {"answer-S-4": "Blue"}),
        ("POST", f"{PAGE}coverage/", {"answer": "verified"}),
        ("POST", f"{API}/coverage", {"answer": "verified"}),
        ("POST", f"{PAGE}clearance/", {"step": "pre_authorisation", "status": "done", "since": "2026-12-01"}),
        ("POST", f"{API}/clearance", {"step": "pre_authorisation", "status": "done", "since": "2026-12-01"}),
        ("POST", "api/v1/leads/bulk", {"act": "change", "field": "payer", "value": "Blue", "reason": "x"}),
        ("POST", "quality/change/", {"field": "payer", "value": "Blue", "was": "", "reason": "x", "step": "do"}),
        ("POST", "admin/leads/lead/<path:object_id>/change/", {"payer": "Blue"}),
    ],
    FieldGroup.CONSENT: [
        ("POST", f"{PAGE}allow/", {"channel": "text", "evidence_kind": "recording", "evidence_ref": "rec-1"}),
        (
            "POST",
            f"{API}/consents",
            {"channel": "text", "state": "granted", "evidence_kind": "recording", "evidence_ref": "r"},
        ),
    ],
    FieldGroup.OUTCOME: [
        ("POST", f"{PAGE}close/", {"reason": "not_interested", "note": "Said so", "outcome": "not_qualified"}),
        ("POST", f"{API}/close", {"reason": "not_interested", "note": "Said so", "outcome": "not_qualified"}),
    ],
}


def write(name: str, method: str, route: str, body: dict[str, Any]) -> tuple[int, bool]:
    """Try once and take it back; return the status and whether it was refused for the profile's sake."""
    there = stage()
    lead_id = str(there.lead.id)
    if route.endswith("contact-point/"):
        body = body | {"point": str(there.values["point_id"])}
    if route == "api/v1/leads/bulk":
        body = body | {"leads": [lead_id]}
    path = filled(route, {**there.values, **WORDS, "object_id": lead_id})
    with taken_back():
        answer = send(there.clients[name], method, path, body)
    text = answer.content.decode("utf-8", "replace")
    if route == "api/v1/leads/bulk" and answer.status_code == 200:
        return answer.status_code, answer.json()["done"] == 0 and "field_group" in text
    return answer.status_code, answer.status_code == 403


@pytest.mark.row("TA-09")
@pytest.mark.parametrize("group", [each for each in FieldGroup if WRITES[each]])
def test_what_a_profile_may_not_edit_is_refused_on_every_writing_door(group: FieldGroup) -> None:
    wrong = []
    for method, route, body in WRITES[group]:
        status, refused = write(ALL, method, route, body)
        if status >= 400 or refused:
            wrong.append(f"who edits all got {status} at {method} {route}")
        for profile in (HIDING[group], LOOKING[group]):
            status, refused = write(profile, method, route, body)
            note("field_groups", group, method, route, profile, status)
            if not refused:
                wrong.append(f"{profile} got {status} at {method} {route}")
    assert wrong == []


@pytest.mark.row("TA-09")
def test_what_a_profile_only_looks_at_is_shown_and_asked_for() -> None:
    """Who looks at insurance without editing it reads it everywhere; its forms leave the field out."""
    looks = read(LOOKING[FieldGroup.INSURANCE], PAGE)
    assert "zebrahealth" in looks
    assert 'name="payer"' in read(ALL, f"{PAGE}edit/") and 'name="payer"' not in read("louis", f"{PAGE}edit/")
    there = stage()
    with taken_back():
        # A stop is everybody's to record, whatever their profile says of consent (row CN-14).
        stop = {"channel": "call", "state": "withdrawn", "reason": "No more"}
        for name in ("hana", HIDING[FieldGroup.CONSENT], LOOKING[FieldGroup.CONSENT]):
            answer = ask(there.clients[name], "POST", f"/leads/{there.lead.id}/consents", stop, at=SOON)
            assert answer.status_code == 201, answer.content
    assert TUESDAY_NINE < SOON
