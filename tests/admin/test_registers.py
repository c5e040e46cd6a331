"""The admin's registers: who gets in, who may write, and that the same sentence is said as everywhere."""

import json

import pytest

from apps.accounts.actions import save_role
from apps.accounts.models import ApiKey, Membership, Role, Seat, User
from apps.audit.models import AuditEntry
from apps.catalog.models import Calendar, Channel, Queue, Service
from apps.leads.models import Lead, Stage
from apps.ownership.queries import change_verdict
from apps.policies.actions import save_draft
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.queries import version_in_force
from apps.tenancy.clock import database_now
from leadcrm.admin_site import site
from tests.approving import approve_at
from tests.leads_made import inquiry, send_in

AUTHOR_REFUSED = "The author cannot approve their own version. Ask a colleague."
OF_MARKETING = [
    "policies/ruleset",
    "policies/rulesetversion",
    "catalog/source",
    "catalog/campaign",
    "catalog/trackingnumber",
    "catalog/service",
    "catalog/location",
    "catalog/calendar",
    "catalog/queue",
    "accounts/team",
    "accounts/membership",
    "accounts/role",
    "accounts/party",
    "capture/asset",
    "capture/form",
    "leads/lead",
    "leads/pipeline",
    "consent/consentevent",
    "consent/donotcontact",
    "consent/consentwording",
    "outreach/template",
]


def grant(tenant, key, *permissions):
    """Let a role do more."""
    with tenant.scope():
        role = Role.rows().get(key=key)
        save_role(
            actor=tenant.system,
            key=key,
            name=role.name,
            hidden_field_groups=role.hidden_field_groups,
            permissions=sorted({*role.permissions, *permissions}),
        )


@pytest.fixture
def cleo(harbor, client_as):
    """Marketing operations, who may use the admin and change the set-up."""
    grant(harbor, "marketing", "admin:use", "settings:write")
    return client_as("cleo")


def rows(tenant, model, **find):
    """Return the first row that fits."""
    with tenant.scope():
        return model.rows().filter(**find).order_by("id").first()


def noted(tenant, action):
    """Return the ledger's entries of an action."""
    with tenant.scope():
        return list(AuditEntry.rows().filter(action=action).order_by("seq"))


@pytest.mark.parametrize("register", OF_MARKETING)
@pytest.mark.row("RT-20")
def test_every_register_opens_for_marketing_operations(cleo, register):
    answer = cleo.get(f"/admin/{register}/")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "'unsafe-eval'" in policy and "script-src 'self' 'unsafe-eval'" in policy


def test_the_admin_is_closed_without_the_right_to_use_it(harbor, client_as):
    answer = client_as("ana").get("/admin/")
    assert answer.status_code == 403
    assert "Your role may not open the admin pages" in answer.content.decode()
    assert "'unsafe-eval'" not in answer["Content-Security-Policy"]
    assert noted(harbor, "refused:admin.open")


def test_being_superuser_opens_nothing(harbor, client_as):
    User.objects.filter(id=harbor.user("ana").id).update(is_superuser=True, is_staff=True)
    assert client_as("ana").get("/admin/catalog/service/").status_code == 403


def test_another_tenants_rows_do_not_exist(harbor, lakeside, cleo):
    stranger = rows(lakeside, Service)
    assert cleo.get(f"/admin/catalog/service/{stranger.id}/change/").status_code == 404


def test_who_may_only_read_settings_cannot_save_them(harbor, client_as):
    queue = rows(harbor, Queue, key="elm-calls")
    answer = client_as("dev").post(f"/admin/catalog/queue/{queue.id}/change/", {"name": "Mine"})
    assert answer.status_code == 403
    assert "Your role may not change queues here" in answer.content.decode()
    assert noted(harbor, "refused:queue.save")
    assert rows(harbor, Queue, key="elm-calls").name == "Elm Calls"


def test_nothing_can_be_deleted(harbor, cleo):
    lead = a_lead(harbor)
    for path in (f"leads/lead/{lead.id}", f"catalog/service/{rows(harbor, Service).id}"):
        assert cleo.post(f"/admin/{path}/delete/", {"post": "yes"}).status_code == 403
    assert rows(harbor, Lead, id=lead.id)
    for register in site._registry.values():
        assert not register.actions


@pytest.mark.row("RT-20")
def test_a_queue_is_changed_by_its_action_and_audited(harbor, cleo):
    queue = rows(harbor, Queue, key="elm-calls")
    body = {
        "name": "Elm Calls",
        "target_kind": queue.target_kind,
        "team": queue.team_id,
        "calendar": queue.calendar_id,
        "location": queue.location_id,
        "method": queue.method,
        "tag": queue.tag,
        "max_wait_seconds": 600,
        "after_hours_queue": queue.after_hours_queue_id,
        "batch_times": "08:30,13:00,16:00",
        "channels": queue.channels,
        "is_active": "on",
    }
    assert cleo.post(f"/admin/catalog/queue/{queue.id}/change/", body).status_code == 302
    assert rows(harbor, Queue, key="elm-calls").max_wait_seconds == 600
    assert noted(harbor, "queue.update")[-1].fields == ["max_wait_seconds"]


def test_a_key_is_taken_once_and_stays(harbor, cleo):
    body = {"key": "imaging", "name": "Second", "kind": "diagnostic", "is_active": "on"}
    parts = {"offerings-TOTAL_FORMS": 0, "offerings-INITIAL_FORMS": 0}
    answer = cleo.post("/admin/catalog/service/add/", body | parts)
    assert answer.status_code == 422
    assert "“imaging” exists already." in answer.content.decode()
    assert rows(harbor, Service, key="imaging").name != "Second"


def test_a_source_needs_its_start_event_where_its_channel_has_none(harbor, cleo):
    body = {"key": "chat-2", "name": "Chat two", "type": "live_chat", "channel": "chat", "start_event": ""}
    with harbor.scope():
        Channel.rows().filter(key="chat").update(is_active=False)
    answer = cleo.post("/admin/catalog/source/add/", body | {"is_active": "on"})
    assert answer.status_code == 422
    assert "Name the event at which the lead exists" in answer.content.decode()
    with harbor.scope():
        Channel.rows().filter(key="chat").update(is_active=True)
    assert cleo.post("/admin/catalog/source/add/", body | {"is_active": "on"}).status_code == 302


def test_opening_hours_are_saved_with_their_calendar(harbor, cleo):
    calendar = rows(harbor, Calendar, key="round-the-clock")
    body = {
        "name": "Weekdays",
        "zone": "America/Chicago",
        "spans-TOTAL_FORMS": 1,
        "spans-INITIAL_FORMS": 0,
        "spans-0-weekday": 0,
        "spans-0-opens": "09:00",
        "spans-0-closes": "08:00",
        "holidays-TOTAL_FORMS": 0,
        "holidays-INITIAL_FORMS": 0,
    }
    path = f"/admin/catalog/calendar/{calendar.id}/change/"
    answer = cleo.post(path, body)
    assert answer.status_code == 422 and "runs past midnight" in answer.content.decode().lower()
    assert cleo.post(path, body | {"spans-0-closes": "17:00"}).status_code == 302
    with harbor.scope():
        assert [str(each) for each in Calendar.rows().get(id=calendar.id).spans.all()] == ["0 09:00:00-17:00:00"]


def test_a_secret_is_shown_once(harbor, client_as):
    ada = client_as("ada")
    old = rows(harbor, ApiKey)
    answer = ada.post(f"/admin/accounts/apikey/{old.id}/roll/", {"hours": "24"})
    with harbor.scope():
        made = ApiKey.rows().get(id=ApiKey.rows().get(id=old.id).replaced_by_id)
    assert answer.status_code == 200 and made.prefix in answer.content.decode()
    page = ada.get(f"/admin/accounts/apikey/{made.id}/change/").content.decode()
    assert made.prefix in page and "lk_live_" + made.digest[:4] not in page
    body = {
        "name": "bp-2",
        "party": made.party_id,
        "mode": "test",
        "scopes": ["delivery:post"],
        "per_minute": 60,
    }
    added = ada.post("/admin/accounts/apikey/add/", body)
    assert added.status_code == 200 and "lk_test_" in added.content.decode()
    ada.post(f"/admin/accounts/apikey/{made.id}/revoke/")
    assert rows(harbor, ApiKey, id=made.id).revoked_at


def test_access_ends_and_leads_go_back_to_the_queue(harbor, client_as):
    lead = a_lead(harbor)
    answer = client_as("ada").post(f"/admin/accounts/membership/{lead.owner_id}/end-access/")
    assert answer.status_code == 302
    after = rows(harbor, Lead, id=lead.id)
    assert after.owner_id is None and after.owner_team_id == lead.owner_team_id
    person = rows(harbor, Membership, id=lead.owner_id)
    assert not person.is_active and not Seat.objects.filter(user_id=person.user_id).exists()


def a_lead(tenant):
    """Return a lead that a person owns."""
    send_in(tenant, inquiry())
    tenant.drain()
    return rows(tenant, Lead, owner__isnull=False)


@pytest.mark.row("TA-06")
def test_a_locked_status_is_refused_with_the_sentence_of_every_door(harbor, cleo):
    lead = a_lead(harbor)
    with harbor.scope():
        row = Lead.rows().select_related("owner_team", "owner__user", "stage").get(id=lead.id)
        verdict = change_verdict(harbor.actor("cleo"), row, "status", now=database_now())
    assert not verdict.allowed
    path = f"/admin/leads/lead/{lead.id}/change/"
    page = cleo.get(path).content.decode()
    assert verdict.sentence in page and 'name="status"' not in page
    answer = cleo.post(path, {"status": "working"})
    assert answer.status_code == 403 and verdict.sentence in answer.content.decode()
    assert rows(harbor, Lead, id=lead.id).status == lead.status
    refusal = noted(harbor, "refused:lead.edit")[-1]
    assert (refusal.object_id, refusal.fields, refusal.door) == (lead.id, ["status"], "admin")


@pytest.mark.row("TA-06")
def test_a_superuser_of_another_team_is_refused_too(harbor, client_as):
    lead = a_lead(harbor)
    User.objects.filter(id=harbor.user("ada").id).update(is_superuser=True)
    stage = rows(harbor, Stage, key="qualified")
    answer = client_as("ada").post(f"/admin/leads/lead/{lead.id}/change/", {"stage": str(stage.id)})
    assert answer.status_code == 403
    assert rows(harbor, Lead, id=lead.id).stage_id == lead.stage_id


def test_the_owner_corrects_a_field_in_admin(harbor, client_as):
    lead = a_lead(harbor)
    with harbor.scope():
        owner = Membership.rows().select_related("user", "role").get(id=lead.owner_id)
    grant(harbor, owner.role.key, "admin:use")
    browser = client_as(owner.user.email.partition("@")[0])
    body = {
        "stage": str(lead.stage_id),
        "patient_type": "established",
        "timeframe": lead.timeframe,
        "best_time": "",
        "preferred_channel": lead.preferred_channel,
        "payer": "Acme",
        "version": lead.version,
    }
    path = f"/admin/leads/lead/{lead.id}/change/"
    assert browser.post(path, body).status_code == 302
    after = rows(harbor, Lead, id=lead.id)
    assert (after.patient_type, after.payer) == ("established", "Acme")
    late = browser.post(path, body | {"payer": "Other"})
    assert late.status_code == 422 and "Somebody changed this lead" in late.content.decode()


def test_showing_leads_is_noted(harbor, cleo):
    lead = a_lead(harbor)
    cleo.get("/admin/leads/lead/")
    assert noted(harbor, "lead.read")[-1].object_id == lead.id


@pytest.mark.row("RT-20")
def test_a_draft_waits_for_another_person(harbor, cleo, client_as):
    with harbor.scope():
        live = version_in_force("contact", database_now())
        rule_set = RuleSet.rows().get(kind="contact")
    document = {**live.document, "max_attempts_per_day": 4}
    path = f"/admin/policies/ruleset/{rule_set.id}/change/"
    wrong = cleo.post(path, {"document": json.dumps({**document, "no_such": 1}), "reason": "try"})
    assert wrong.status_code == 422 and "/no_such" in wrong.content.decode()
    saved = cleo.post(path, {"document": json.dumps(document), "reason": "fewer calls"})
    assert saved.status_code == 302
    draft = rows(harbor, RuleSetVersion, rule_set=rule_set, state="draft")
    grant(harbor, "marketing", "rules:approve")
    page = f"/admin/policies/rulesetversion/{draft.id}/"
    assert AUTHOR_REFUSED in cleo.get(f"{page}change/").content.decode()
    refused = cleo.post(f"{page}approve/")
    assert refused.status_code == 403 and AUTHOR_REFUSED in refused.content.decode()
    assert approve_at(client_as("dev"), draft.id).status_code == 302
    with harbor.scope():
        assert version_in_force("contact", database_now()).id == draft.id


def test_an_older_version_rules_again(harbor, client_as):
    with harbor.scope():
        live = version_in_force("contact", database_now())
        draft = save_draft(
            actor=harbor.actor("ada"),
            kind="contact",
            reason="fewer",
            document={**live.document, "max_attempts_per_day": 3},
            now=database_now(),
        )
    dev = client_as("dev")
    dev.post(f"/admin/policies/rulesetversion/{draft.id}/approve/")
    answer = dev.post(f"/admin/policies/rulesetversion/{live.id}/roll-back/", {"reason": "too few"})
    assert answer.status_code == 302
    with harbor.scope():
        assert version_in_force("contact", database_now()).document == live.document
