"""The ownership matrix cell by cell: page, API and admin say the same, and what is forced changes nothing.

Every cell is judged and held against the matrix that the admin shows. By force it is tried once for each answer of the
decision at each kind of stage that it tells apart: whose the lead becomes there, whether outreach began, whether it is
open. That nobody gets past a lock by any path is matrix S3's (tests/matrix/test_field_lock.py).

The cells are the matrix of the tenant itself: every stage of the patient pipeline, every team that has
somebody who looks at leads, every group of fields. A cell added to the tenant's file is played without a change here.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from apps.accounts.models import Membership, Team, TeamMembership
from apps.accounts.terms import Permission
from apps.consent.models import ConsentEvent
from apps.flows.admin.ownership_matrix import GROUPS
from apps.flows.closing import close_lead
from apps.flows.stages import follow_stage
from apps.leads.actions import enter_stage, save_lead
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, Stage, TimelineEntry
from apps.ownership.decisions import next_owner
from apps.ownership.models import Spell
from apps.ownership.queries import verdicts
from apps.policies.queries import live_document
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.doors import ask, sign_in
from tests.leads_made import TUESDAY_NINE, make_lead, reload

SOON = TUESDAY_NINE + timedelta(minutes=10)
BEFORE_OUTREACH = ("new", "mql", "routed")


@dataclass(frozen=True)
class Doors:
    """How one group of fields is sent: the field as each door names it, the addresses and what is sent."""

    page_field: str
    page: tuple[str, dict[str, str]]
    api_field: str
    api: tuple[str, str, dict[str, str]]
    admin: tuple[str, dict[str, str]] | None


def doors_of(field: str) -> Doors:
    """Return the doors through which a group of the matrix is changed; a new group has to be named here."""
    edit = {"preferred_channel": "email"}
    return {
        "stage": Doors(
            "stage",
            ("move", {"stage": "nurture", "reason": "Forced: the service is wanted later."}),
            "stage",
            ("POST", "/stage", {"to": "nurture", "reason": "Forced: the service is wanted later."}),
            ("stage", {"stage": str(uuid4())}),
        ),
        "queue": Doors(
            "owner_team",
            ("transfer", {"team": "tele-sales", "reason": "Forced."}),
            "owner_team",
            ("POST", "/transfers", {"team": "tele-sales", "reason": "Forced."}),
            ("queue", {"queue": str(uuid4())}),
        ),
        "payer": Doors(
            "payer",
            ("edit", {"payer": "Forced"}),
            "payer",
            ("PATCH", "", {"payer": "Forced"}),
            ("payer", {"payer": "Forced"}),
        ),
        "preferred_channel": Doors(
            "preferred_channel",
            ("edit", edit),
            "preferred_channel",
            ("PATCH", "", edit),
            ("preferred_channel", edit),
        ),
        "consent": Doors(
            "consent",
            ("allow", {"channel": "text", "evidence_kind": "verbal", "reason": "Forced."}),
            "consent",
            ("POST", "/consents", {"channel": "text", "state": "granted", "evidence_kind": "verbal"}),
            None,
        ),
        "notes": Doors("notes", ("note", {"text": "Forced."}), "notes", ("POST", "/notes", {"text": "Forced."}), None),
    }[field]


def placed(tenant, stage):
    """Return a lead that stands in a stage with the owner that the matrix gives it."""
    lead = make_lead(tenant)
    with travelling(to=SOON), tenant.scope():
        if stage.key == "closed":
            owner = tenant.actor(lead.owner.user.email.partition("@")[0])
            close_lead(
                actor=owner, lead_id=lead.id, reason="out_of_area", note="Twice.", outcome="not_qualified", now=SOON
            )
        elif stage.key != lead.stage.key:
            enter_stage(lead, stage.key, event="arranged", actor=tenant.system, now=SOON)
            lead.outreach_started_at = None if stage.key in BEFORE_OUTREACH else SOON - timedelta(hours=20)
            with acting_as_system():
                save_lead(lead, ["stage", "stage_since", "outreach_started_at"])
                follow_stage(lead, actor=tenant.system, event_id=new_id(), now=SOON)
    return reload(tenant, lead.id)


def colleagues(tenant) -> Iterator[tuple[Team, Membership, bool]]:
    """Yield each team with one person who may look at leads, and whether this is their only team."""
    places = TeamMembership.rows().filter(membership__party__isnull=True, membership__is_active=True)
    places = list(places.select_related("membership__user", "membership__role").order_by("membership__user__email"))
    teams_of = Counter(row.membership_id for row in places)
    for team in Team.rows().filter(is_active=True).order_by("key"):
        found = [row.membership for row in places if row.team_id == team.id]
        seeing = [each for each in found if Permission.LEAD_VIEW in each.role.permissions]
        if seeing:
            person = min(seeing, key=lambda each: teams_of[each.id])
            yield team, person, teams_of[person.id] == 1


def record_of(tenant, lead):
    """Return everything that a forced change could have touched."""
    with tenant.scope():
        return (
            Lead.rows().filter(id=lead.id).values().get(),
            ConsentEvent.rows().filter(person_id=lead.person_id).count(),
            list(Spell.rows().filter(lead=lead).order_by("id").values()),
            TimelineEntry.rows().filter(lead=lead).count(),
        )


def text_of(answer):
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def verdicts_of(tenant, person, lead, fields):
    """Return the one decision on each field, as the product asks it for this person."""
    with tenant.scope():
        actor = tenant.actor(person.user.email.partition("@")[0])
        said = verdicts(actor, lead, tuple(fields), now=SOON)
        return [said[field] for field in fields]


def force_by_api(tenant, browser, lead, person, doors):
    """Send the change by API; the refusal must be the decision's."""
    (verdict,) = verdicts_of(tenant, person, lead, [doors.api_field])
    method, path, body = doors.api
    answer = ask(browser, method, f"/leads/{lead.id}{path}", body)
    said = answer.json()
    assert (answer.status_code, said["code"], said["detail"]) == (403, str(verdict.code), verdict.sentence), said


def force_by_pages(tenant, browser, lead, person, doors):
    """Send the change by the lead's form and, where the person may open it, by the admin."""
    act, filled = doors.page
    asked = ("preferred_channel", doors.page_field) if act == "edit" else (doors.page_field,)
    # A form of several fields is shut by the first that is locked.
    verdict = next(each for each in verdicts_of(tenant, person, lead, asked) if not each.allowed)
    sent = {**filled, "version": lead.version, "idempotency_key": str(uuid4())}
    answer = browser.post(f"/leads/{lead.id}/{act}/", sent)
    assert answer.status_code == 403 and verdict.sentence in text_of(answer), (act, answer.status_code, verdict)
    if doors.admin and Permission.ADMIN_USE in person.role.permissions:
        field, sent = doors.admin
        (verdict,) = verdicts_of(tenant, person, lead, [field])
        answer = browser.post(f"/admin/leads/lead/{lead.id}/change/", sent)
        assert answer.status_code == 403 and verdict.sentence in text_of(answer), (field, verdict.sentence)


def kept_cells(tenant, browser, lead, person, fields, forced, kind):
    """Return which of a person's cells are locked; an answer that is new here is forced, and nothing changes."""
    asked = [doors_of(field).api_field for field in fields]
    answers = dict(zip(fields, verdicts_of(tenant, person, lead, asked), strict=True))
    fresh = {(kind, field, each.code): field for field, each in answers.items() if not each.allowed}
    fresh = {answer: field for answer, field in fresh.items() if answer not in forced}
    if fresh:
        forced.update(fresh)
        before = record_of(tenant, lead)
        for field in fresh.values():
            force_by_api(tenant, browser, lead, person, doors_of(field))
            force_by_pages(tenant, browser, lead, person, doors_of(field))
        assert record_of(tenant, lead) == before, "a refused request changed something"
    return [not each.allowed for each in answers.values()], (kind, "stage", answers["stage"].code) in fresh


def is_lock_spoken(browser, lead):
    """Check the locked stage on the lead page: its accessible name and its way to ask, in at most three clicks."""
    page = text_of(browser.get(f"/leads/{lead.id}/"))
    named = re.search(r'class="locked" tabindex="0" role="group" aria-label="(Stage: [^>]*)" data-code="([^"]+)"', page)
    assert named, "the locked stage has no accessible name"
    name, code = named[1], named[2]
    if code == "no_permission":
        return False
    assert lead.owner_team.name in name and " since " in name and " because " in name, name
    assert "Use “Ask to change”, or ask for a transfer." in name
    if lead.closed_at is None:
        # One click opens the form with the field chosen, one sends it.
        link = re.search(rf'href="(/leads/{lead.id}/ask/\?field=stage)"', page)
        assert link, "there is no way to ask"
        form = text_of(browser.get(link[1]))
        assert '<option value="stage" selected>' in form
    return True


def kind_of(stage, document):
    """Return what the decision knows of a stage: whose it becomes, whether outreach began, whether it is open."""
    handover = next_owner(stage.key, document)
    return handover and handover.team_key, stage.key in BEFORE_OUTREACH, stage.is_open


def in_matrix(browser, team, person):
    """Return stage by stage which groups the admin's matrix says somebody of this team and role may change."""
    answer = browser.get("/admin/try/ownership-matrix/", {"team": team.key, "role": person.role.key})
    assert answer.status_code == 200
    return {
        place.stage.key: [each.allowed for each in place.verdicts]
        for place in answer.context_data["places"]
        if place.stage.pipeline.key == "patient"
    }


@pytest.mark.ux(8)
def test_every_cell_says_the_same_at_every_door(harbor, client_as):
    groups = [field for _, field in GROUPS]
    with harbor.scope():
        stages = list(Stage.rows().filter(pipeline__key="patient").order_by("position"))
        people, document = list(colleagues(harbor)), live_document("ownership", SOON)
    locked = spoken = played = 0
    forced = set()
    with travelling(to=SOON):
        dev = client_as("dev")
        matrices = {person.id: in_matrix(dev, team, person) for team, person, _ in people}
        browsers = {person.id: sign_in(person.user) for _, person, _ in people}
        for stage in stages:
            lead, kind = placed(harbor, stage), kind_of(stage, document)
            assert lead.stage.key == stage.key
            for team, person, is_only in people:
                browser = browsers[person.id]
                kept, is_new = kept_cells(harbor, browser, lead, person, groups, forced, kind)
                if kind[0] and is_only:
                    assert [not each for each in kept] == matrices[person.id][stage.key], (stage.key, team.key)
                played += len(kept)
                locked += sum(kept)
                hears = kept[0] and (kind, "spoken") not in forced
                if (is_new or hears) and browser.get(f"/leads/{lead.id}/").status_code == 200:
                    is_spoken = is_lock_spoken(browser, lead)
                    spoken += is_spoken
                    forced.update([(kind, "spoken")] if is_spoken else [])
    assert played == len(stages) * len(people) * len(groups) > 500
    kinds = {answer[0] for answer in forced}
    assert locked > played / 2 and spoken >= len(kinds) > 3
    assert len([answer for answer in forced if len(answer) == 3]) > 2 * len(groups)
