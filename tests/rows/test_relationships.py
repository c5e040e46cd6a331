"""Rows of relationships: the group and each of its opportunities have owners of their own."""

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Notice
from apps.audit.models import AuditEntry
from apps.flows.leaving import move_team
from apps.flows.people import deactivate_member
from apps.flows.team_ties import ties_of
from apps.onboarding.demo.groups import make_demo_group
from apps.relationships.models import Opportunity, Relationship, RelationshipContact, RelationshipSpell
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE
from tests.rows.arranging import ask, page

AT = {minutes: TUESDAY_NINE + timedelta(minutes=minutes) for minutes in range(0, 120, 10)}
TERMS = {"terms": "Two MRI mornings a week", "next_steps": "Operations names the slots"}


def entered(client: Client, name: str) -> str:
    """Return the path of a relationship that was entered on its page."""
    form = {"name": name, "kind": "physician_group", "team": "partnerships"}
    with travelling(to=AT[0]):
        answer = client.post("/relationships/new/", form)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


@pytest.mark.row("OW-17")
@pytest.mark.row("OP-06")
def test_pia_owns_the_relationship_and_operations_the_opportunity(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    pia, ewa, omar, raj = (client_as(name) for name in ("pia", "ewa", "omar", "raj"))
    path = entered(pia, "North Ortho Group").rstrip("/")
    again = pia.post("/relationships/new/", {"name": "north ortho group", "kind": "employer", "team": "partnerships"})
    assert again.status_code == 422 and "on file already" in again.content.decode()

    # One group, two opportunities.
    deals = []
    for name in ("MRI mornings", "Physiotherapy"):
        made = ask(pia, "POST", f"{path}/opportunities", {"name": name, "reason": "Dr Kim asked"}, at=AT[0])
        assert made.status_code == 201, made.content.decode()
        assert (made.json()["owner"]["team"], made.json()["owner"]["person"]) == ("partnerships", "Pia Lund")
        deals.append(f"{path}/opportunities/{made.json()['id']}")
    deal, other = deals

    # Terms are approved by who leads the approving team, and by nobody else; not before they are there.
    assert ask(ewa, "POST", f"{deal}/approve", {}, at=AT[10]).json()["code"] == "not_proposed"
    assert ask(pia, "PATCH", deal, TERMS, at=AT[10]).json()["stage"] == "proposed"
    assert ask(pia, "POST", f"{deal}/approve", {}, at=AT[10]).json()["code"] == "not_the_approver"
    with travelling(to=AT[20]):
        assert ewa.post(f"{deal}/approve/").status_code == 303

    shown = ask(raj, "GET", path, at=AT[20]).json()
    assert (shown["owner"]["team"], shown["owner"]["person"]) == ("partnerships", "Pia Lund")
    assert [(each["owner"]["team"], each["stage"]) for each in shown["opportunities"]] == [
        ("operations", "approved"),
        ("partnerships", "open"),
    ]

    # Each changes what is theirs; the refusal says whose it is, since when and why, at every door.
    refused = ask(pia, "PATCH", deal, {"terms": "Three mornings"}, at=AT[30])
    said = refused.json()
    assert (refused.status_code, said["code"]) == (403, "locked_by_owner")
    for words in ("Operations", "since 1 Dec, 09:20", "terms and next steps were approved", "Ask to change"):
        assert words in said["detail"], words
    with travelling(to=AT[30]):
        form = pia.get(f"{deal}/terms/")
        posted = pia.post(f"{deal}/terms/", {"name": "x", "terms": "Three mornings", "next_steps": "y"})
    assert (form.status_code, posted.status_code) == (403, 403)
    assert "Operations" in form.content.decode() and f"{deal}/ask/" in form.content.decode()
    contact = {"name": "Ms Roe", "role": "schedules"}
    assert ask(omar, "POST", f"{path}/contacts", contact, at=AT[30]).json()["code"] == "locked_by_owner"
    assert ask(client_as("ada"), "PATCH", deal, {"terms": "Mine"}, at=AT[30]).status_code == 403
    with harbor.scope():
        row = Opportunity.rows().get(name="MRI mornings")
        attempts = AuditEntry.rows().filter(object_id=row.id, action="refused:opportunity.edit")
        assert row.terms == TERMS["terms"] and attempts.count() == 3

    # Pia asks; the owner hears of it and accepts: changed terms wait for approval again, and the owner stays.
    wish = {"opportunity": str(row.id), "field": "terms", "proposed": "Three mornings", "reason": "They grew"}
    asked = ask(pia, "POST", f"{path}/change-requests", wish, at=AT[40])
    assert asked.status_code == 201 and asked.json()["due_at"] == "2026-12-01T16:10:00Z"
    assert ask(omar, "POST", f"{path}/change-requests", wish, at=AT[40]).json()["code"] == "own_field"
    with harbor.scope():
        assert Notice.rows().filter(kind="relationship_request", member=harbor.member("ada")).count() == 1
    answer = f"{path}/change-requests/{asked.json()['id']}/answer"
    assert ask(pia, "POST", answer, {"accept": True}, at=AT[50]).status_code == 403
    assert "Three mornings" in page(omar, f"{path}/", at=AT[50])
    assert ask(omar, "POST", answer, {"accept": True}, at=AT[50]).json()["state"] == "accepted"
    with harbor.scope():
        row.refresh_from_db()
        assert (row.terms, row.stage, row.owner_team.key) == ("Three mornings", "proposed", "operations")

        # One owner at any time, by constraint; every spell has its trigger, and every change its line in the ledger.
        spells = list(RelationshipSpell.rows().filter(opportunity=row).select_related("team"))
        assert [(each.team.key, each.trigger, each.policy) for each in spells] == [
            ("partnerships", "opened", ""),
            ("operations", "event:terms_approved", "P-4"),
        ]
        assert spells[0].ended_at == spells[1].started_at == AT[20]
        assert AuditEntry.rows().filter(object_id=row.id, action="opportunity.assign").count() == 1
        with pytest.raises(IntegrityError, match="one_owner_of_opportunity|deal_spells"), transaction.atomic():
            RelationshipSpell.objects.create(**_copied(spells[1], started_at=AT[60]))
        with pytest.raises(IntegrityError, match="deal_spells_do_not_overlap"), transaction.atomic():
            RelationshipSpell.objects.create(**_copied(spells[0], started_at=AT[10], ended_at=AT[20]))

        # Pia leaves: what she owned stays with her team, without a gap.
        deactivate_member(actor=harbor.system, membership_id=harbor.member("pia").id, now=AT[60])
        group = Relationship.rows().get()
        assert (group.owner_team.key, group.owner_id, group.owner_since) == ("partnerships", None, AT[60])
        assert Opportunity.rows().get(name="Physiotherapy").owner_id is None
        assert RelationshipSpell.rows().filter(ended_at__isnull=True).count() == 3

        # Partnerships leave: the group and the opportunity that they own go to who inherits, and nothing else.
        assert {"relationships", "opportunities"} <= {each.code for each in ties_of(group.owner_team, AT[70])}
        move_team(actor=harbor.system, from_key="partnerships", to_key="recruiting", reason="They merge", now=AT[70])
    harbor.drain(AT[70])
    with harbor.scope():
        owners = dict(Opportunity.rows().values_list("name", "owner_team__key"))
        assert owners == {"MRI mornings": "operations", "Physiotherapy": "recruiting"}
        assert Relationship.rows().get().owner_team.key == "recruiting"
        assert RelationshipSpell.rows().filter(trigger="team_leaves", ended_at__isnull=True).count() == 2
    assert other in page(raj, f"{path}/", at=AT[70])


def _copied(spell: RelationshipSpell, **changes: Any) -> dict[str, Any]:
    names = (
        "relationship",
        "opportunity",
        "team",
        "started_at",
        "ended_at",
        "trigger",
        "reason",
        "actor_label",
        "event_id",
    )
    return {name: getattr(spell, name) for name in names} | changes


def test_a_list_of_three_groups_asks_as_often_as_one_of_one(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    pia, counts = client_as("pia"), []
    for names in (["One"], ["Two", "Three"]):
        for name in names:
            path = entered(pia, name).rstrip("/")
            body = {"name": "Dr Kim", "role": "decides", "phone": "312 555 0171"}
            assert ask(pia, "POST", f"{path}/contacts", body, at=AT[0]).status_code == 201
            made = {"name": f"With {name}", "reason": "Asked"}
            assert ask(pia, "POST", f"{path}/opportunities", made, at=AT[0]).status_code == 201
        for address in ("/relationships/", "/api/v1/relationships"):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                shown = pia.get(address)
            assert shown.status_code == 200 and names[-1] in html.unescape(shown.content.decode())
            counts.append(len(asked))
    assert counts[:2] == counts[2:], counts


def test_the_demo_has_a_group_once(harbor: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    with harbor.scope():
        assert not make_demo_group(AT[0]), "nobody of this tenant has the demo's address"
        member = harbor.member("pia")
        # Sign-ins are of the whole installation: another test may have made the demo's own.
        monkeypatch.setattr("apps.onboarding.demo.groups.PIA", member.user.email)
        assert make_demo_group(AT[0]) and not make_demo_group(AT[10])
        group = Relationship.rows().get()
        assert (group.party.name, group.owner_team.key) == ("North Ortho Group", "partnerships")
        assert Opportunity.rows().get().stage == "proposed"


@pytest.mark.row("OP-08")
def test_a_contact_is_corrected_and_ended_and_what_stood_there_is_kept(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    pia, omar = client_as("pia"), client_as("omar")
    path = entered(pia, "North Ortho Group").rstrip("/")
    kim = {"name": "Dr Kim", "role": "decides", "phone": "312 555 0171"}
    roe = {"name": "Ms Roe", "role": "schedules"}
    for body in (kim, roe):
        made = ask(pia, "POST", f"{path}/contacts", body, at=AT[0]).json()
    first, second = (f"{path}/contacts/{each['id']}" for each in made["contacts"])

    # Ms Roe decides from now on, and Dr Kim informs; a number that cannot be read changes nothing.
    decides = roe | {"role": "decides", "email": "ROE@north.example"}
    assert ask(pia, "PUT", second, decides | {"phone": "12"}, at=AT[10]).status_code == 422
    assert ask(omar, "PUT", second, decides, at=AT[10]).json()["code"] == "locked_by_owner"
    assert ask(omar, "POST", f"{second}/end", {}, at=AT[10]).status_code == 403
    found = ask(pia, "PUT", second, decides, at=AT[10]).json()["contacts"]
    roles = {each["name"]: (each["role"], each["email"]) for each in found}
    assert roles == {"Dr Kim": ("informs", ""), "Ms Roe": ("decides", "roe@north.example")}

    # By page: the form holds what is on file; the same again writes nothing.
    with travelling(to=AT[20]):
        assert 'value="Dr Kim"' in pia.get(f"{first}/").content.decode()
        assert omar.get(f"{first}/").status_code == 403 == omar.post(f"{first}/", kim).status_code
        assert pia.post(f"{first}/", kim | {"name": ""}).status_code == 422
        for _ in range(2):
            assert pia.post(f"{first}/", {**kim, "role": "informs", "title": "Chief"}).status_code == 303
        assert pia.post(f"{first}/end/").status_code == 303
        assert pia.get(f"{first}/").status_code == 404 == pia.post(f"{first}/end/").status_code
        shown = pia.get(f"{path}/").content.decode()
    assert "Earlier contacts" in shown and shown.index("Ms Roe") < shown.index("Dr Kim, Chief")
    with harbor.scope():
        kept = RelationshipContact.rows().filter(ended_at__isnull=False).order_by("ended_at", "added_at", "title")
        rows = list(kept.values_list("name", "role", "title", "added_at", "ended_at"))
        acts = AuditEntry.rows().filter(action__in=("relationship.change_contact", "relationship.end_contact"))
        assert acts.count() == 3
    assert rows == [
        ("Ms Roe", "schedules", "", AT[0], AT[10]),
        ("Dr Kim", "informs", "", AT[0], AT[20]),
        ("Dr Kim", "informs", "Chief", AT[20], AT[20]),
    ]
