"""The one door of all senders: find the connection, prove the sender, keep, answer. The work is done later."""

from dataclasses import replace
from uuid import UUID

import structlog
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.capture.waiting import outcome_within
from apps.connectors.actions import take_in
from apps.connectors.addresses import count_refusal
from apps.connectors.models import Connection
from apps.connectors.providers import providers
from apps.connectors.queries import connection, find_address, is_locked_out, secrets_of
from apps.connectors.spending import spend
from apps.connectors.terms import HookRequest, Proof, Provider, Reply, SecretPurpose, Secrets, Taken, Unreadable
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.scope import tenant_scope
from leadcrm.http.scoping import public

log = structlog.get_logger("hook")


@public
@csrf_exempt
def hook(request: HttpRequest, provider: str, token: str, part: str = "") -> HttpResponse:
    """Take in what a sender pushes. An unknown address is 404, a wrong proof 401 or 403; of both nothing is kept."""
    spec, address = providers().get(provider), find_address(token)
    if spec is None or address is None:
        raise Http404
    asked = _asked(request, part)
    with tenant_scope(address.organization_id):
        now = scope_opened_at()
        row = connection(address.row_id, provider)
        if row is None:
            raise Http404
        asked = replace(asked, settings=row.settings)
        known = secrets_of(row)
        if (reply := spec.challenge(asked, _challenged(row, spec, known))) is not None:
            if reply.status >= 400:
                count_refusal(row, now)
            return _answer(reply)
        if request.method not in spec.methods:
            return HttpResponse(status=405, headers={"Allow": ", ".join(spec.methods)})
        proof = Proof.WRONG if is_locked_out(row, known) else spec.prove(asked, known, now)
        if proof is Proof.GOOD and (signed := spec.single_use(asked)):
            proof = spend(row, asked, signed, now)
        if proof is not Proof.GOOD:
            count_refusal(row, now)
            log.info("hook_refused", provider=provider, proof=str(proof))
            return _refusal(spec.refused_status, f"proof_{proof}", "The sender could not be proven.")
        try:
            intake = take_in(row, asked, now)
        except Unreadable as problem:
            return _refusal(400, "unreadable", str(problem))
    taken = [_waited(each, address.organization_id, spec) for each in intake.taken]
    return _answer(spec.answer(asked, taken))


def _challenged(row: Connection, spec: Provider, known: Secrets) -> Secrets:
    """Return the secrets that answer a handshake; most senders have one secret for all."""
    return secrets_of(row, SecretPurpose.VERIFY) if SecretPurpose.VERIFY in spec.purposes else known


def _asked(request: HttpRequest, part: str) -> HookRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    url, query = request.build_absolute_uri(), request.GET.dict()
    return HookRequest(request.method or "", url, headers, query, request.body, part)


def _waited(taken: Taken, organization_id: UUID, spec: Provider) -> Taken:
    """Add the verdict, where the sender wants to hear it and it comes in time."""
    if not spec.waits_seconds or not taken.submission_id:
        return taken
    row = outcome_within(organization_id, taken.submission_id, spec.waits_seconds)
    if row is None:
        return taken
    reason = next((str(each.get("code", "")) for each in row.reasons if isinstance(each, dict)), "")
    return replace(taken, verdict=row.verdict, reason=reason)


def _answer(reply: Reply) -> HttpResponse:
    if isinstance(reply.body, str):
        return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
    return JsonResponse(reply.body if isinstance(reply.body, dict) else dict(reply.body), status=reply.status)


def _refusal(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse({"status": status, "code": code, "detail": detail}, status=status)
