"""Acts on many leads by API: previewed, carried out lead by lead, taken back; the pages' own verbs and sentences."""

from uuid import UUID, uuid4

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import Permission
from apps.flows import bulk as flow
from apps.flows.bulk_handoffs import HandOff
from apps.flows.cleaning import ChangeValue
from apps.flows.models import BulkRun
from apps.handoffs.terms import Note, Ticks
from apps.tenancy.errors import Invalid, Problem
from apps.workspace.api import bodies, bulk_answers, showing
from apps.workspace.api.describing import IDEMPOTENCY_KEY, describe
from apps.workspace.api.reading import actor_of, body_of, idempotency_key_of, now_of


class BulkView(APIView):
    """`/leads/bulk`."""

    @describe(
        "Assign, snooze or hand off many leads, or change a value of them",
        "Each lead is judged and changed by the verb for one lead. With `dry_run` nothing is changed: the answer"
        " says of each lead whether it would be, and if not, in the sentence of its own refusal. Under the same"
        " Idempotency-Key the first run is answered again. For 30 seconds a run can be"
        " taken back, a changed value for 7 days.",
        body=bodies.BulkBody,
        answers={200: bulk_answers.BulkAnswer},
        errors=(409,),
        headers=(IDEMPOTENCY_KEY,),
        scope=Permission.LEAD_EDIT,
        name="bulk_leads",
    )
    def post(self, request: Request) -> Response:
        """Preview or carry out."""
        body, actor, now = body_of(request, bodies.BulkBody), actor_of(request), now_of(request)
        act = _act(body)
        if body.dry_run:
            lines = flow.preview(actor=actor, lead_ids=body.leads, act=act, now=now)
            return Response(showing.dump(_previewed(lines)))
        key = idempotency_key_of(request) or str(uuid4())
        run = flow.carry_out(actor=actor, lead_ids=body.leads, act=act, key=f"api:{key}", now=now)
        return Response(showing.dump(_answer(run)))


class BulkUndoView(APIView):
    """`/leads/bulk/{run}/undo`."""

    @describe(
        "Take an act on many leads back",
        "Within 30 seconds (7 days for a changed value), by who did it. A lead that changed since stays as it is,"
        " and says so.",
        answers={200: bulk_answers.BulkAnswer},
        errors=(404, 409),
        scope=Permission.LEAD_EDIT,
        name="undo_bulk",
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Put owners, tasks and clocks, or the former value, back."""
        return Response(showing.dump(_answer(flow.undo(actor=actor_of(request), run_id=run_id, now=now_of(request)))))


def _act(body: bodies.BulkBody) -> flow.Act:
    if body.act == "change":
        return ChangeValue(body.field, body.value, body.reason, body.was)
    if body.act == "hand_off":
        ticks = Ticks(frozenset(key for key, is_done in body.checklist.items() if is_done), body.excuses)
        confirmed = tuple(dict.fromkeys(body.confirmed))
        note = Note("", confirmed, body.next_step.strip(), body.eligibility.strip())
        return HandOff(body.type, body.team, ticks, note)
    if body.act == "snooze":
        if body.until is None:
            raise Invalid("Say until when.", (Problem("/until", "missing", "Say until when."),))
        return flow.Snooze(body.until, body.title or "Follow up")
    if not body.team:
        raise Invalid("Name the team.", (Problem("/team", "missing", "Name the team."),))
    return flow.Assign(body.team, body.member, body.reason)


def _previewed(lines: list[flow.Line]) -> bulk_answers.BulkAnswer:
    return bulk_answers.BulkAnswer(
        run=None,
        done=sum(line.done for line in lines),
        refused=sum(not line.done for line in lines),
        waiting=0,
        undo_until=None,
        leads=[
            bulk_answers.BulkLine(lead=line.lead_id, ref=line.ref, done=line.done, code=line.code, detail=line.sentence)
            for line in lines
        ],
    )


def _answer(run: BulkRun) -> bulk_answers.BulkAnswer:
    items = flow.items_of(run)
    return bulk_answers.BulkAnswer(
        run=run.id,
        done=sum(item.done for item in items),
        refused=sum(not item.done and item.code != flow.WAITING for item in items),
        waiting=sum(item.code == flow.WAITING for item in items),
        undo_until=None if run.undone_at else flow.undo_until(run),
        leads=[
            bulk_answers.BulkLine(
                lead=item.lead_id,
                ref=item.lead.ref,
                done=item.done,
                code=item.code,
                detail=item.undone or item.sentence,
            )
            for item in items
        ],
    )
