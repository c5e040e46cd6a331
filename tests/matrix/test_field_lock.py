"""Matrix S3: every path that writes, every locked field, everybody who does not own the lead: nothing changes.

The paths are those of tests/matrix/lead_doors.py, held against the list of addresses; the owner gets through each
with the same body, so that a refusal is about who asks. Each attempt stands in the ledger.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from apps.accounts.actions import Place, save_person, save_role
from apps.appointments.models import Appointment
from apps.catalog.models import Source
from apps.consent.models import ConsentEvent
from apps.flows import bulk
from apps.flows.calls import Contact, log_call
from apps.imports.actions import confirm, open_run, plan_of, set_plan
from apps.imports.terms import ImportKind
from apps.leads.guards import LOCKED_COLUMNS
from apps.leads.models import ContactPoint, Lead, Stage, Task, Touch
from apps.outreach.terms import ActivityKind, Outcome
from apps.ownership.actions import assign
from apps.ownership.models import LeadTeamGrant
from apps.ownership.queries import permission_id
from apps.ownership.terms import KEY_FIELDS
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.ids import new_id
from leadcrm.admin_site import site
from tests.connectors.senders import SECRET, connect, sample
from tests.doors import Api, sign_in
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead
from tests.matrix import lead_doors
from tests.matrix.lead_doors import ELSEWHERE, Path, lead_paths, other_paths
from tests.matrix.report import note
from tests.matrix.rows import NOON
from tests.matrix.world import FULL, OWNER, WORDS, filled, send, taken_back, world

#: Everybody who does not own the lead.
STRANGERS = (
    *("anonymous", "bystander", "viewer", "colleague", "supervisor", "former owner"),
    *("marketing", "administrator", "its agency", "another agency", "outsider"),
)
#: Of the fields by name a usual run asks everybody for one in so many, by each door.
ONE_IN = 4
#: Whom the matrix of addresses asks too, on each of these paths: a usual run lets them try every second one here.
ASKED_BESIDE = ("anonymous", "bystander", "viewer", "marketing", "administrator", "its agency", "outsider")
#: Those of another tenant, or of none, leave no trace in this one's ledger.
WITHOUT_TRACE = ("anonymous", "outsider")
#: What others may do on a lead that is not theirs, and who. No locked field is changed by any of it.
ADDS = ("viewer", "marketing", "administrator", "former owner", "supervisor")
NOTES = ("former owner", "supervisor")
STOPS = ("colleague", "former owner", "supervisor")
EDITS_ALL = ("supervisor",)
OPEN_TO: dict[str, tuple[str, ...]] = {
    # The owner is asked, and decides; a draft is one's own.
    **dict.fromkeys(("ask", "change-requests", "drafts/<slug:form>"), ADDS),
    # Whoever sees the lead is seen by those who have it open too.
    "present": ADDS,
    # A note or a sign of the person's own interest is added, nothing is changed.
    **dict.fromkeys(("note", "notes", "engagement"), NOTES),
    # Anybody may record that a person wants no more calls (row CN-14).
    **dict.fromkeys(("opt-out", "consents"), STOPS),
    # Whoever sees and edits all leads corrects the fields that are not locked.
    **dict.fromkeys(("", "edit", "party", "parties", "contact-point", "decider", "decision-makers"), EDITS_ALL),
    **dict.fromkeys(("priority", "coverage", "clearance", "script"), EDITS_ALL),
    "contact-points/<uuid:point_id>": EDITS_ALL,
}
#: A draft is kept for whoever knows that the lead is there.
DRAFTS = (*ADDS, "colleague")
#: The fields that only the owning team changes, and consent, with a value that each could take.
FIELDS: dict[str, str] = {
    "stage": "nurture",
    "status": "qualified",
    "outcome": "not_qualified",
    "closure_reason": "not_interested",
    "closed_at": "2026-12-01T15:00:00Z",
    "owner_team": "oak-calls",
    "owner": "ben",
    "queue": "oak-calls",
    "qualification": "qualified",
    "consent": "granted",
    "consent_call": "granted",
    "consent_text": "granted",
    "consent_email": "withdrawn",
}
SOON = TUESDAY_NINE + timedelta(minutes=20)
#: Who asks again by a list, a hook and an agency.
PERSON = {
    "first_name": "Lockie",
    "last_name": "Arrival",
    "email": "lockie@example.org",
    "phone": "+13125550888",
    "postal_code": "60614",
}
STATE = """
    SELECT md5(row({columns})::text) AS locked,
      (SELECT md5(coalesce(string_agg(concat(team_id, membership_id, ended_at), ',' ORDER BY id), ''))
         FROM ownership_spell WHERE lead_id = l.id) AS spells,
      (SELECT md5(coalesce(string_agg(concat(group_id, permission_id), ',' ORDER BY id), ''))
         FROM ownership_leadteamgrant WHERE content_object_id = l.id) AS grants,
      (SELECT count(*) FROM ownership_leadusergrant WHERE content_object_id = l.id) AS people,
      (SELECT count(*) FROM qualification_qualification WHERE lead_id = l.id) AS verdicts,
      (SELECT count(*) FROM consent_consentevent c WHERE c.person_id = l.person_id AND c.value = 'granted') AS granted,
      (SELECT count(*) FROM consent_consentevent c WHERE c.person_id = l.person_id) AS consents,
      (SELECT count(*) FROM audit_auditentry WHERE action ~ '^(refused:|lead.bulk)') AS traces
    FROM leads_lead l WHERE l.id = %s
""".format(columns=", ".join(f"l.{name}" for name in LOCKED_COLUMNS))


@dataclass(frozen=True)
class Scene:
    """The lead that everybody is after, their browsers and programs, and the ids that addresses need."""

    lead: Lead
    clients: dict[str, Client]
    values: dict[str, Any]
    stage_id: Any


@cache
def scene() -> Scene:
    """Return the scene of this process: Ana's lead, which BrightPath delivered and Scheduling had before."""
    at = world()
    lead, harbor = make_lead(at.harbor, source="imaging-spring"), at.harbor
    with harbor.scope():
        by, rights = harbor.system, [*OWNER, "lead:view_all", "report:read", "rules:read"]
        sees_all = save_role(actor=by, key="sees-all", name="Sees all", permissions=rights, hidden_field_groups=[]).row
        places = {"ola": (sees_all, "oak-calls"), "sue": (harbor.member("ana").role, "scheduling")}
        for name, (role, team) in places.items():
            place = [Place(harbor.team(team))]
            save_person(actor=by, email=f"{name}@{harbor.domain}", name=name, role=role, places=place)
        if lead.owner_id != harbor.member("ana").id:
            # It may be another team's or another person's turn; here it is about Ana's lead.
            ours = {"team": harbor.team("elm-calls"), "member": harbor.member("ana"), "queue": None}
            assign(lead, **ours, trigger="test", actor=by, now=TUESDAY_NINE)
        view = {"group_id": harbor.team("scheduling").group_id, "permission_id": permission_id("view_lead")}
        LeadTeamGrant(content_object=lead, **view).save(force_insert=True)
        point = ContactPoint.rows().filter(person_id=lead.person_id).first()
        booked = {"starts_at": NOON, "ends_at": NOON + timedelta(minutes=30), "created_at": NOON}
        visit = Appointment(lead=lead, provider="Dr Kim", confirmed_by="patient", event_id=new_id(), **booked)
        visit.save(force_insert=True)
        values = {
            "lead_id": lead.id,
            "task_id": Task.rows().get(lead=lead).id,
            "point_id": point.id,
            "touch_id": Touch.rows().get(lead=lead).id,
            "appointment_id": visit.id,
        }
        stage_id = Stage.rows().get(pipeline=lead.pipeline_id, key="nurture").id
    people = {"supervisor": "ola", "former owner": "sue"}
    clients = {**at.clients, **{asker: sign_in(harbor.user(name)) for asker, name in people.items()}}
    clients["its agency"] = clients["agency"]
    clients["another agency"] = Client(headers={"authorization": f"Bearer {harbor.keys['northlight-1']}"})
    return Scene(lead, clients, values, stage_id)


def cells() -> int:
    """Return how many attempts this module makes."""
    return len(STRANGERS) * (len(lead_paths()) + len(FIELDS) * len(BY_NAME))


def seen(lead: Lead | None = None) -> tuple[dict[str, Any], int]:
    """Return what only the owner changes of the lead, as the database has it, and the ledger's count of refusals."""
    at = world()
    with at.harbor.scope(), connection.cursor() as cursor:
        cursor.execute(STATE, [(lead or scene().lead).id])
        names = [column.name for column in cursor.description]
        found = dict(zip(names, cursor.fetchone(), strict=True))
        return found, found.pop("traces")


def state(lead: Lead | None = None) -> dict[str, Any]:
    """Return what only the owner changes of the lead."""
    return seen(lead)[0]


def attempt(
    asker: str, method: str, route: str, body: Any, rest: tuple[dict[str, Any], int], *, named: str = ""
) -> list[str]:
    """Try once and take it back; return what is wrong with how it went. `rest` is what was seen before."""
    at, there, wrong, (before, traces) = world(), scene(), [], rest
    path = filled(route, {**at.values(route, "nonexistent"), **there.values, **WORDS})
    with taken_back():
        status = send(there.clients[asker], method, path, body).status_code
        after, count = seen()
    left = count - traces
    note("field_lock", method, route, named, asker, status, left)
    tail = route.removeprefix(lead_doors.PAGE).removeprefix(lead_doors.API).strip("/")
    allowed = DRAFTS if tail.startswith("drafts/") else OPEN_TO.get(tail, ())
    free = "consents" if tail in ("opt-out", "consents") else ""
    if not named and asker in allowed and (status < 300 or status == 303):
        before = {**before, free: after[free]} if free else before
    elif status < 400 and not (status == 302 and asker in ("anonymous", "its agency", "another agency")):
        wrong.append(f"{asker} got {status} from {method} {route} {named}")
    elif status in (403, 404) and left == 0 and asker not in WITHOUT_TRACE and not _names_a_part(tail):
        wrong.append(f"no trace of {asker}'s {method} {route} {named}")
    if changed := [name for name in after if after[name] != before[name]]:
        wrong.append(f"{asker} changed {changed} by {method} {route} {named}")
    return wrong


def _names_a_part(tail: str) -> bool:
    """Say whether an address names a join or a handoff; where there is none, "not found" is about that, and no lead."""
    return tail.endswith("/split") or tail.startswith("handoffs/<")


def test_every_writing_path_is_declared() -> None:
    missing = [route for _, route in other_paths() if not route.startswith(tuple(ELSEWHERE))]
    assert missing == [], "say what keeps these from changing a lead that is not one's own"
    paths = {(each.method, each.route) for each in lead_paths()}
    assert set(lead_doors.SHUT_FOR_OWNER) <= paths
    assert set(FIELDS) >= KEY_FIELDS
    assert {column.removesuffix("_id") for column in LOCKED_COLUMNS} <= set(FIELDS)
    assert set(bulk.Act.__args__) == {bulk.Assign, bulk.Snooze, bulk.ChangeValue, bulk.HandOff}


@pytest.mark.row("TA-06")
def test_the_owner_gets_through_every_path() -> None:
    at, there, wrong = world(), scene(), []
    for each in lead_paths():
        path = filled(each.route, {**at.values(each.route, "nonexistent"), **there.values, **WORDS})
        with taken_back():
            answer = send(there.clients["owner"], each.method, path, _body(each))
        if (answer.status_code < 400) != each.opens:
            wrong.append(f"{each.method} {each.route}: {answer.status_code}")
    assert not wrong


@pytest.mark.row("TA-06")
@pytest.mark.parametrize("asker", STRANGERS)
@pytest.mark.ux(8)
def test_nobody_else_changes_a_locked_field_by_any_path(asker: str) -> None:
    rest = seen()
    paths = lead_paths()
    if not FULL and asker in ASKED_BESIDE:
        paths = paths[STRANGERS.index(asker) % 2 :: 2]
    wrong = [line for each in paths for line in attempt(asker, each.method, each.route, _body(each), rest)]
    assert not wrong
    assert seen() == rest


def _body(path: Path) -> Any:
    if path.route.endswith("/contact-point/"):
        return {**path.body, "point": str(scene().values["point_id"])}
    return path.body


def _patch(field: str, value: str) -> tuple[str, str, Any]:
    return "PATCH", lead_doors.API, {field: value}


def _clean(field: str, value: str) -> tuple[str, str, Any]:
    body = {"act": "change", "field": field, "value": value, "reason": "Clean-up", "leads": [str(scene().lead.id)]}
    return "POST", "api/v1/leads/bulk", body


def _report(field: str, value: str) -> tuple[str, str, Any]:
    return "POST", f"{lead_doors.API}/reports", {"field": field, "value": value}


def _register(field: str, value: str) -> tuple[str, str, Any]:
    of_stage = scene().stage_id if field == "stage" else value
    route = f"admin/leads/lead/{scene().lead.id}/change/"
    return "POST", route, {field: of_stage, "stage_reason": "Wanted later", "reopen_reason": ""}


#: The doors that take a field by its name.
BY_NAME = (_patch, _clean, _report, _register)


def doors_and_fields(asker: str, *, full: bool = FULL) -> list[tuple[Any, str]]:
    """Return by which doors somebody tries which fields: a usual run takes one in four, everybody others."""
    every, start = list(product(BY_NAME, FIELDS)), STRANGERS.index(asker)
    return every if full else every[-start % ONE_IN :: ONE_IN]


@pytest.mark.row("TA-06")
@pytest.mark.parametrize("asker", STRANGERS)
def test_nobody_else_changes_a_locked_field_by_its_name(asker: str) -> None:
    rest, wrong = seen(), []
    for door, field in doors_and_fields(asker):
        wrong += attempt(asker, *door(field, FIELDS[field]), rest, named=field)
    assert not wrong
    assert seen() == rest


def test_a_usual_run_leaves_no_field_no_door_and_nobody_out() -> None:
    asked = {(asker, *each) for asker in STRANGERS for each in doors_and_fields(asker, full=False)}
    assert {(asker, door) for asker, door, _ in asked} == set(product(STRANGERS, BY_NAME))
    assert {(asker, field) for asker, _, field in asked} == set(product(STRANGERS, FIELDS))
    assert {(door, field) for _, door, field in asked} == set(product(BY_NAME, FIELDS))


@pytest.mark.row("TA-06")
def test_bulk_acts_give_nobody_a_lead_of_others() -> None:
    lead, wrong = str(scene().lead.id), []
    acts: list[dict[str, Any]] = [
        {"act": "assign", "team": "oak-calls", "reason": "Ours", "leads": [lead]},
        {"act": "change", "field": "location", "value": "oak-park", "reason": "Ours", "leads": [lead]},
        {"act": "hand_off", "type": "H-1", "leads": [lead]},
    ]
    page = {"act": "assign", "step": "do", "to": "oak-calls", "reason": "Ours", "leads": lead}
    for asker in STRANGERS:
        for body in acts:
            before = state()
            with taken_back():
                answer = send(scene().clients[asker], "POST", "/api/v1/leads/bulk", body)
                done = answer.json().get("done", 0) if answer.status_code == 200 else 0
                wrong += (
                    [(asker, body["act"])]
                    if state() != before or (done and body["act"] in ("assign", "hand_off"))
                    else []
                )
        with taken_back():
            send(scene().clients[asker], "POST", "/queue/bulk/", page)
            wrong += [(asker, "page")] if state() != before else []
    assert not wrong


def by_agency() -> None:
    """The agency sends the person again, for another office."""
    body = inquiry(source="imaging-spring", person=PERSON, request__location="oak-park", request__timeframe="later")
    with travelling(to=SOON):
        assert Api(world().harbor.keys["bp-1"]).post("/leads", body).status_code == 202


def by_import() -> None:
    """A list names them, with columns called as the locked fields are."""
    head = "First name,Last name,Phone,E-mail,Service,Location,Status,Stage,Owner,Outcome,Consent"
    row = "Lockie,Arrival,+13125550888,lockie@example.org,imaging,oak-park,closed,closed,Ben,not_qualified,yes"
    harbor = world().harbor
    with travelling(to=SOON), harbor.scope():
        cleo, kind = harbor.actor("cleo"), ImportKind.CALLING_LIST
        source, raw = Source.rows().get(key="imaging-spring"), f"{head}\n{row}".encode()
        run = open_run(actor=cleo, kind=kind, file_name="again.csv", raw=raw, source=source, now=SOON)
        plan = replace(plan_of(run), channels=["call"], text_version="v4", evidence="Signed cards")
        set_plan(actor=cleo, run_id=run.id, plan=plan)
    harbor.drain(SOON)
    with travelling(to=SOON), harbor.scope():
        assert confirm(actor=cleo, run_id=run.id, takes_duplicates=True, now=SOON)


def by_hook() -> None:
    """A provider's form brings them, with answers to questions called as the locked fields are."""
    sender, told = (
        connect(world().harbor, "google-lead-form", source="imaging-spring"),
        sample("google-lead-form", "lead"),
    )
    said = {"FULL_NAME": "Lockie Arrival", "EMAIL": "lockie@example.org", "PHONE_NUMBER": "+13125550888"}
    said |= {"status": "closed", "stage": "closed", "owner_team": "oak-calls", "closure_reason": "not_interested"}
    columns = [{"column_id": name, "column_name": name, "string_value": value} for name, value in said.items()]
    with travelling(to=SOON):
        answer = sender.post({**told, "google_key": SECRET, "lead_id": "again-1", "user_column_data": columns})
    assert answer.status_code == 200, answer.content


@pytest.mark.row("TA-06")
def test_what_arrives_upon_a_lead_changes_no_locked_field() -> None:
    """Once its owner has begun: before the first try, what is corrected is still routed anew by the product itself."""
    harbor, wrong = world().harbor, []
    lead = make_lead(harbor, source="imaging-spring", person=PERSON)
    with travelling(to=TUESDAY_NINE + timedelta(minutes=5)), harbor.scope():
        now, owner = database_now(), harbor.actor(lead.owner.user.email.partition("@")[0])
        tried = Contact(ActivityKind.CALL, Outcome.VOICEMAIL, now, next_at=now + timedelta(days=1))
        log_call(actor=owner, lead_id=lead.id, contact=tried, now=now)
    before = state(lead)
    for came, arrive in enumerate((by_agency, by_import, by_hook), 2):
        arrive()
        harbor.drain(SOON)
        with harbor.scope():
            assert Touch.rows().filter(lead=lead).count() == came, (arrive, "it came to this very lead")
        after = state(lead)
        # A permission that comes along with its evidence is a line of its own in the ledger of consent.
        changed = [name for name in before if before[name] != after[name] and name not in ("granted", "consents")]
        note("field_lock", "arrival", arrive.__name__, changed)
        wrong += [(arrive.__name__, changed)] if changed else []
    assert not wrong


def test_the_registers_have_no_act_on_many_and_no_list_to_edit() -> None:
    request = RequestFactory().get("/admin/")
    for model, register in site._registry.items():
        assert not register.list_editable, model
        assert not register.actions or register.actions == (), model
        inlines = {inline.model for inline in register.get_inline_instances(request)} if not register.inlines else set()
        assert not inlines & {Lead, ConsentEvent}, model
    for model in (Lead, ConsentEvent):
        assert not site._registry[model].inlines
