"""What teams ask for: access to a form or a calling list of another team, until it is granted or declined (TA-12)."""

from apps.accounts.asset_models import AccessRequest, CaptureAsset
from apps.accounts.notices import tell_people
from apps.accounts.terms import AccessState
from apps.audit import ledger
from apps.tenancy.actor import Actor
from apps.tenancy.clock import scope_opened_at

WORDS = {"form": "form", "importrun": "calling list"}
#: What addresses call the kinds.
KINDS = {"form": "form", "importrun": "list"}


def word_of(row: CaptureAsset) -> str:
    """Return what an asset is called."""
    return WORDS.get(row._meta.model_name or "", "record")


def address_of(row: CaptureAsset) -> str:
    """Return the address of an asset's page within the site."""
    return f"/forms/{KINDS[row._meta.model_name or '']}/{row.id}/"


def settle_requests(row: CaptureAsset, actor: Actor) -> None:
    """Grant what was asked by teams that have access now, whichever way they got it; `row` is locked by the caller."""
    teams = {*row.shared_team_ids, row.owning_team_id}
    open_ones = AccessRequest.rows().filter(asset_id=row.id, state=AccessState.OPEN)
    for request in open_ones.filter(team__in=[each for each in teams if each]).order_by("id"):
        close_request(request, row, AccessState.GRANTED, "", actor)


def close_request(request: AccessRequest, row: CaptureAsset, state: AccessState, because: str, actor: Actor) -> None:
    """End a request with its answer, note it, and tell who asked; `row` is locked by the caller."""
    now = scope_opened_at()
    request.state, request.answer, request.answered_at, request.answered_label = state, because, now, actor.label[:200]
    request.save(update_fields=["state", "answer", "answered_at", "answered_label"])
    name = row._meta.model_name or ""
    ledger.record(
        actor=actor,
        action=f"{name}.answer_access",
        object_type=name,
        object_id=row.id,
        detail={"request": str(request.id), "team": str(request.team_id), "answer": str(state)},
    )
    if request.asker_id is not None:
        said = "gave your team access to" if state == AccessState.GRANTED else "declined access to"
        tell_people(
            kind="access_answer",
            sentence=f"{actor.label} {said} a {word_of(row)} that you asked for.",
            dedup_key=f"access-answer:{request.id}",
            now=now,
            members=[request.asker_id],
            url="/forms/" if state == AccessState.DECLINED else address_of(row),
        )
