"""What every page of reporting asks first, and how figures leave as a file."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.reporting.terms import SMALL_CELL
from apps.reporting.web.grids import Grid, Pen
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound, Refused
from apps.tenancy.organizations import current_organization
from leadcrm.http.csv_file import csv_text
from leadcrm.http.scoping import ActorRequest

BOARD_RIGHTS = (Permission.REPORT_READ, Permission.LEAD_VIEW_ALL)
REPORT_RIGHTS = (Permission.REPORT_READ,)


def require(actor: Actor, rights: Sequence[str], what: str) -> None:
    """Raise NotFound for who has no business with leads, Refused with a sentence for a colleague."""
    if actor.is_agency or not (actor.may(Permission.LEAD_VIEW) or any(actor.may(right) for right in rights)):
        raise NotFound
    if not any(actor.may(right) for right in rights):
        sentence = _("Your role reads no figures of other teams. Ask your team's lead for them.")
        raise Refused(sentence, action=f"{what}.view", object_type="report")


def pen_of(actor: Actor) -> Pen:
    """Return how figures are written for the actor: small cells are withheld from who reads no health data.

    The tenant's setting `small_cell` says from which count on one is shown (2 to 100); usually 11.
    """
    held = current_organization().settings.get("small_cell")
    is_given = isinstance(held, int) and not isinstance(held, bool) and 2 <= held <= 100
    return Pen(hides_small=not actor.may(Permission.HEALTH_READ), limit=held if is_given else SMALL_CELL)


def file_of(request: ActorRequest, name: str, table: Grid, asked: dict[str, Any] | None = None) -> HttpResponse:
    """Return a table as a file, and note in the ledger which figures left the product."""
    ledger.record(
        actor=request.actor,
        action="report.export",
        object_type="report",
        object_id=None,
        fields=[],
        detail={"report": name, "rows": len(table.rows), **(asked or {})},
    )
    response = HttpResponse(csv_text(table.head, table.rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{request.now:%Y-%m-%d}.csv"'
    return response
