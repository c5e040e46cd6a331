"""Sensitive topics: only the trained team reads, broken glass opens for an hour, escalations are its own (PH-16)."""

import re
from datetime import timedelta

import pytest

from apps.accounts.models import Notice
from apps.audit.models import AuditEntry
from apps.privacy.topic_models import SensitiveTopic
from apps.sla.models import Escalation
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page
from tests.rows.test_consent import owner_name

SOON = TUESDAY_NINE + timedelta(minutes=2)
#: Names that the tenant gave: of a form, a campaign, a policy, and of the services in a list to choose from.
NAMED_BY_US = re.compile(
    r"Website form Imaging|Imaging-Spring|Imaging by territory|<option[^>]*>Imaging</option>|web-imaging|imaging-spring"
)
TOLD = "We have tried for a baby, is IVF an option"


@pytest.fixture
def about(harbor, client_as):
    """A lead on fertility, whose trained team is Central Intake by now; its owner is not in it."""
    with harbor.scope():
        team = str(harbor.team("central-intake").id)
    ada = client_as("ada")
    row = ada.get("/admin/privacy/sensitivetopic/")
    assert "Fertility" in row.content.decode()
    body = {"key": "family", "name": "Family planning", "services": [], "words": "ivf, fertil", "team_ids": [team]}
    assert ada.post("/admin/privacy/sensitivetopic/add/", {**body, "is_active": "on"}).status_code == 302
    with harbor.scope():
        SensitiveTopic.rows().filter(key="fertility").update(is_active=False)
    return make_lead(harbor, request__message=TOLD)


def doors(lead):
    """Return the pages and answers on which something of a lead could be read."""
    api = ("", "/timeline", "/activities", "/consents", "/tasks")
    pages = ("", "background/", "why/", "trouble/", "edit/", "log-call/")
    return [f"/api/v1/leads/{lead.id}{each}" for each in api] + [f"/leads/{lead.id}/{each}" for each in pages]


def leaks(client, lead, at=SOON):
    """Return the doors at which somebody reads what the person wrote, or what service they want."""
    found = []
    for door in doors(lead):
        with travelling(to=at):
            text = NAMED_BY_US.sub("", client.get(door).content.decode())
        found += [door] if TOLD in text or "imaging" in text.lower() else []
    return found


@pytest.mark.row("PH-16")
@pytest.mark.journey("E-13")
def test_only_the_trained_team_reads_and_others_see_restricted(harbor, client_as, about):
    lead, owner = about, client_as(owner_name(about))
    assert TOLD in page(client_as("ewa"), f"/leads/{lead.id}/?show=all", at=SOON)
    for name in (owner_name(about), "dev", "lena"):
        assert leaks(client_as(name), lead) == [], name
    shown = page(owner, f"/leads/{lead.id}/", at=SOON)
    assert "Restricted: only the team that is trained for it" in shown and "Family planning" not in shown
    assert "Restricted" in page(owner, "/", at=SOON)
    assert ask(owner, "GET", f"/leads/{lead.id}", at=SOON).json()["restricted"] is True
    assert lead.ref not in page(client_as("lena"), "/queue/?view=all&service=imaging", at=SOON)
    with harbor.scope():
        told = Notice.rows().filter(kind="topic")
        assert {each.member.user.name.split()[0] for each in told} and not any("IVF" in each.sentence for each in told)


@pytest.mark.row("PH-16")
@pytest.mark.row("AU-09")
@pytest.mark.journey("E-13")
def test_broken_glass_opens_for_an_hour_and_compliance_hears_of_it(harbor, client_as, about):
    name = owner_name(about)
    owner, path = client_as(name), f"/leads/{about.id}/"
    with travelling(to=SOON):
        assert owner.post(f"{path}break-glass/", {"reason": "cover", "note": "short"}).status_code == 422
        said = {"reason": "cover", "note": "The nurse is away until noon"}
        assert owner.post(f"{path}break-glass/", said).status_code == 303
        assert owner.post(f"{path}break-glass/", said).status_code == 422, "it is open already"
    shown = page(owner, f"{path}?show=all", at=SOON + timedelta(minutes=59))
    assert TOLD in shown and "You opened this restricted lead." in shown
    assert leaks(owner, about, at=SOON + timedelta(minutes=61)) == []
    assert leaks(client_as("lena"), about) == [], "it opens for one person"
    dev = client_as("dev")
    listed = page(dev, "/compliance/restricted/", at=SOON)
    assert about.ref in listed and "The nurse is away until noon" in listed and "Family planning" in listed
    with harbor.scope():
        assert AuditEntry.rows().filter(action="lead.break_glass", object_id=about.id).count() == 1
        assert Notice.rows().filter(kind="break_glass", member=harbor.member("dev")).count() == 1


@pytest.mark.row("PH-16")
def test_its_escalations_reach_who_leads_the_trained_team(harbor, about):
    late = TUESDAY_NINE + timedelta(minutes=11)
    harbor.drain(late)
    with harbor.scope():
        rows = Escalation.rows().filter(timer__lead=about, who="team_lead", done_at__isnull=False)
        found = {each.member.id for each in rows.select_related("member")}
        trained = harbor.team("central-intake").members.filter(is_lead=True).values_list("membership_id", flat=True)
        assert found and found <= set(trained)
