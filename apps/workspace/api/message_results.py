"""What messages came to, by API (row TN-17)."""

from dataclasses import asdict
from datetime import timedelta

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows.masking import reads_service
from apps.flows.message_results import results_since
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.workspace.api import showing
from apps.workspace.api.describing import describe
from apps.workspace.api.reading import actor_of, now_of

USUAL_DAYS, MOST_DAYS = 30, 366


class TemplateResults(BaseModel):
    """What the messages of a version of a template came to; an opt-out or a booking counts for the last one before."""

    template: str
    version: int
    channel: str
    sent: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    opted_out: int
    booked: int


class TemplateResultsList(BaseModel):
    """Results by template, version and channel."""

    results: list[TemplateResults]


class MessageResultsView(APIView):
    """`/message-results`."""

    @describe(
        "Count what messages came to",
        "Messages that went in the last `days` (30 without it), by template, version and channel.",
        answers={200: TemplateResultsList},
        errors=(),
        headers=(OpenApiParameter("days", OpenApiTypes.INT, description="1 to 366."),),
        name="list_message_results",
        scope=Permission.REPORT_READ,
    )
    def get(self, request: Request) -> Response:
        """Return the counts over the leads that the reader sees."""
        actor, now = actor_of(request), now_of(request)
        if actor.is_agency or not actor.may(Permission.REPORT_READ):
            raise Refused("Only people who read reports see results.", action="report.read")
        if not reads_service(actor):
            sentence = "Small counts by template are hidden from your role: see the report, which withholds them."
            raise Refused(sentence, code="masked", action="report.read")
        since = now - timedelta(days=_days(request.query_params.get("days", "")))
        found = results_since(actor, since)
        results = [
            TemplateResults(template=key, version=version, channel=channel, **asdict(each))
            for (key, version, channel), each in sorted(found.items())
        ]
        return Response(showing.dump(TemplateResultsList(results=results)))


def _days(text: str) -> int:
    if not text:
        return USUAL_DAYS
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= MOST_DAYS:
        sentence = f"Give whole days, 1 to {MOST_DAYS}."
        raise Invalid(sentence, (Problem("/days", "bad_number", sentence),))
    return int(text)
