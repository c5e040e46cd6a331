"""The first completed visit of a person: once, whatever comes later, and the only source of when care started."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from apps.appointments.conversions import recount
from apps.appointments.models import Appointment, CompletedVisit
from apps.appointments.terms import AppointmentState
from apps.audit.models import AuditEntry
from apps.flows.merging import merge_people, unmerge_people
from apps.flows.visits import change_visit
from apps.leads.models import Lead
from apps.reporting.queries import Period, Wanted, funnel_tallies
from apps.reporting.terms import Segment, Step
from tests.cast import Tenant
from tests.leads_made import consent, make_lead, reload
from tests.rows.arranging import ask, chicago, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
CONTACT = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-01T14:00:00-06:00"}
VISIT = {"starts_at": "2026-12-03T11:00:00-06:00", "location": "elm-st", "confirmed_by": "patient"}
LATER = chicago("2026-12-08 10:00")
PHONE = "+13125550171"


def booked(tenant: Tenant, client_as: OpenBrowser, lead: Lead, *, day: str = "2026-12-03") -> UUID:
    """Let the lead's owner reach the person and book; return the visit."""
    owner = client_as(lead.owner.user.email.partition("@")[0])
    if not lead.attempts:
        assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONTACT, at=TEN).status_code == 201
    body = VISIT | {"starts_at": f"{day}T11:00:00-06:00"}
    answer = ask(owner, "POST", f"/leads/{lead.id}/appointments", body, at=TEN + timedelta(minutes=30))
    assert answer.status_code == 201, answer.content
    return UUID(answer.json()["id"])


def change(client: Client, lead: Lead, visit: UUID, state: str, at: datetime, **more: Any) -> Any:
    """Say by API how a visit went on."""
    answer = ask(client, "PATCH", f"/leads/{lead.id}/appointments/{visit}", {"state": state, **more}, at=at)
    assert answer.status_code == 200, answer.content
    return answer.json()


def conversions(tenant: Tenant) -> list[CompletedVisit]:
    with tenant.scope():
        return list(CompletedVisit.rows().filter(is_first=True).order_by("completed_at"))


@pytest.mark.row("AP-05")
@pytest.mark.row("AP-06")
def test_a_person_converts_once_however_often_they_move_and_come_again(harbor: Tenant, client_as: OpenBrowser) -> None:
    """Rescheduled twice, completed once, a second visit later: one conversion, on the report too."""
    lead, sam = make_lead(harbor, at=TEN), client_as("sam")
    first = booked(harbor, client_as, lead)
    for hour, day in ((1, 4), (2, 7)):
        to = f"2026-12-{day:02}T17:00:00Z"
        change(sam, lead, first, "rescheduled", TEN + timedelta(hours=hour), starts_at=to)
    assert ask(sam, "GET", f"/leads/{lead.id}", at=LATER).json()["care_started_on"] is None
    assert conversions(harbor) == []
    done = change(sam, lead, first, "completed_intake", LATER)
    assert [each["state"] for each in done["history"]].count("rescheduled") == 2
    again = VISIT | {"starts_at": "2026-12-14T11:00:00-06:00"}
    second = ask(sam, "POST", f"/leads/{lead.id}/appointments", again, at=LATER + timedelta(hours=1)).json()
    change(sam, lead, second["id"], "completed_intake", LATER + timedelta(days=6))
    (row,) = conversions(harbor)
    assert (row.appointment_id, row.lead_id, row.person_id) == (first, lead.id, lead.person_id)
    assert (row.completed_at, row.source_id, row.care_started_on) == (LATER, lead.source_id, date(2026, 12, 7))
    with harbor.scope():
        assert CompletedVisit.rows().count() == 2
        noted = AuditEntry.rows().get(action="lead.convert")
        assert (noted.object_id, noted.event_id) == (lead.id, row.event_id)
        wanted = Wanted(Period(date(2026, 12, 1), date(2026, 12, 31), "America/Chicago"))
        tallies = funnel_tallies(harbor.actor("sam"), wanted, Segment.SOURCE)
        assert [(each.furthest, each.count) for each in tallies] == [(Step.COMPLETED, 1)]
    at = LATER + timedelta(days=7)
    assert ask(sam, "GET", f"/leads/{lead.id}", at=at).json()["care_started_on"] == "2026-12-07"
    shown = page(sam, f"/leads/{lead.id}/", at=at)
    assert "Care started" in shown and "7 Dec 2026" in shown
    assert "First completed visit: care started on 7 Dec 2026." in page(sam, f"/leads/{lead.id}/?all=1", at=at)


@pytest.mark.row("AP-06")
def test_nobody_writes_when_care_started(harbor: Tenant, client_as: OpenBrowser) -> None:
    """No door takes it, and the table refuses to change or lose what a completed visit said."""
    lead, sam = make_lead(harbor, at=TEN), client_as("sam")
    visit = booked(harbor, client_as, lead)
    told = {"care_started_on": "2026-11-01"}
    assert ask(sam, "PATCH", f"/leads/{lead.id}", told, at=LATER).status_code == 422
    patch = {"state": "completed_intake", **told}
    assert ask(sam, "PATCH", f"/leads/{lead.id}/appointments/{visit}", patch, at=LATER).status_code == 422
    assert 'name="care_started_on"' not in page(sam, f"/leads/{lead.id}/edit/", at=LATER)
    change(sam, lead, visit, "completed_intake", LATER)
    with harbor.scope():
        rows = CompletedVisit.rows()
        for broken in (lambda: rows.update(care_started_on=date(2026, 11, 1)), lambda: rows.update(lead_id=None)):
            with pytest.raises(DatabaseError), transaction.atomic():
                broken()
        assert rows.get().care_started_on == date(2026, 12, 3)


@pytest.mark.row("AP-05")
def test_two_leads_of_a_person_complete_at_once_and_one_converts(harbor: Tenant, client_as: OpenBrowser) -> None:
    first = make_lead(harbor, at=TEN, person__phone=PHONE)
    other = {"request__service": "bariatrics", "request__location": "oak-park"}
    second = make_lead(harbor, at=TEN + timedelta(minutes=3), person__phone=PHONE, **other)
    assert first.person_id == second.person_id
    with harbor.scope():
        visits = {each.id: booked_row(each) for each in (first, second)}
    barrier, failed = Barrier(2), list[BaseException]()

    def complete(lead_id: UUID) -> None:
        try:
            with harbor.scope():
                barrier.wait()
                change_visit(
                    actor=harbor.system,
                    lead_id=lead_id,
                    appointment_id=visits[lead_id],
                    state=AppointmentState.COMPLETED,
                    now=LATER,
                )
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=complete, args=(each,)) for each in visits]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    with harbor.scope():
        assert sorted(CompletedVisit.rows().values_list("is_first", flat=True)) == [False, True]
        later = CompletedVisit.rows().get(is_first=False)
        wanted = Wanted(Period(date(2026, 12, 1), date(2026, 12, 31), "America/Chicago"))
        tallies = funnel_tallies(harbor.system, wanted, Segment.SOURCE)
        assert sum(each.count for each in tallies if each.furthest is Step.COMPLETED) == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            CompletedVisit.rows().filter(id=later.id).update(is_first=True)


def booked_row(lead: Lead) -> UUID:
    """Put a visit on record as another system's booking left it."""
    row = Appointment(
        lead=lead,
        provider="Dr Kim",
        external_ref="S-1",
        starts_at=TEN + timedelta(days=2),
        ends_at=TEN + timedelta(days=2, hours=1),
        created_at=TEN,
        event_id=lead.id,
    )
    row.save(force_insert=True)
    return row.id


@pytest.mark.row("AP-05")
def test_people_who_become_one_keep_the_earlier_conversion_and_two_again_have_each_theirs(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    refused = [consent("call"), consent("text", "denied")]
    first = make_lead(harbor, at=TEN, person__first_name="Juana", consent=[consent("call"), consent("text")])
    second = make_lead(harbor, at=TEN + timedelta(minutes=5), person__first_name="J.", consent=refused)
    assert first.person_id != second.person_id
    with harbor.scope():
        for lead, at in ((second, LATER), (first, LATER + timedelta(hours=2))):
            change_visit(
                actor=harbor.system,
                lead_id=lead.id,
                appointment_id=booked_row(lead),
                state=AppointmentState.COMPLETED,
                now=at,
            )
    assert {row.person_id for row in conversions(harbor)} == {first.person_id, second.person_id}
    at = LATER + timedelta(days=1)
    with harbor.scope():
        merge = merge_people(
            actor=harbor.actor("ewa"),
            survivor_id=first.person_id,
            absorbed_id=second.person_id,
            picked=[],
            reason="Same voice",
            now=at,
        )
    (row,) = conversions(harbor)
    assert (row.lead_id, row.person_id) == (second.id, first.person_id)
    with harbor.scope():
        recount([first.person_id])
        unmerge_people(
            actor=harbor.actor("ewa"), person_id=first.person_id, merge_id=merge.id, now=at + timedelta(hours=1)
        )
    assert {row.lead_id: row.person_id for row in conversions(harbor)} == {
        each.id: reload(harbor, each.id).person_id for each in (first, second)
    }
