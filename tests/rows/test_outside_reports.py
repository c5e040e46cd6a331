"""What outside systems and partners report of a lead, through the API: rows ST-10 and ST-19."""

from datetime import timedelta

import pytest

from apps.accounts.keys import create_key
from apps.accounts.models import ApiKey, Party
from apps.audit.models import AuditEntry
from apps.catalog.models import OutsideSystem
from apps.leads.models import OutsideReport, TimelineEntry
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, draft_rules, page

SOON = TUESDAY_NINE + timedelta(minutes=12)
TALKED = {"word": "spoke with them", "stage": "contacted", "event": "call_connected"}


@pytest.fixture
def lead(harbor):
    return make_lead(harbor, source="imaging-spring")


@pytest.fixture
def tool(harbor, client_as):
    """The MA tool's program: a key that its record in the admin names."""
    with harbor.scope():
        made = create_key(
            actor=harbor.actor("ada"),
            name="ma-sync",
            scopes=["lead:view"],
            now=TUESDAY_NINE,
            membership=harbor.member("ewa"),
        )
        system, key = OutsideSystem.rows().get(key="ma-tool"), ApiKey.rows().get(name="ma-sync")
    body = {"name": "MA tool", "adapter": "by_hand", "address": "", "secret": "", "api_key": key.pk, "is_active": "on"}
    answer = client_as("ada").post(f"/admin/catalog/outsidesystem/{system.pk}/change/", body)
    assert answer.status_code == 302, answer.content.decode()
    return Api(made.secret)


def agency(tenant, *scopes, key="brightpath"):
    """Return the program of an agency; the usual one delivered the lead."""
    with tenant.scope():
        party = Party.rows().get(key=key)
        name = f"{key}-{len(scopes)}"
        made = create_key(actor=tenant.system, name=name, scopes=list(scopes), party=party, now=TUESDAY_NINE)
    return Api(made.secret)


def report(program, lead_id, value, field="status"):
    with travelling(to=SOON):
        return program.post(f"/leads/{lead_id}/reports", {"field": field, "value": value})


def kept(tenant):
    """Return the reports that are kept, in order."""
    with tenant.scope():
        return list(OutsideReport.rows().order_by("reported_at", "id"))


@pytest.mark.row("ST-10")
def test_the_status_that_a_tool_reports_is_ignored_and_stands_as_a_conflict(harbor, client_as, lead, tool):
    said = [report(tool, lead.id, "closed") for _ in range(2)]
    assert [each.status_code for each in said] == [200, 200], said[0].json()
    assert said[0].json() == said[1].json()
    assert (said[0].json()["outcome"], said[0].json()["means"]) == ("conflict", "closed")
    after = reload(harbor, lead.id)
    assert (after.stage.key, after.status, after.version) == ("routed", lead.status, lead.version)
    with harbor.scope():
        assert AuditEntry.rows().filter(object_id=lead.id, action="lead.report_conflict").count() == 1
        told = TimelineEntry.rows().filter(lead=lead, kind="outside").get()
    assert told.sentence.startswith("MA tool reported stage “closed”; here it stays Routed.")
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert "MA tool reported stage “closed”" in page(owner, f"/leads/{lead.id}/", at=SOON)

    ada, register = client_as("ada"), "/admin/leads/outsidereport/"
    listed = ada.get(f"{register}?waiting=yes").content.decode()
    assert "MA tool" in listed and "Closed" in listed and "Routed" in listed
    (row,) = kept(harbor)
    assert "I looked at it" in ada.get(f"{register}{row.pk}/change/").content.decode()
    assert client_as("dev").post(f"{register}{row.pk}/looked-at/").status_code == 403
    assert ada.post(f"{register}{row.pk}/looked-at/").status_code == 302
    assert "MA tool" not in ada.get(f"{register}?waiting=yes").content.decode().partition('id="result_list"')[2]
    assert ada.post(f"{register}{row.pk}/looked-at/").status_code == 409
    assert report(tool, lead.id, "closed").json() == said[0].json() and len(kept(harbor)) == 1


@pytest.mark.row("ST-10")
def test_field_by_field_another_system_may_have_the_last_word(harbor, client_as, lead, tool):
    assert report(tool, lead.id, "within_month", "timeframe").json()["outcome"] == "conflict"
    truth = {"stage": "ma-tool", "timeframe": "ma-tool"}
    change_rules(harbor, client_as, "process", lambda document: document.update(truth=truth))
    assert report(tool, lead.id, "within_month", "timeframe").json()["outcome"] == "applied"
    assert report(tool, lead.id, "newish", "patient_type").json()["outcome"] == "unmapped"
    assert report(tool, lead.id, "Acme", "payer").status_code == 422
    no_call = report(tool, lead.id, "contacted").json()
    assert no_call["outcome"] == "refused" and no_call["detail"]
    ends = report(tool, lead.id, "closed").json()
    assert ends["outcome"] == "refused" and "a person here" in ends["detail"]
    after = reload(harbor, lead.id)
    assert (after.stage.key, after.timeframe, after.patient_type) == ("routed", "within_month", "new")

    def give_away(document):
        document["truth"] = {"owner_team": "ma-tool"}

    assert draft_rules(harbor, client_as, "process", give_away).status_code == 422


@pytest.mark.row("AP-07")
def test_a_system_whose_word_counts_for_a_review_is_mirrored(harbor, client_as, lead, tool):
    assert report(tool, lead.id, "Awaiting records", "intake_review").json()["outcome"] == "conflict"
    change_rules(harbor, client_as, "process", lambda document: document.update(truth={"intake_review": "ma-tool"}))
    for word in ("Awaiting records", "complete"):
        assert report(tool, lead.id, word, "intake_review").json()["outcome"] == "applied"
    assert report(tool, lead.id, "lost", "intake_review").json()["outcome"] == "unmapped"
    owner = client_as(lead.owner.user.email.partition("@")[0])
    (stands,) = ask(owner, "GET", f"/leads/{lead.id}/reviews", at=SOON).json()["stands"]
    assert (stands["track"], stands["status"], stands["reporter"]) == ("intake", "complete", "ma-tool")


@pytest.mark.row("ST-19")
def test_a_partners_word_is_one_of_our_stages_by_its_vocabulary(harbor, client_as, lead):
    program = agency(harbor, "delivery:read", "activity:log")
    known = report(program, lead.id, "contact-made").json()
    assert (known["outcome"], known["means"]) == ("conflict", "contacted")
    assert reload(harbor, lead.id).stage.key == "routed"
    unknown = report(program, lead.id, "Spoke with them").json()
    assert (unknown["outcome"], unknown["means"]) == ("unmapped", None)
    assert "Nobody has said yet" in unknown["detail"]

    def believe(document):
        document["truth"] = {"stage": "brightpath"}
        document["words"]["brightpath"].append(TALKED)

    change_rules(harbor, client_as, "process", believe)
    believed = report(program, lead.id, "Spoke with them").json()
    assert (believed["outcome"], believed["means"]) == ("applied", "contacted"), believed
    after = reload(harbor, lead.id)
    assert after.stage.key == "contacted"
    again = report(program, lead.id, "spoke-with-them")
    assert again.json() == believed and reload(harbor, lead.id).version == after.version
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert "reported “Spoke with them”" in page(owner, f"/leads/{lead.id}/", at=SOON)
    assert [each.outcome for each in kept(harbor)] == ["conflict", "unmapped", "applied"]


def test_who_reports_nothing(harbor, client_as, lead):
    assert report(agency(harbor, "delivery:read"), lead.id, "closed").status_code == 403
    program = agency(harbor, "delivery:read", "activity:log")
    foreign = agency(harbor, "delivery:read", "activity:log", key="northlight")
    strange, absent = report(foreign, lead.id, "closed"), report(foreign, new_id(), "closed")
    assert (strange.status_code, strange.content) == (404, absent.content)
    assert report(program, lead.id, "call", "preferred_channel").status_code == 422
    assert report(program, lead.id, "  ").status_code == 422
    owner = client_as(lead.owner.user.email.partition("@")[0])
    answer = ask(owner, "POST", f"/leads/{lead.id}/reports", {"field": "status", "value": "closed"}, at=SOON)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_reporter")
    assert kept(harbor) == []
