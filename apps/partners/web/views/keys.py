"""Keys: made, rolled and revoked through the verbs of accounts, as in the admin. A secret is in one answer only."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.keys import NewKey, create_key, revoke_key, roll_key
from apps.accounts.models import ApiKey
from apps.accounts.terms import KeyMode, Permission
from apps.partners import delivery_log
from apps.partners.web.desk import Desk, desk_of
from apps.partners.web.forms import SCOPE_WORDS, KeyForm, RollForm
from apps.partners.web.second_step import confirm_url, is_recent, to_confirm
from apps.tenancy.errors import Conflict, Refused
from apps.tenancy.ids import new_id
from leadcrm.http.scoping import ActorRequest, for_agencies

_SALT = "leadcrm.partner.key"
FORM_LIVES_SECONDS = 12 * 3600


@for_agencies
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: ActorRequest) -> HttpResponse:
    """Show the agency's keys; a POST makes one and shows its secret in its own answer, this once."""
    desk = desk_of(request)
    if request.method != "POST":
        return _page(request, desk, KeyForm(actor=request.actor, initial={"once": _token()}))
    _require(desk)
    if not is_recent(request):
        return to_confirm(desk.url("keys"))
    form = KeyForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    made = create_key(
        actor=request.actor,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        now=request.now,
        party=desk.party,
        mode=KeyMode(form.cleaned_data["mode"]),
        row_id=_id_of(form.cleaned_data["once"]),
    )
    return _once(request, desk, made)


@for_agencies
@require_POST
def roll(request: ActorRequest, key_id: UUID) -> HttpResponse:
    """Make a successor and show its secret this once; the old key works until the end of the chosen day."""
    desk = desk_of(request)
    row = _own(desk, key_id)
    if not is_recent(request):
        return to_confirm(desk.url("keys"))
    form = RollForm(request.POST, today=_today(request, desk))
    if not form.is_valid():
        sentence = " ".join(str(error) for errors in form.errors.values() for error in errors)
        messages.error(request, sentence)
        return HttpResponseRedirect(desk.url("keys"))
    last_day: Any = form.cleaned_data["ends_on"]
    ends_at = datetime.combine(last_day + timedelta(days=1), time.min, ZoneInfo(desk.zone))
    made = roll_key(
        actor=request.actor,
        key_id=row.id,
        overlap=ends_at - request.now,
        now=request.now,
        row_id=_id_of(form.cleaned_data["once"]),
    )
    return _once(request, desk, made, old=row, last_day=last_day)


@for_agencies
@require_POST
def revoke(request: ActorRequest, key_id: UUID) -> HttpResponse:
    """End a key at once."""
    desk = desk_of(request)
    row = _own(desk, key_id)
    if not is_recent(request):
        return to_confirm(desk.url("keys"))
    revoke_key(actor=request.actor, key_id=row.id, now=request.now)
    words = {"name": row.name, "prefix": row.prefix}
    messages.success(request, _("%(name)s (%(prefix)s…) is revoked. Requests with it are refused from now on.") % words)
    return HttpResponseRedirect(desk.url("keys"))


@sensitive_variables("made")
def _once(request: ActorRequest, desk: Desk, made: NewKey, **more: Any) -> HttpResponse:
    """Show the secret in this answer: a redirect would have to keep it on the way."""
    return render(request, "partner/key_made.html", {**desk.shown(), "made": made, **more})


def _page(request: ActorRequest, desk: Desk, form: KeyForm, status: int = 200) -> HttpResponse:
    today = _today(request, desk)
    recent = is_recent(request)
    rows = [
        _shown(row, request.now, RollForm(today=today, initial={"once": _token()}, auto_id=f"roll_{row.id.hex}_%s"))
        for row in delivery_log.keys_of(desk.party.id)
    ]
    context = {
        **desk.shown(),
        "keys": rows,
        "form": form if desk.may_manage and recent else None,
        "may_change": desk.may_manage and recent,
        "confirm_url": "" if recent else confirm_url(desk.url("keys")),
    }
    return render(request, "partner/keys.html", context, status=status)


def _shown(row: ApiKey, now: datetime, form: RollForm) -> dict[str, Any]:
    is_over = row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now)
    if row.revoked_at:
        state = _("Revoked")
    elif is_over:
        state = _("Ended")
    else:
        state = _("Ends soon") if row.replaced_by_id else _("Active")
    return {
        "row": row,
        "state": state,
        "is_over": is_over,
        "may_roll": not is_over and not row.replaced_by_id,
        "scopes": [SCOPE_WORDS.get(Permission(each), each) for each in row.scopes],
        "roll_form": form,
    }


def _require(desk: Desk) -> None:
    if not desk.may_manage:
        sentence = _("Your role looks at keys and makes none. Ask the agency or your administrator.")
        raise Refused(sentence, action="key.manage", object_type="api_key")


def _own(desk: Desk, key_id: UUID) -> ApiKey:
    """Return the agency's key; another's is not there at all."""
    row = delivery_log.key_of(desk.party.id, key_id)
    _require(desk)
    return row


def _today(request: ActorRequest, desk: Desk) -> Any:
    return request.now.astimezone(ZoneInfo(desk.zone)).date()


def _token() -> str:
    """Return the name of the key to be made, so that a form sent twice makes one key."""
    return signing.dumps(new_id().hex, salt=_SALT)


def _id_of(token: str) -> UUID:
    try:
        return UUID(signing.loads(token, salt=_SALT, max_age=FORM_LIVES_SECONDS))
    except signing.BadSignature as error:
        raise Conflict(_("This form was open too long. Load the page again.")) from error
