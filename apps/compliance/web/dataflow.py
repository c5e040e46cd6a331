"""The data-flow map on a page: a picture, and the same as a table (row PH-12)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from apps.audit import ledger
from apps.compliance.dataflow import lines, readers
from apps.compliance.flow_picture import picture_of
from apps.compliance.web.frame import Section
from leadcrm.http.scoping import ActorRequest


@require_safe
def dataflow(request: ActorRequest) -> HttpResponse:
    """Show the map as the set-up stands now."""
    found = lines(request.now)
    ledger.record(actor=request.actor, action="data_flow.view", object_type="ledger", object_id=None)
    context = {
        "lines": found,
        "picture": picture_of(found),
        "readers": readers(),
        "stopped": sum(each.may_carry is False for each in found),
    }
    return render(request, "compliance/dataflow.html", context)


DATA_FLOW = Section(
    key="data-flow",
    title=gettext_noop("Data flow"),
    sentence=gettext_noop("Where health information is made, read and sent on, by step and tool, with each vendor."),
    icon="stage",
    view=dataflow,
)
