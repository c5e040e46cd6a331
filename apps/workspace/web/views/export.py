"""The list that is open, as a file."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.catalog.terms import FieldUse
from apps.flows.exporting import export_leads
from apps.tenancy.errors import Invalid
from apps.workspace import queries, queue_page
from apps.workspace.ordering import order_of
from leadcrm.http.csv_file import csv_text
from leadcrm.http.scoping import ActorRequest


@require_safe
def leads_file(request: ActorRequest) -> HttpResponse:
    """Return the leads of a view with its filters as CSV; refused and noted as `export_leads` says."""
    wanted = queue_page.understood(request.GET.dict(), queries.filter_choices(request.actor, request.now))
    rows = order_of(wanted.sort).of(queries.seen_leads(request.actor, wanted, request.now))
    said = request.GET.get("purpose", FieldUse.CARE)
    if said not in set(FieldUse):
        raise Invalid(f"A file is made for one of these: {', '.join(FieldUse)}.")
    found = export_leads(actor=request.actor, rows=rows, asked=wanted.words, now=request.now, purpose=FieldUse(said))
    answer = HttpResponse(csv_text(found.head, found.rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="leads-{request.now:%Y-%m-%d}.csv"'
    return answer
