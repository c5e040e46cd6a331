"""Transactions of imports: a file comes, is planned, checked row by row, confirmed, and taken in by parts.

Nothing reaches capture before `confirm`. Checking and taking in go on in parts, one wake-up each, so that a file of
50,000 rows holds no transaction long and goes on after every crash; a row is taken in once, under its own key.
"""

import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError as ShapeError

from apps.accounts.assets import ownable_teams, require_asset_change, usual_owner
from apps.accounts.models import Team
from apps.accounts.terms import PartyKind, Permission
from apps.audit import ledger
from apps.capture.actions import Envelope, receive_many
from apps.capture.email_address import read_email
from apps.capture.mapping import names_in
from apps.capture.phone import read_phone
from apps.capture.queries import mapping_documents
from apps.capture.schema import LeadPost
from apps.catalog.models import Source
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import require_standing
from apps.imports import opt_outs
from apps.imports.decisions.check_ins import CheckIn, read_check_in
from apps.imports.decisions.rows import body, checked_in_cell, guessed, has_basis, plan_problems, points
from apps.imports.decisions.sheets import as_csv, read_sheet
from apps.imports.decisions.workbooks import is_workbook, read_workbook
from apps.imports.models import ImportRow, ImportRun
from apps.imports.terms import ImportKind, Plan, RowState, RunState, Sheet, SheetError
from apps.leads.models import ContactPoint
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal

CHECK, WORK, EXPIRE = "imports.check", "imports.work", "imports.expire"
CHECK_ROWS, WORK_ROWS = 1_000, 200
KEPT = timedelta(hours=24)
KNOWN = {"code": "known", "detail": "A known person."}
NO_POINT = "Neither a phone nor an e-mail that could work."
TWICE = {"code": "twice", "detail": "Twice in the file."}


def require(actor: Actor) -> None:
    """Refuse who may not bring files of people in: it takes the right to change settings and to see leads."""
    if not (actor.may(Permission.SETTINGS_WRITE) and actor.may(Permission.LEAD_VIEW_ALL)):
        raise Refused("Only marketing operations can import files. Ask them to do it.", action="import.open")


def open_run(
    *,
    actor: Actor,
    kind: ImportKind,
    file_name: str,
    raw: bytes,
    source: Source,
    now: datetime,
    sheet_name: str = "",
    owner: Team | None = None,
) -> ImportRun:
    """Keep a file sealed, with a guess at its columns. It is forgotten after a day unless it was confirmed.

    Of an Excel workbook the sheet is kept, as text; `sheet_name` says which. The list is the named team's, else that
    of who brings it. Refuses actors without the right, and files that are no readable sheet.
    """
    require(actor)
    if owner is not None and owner not in ownable_teams(actor):
        sentence = "A list that you bring is your own team's. Share it with the others."
        raise Invalid(sentence, (Problem("/owner", "not_your_team", sentence),))
    try:
        sheet = read_workbook(raw, sheet_name) if is_workbook(raw) else read_sheet(raw)
    except SheetError as error:
        raise Invalid(str(error), (Problem("/file", "unreadable", str(error)),)) from error
    if not len(sheet):
        raise Invalid("No rows.", (Problem("/file", "empty", "The file has a header and no rows."),))
    run = ImportRun(
        id=new_id(),
        kind=kind.value,
        file_name=file_name[:200],
        file_digest=hashlib.sha256(raw).hexdigest(),
        source=source,
        plan=asdict(guessed(sheet.header, kind, names_in(mapping_documents(source.key, now)))),
        state=RunState.OPEN,
        total=len(sheet),
        actor_id=actor.id,
        actor_label=actor.label[:200],
        made_at=now,
        owning_team=owner or usual_owner(actor),
    )
    run.file = seal(
        as_csv(sheet) if is_workbook(raw) else raw,
        organization_id=current_organization_id(),
        row_id=run.id,
        column="imports_importrun.file",
    )
    run.save(force_insert=True)
    outbox.enqueue(EXPIRE, run.id, due_at=now + KEPT)
    ledger.record(actor=actor, action="import.open", object_type="import_run", object_id=run.id)
    return run


def set_plan(*, actor: Actor, run_id: UUID, plan: Plan) -> ImportRun:
    """Say how the file is read, and have every row checked. Refuses plans with gaps, and runs that were confirmed."""
    require(actor)
    run = locked(actor, run_id, RunState.OPEN, RunState.CHECKED)
    sheet = sheet_of(run)
    found = plan_problems(plan, sheet.header, ImportKind(run.kind), database_now())
    problems = tuple(Problem(f"/{name}", "plan", sentence) for name, sentence in found)
    if problems:
        raise Invalid(problems[0].detail, problems)
    ImportRow.rows().filter(run=run).delete()
    run.plan, run.state, run.at_row = asdict(plan), RunState.CHECKING, 0
    run.save(update_fields=["plan", "state", "at_row"])
    outbox.enqueue(CHECK, run.id)
    ledger.record(actor=actor, action="import.plan", object_type="import_run", object_id=run.id)
    return run


@outbox.handler(CHECK)
def check_part(run_id: UUID, now: datetime) -> None:
    """Check the next part of the rows against form, consent basis, the file itself and the people known."""
    run = ImportRun.rows().select_for_update().select_related("source").filter(id=run_id).first()
    if run is None or run.state != RunState.CHECKING:
        return
    sheet, plan = sheet_of(run), plan_of(run)
    places = range(run.at_row, min(run.at_row + CHECK_ROWS, len(sheet)))
    refused = set(ImportRow.rows().filter(run=run, state=RowState.REFUSED).values_list("number", flat=True))
    earlier = (place for place in range(run.at_row) if place + 1 not in refused)
    before = {point for place in earlier for point in points(sheet, place, plan)}
    came = {place: check_in_of(sheet, place, plan, now) for place in places}
    bodies = {place: body_of_row(run, sheet, place, plan, came[place]) for place in places}
    known = _known_points(bodies)
    rows = []
    for place, found in bodies.items():
        problems = _problems(run, sheet, place, plan, found, came[place])
        own = points(sheet, place, plan)
        is_known = run.kind != ImportKind.OPT_OUTS and any(each in known for each in _values(found))
        state = RowState.REFUSED if problems else RowState.READY
        if not problems and (is_known or before & set(own)):
            state = RowState.DUPLICATE
            problems = [KNOWN if is_known else TWICE]
        if state is not RowState.REFUSED:
            before |= set(own)
        rows.append(ImportRow(id=new_id(), run=run, number=place + 1, state=state, problems=problems))
    ImportRow.objects.bulk_create(rows)
    run.at_row = places.stop
    if run.at_row >= len(sheet):
        run.state = RunState.CHECKED
    else:
        outbox.enqueue(CHECK, run.id)
    run.save(update_fields=["at_row", "state"])


def confirm(*, actor: Actor, run_id: UUID, takes_duplicates: bool, now: datetime) -> ImportRun:
    """Take the good rows in; duplicates only if asked: they join the people known. Once is enough.

    Refuses rows of an agency whose agreement is not in order: the file stays checked until it is (row PH-09).
    """
    require(actor)
    run = locked(actor, run_id, RunState.CHECKED)
    party = run.source.party
    if party is not None and party.kind == PartyKind.AGENCY:
        require_standing(UseKind.AGENCY, party.key, now=now)
    run.state, run.takes_duplicates, run.confirmed_at, run.at_row = RunState.RUNNING, takes_duplicates, now, 0
    run.save(update_fields=["state", "takes_duplicates", "confirmed_at", "at_row"])
    outbox.cancel(EXPIRE, run.id)
    outbox.enqueue(WORK, run.id)
    ledger.record(
        actor=actor,
        action="import.confirm",
        object_type="import_run",
        object_id=run.id,
        detail={"duplicates": takes_duplicates},
    )
    return run


@outbox.handler(WORK)
def work_part(run_id: UUID, now: datetime) -> None:
    """Hand the next part of the rows to capture, or withdraw who opted out; at the end forget the file."""
    run = ImportRun.rows().select_for_update().select_related("source").filter(id=run_id).first()
    if run is None or run.state != RunState.RUNNING:
        return
    wanted = [RowState.READY, RowState.DUPLICATE] if run.takes_duplicates else [RowState.READY]
    most = opt_outs.ROWS if run.kind == ImportKind.OPT_OUTS else WORK_ROWS
    rows = list(ImportRow.rows().filter(run=run, number__gt=run.at_row, state__in=wanted)[:most])
    if rows:
        sheet, plan = sheet_of(run), plan_of(run)
        actor = system_actor(current_organization_id(), f"import {run.file_name}", Door.WORKER)
        if run.kind == ImportKind.OPT_OUTS:
            bodies = {each.number: body_of_row(run, sheet, each.number - 1, plan, None) for each in rows}
            values = {number: _values(found) for number, found in bodies.items()}
            opt_outs.withdraw(rows, values, actor=actor, now=now)
        else:
            envelopes = [_envelope(run, sheet, plan, row.number, now) for row in rows]
            for row, receipt in zip(rows, receive_many(actor=actor, envelopes=envelopes, now=now), strict=True):
                row.state, row.submission_id = RowState.TAKEN, receipt.submission_id
            ImportRow.objects.bulk_update(rows, ["state", "submission"])
        run.at_row = rows[-1].number
        outbox.enqueue(WORK, run.id)
        run.save(update_fields=["at_row"])
        return
    ImportRow.rows().filter(run=run, state=RowState.DUPLICATE).update(state=RowState.LEFT)
    run.state, run.ended_at, run.file, run.at_row = RunState.DONE, now, None, run.total
    run.save(update_fields=["state", "ended_at", "file", "at_row"])


def discard(*, actor: Actor, run_id: UUID, now: datetime) -> ImportRun:
    """Forget a file that was not confirmed, with its rows."""
    require(actor)
    run = locked(actor, run_id, RunState.OPEN, RunState.CHECKING, RunState.CHECKED)
    _forget(run, now)
    outbox.cancel(EXPIRE, run.id)
    ledger.record(actor=actor, action="import.discard", object_type="import_run", object_id=run.id)
    return run


@outbox.handler(EXPIRE)
def expire(run_id: UUID, now: datetime) -> None:
    """Forget a file that nobody confirmed within a day."""
    run = ImportRun.rows().select_for_update().filter(id=run_id).first()
    if run is not None and run.state in (RunState.OPEN, RunState.CHECKING, RunState.CHECKED):
        _forget(run, now)


def locked(actor: Actor, run_id: UUID, *states: RunState) -> ImportRun:
    """Return a run to change, locked; a Conflict where it is past that. Refuses lists of other teams."""
    rows = ImportRun.rows().select_for_update(of=("self",)).select_related("source")
    run: ImportRun | None = rows.filter(id=run_id).first()
    if run is None:
        raise NotFound
    require_asset_change(actor, run, "change")
    if run.state not in states:
        raise Conflict(f"This import is {run.state} already.", code="import_state")
    return run


def sheet_of(run: ImportRun) -> Sheet:
    """Open the file of a run that was not yet forgotten."""
    if run.file is None:
        raise NotFound
    return read_sheet(
        unseal(
            bytes(run.file), organization_id=current_organization_id(), row_id=run.id, column="imports_importrun.file"
        )
    )


def plan_of(run: ImportRun) -> Plan:
    """Return how the run's file is read."""
    return Plan(**run.plan)


def _forget(run: ImportRun, now: datetime) -> None:
    ImportRow.rows().filter(run=run).delete()
    run.state, run.file, run.ended_at = RunState.DISCARDED, None, now
    run.save(update_fields=["state", "file", "ended_at"])


def check_in_of(sheet: Sheet, place: int, plan: Plan, now: datetime) -> CheckIn | None:
    """Return when a row's person came, by the tenant's clocks; None where the plan names no column for it."""
    cell = checked_in_cell(sheet, place, plan)
    tenant = current_organization()
    return None if cell is None else read_check_in(cell, zone=tenant.zone, region=tenant.region, now=now)


def body_of_row(run: ImportRun, sheet: Sheet, place: int, plan: Plan, came: CheckIn | None) -> dict[str, Any]:
    """Return a row as the inquiry that it would be."""
    own_id, at = f"import:{run.id}:{place + 1}", came.at if came else None
    return body(sheet, place, plan, kind=ImportKind(run.kind), source=run.source.key, own_id=own_id, checked_in_at=at)


def _problems(
    run: ImportRun, sheet: Sheet, place: int, plan: Plan, found: dict[str, Any], came: CheckIn | None
) -> list[dict[str, str]]:
    """Return why a row cannot be taken in, naming fields and never what stands in them."""
    if run.kind == ImportKind.OPT_OUTS:
        return [] if _values(found) else [{"code": "no_contact_point", "detail": NO_POINT}]
    if run.kind == ImportKind.CALLING_LIST and not has_basis(sheet, place, plan):
        return [{"code": "no_consent_basis", "detail": "No consent basis."}]
    if not _values(found) and not found.get("referral", {}).get("contact_phone"):
        return [{"code": "no_contact_point", "detail": NO_POINT}]
    if came is not None and came.at is None:
        return [{"code": came.code, "detail": came.detail}]
    try:
        LeadPost.model_validate(found)
    except ShapeError as error:
        return [
            {"code": str(each["type"]), "detail": f"{'.'.join(map(str, each['loc']))}: {each['msg']}"[:200]}
            for each in error.errors(include_input=False, include_context=False)[:5]
        ]
    return []


def _values(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the row's contact points as they are stored."""
    person = found.get("person", {})
    phone = read_phone(str(person.get("phone", "")), current_organization().region).e164 if person.get("phone") else ""
    mail = read_email(str(person["email"])).address if person.get("email") else ""
    return [(kind, value) for kind, value in (("phone", phone), ("email", mail)) if value]


def _known_points(bodies: dict[int, dict[str, Any]]) -> set[tuple[str, str]]:
    wanted = {each for found in bodies.values() for each in _values(found)}
    rows = ContactPoint.rows().filter(value__in=[value for _kind, value in wanted], person__is_test=False)
    return wanted & set(rows.values_list("kind", "value"))


def _envelope(run: ImportRun, sheet: Sheet, plan: Plan, number: int, now: datetime) -> Envelope:
    """Return a row as a delivery: it happened when its person came, or the event was, or the file came."""
    came = check_in_of(sheet, number - 1, plan, now)
    return Envelope(
        source=run.source,
        source_typed=run.source.key,
        payload=body_of_row(run, sheet, number - 1, plan, came),
        capture_method=run.kind,
        event_at=(came.at if came else None) or plan.happened_at or run.made_at,
        received_at=now,
        external_id=f"import:{run.id}:{number}",
        party_id=run.source.party_id,
    )
