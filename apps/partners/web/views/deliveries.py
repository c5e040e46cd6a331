"""The delivery log, one delivery, and the search by the sender's own id, which never stands in an address."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.audit import ledger
from apps.capture.actions import payload_of
from apps.capture.models import Submission
from apps.flows.arrival import open_case
from apps.flows.became import mapped_fields
from apps.partners import delivery_log, wording
from apps.partners.decisions import redacted, summary
from apps.partners.delivery_log import Period
from apps.partners.mapping import consent_lines
from apps.partners.terms import Result
from apps.partners.web.desk import Desk, desk_of
from apps.partners.web.forms import FindForm, LogFilter
from leadcrm.http.pagination import PAGE_SIZE, Cursor, binding_of, decode, rows_after
from leadcrm.http.scoping import ActorRequest, for_agencies

COLUMNS = ("ref", "stage", "verdict", "reasons", "external_id")
MOST_FOUND = 50


@for_agencies
@require_safe
def deliveries(request: ActorRequest) -> HttpResponse:
    """Show the log, newest first; result and days stand in the address. The rows shown are one noted read."""
    desk = desk_of(request)
    form, period = _asked(request, desk)
    result = form.cleaned_data.get("result", "") if form.is_valid() else ""
    everything = delivery_log.log(desk.party.id, desk.mode).filter(period.condition)
    rows = delivery_log.with_result(everything, Result(result)) if result else everything
    page, next_cursor = _page(request, rows)
    _note(request, page)
    query = {name: value for name, value in request.GET.dict().items() if name not in ("agency", "mode", "after")}
    context = {
        **_list(desk, page),
        "headline": wording.headline(summary(delivery_log.tallies(desk.party.id, desk.mode, period))),
        "form": form,
        "find_form": FindForm(auto_id="find_%s"),
        "period": period,
        "is_narrowed": bool(result),
        "next_url": desk.url("deliveries", **{**query, "after": next_cursor}) if next_cursor else "",
        "first_url": desk.url("deliveries", **query) if request.GET.get("after") else "",
        "live_url": desk.url("deliveries", mode=""),
        "test_mode_url": desk.url("deliveries", mode="test"),
    }
    return render(request, "partner/deliveries.html", context, status=200 if form.is_valid() else 422)


@for_agencies
@require_POST
def find(request: ActorRequest) -> HttpResponse:
    """Show the deliveries under one of the sender's own ids, in this answer."""
    desk = desk_of(request)
    form = FindForm(request.POST, auto_id="find_%s")
    rows: list[Submission] = []
    if form.is_valid():
        wanted = form.cleaned_data["external_id"].strip()
        found = delivery_log.log(desk.party.id, desk.mode).filter(external_id=wanted)
        rows = list(found.order_by("-received_at", "-id")[:MOST_FOUND])
    _note(request, rows)
    filter_form, period = _asked(request, desk)
    context = {**_list(desk, rows), "form": filter_form, "find_form": form, "period": period, "is_found": True}
    return render(request, "partner/deliveries.html", context, status=200 if form.is_valid() else 422)


@for_agencies
@require_safe
def delivery(request: ActorRequest, submission_id: UUID) -> HttpResponse:
    """Show one delivery: result, reasons, what was sent without the person, and its attempts."""
    desk = desk_of(request)
    row = delivery_log.delivery_of(desk.party.id, submission_id)
    attempts = delivery_log.attempts_of(row)
    _note(request, [row])
    payload = payload_of(row)
    lead = delivery_log.leads_shown(desk.party.id, [row]).get(row.lead_id) if row.lead_id else None
    context: dict[str, Any] = {
        **desk.shown(),
        "row": _row(desk, row),
        "meaning": _(wording.RESULT_MEANINGS[wording.result_in(row)]),
        "reasons": wording.reasons_of(row),
        "lead": {"ref": lead.ref, "stage": lead.stage.label} if lead else None,
        "lines": redacted(payload),
        "attempts": [_row(desk, each) for each in attempts],
        "is_waiting": row.state != "processed",
        "here_url": desk.url("delivery", row.id),
    }
    if row.is_rehearsal:
        case = open_case(row, request.now)
        context |= {"mapping": mapped_fields(case.mapped.body, case), "consents": consent_lines(case)}
    return render(request, "partner/delivery.html", context)


def _asked(request: ActorRequest, desk: Desk) -> tuple[LogFilter, Period]:
    today = request.now.astimezone(ZoneInfo(desk.zone)).date()
    form = LogFilter(request.GET, today=today)
    return form, Period(*form.days(), desk.zone)


def _page(request: ActorRequest, rows: Any) -> tuple[list[Submission], str]:
    """Cut a page after the cursor; one row more is read, to know whether there is a next one."""
    bound_to = binding_of(request.path, {key: text for key, text in request.GET.dict().items() if key != "after"})
    ordered = rows.order_by("-received_at", "-id")
    if text := request.GET.get("after", ""):
        ordered = rows_after(ordered, decode(text, bound_to), "received_at")
    found = list(ordered[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return page, Cursor(page[-1].received_at, page[-1].id).encode(bound_to) if more else ""


def _list(desk: Desk, rows: Sequence[Submission]) -> dict[str, Any]:
    leads = delivery_log.leads_shown(desk.party.id, rows)
    shown = [_row(desk, row) for row in rows]
    for each, row in zip(shown, rows, strict=True):
        lead = leads.get(row.lead_id) if row.lead_id else None
        each["lead"] = f"{lead.ref}, {lead.stage.label}" if lead else ""
    return {**desk.shown(), "rows": shown}


def _row(desk: Desk, row: Submission) -> dict[str, Any]:
    result, reasons = wording.result_in(row), wording.reasons_of(row)
    return {
        "id": row.id,
        "url": desk.url("delivery", row.id),
        "external_id": row.external_id or "",
        "source": row.source.name,
        "received_at": row.received_at,
        "event_at": row.event_at,
        "processed_at": row.processed_at,
        "request_id": row.request_id,
        "result": result,
        "word": wording.result_word(result),
        "reason": reasons[0] if reasons else None,
        "is_rehearsal": row.is_rehearsal,
        "is_test": row.is_test or row.verdict == "test",
        "counted": row.counted_as_delivered,
    }


def _note(request: ActorRequest, rows: Sequence[Submission]) -> None:
    ledger.record_read(actor=request.actor, what="submission", object_ids=[row.id for row in rows], fields=COLUMNS)
