"""How the person came to us, each time, with what was sent in; opening the raw body is recorded."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.capture.actions import payload_of
from apps.capture.models import Submission
from apps.flows.masking import reads_health
from apps.flows.merging import may_decide
from apps.flows.splitting import splittable_of
from apps.leads.models import Lead, Touch
from apps.leads.queries import touches_of
from apps.tenancy.actor import Actor
from apps.workspace.rows import source_icon
from apps.workspace.words import Wall, plain, shows_contact

MOST_OPENED = 10
_PERSONAL = ("person", "on_behalf_of", "referral")
_MARKETING = ("attribution", "source", "capture_method", "campaign")


def touches_shown(lead: Lead, actor: Actor, wall: Wall, *, opens: bool = True) -> list[dict[str, Any]]:
    """Return the touches, newest first, with the original submission for roles that may read both.

    It stays closed where `opens` is False: words of it were withheld when the lead was handed on.
    What was opened is one entry in the ledger, with the submissions' ids.
    """
    touches = touches_of(lead)[::-1]
    may_open = opens and actor.may(Permission.SUBMISSION_READ) and reads_health(actor)
    opened = _payloads([each.submission_id for each in touches[:MOST_OPENED]]) if may_open else {}
    ledger.record_read(actor=actor, what="submission", object_ids=list(opened), fields=["raw"])
    parted = splittable_of(lead, touches) if may_decide(actor) else frozenset()
    return [
        _touch(each, opened.get(each.submission_id), actor, wall)
        | {"split_url": reverse("workspace:split", args=[lead.id, each.id]) if each.id in parted else ""}
        for each in touches
    ]


def flat(payload: Mapping[str, Any], *, hides: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield the lines of a body in its own order: "Person, first name" and the value as it was sent."""
    for key, value in payload.items():
        if key not in hides:
            yield from _lines(plain(str(key)), value)


def _payloads(submission_ids: list[UUID]) -> dict[UUID, Mapping[str, Any]]:
    return {row.id: payload_of(row) for row in Submission.rows().filter(id__in=submission_ids)}


def _touch(touch: Touch, payload: Mapping[str, Any] | None, actor: Actor, wall: Wall) -> dict[str, Any]:
    hides_marketing = FieldGroup.MARKETING in actor.hidden_fields
    hidden: tuple[str, ...] = () if shows_contact(actor) else _PERSONAL
    hidden += ("insurance",) if FieldGroup.INSURANCE in actor.hidden_fields else ()
    hidden += _MARKETING if hides_marketing else ()
    hidden += ("consent",) if FieldGroup.CONSENT in actor.hidden_fields else ()
    lines = flat(payload, hides=hidden) if payload else ()
    lock = None
    if payload is None and not actor.may(Permission.SUBMISSION_READ):
        sentence = _("What was sent in is open to intake and team leads, who may read submissions.")
        lock = {"label": _("As it was sent in"), "value": "", "code": "masked", "sentence": sentence}
    return {
        "source": touch.source.name if not hides_marketing else plain(touch.verdict),
        "source_icon": source_icon("", touch.party_id),
        "at": touch.at,
        "at_label": wall.at(touch.at),
        "campaign": touch.campaign.name if touch.campaign and not hides_marketing else "",
        "ad": _advertisement(touch) if not hides_marketing else "",
        "landing_page": str(touch.attribution.get("landing_page") or "") if not hides_marketing else "",
        "delivered_by": _("Delivered by %(name)s") % {"name": touch.party.name}
        if touch.party and not hides_marketing
        else "",
        "fields": [{"label": label, "value": value, "lock": None} for label, value in lines],
        "lock": lock,
    }


def _advertisement(touch: Touch) -> str:
    told = touch.attribution
    return str(told.get("ad_group") or told.get("keyword") or "")


def _lines(label: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _lines(f"{label}, {plain(str(key)).lower()}", item)
    elif isinstance(value, list):
        for place, item in enumerate(value, 1):
            yield from _lines(f"{label} {place}", item)
    elif value not in (None, ""):
        yield label, str(value)
