"""The page of a scheduling link: a day, a time, the person's name, and the visit is booked.

No session, no cookie, no script. It shows times and places, and nothing of what the visit is for.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import dateformat, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.appointments.models import Appointment
from apps.appointments.queries import zone_of
from apps.appointments.slot_decisions import Slot
from apps.catalog.queries import locations_by_key
from apps.flows import self_scheduling as acts
from apps.flows.link_pages import asks_name
from apps.flows.self_scheduling import OpenedLink
from apps.leads.phone_numbers import number_read
from apps.outreach.scheduling_links import find_link
from apps.outreach.terms import LinkStanding
from apps.patients.web.frame import LANGUAGES, language_of, show, show_to_nobody
from apps.patients.web.limits import is_guessing, note_miss
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import tenant_scope
from leadcrm.http.scoping import public

#: How a day and a time are written.
DAYS = {"en": "l, F j", "es": r"l j \d\e F"}
TIMES = {"en": "g:i a", "es": "H:i"}
#: What a person chose who looks at the page; the bare link is fetched by scanners of mails too.
CHOSEN = frozenset({"day", "lang"})


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, token: str) -> HttpResponse:
    """Show days, the times of one, or book; a link that serves no more says so, with a way to call."""
    asker = str(request.META.get("REMOTE_ADDR", ""))
    address = None if is_guessing(asker) else find_link(token)
    if address is None:
        status = 429 if is_guessing(asker) else 404
        note_miss(asker)
        language = language_of(request, "")
        with translation.override(language):
            return show_to_nobody(request, "patients/no_preferences.html", language=language, status=status)
    with tenant_scope(address.organization_id):
        now = database_now()
        opened = acts.look_at(address.row_id, now)
        person = opened.lead.contact_person or opened.lead.person
        language = language_of(request, person.language)
        with translation.override(language):
            return _Visit(request, opened, language, now).answer()


class _Visit:
    """One request for a page behind a scheduling link."""

    def __init__(self, request: HttpRequest, opened: OpenedLink, language: str, now: datetime) -> None:
        self.request, self.opened, self.language, self.now = request, opened, language, now
        office = opened.lead.location.phone if opened.lead.location else ""
        self.call = str(current_organization().settings.get("phone") or office)

    def answer(self) -> HttpResponse:
        """Show a page, or book."""
        request = self.request
        if self.opened.visit is not None and request.method != "POST" and "done" in request.GET:
            return self._done(self.opened.visit)
        if self.opened.standing is not LinkStanding.LIVE:
            return self._closed(str(self.opened.standing), status=410)
        if request.method == "POST" or request.GET.keys() & CHOSEN:
            acts.note_opened(self.opened, self.now)
        if request.method == "POST":
            return self._sent()
        return self._page(request.GET.get("day", ""))

    def _sent(self) -> HttpResponse:
        typed, day = self.request.POST, self.request.GET.get("day", "")
        slot, name = typed.get("slot", "")[:120], typed.get("name", "")
        errors = {} if slot else {"slot": _("Choose a time.")}
        if asks_name(self.opened.lead) and not acts.confirm_name(self.opened, name, self.now):
            after = acts.look_at(self.opened.link.id, self.now)
            if after.standing is not LinkStanding.LIVE:
                return self._closed(str(after.standing), status=410)
            errors["name"] = _("This is not the name that we have. Write it as in your request, or call us.")
        if errors:
            return self._page(day, status=422, errors=errors, chosen=slot)
        try:
            with transaction.atomic():
                acts.book_by_link(self.opened.link.id, slot, self.now)
        except Conflict as error:
            if error.code == "slot_taken":
                taken = {"slot": _("Somebody took this time just now. Choose another one.")}
                return self._page(day, status=409, errors=taken)
            return self._refused(error)
        except (Invalid, Refused) as error:
            return self._refused(error)
        return HttpResponseRedirect(f"{self.request.path}?{self._query(done='1')}", status=303)

    def _refused(self, error: Conflict | Invalid | Refused) -> HttpResponse:
        after = acts.look_at(self.opened.link.id, self.now)
        if after.standing is not LinkStanding.LIVE:
            return self._closed(str(after.standing), status=410)
        acts.note_refused(self.opened, error.detail, self.now)
        return self._closed("refused", status=409)

    def _page(
        self, wanted: str, *, status: int = 200, errors: dict[str, str] | None = None, chosen: str = ""
    ) -> HttpResponse:
        days = acts.times_of(self.opened.lead, self.now)
        if not days:
            return self._closed("full", status=409 if errors else 200)
        day = next((each for each in days if each.isoformat() == wanted), None)
        context: dict[str, Any] = {
            "days": [self._day(each, slots) for each, slots in days.items()] if day is None else [],
            "day_label": _capital(dateformat.format(day, DAYS[self.language])) if day else "",
            "places": self._places(days[day], chosen) if day else [],
            "asks_name": asks_name(self.opened.lead),
            "name": self.request.POST.get("name", "")[:200],
            "errors": errors or {},
            "action": f"?{self._query(day=day.isoformat())}" if day else "",
            "back_url": f"?{self._query()}",
        }
        context |= self._call()
        return show(self.request, "patients/schedule.html", context, language=self.language, status=status)

    def _day(self, day: date, slots: Sequence[Slot]) -> dict[str, Any]:
        label = _capital(dateformat.format(day, DAYS[self.language]))
        return {"label": label, "count": len(slots), "url": f"?{self._query(day=day.isoformat())}"}

    def _places(self, slots: Sequence[Slot], chosen: str) -> list[dict[str, Any]]:
        """Return each office with its times."""
        found: dict[str, list[dict[str, Any]]] = {}
        for slot in slots:
            label = self._time(slot.starts_at, slot.zone)
            times = found.setdefault(slot.office, [])
            times.append({"value": slot.place_key, "label": label, "is_chosen": slot.place_key == chosen})
        return [{**_place(key), "times": times} for key, times in found.items()]

    def _time(self, at: datetime, zone: str) -> str:
        return str(dateformat.format(at.astimezone(ZoneInfo(zone)), TIMES[self.language]))

    def _done(self, visit: Appointment) -> HttpResponse:
        zone = zone_of(visit)
        day = dateformat.format(visit.starts_at.astimezone(ZoneInfo(zone)), DAYS[self.language])
        place = _place(visit.location.key) if visit.location else {"name": "", "address": ""}
        context = {"day": _capital(day), "time": self._time(visit.starts_at, zone), "place": place, **self._call()}
        return show(self.request, "patients/scheduled.html", context, language=self.language)

    def _closed(self, standing: str, *, status: int) -> HttpResponse:
        context = {"standing": standing, "is_visit": True, **self._call()}
        return show(self.request, "patients/ended.html", context, language=self.language, status=status)

    def _call(self) -> dict[str, str]:
        """Return whom to call, as it is read and as it is dialled."""
        return {"call": number_read(self.call), "call_href": f"tel:{self.call}"}

    def _query(self, **more: str) -> str:
        words = {"lang": self.language} if self.request.GET.get("lang") in LANGUAGES else {}
        return urlencode({**words, **more})


def _place(key: str) -> dict[str, str]:
    office = locations_by_key().get(key)
    if office is None:
        return {"name": key, "address": ""}
    return {"name": office.name, "address": f"{office.street}, {office.city}" if office.street else office.city}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
