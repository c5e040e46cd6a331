"""The last wall: whatever code path is taken, the database refuses a stranger's change."""

import pytest
from django.db import DatabaseError, IntegrityError

from apps.consent.models import ConsentEvent
from apps.leads.guards import acting_as_system, acting_for
from apps.leads.models import Lead
from apps.ownership.models import Spell
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.leads_made import make_lead

COLUMNS = {"status": "closed", "outcome": "booked", "closure_reason": "duplicate", "owner_team_id": None}


@pytest.mark.row("TA-06")
@pytest.mark.parametrize("column", list(COLUMNS))
def test_locked_columns_refuse_a_change_in_nobodys_name(harbor: Tenant, column: str) -> None:
    lead = make_lead(harbor)
    with pytest.raises(DatabaseError, match="only the owning team"), harbor.scope():
        Lead.rows().filter(id=lead.id).update(**{column: COLUMNS[column]})


def test_another_team_cannot_change_the_status_and_the_owner_can(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    with harbor.scope():
        stranger = harbor.team("oak-calls").id
    with pytest.raises(DatabaseError, match="only the owning team"), harbor.scope(), acting_for([stranger]):
        Lead.rows().filter(id=lead.id).update(status="attempting")
    with harbor.scope(), acting_for([lead.owner_team_id]):
        Lead.rows().filter(id=lead.id).update(status="attempting")


def test_the_announcement_ends_with_its_block(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    with harbor.scope(), acting_as_system():
        Lead.rows().filter(id=lead.id).update(status="attempting")
    with pytest.raises(DatabaseError), harbor.scope():
        with acting_as_system():
            pass
        Lead.rows().filter(id=lead.id).update(status="new")


@pytest.mark.row("OW-06")
def test_a_second_primary_owner_is_refused(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    with pytest.raises(IntegrityError), harbor.scope():
        Spell(
            lead=lead, team=harbor.team("oak-calls"), started_at=database_now(), trigger="edit", actor_label="a script"
        ).save(force_insert=True)


@pytest.mark.row("CN-07")
def test_consent_is_not_widened_by_just_any_code(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    now = database_now()

    def event(value: str) -> ConsentEvent:
        return ConsentEvent(
            person_id=lead.person_id,
            channel="text",
            purpose="care_inquiry",
            value=value,
            recorded_at=now,
            captured_at=now,
            source="script",
            recorded_by="a script",
        )

    with pytest.raises(DatabaseError, match="widened only"), harbor.scope():
        event("granted").save(force_insert=True)
    with harbor.scope():
        event("withdrawn").save(force_insert=True)


@pytest.mark.row("CN-09")
def test_consent_lines_are_append_only(harbor: Tenant) -> None:
    make_lead(harbor)
    with pytest.raises(DatabaseError), harbor.scope():
        ConsentEvent.rows().update(value="granted")
    with pytest.raises(DatabaseError), harbor.scope():
        ConsentEvent.rows().all().delete()
