"""Rules of every kind that break after their approval: no lead is lost, the rule is marked, and somebody is told."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import Team
from apps.accounts.notices import notices_of
from apps.flows.sweeps import sweep
from apps.leads.models import Lead, Task
from apps.policies import registry
from apps.policies.actions import find_problems, install
from apps.policies.models import RuleFault
from apps.policies.queries import live_document
from apps.sla.models import Escalation, SlaTimer
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import OpenBrowser, ask, page
from tests.rows.test_exceptions import NO_LOCATION

#: A test that no version of the product can compile, and one of a field that is gone.
UNREADABLE = {"field": "service", "op": "sounds_like", "value": "x"}
GONE = {"field": "shoe_size", "op": "is", "value": "45"}

#: What is broken in the document of each kind: where, by what, and what a fault says of it.
BROKEN: tuple[tuple[str, tuple[str | int, ...], Any, str], ...] = (
    ("routing", ("layers", 4, "rules", 0, "when"), UNREADABLE, "unknown_operator"),
    ("routing", ("layers", 4, "rules", 5, "when"), GONE, "unknown_field"),
    ("routing", ("triggers", 0, "on"), "moonrise", "unknown_trigger"),
    ("scoring", ("fit", "rules", 0, "when"), UNREADABLE, "unknown_operator"),
    ("scoring", ("intent", "rules", 0, "when"), GONE, "unknown_field"),
    ("criteria", ("sets", 0, "criteria", 0, "when"), UNREADABLE, "unknown_operator"),
    ("criteria", ("sets", 0, "criteria", 1, "when"), GONE, "unknown_field"),
    ("gates", ("gates", "qualified"), ["shoe_size"], "unknown_field"),
    ("gates", ("moves", 0, "to"), "nowhere", "unknown_stage"),
    ("duplicates", ("rules", 0, "keys"), ["shoe_size"], "bad_keys"),
    ("sla", ("policies", 0, "when"), UNREADABLE, "unknown_operator"),
    ("sla", ("policies", 1, "clocks"), [{"kind": "moon"}], "vague_kind"),
    ("sla", ("policies", 1, "ladder"), [{"after_seconds": 0, "do": "alert", "who": "gone-team"}], "unknown_team"),
    ("ownership", ("stages", 0, "team"), "gone-team", "unknown_team"),
    ("exceptions", ("types", 0, "queue"), "gone-queue", "unknown_queue"),
)
KINDS = tuple(dict.fromkeys(kind for kind, *_rest in BROKEN))


def broken(document: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a copy of a document with all that this test breaks in its kind."""
    found = copy.deepcopy(document)
    for name, path, value, _code in BROKEN:
        if name == kind:
            here: Any = found
            for part in path[:-1]:
                here = here[part]
            here[path[-1]] = value
    return found


def swept(tenant: Tenant) -> list[RuleFault]:
    """Let the minute's sweep run; return what is broken now."""
    with tenant.scope():
        sweep(tenant.organization_id, database_now())
        return list(RuleFault.rows().filter(mended_at=None).select_related("version__rule_set"))


def cared_for(tenant: Tenant, lead: Lead) -> None:
    """Check that a lead lies with people who work, and has a dated task and a clock."""
    with tenant.scope():
        assert lead.queue.is_active and Team.rows().get(id=lead.owner_team_id).is_active
        assert Task.rows().filter(lead=lead, state="open", due_at__isnull=False).exists()
        assert SlaTimer.rows().filter(lead=lead, kind="first_contact", cancelled_at=None).exists(), lead.queue


@pytest.mark.row("EX-14")
def test_what_breaks_in_rules_of_any_kind_costs_no_lead_is_marked_and_told(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    # Nothing of it can be approved.
    with harbor.scope():
        good = {kind: copy.deepcopy(live_document(kind, database_now())) for kind in KINDS}
        for kind in KINDS:
            refusing = [each for each in find_problems(kind, broken(good[kind], kind)) if each.severity != "warning"]
            assert {code for name, _, _, code in BROKEN if name == kind} <= {each.code for each in refusing}, kind
            with pytest.raises(Invalid):
                install(kind=kind, document=broken(good[kind], kind), actor=harbor.system, now=database_now())
    assert swept(harbor) == []

    # It was approved once, and broke since; and the team of Oak Park is closed.
    with pytest.MonkeyPatch.context() as patch, harbor.scope():
        for kind in KINDS:
            patch.setitem(registry._checks, kind, lambda *_: [])
            install(kind=kind, document=broken(good[kind], kind), actor=harbor.system, now=database_now())
        Team.rows().filter(key="oak-calls").update(is_active=False)
    faults = {(each.version.rule_set.kind, each.code) for each in swept(harbor)}
    assert {(kind, code) for kind, _, _, code in BROKEN} <= faults
    with harbor.scope():
        told = [each.sentence for each in notices_of(harbor.actor("cleo"))]
    assert {each.sentence for each in told_faults(harbor)} <= {each.partition(": ")[2] for each in told}

    # Leads of every way come and are cared for: the usual clocks stand in, and the way goes past the closed team.
    calm = make_lead(harbor)
    oak = make_lead(harbor, request__service="orthopedics", request__location="oak-park")
    nowhere = make_lead(harbor, **NO_LOCATION)
    for each in (calm, oak, nowhere):
        cared_for(harbor, each)
    assert (nowhere.queue.key, nowhere.exception) == ("general-intake", "location_missing")
    with harbor.scope():
        usual = SlaTimer.rows().get(lead=nowhere, kind="first_contact")
    assert (usual.policy_id, usual.limit_seconds) == ("S-2", 1800)

    # The visit can be booked though its team is gone, and who stands in for a closed team hears the alert.
    at = TUESDAY_NINE + timedelta(minutes=4)
    owner = client_as(calm.owner.user.email.partition("@")[0])
    call = {"kind": "call", "outcome": "connected", "next_action_at": (at + timedelta(days=1)).isoformat()}
    assert ask(owner, "POST", f"/leads/{calm.id}/activities", call, at=at).status_code == 201
    visit = {"starts_at": "2026-12-03T16:00:00Z", "minutes": 30, "location": "elm-st", "confirmed_by": "by phone"}
    booked = ask(owner, "POST", f"/leads/{calm.id}/appointments", visit, at=at)
    assert booked.status_code == 201, booked.content
    kept = reload(harbor, calm.id)
    assert (kept.stage.key, kept.owner_team.key) == ("scheduled", "elm-calls")
    assert "which is closed: Elm Calls keeps the lead." in page(owner, f"/leads/{calm.id}/", at=at)
    harbor.drain(TUESDAY_NINE + timedelta(minutes=31))
    with harbor.scope():
        alert = Escalation.rows().get(timer=usual, who="gone-team", done_at__isnull=False)
        assert alert.member_id == harbor.member("ewa").id, alert.result

    # What works again is mended.
    with harbor.scope():
        Team.rows().filter(key="oak-calls").update(is_active=True)
        for kind in KINDS:
            install(kind=kind, document=good[kind], actor=harbor.system, now=database_now())
    assert swept(harbor) == []


def told_faults(tenant: Tenant) -> list[RuleFault]:
    """Return the faults that are open, as they were found."""
    with tenant.scope():
        return list(RuleFault.rows().filter(mended_at=None))
