"""A tenant in which each group of fields has words of its own, and a reader of each profile: for row TA-09.

Everybody here holds every right and works in every team; what sets them apart is one group of fields that their
role hides, or shows and does not let them edit. `ALL` hides nothing.
"""

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from django.test import Client

from apps.accounts.actions import Place, save_person, save_role
from apps.accounts.models import Team
from apps.accounts.terms import FieldGroup, Permission
from apps.capture.document_rules import Attached
from apps.capture.documents import keep_documents
from apps.capture.models import Submission, SubmissionDocument
from apps.catalog.models import Service, Source
from apps.chat.models import Chat
from apps.exceptions.models import ExceptionItem
from apps.flows.asking import ask_to_change
from apps.flows.calls import Contact, log_call
from apps.flows.clearing import Stands, record_step
from apps.flows.closing import close_lead
from apps.flows.covering import Answered, record_coverage
from apps.flows.merging import merge_people
from apps.flows.notes import add_note
from apps.flows.opt_out import opt_out
from apps.flows.parking import park_lead
from apps.handoffs.models import Handoff
from apps.identity.models import DuplicatePair
from apps.imports.actions import open_run, plan_of, set_plan
from apps.imports.terms import ImportKind
from apps.leads.models import ContactPoint, Lead, Task, Touch
from apps.outreach.terms import ActivityKind, Outcome
from apps.qualification.signals import Coverage
from apps.qualification.terms import ClearanceStatus, ClearanceStep
from apps.tenancy.clock import travelling
from apps.tenancy.models import Wakeup
from tests.capture.forms_made import form_of, send_form
from tests.cast import Tenant, new_tenant
from tests.chat.visiting import KNEE, Visitor
from tests.doors import sign_in
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, reload, send_in
from tests.rows.arranging import ask

ALL = ""
#: A first name for whoever hides a group, and for whoever only looks at it.
HIDING = dict(zip(FieldGroup, ("hana", "hugo", "hilda", "henry", "helen", "hiro"), strict=True))
LOOKING = dict(zip(FieldGroup, ("lara", "luke", "lotte", "louis", "lydia", "lorenz"), strict=True))
#: A first name for whoever reads as marketing does: contact data that it does not work with, and nothing of health.
MARKETING = "mara"
#: Words that stand in fields of a group and nowhere else; the ended lead's are told apart by its address.
CANARIES: dict[FieldGroup, tuple[str, ...]] = {
    FieldGroup.CONTACT: ("canarina", "canary@example.org", "3125550199", "canaryville"),
    FieldGroup.MARKETING: ("utmcanary", "sourcecanary", "landingcanary", "webortho"),
    FieldGroup.HEALTH: (
        "swollencanary",
        "notecanary",
        "answercanary",
        "eligiblecanary",
        "papercanary",
        "servicecanary",
    ),
    FieldGroup.INSURANCE: ("zebrahealth", "zx991canary", "clearcanary", "zebraplan"),
    FieldGroup.CONSENT: ("evidencecanary", "optoutcanary"),
    FieldGroup.OUTCOME: ("someoneelse", "notinterested"),
}
SOON, LATER = TUESDAY_NINE + timedelta(minutes=5), TUESDAY_NINE + timedelta(days=2)
NOTE = {"service": "imaging", "confirmed": ["phone"], "next_step": "Book", "eligibility": "eligiblecanary"}
TICKS = dict.fromkeys(("identity", "contact", "insurance", "expects"), True)
_phones = itertools.count(1)


@dataclass(frozen=True)
class Stage:
    """The tenant, a browser for each profile, and what addresses name: of the open lead, and of the ended one."""

    harbor: Tenant
    clients: dict[str, Client]
    lead: Lead
    ended: Lead
    values: dict[str, Any]
    of_ended: dict[str, Any]


@cache
def stage() -> Stage:
    """Return the stage of this process; nothing on it is changed by who reads."""
    harbor = new_tenant("harbor")
    clients = {profile: sign_in(harbor.user(name)) for profile, name in _readers(harbor).items()}
    with harbor.scope():
        Source.rows().filter(key="web-ortho").update(name="Sourcecanary")
        Service.rows().filter(key="imaging").update(name="Servicecanary")
    lead, twin, ended = _lead(harbor, points=True), _lead(harbor), _lead(harbor, person__last_name="Ended")
    merged, parked, odd = (_lead(harbor, person__first_name=each) for each in ("Merry", "Parker", "Oddo"))
    values = {"lead_id": lead.id, "person_id": lead.person_id}
    with travelling(to=SOON), harbor.scope():
        otis = harbor.actor("otis")
        _work(harbor, lead, values)
        _end(harbor, ended)
        merge = merge_people(
            actor=otis,
            survivor_id=lead.person_id,
            absorbed_id=merged.person_id,
            picked=[],
            reason="One person",
            now=SOON,
        )
        park_lead(actor=otis, lead_id=parked.id, wanted="Podiatry", reason="Not offered", now=SOON)
        values |= {"merge_id": merge.id, "run_id": _import(harbor)}
        values["submission_id"] = Submission.rows().filter(lead_id=lead.id).first().id
        pair = DuplicatePair.rows().filter(state="open", first__last_name="Canarina").first()
        assert pair is not None and twin.person_id in (pair.first_id, pair.second_id)
        values["pair_id"] = pair.id
    values["item_id"] = _exception(harbor)
    _quarantine(harbor)
    values |= _chat(harbor, clients[ALL])
    values |= {"asset_id": _form(harbor), **_group(clients[ALL])}
    harbor.drain(SOON)
    values["handoff_id"] = _handoff(harbor, clients[ALL], odd)
    values["handed"] = odd.id
    return Stage(harbor, clients, lead, ended, values, {"lead_id": ended.id, "person_id": ended.person_id})


def _readers(harbor: Tenant) -> dict[str, str]:
    """Let each profile have a person in every team, with every right but those of agencies."""
    agencies = {Permission.DELIVERY_POST, Permission.AGENCY_MANAGE}
    rights = [str(each) for each in Permission if each not in agencies]
    with harbor.scope():
        places = [Place(each) for each in Team.rows().filter(is_active=True)]
        profiles = {"otis": ((), ())}
        profiles |= {name: ((group,), ()) for group, name in HIDING.items()}
        profiles |= {name: ((), (group,)) for group, name in LOOKING.items()}
        for name, (hidden, fixed) in profiles.items():
            role = save_role(
                actor=harbor.system,
                key=f"profile-{name}",
                name=name,
                permissions=rights,
                hidden_field_groups=hidden,
                read_only_field_groups=fixed,
            ).row
            save_person(actor=harbor.system, email=f"{name}@{harbor.domain}", name=name, role=role, places=places)
        _marketing(harbor, [each for each in rights if each != Permission.LEAD_CONTACT], places)
    return {ALL: "otis", MARKETING: MARKETING} | {name: name for name in profiles}


def _marketing(harbor: Tenant, rights: list[str], places: list[Place]) -> None:
    """Let somebody have every right and work in every team, and read as marketing does (row PH-15)."""
    role = save_role(
        actor=harbor.system,
        key="profile-marketing",
        name="Marketing view",
        permissions=rights,
        hidden_field_groups=(FieldGroup.HEALTH, FieldGroup.INSURANCE),
        read_only_field_groups=(FieldGroup.CONTACT, FieldGroup.CONSENT, FieldGroup.OUTCOME),
    ).row
    save_person(actor=harbor.system, email=f"{MARKETING}@{harbor.domain}", name="Mara", role=role, places=places)


def _lead(harbor: Tenant, *, points: bool = False, **changes: Any) -> Lead:
    told: dict[str, Any] = {"person__last_name": "Canarina", "person__city": "Canaryville"}
    if points:
        told |= {"person__email": "canary@example.org", "person__phone": "+13125550199"}
    told |= {
        "source": "web-ortho",
        "request__message": "My knee is swollencanary",
        "insurance": {"payer": "Zebrahealth", "member_id": "ZX991CANARY"},
        "attribution": {"utm_campaign": "utmcanary", "landing_page": "https://a.example/landingcanary"},
        "answers": [{"key": "pain", "question": "Where?", "values": ["answercanary"]}],
        "consent": [consent("call", evidence_ref="evidencecanary", evidence_kind="recording"), consent("email")],
    }
    return make_lead(harbor, **(told | changes))


def _work(harbor: Tenant, lead: Lead, values: dict[str, Any]) -> None:
    """Give the open lead a note, papers, an insurer's answer, an opt-out and a colleague's request."""
    otis, now, submission = harbor.actor("otis"), SOON, Submission.rows().get(lead_id=lead.id)
    add_note(actor=otis, lead_id=lead.id, text="notecanary", now=now)
    paper = Attached("papercanary.pdf", b"%PDF-1.7 papercanary")
    keep_documents(actor=harbor.system, submission_id=submission.id, files=[paper], now=now)
    told = Answered(Coverage.VERIFIED, now, "Zebrahealth", "Zebraplan", "CLEARCANARY")
    record_coverage(actor=otis, lead_id=lead.id, told=told, now=now)
    step = Stands(ClearanceStep.PRE_AUTHORISATION, ClearanceStatus.PENDING, now.date(), LATER, "CLEARCANARY")
    record_step(actor=otis, lead_id=lead.id, stands=step, now=now)
    opt_out(actor=otis, lead_id=lead.id, channels=["text"], reason="optoutcanary", now=now, source="spoken")
    asked = {"field": "payer", "proposed": "Zebraplan", "reason": "They told me", "now": now}
    ask_to_change(actor=harbor.actor("dev"), lead_id=lead.id, **asked)
    values |= {
        "task_id": Task.rows().filter(lead=lead).first().id,
        "touch_id": Touch.rows().get(lead=lead).id,
        "point_id": ContactPoint.rows().filter(person_id=lead.person_id).first().id,
        "document_id": SubmissionDocument.rows().get(submission=submission).id,
    }


def _end(harbor: Tenant, ended: Lead) -> None:
    otis = harbor.actor("otis")
    contact = Contact(ActivityKind.CALL, Outcome.SOMEONE_ELSE, SOON, next_at=LATER)
    log_call(actor=otis, lead_id=ended.id, contact=contact, now=SOON)
    why = {"reason": "not_interested", "note": "Said so", "outcome": "not_qualified"}
    close_lead(actor=otis, lead_id=ended.id, now=SOON, **why)


def _import(harbor: Tenant) -> Any:
    head = "First name,Last name,Phone,City,Consent"
    rows = [f"Nora,Canarina{n},(773) 555-{n:04d},Canaryville,yes" for n in range(3)]
    raw = "\n".join([head, *rows, rows[0]]).encode()
    source, otis = Source.rows().get(key="imaging-spring"), harbor.actor("otis")
    kind = ImportKind.CALLING_LIST
    run = open_run(actor=otis, kind=kind, file_name="cards.csv", raw=raw, source=source, now=SOON)
    plan = replace(plan_of(run), channels=["call"], text_version="v4", evidence="Signed cards")
    set_plan(actor=otis, run_id=run.id, plan=plan)
    return run.id


def _exception(harbor: Tenant) -> Any:
    lead = _lead(harbor, person__first_name="Exa", request__service="orthapedics")
    with harbor.scope():
        return ExceptionItem.rows().filter(lead=lead).first().id


def _quarantine(harbor: Tenant) -> None:
    body = inquiry(person__last_name="Canarina", request__message="swollencanary links")
    receipt = send_in(harbor, body, at=SOON)
    with harbor.scope():
        Submission.rows().filter(id=receipt.submission_id).update(state="quarantined", screening={"score": 80})
        Wakeup.objects.filter(row_id=receipt.submission_id).delete()


def _chat(harbor: Tenant, otis: Client) -> dict[str, Any]:
    visitor = Visitor(harbor)
    visitor.say(f"{KNEE} swollencanary, I want to talk to a person")
    visitor.leave(first_name="Chata", last_name="Canarina", phone="312-555-0143", consent_call="on")
    with harbor.scope():
        chat = Chat.rows().get()
    with travelling(to=SOON):
        otis.post(f"/chats/{chat.id}/accept/")
    return {"chat_id": chat.id}


def _form(harbor: Tenant) -> Any:
    """Have somebody write through a hosted form."""
    slug = f"{harbor.slug}-imaging-spring"
    sent = {"service": "imaging", "location": "elm-st", "preferred_channel": "call", "consent_call": "on"}
    sent |= {"first_name": "Forma", "last_name": "Canarina", "phone": "(312) 555-0199"}
    assert send_form(Client(), f"/f/{slug}/", sent, at=SOON).status_code == 303
    return form_of(harbor, slug).id


def _group(otis: Client) -> dict[str, Any]:
    """Keep a group outside with a contact of theirs."""
    kept = {"name": "North Ortho", "kind": "physician_group", "team": "partnerships"}
    answer = ask(otis, "POST", "/relationships", kept, at=SOON)
    assert answer.status_code == 201, answer.content
    path, contact = f"/relationships/{answer.json()['id']}", {"role": "decides", "email": "canary@example.org"}
    named = contact | {"name": "Gro Canarina", "phone": "(312) 555-0199"}
    made = ask(otis, "POST", f"{path}/contacts", named, at=SOON).json()
    return {"relationship_id": made["id"], "contact_id": made["contacts"][0]["id"]}


def _handoff(harbor: Tenant, otis: Client, lead: Lead) -> Any:
    """Offer a lead to Scheduling, whose page shows what passes."""
    offer = {"type": "H-1", "checklist": TICKS, "note": NOTE}
    answer = ask(otis, "POST", f"/leads/{lead.id}/handoffs", offer, at=SOON)
    assert answer.status_code == 201, (answer.content, reload(harbor, lead.id).owner_team.key)
    with harbor.scope():
        return Handoff.rows().get(lead=lead).id
