"""Which arm of an experiment a visitor of a hosted form sees, and how they keep it: without a script.

The cookie holds the experiment and the letter of the arm, nothing that tells one visitor from another, and only the
form's own pages get it. Who asks not to be tracked sees arm A and is part of nothing; so are machines and frames.
Without cookies the arm stays for the visit: in the ticket of the page, and in the links to the other language.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.capture.trials import count_sent, count_shown, has_room, running_trial, version_shown
from apps.capture.web.ticket import Ticket, read_arm, sign_arm
from apps.policies.decisions.experiments import Arm, arm_of
from apps.policies.models import Experiment

COOKIE = "form-arm"
LINK = "v"
_SENT = ".sent"
_TRIAL = re.compile(r"([0-9a-f]{32})([AB])(\.sent)?")
_MACHINE = re.compile(r"bot|crawl|spider|slurp|preview|monitor|headless|curl|wget|python", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visitor is: the experiment, the arm, and whether they have sent the form already."""

    experiment_id: UUID
    arm: str
    has_sent: bool = False

    @property
    def trial(self) -> str:
        """What the ticket keeps."""
        return f"{self.experiment_id.hex}{self.arm}"


def read_place(trial: str) -> Place | None:
    """Return the place that a text names; None for anything else."""
    found = _TRIAL.fullmatch(trial)
    return Place(UUID(found[1]), found[2], bool(found[3])) if found else None


def place_of(request: HttpRequest, form_id: UUID, slug: str, ticket: Ticket, now: datetime) -> Place | None:
    """Return in which arm somebody sees a form who opens it; a new visitor is drawn and counted. None: in none."""
    row = running_trial(form_id, now) if request.method == "GET" and _may_be_part(request) else None
    if row is None:
        return None
    kept = _kept(request, slug, row)
    if kept is not None:
        return kept
    if not has_room(row, now):
        return None
    arm = arm_of(row.id, UUID(ticket.id), row.percent)
    count_shown(row, arm, now)
    return Place(row.id, arm.value)


def version_of(trial: str) -> UUID | None:
    """Return the version that a ticket's page showed; None outside an experiment."""
    place = read_place(trial)
    return version_shown(place.experiment_id, place.arm) if place else None


def keep(request: HttpRequest, answer: HttpResponse, slug: str, trial: str) -> HttpResponse:
    """Let a visitor find the same arm when they come again; whether they have sent the form is kept."""
    place, before = read_place(trial), read_place(read_arm(request.COOKIES.get(COOKIE, ""), slug))
    if place is not None and (before is None or before.trial != place.trial):
        _set(request, answer, slug, place.trial)
    return answer


def sent(request: HttpRequest, answer: HttpResponse, slug: str, trial: str, submission_id: UUID, now: datetime) -> None:
    """Count a form that was sent from an arm, once for each visitor, and remember in their cookie that it was."""
    place, before = read_place(trial), read_place(read_arm(request.COOKIES.get(COOKIE, ""), slug))
    if place is None or (before is not None and before == replace(place, has_sent=True)):
        return
    count_sent(place.experiment_id, place.arm, submission_id, now)
    if before is not None:
        _set(request, answer, slug, f"{place.trial}{_SENT}")


def link_of(ticket: Ticket, slug: str) -> str:
    """Return what keeps the arm in a link; "" outside an experiment."""
    return sign_arm(ticket.trial, slug) if ticket.trial else ""


def _kept(request: HttpRequest, slug: str, row: Experiment) -> Place | None:
    for text in (request.COOKIES.get(COOKIE, ""), request.GET.get(LINK, "")):
        place = read_place(read_arm(text, slug)) if text else None
        if place is not None and place.experiment_id == row.id and place.arm in set(Arm):
            return place
    return None


def _may_be_part(request: HttpRequest) -> bool:
    """Say whether a visitor may be drawn: a person, who does not ask not to be tracked, and really looks."""
    heads = request.headers
    asks_not = "1" in (heads.get("Sec-GPC", ""), heads.get("DNT", ""))
    is_ahead = "prefetch" in (heads.get("Sec-Purpose", "") + heads.get("Purpose", ""))
    agent = heads.get("User-Agent", "")
    return bool(agent) and not (asks_not or is_ahead or _MACHINE.search(agent))


def _set(request: HttpRequest, answer: HttpResponse, slug: str, trial: str) -> None:
    answer.set_cookie(
        COOKIE,
        sign_arm(trial, slug),
        max_age=90 * 24 * 3600,
        path=reverse("capture:form", args=[slug]),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
