"""Forms and calling lists as their page and the API show them: whose they are, and what came through them (TA-12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.accounts.asset_models import CaptureAsset
from apps.accounts.assets import (
    may_change_asset,
    may_share_asset,
    owner_of,
    require_asset_view,
    share_asset,
    teams_of,
    visible_assets,
)
from apps.accounts.profiles import is_marketing_view
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.actions import payload_of
from apps.capture.models import Form, Submission
from apps.flows.masking import PERSONAL, masked_leads
from apps.flows.packages import narrowed
from apps.imports.models import ImportRow, ImportRun
from apps.leads.models import Lead
from apps.ownership.queries import visible_leads
from apps.partners.terms import Result
from apps.partners.wording import result_in
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound
from apps.workspace.words import shows_contact

KINDS: Mapping[str, type[CaptureAsset]] = {"form": Form, "list": ImportRun}
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A form or a calling list; `came` counts its submissions, `may_share` says who changes the access."""

    kind: str
    id: UUID
    title: str
    owner: str
    shared_with: tuple[str, ...]
    came: int
    may_change: bool
    may_share: bool


@dataclass(frozen=True, slots=True)
class CameThrough:
    """One submission: when, who (empty for roles that see no contact data), what became of it, and its lead.

    `lead_id` is set where the reader may open the lead.
    """

    id: UUID
    received_at: datetime
    name: str
    contact: str
    result: Result
    lead_id: UUID | None
    ref: str
    team: str


def assets_of(actor: Actor) -> list[AssetRow]:
    """Return the forms and lists that an actor may look at, forms first; at most 100 of each."""
    _require_colleague(actor)
    seen = visible_assets(actor)
    forms = list(Form.rows().filter(seen).order_by("title", "id")[:MOST_LISTED])
    lists = list(ImportRun.rows().filter(seen).defer("file")[:MOST_LISTED])
    came = Submission.rows().filter(form_version__form__in=forms, is_rehearsal=False).order_by()
    counts = dict(came.values_list("form_version__form_id").annotate(n=Count("id")))
    rows = ImportRow.rows().filter(run__in=lists, submission__isnull=False).order_by()
    counts |= dict(rows.values_list("run_id").annotate(n=Count("id")))
    return [_row(actor, each, counts.get(each.id, 0)) for each in (*forms, *lists)]


def asset_for(actor: Actor, kind: str, asset_id: UUID, *, lock: bool = False) -> CaptureAsset:
    """Return a form or list that an actor may look at; refuses others of the tenant with whose they are."""
    row = known_asset(actor, kind, asset_id, lock=lock)
    require_asset_view(actor, row)
    return row


def known_asset(actor: Actor, kind: str, asset_id: UUID, *, lock: bool = False) -> CaptureAsset:
    """Return a form or list of the tenant for colleagues who act on whose it is, whether or not they may look at it."""
    _require_colleague(actor)
    model = KINDS.get(kind)
    rows = model.rows().filter(id=asset_id) if model else None
    if rows is not None and lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    row = rows.first() if rows is not None else None
    if row is None:
        raise NotFound
    return row


def kind_of(row: CaptureAsset) -> str:
    """Return what addresses call the kind of an asset."""
    return "form" if isinstance(row, Form) else "list"


def asset_row(actor: Actor, row: CaptureAsset) -> AssetRow:
    """Return one form or list as it is listed."""
    return _row(actor, row, submissions_of(row).count())


def give_access(*, actor: Actor, kind: str, asset_id: UUID, owner_key: str, team_keys: Sequence[str]) -> CaptureAsset:
    """Say which team owns a form or list and which teams look at it (`accounts.assets.share_asset`)."""
    row = asset_for(actor, kind, asset_id, lock=True)
    share_asset(actor=actor, row=row, owner_key=owner_key, team_keys=team_keys)
    return row


def submissions_of(row: CaptureAsset) -> QuerySet[Submission]:
    """Return what came through a form or a list, rehearsals left out."""
    rows = Submission.rows().filter(is_rehearsal=False)
    if isinstance(row, Form):
        return rows.filter(form_version__form=row)
    return rows.filter(id__in=ImportRow.rows().filter(run_id=row.id).values("submission_id"))


def came_through(actor: Actor, rows: Sequence[Submission]) -> list[CameThrough]:
    """Return submissions as a reader sees them; that they were read is noted."""
    ids = [each.lead_id for each in rows if each.lead_id is not None]
    leads = {each.id: each for each in Lead.rows().filter(id__in=ids).select_related("owner_team")}
    opens = set(visible_leads(actor).filter(id__in=ids).values_list("id", flat=True))
    if rows:
        fields = ["name", "contact"] if shows_contact(actor) else []
        ledger.record_read(actor=actor, what="submission", object_ids=[each.id for each in rows], fields=fields)
    plain = set(ids) - masked_leads(actor, ids) if is_marketing_view(actor) else None
    return [
        _came(
            actor if plain is None or each.lead_id in plain else narrowed(actor, PERSONAL),
            each,
            leads.get(each.lead_id) if each.lead_id else None,
            opens,
        )
        for each in rows
    ]


def _require_colleague(actor: Actor) -> None:
    if actor.is_agency or not actor.may(Permission.LEAD_VIEW):
        raise NotFound


def _row(actor: Actor, row: CaptureAsset, came: int) -> AssetRow:
    return AssetRow(
        kind=kind_of(row),
        id=row.id,
        title=str(row),
        owner=owner_of(row),
        shared_with=tuple(teams_of(row)),
        came=came,
        may_change=may_change_asset(actor, row),
        may_share=may_share_asset(actor, row),
    )


def _came(actor: Actor, row: Submission, lead: Lead | None, opens: set[UUID]) -> CameThrough:
    body: dict[str, Any] = payload_of(row) if shows_contact(actor) else {}
    person = body.get("on_behalf_of") or body.get("person") or {}
    name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
    is_open = lead is not None and lead.id in opens
    return CameThrough(
        id=row.id,
        received_at=row.received_at,
        name=name,
        contact=person.get("phone") or person.get("email") or "",
        result=result_in(row),
        lead_id=lead.id if lead is not None and is_open else None,
        ref=lead.ref if lead is not None and is_open else "",
        team=lead.owner_team.name if lead is not None and lead.owner_team else "",
    )
