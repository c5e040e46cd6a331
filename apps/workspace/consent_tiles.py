"""May we contact this person now: three tiles with verdict, reason and evidence."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.consent.queries import Reach, local_zone, validity_for
from apps.consent.quiet_hours import closing_state, next_change
from apps.consent.terms import Channel, ContactCode, Whereabouts, ZoneBy
from apps.exceptions.terms import PRE_CONTACT_REVIEW
from apps.leads.models import Lead
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor
from apps.workspace.rows import CHANNEL_WORDS, verdict_word
from apps.workspace.words import Wall, address_of, contact_of, span, validity_word

UNPERMITTED = (ContactCode.WITHDRAWN, ContactCode.DENIED, ContactCode.CONSENT_UNKNOWN)


def tiles_of(
    lead: Lead, reaches: Mapping[Channel, Reach], actor: Actor, wall: Wall, *, asks: bool = False
) -> dict[str, Any] | None:
    """Return the tiles as components/consent_tiles.html wants them; None for roles that see no consent.

    With `asks` a channel without a permission says how to ask for it.
    """
    if FieldGroup.CONSENT in actor.hidden_fields:
        return None
    words = {"yes": _("Yes now"), "later": _("Later"), "no": _("No")}
    tiles = []
    for channel, reach in reaches.items():
        word = verdict_word(reach.verdict, lead)
        tiles.append(
            {
                "channel": str(channel),
                "label": _(CHANNEL_WORDS[channel]),
                "address": address_of(actor, reach.point),
                "verdict": word,
                "verdict_label": words[word],
                "reason": _reason(lead, reach, wall),
                "point": _point(actor, reach, channel),
                "evidence": _evidence(reach),
                "evidence_url": reverse("workspace:consent_ledger", args=[lead.id]) if _evidence(reach) else "",
                "ask_url": _ask_url(lead, channel) if asks and reach.verdict.code in UNPERMITTED else "",
            }
        )
    return {
        "tiles": tiles,
        "note": _zone_note(reaches[Channel.CALL].place),
        "ledger_url": reverse("workspace:consent_ledger", args=[lead.id]),
        "changes_at": _changes_at(reaches, wall),
    }


def _evidence(reach: Reach) -> str:
    """Name what the verdict rests on: the wording they agreed to, or the word by which they refused."""
    if reach.state.wording_version:
        return _("Wording %(version)s") % {"version": reach.state.wording_version}
    return _("Their word") if reach.state.since is not None else ""


def _ask_url(lead: Lead, channel: Channel) -> str:
    return f"{reverse('workspace:ask', args=[lead.id])}?field=consent_{channel}"


def _point(actor: Actor, reach: Reach, channel: Channel) -> dict[str, str] | None:
    """Return the number's or address's state by shape and word; None without one, or for who sees no contact data."""
    if reach.point is None or not address_of(actor, reach.point):
        return None
    shape = "tick" if reach.point.verified_at is not None else "help"
    if validity_for(reach.point, channel) == "invalid":
        shape = "cross"
    return {"id": str(reach.point.id), "shape": shape, "word": validity_word(reach.point, channel)}


def _changes_at(reaches: Mapping[Channel, Reach], wall: Wall) -> datetime:
    """Return when the hours for a call begin or end next: the page that shows the tiles asks again then."""
    place = reaches[Channel.CALL].place
    local = wall.now.astimezone(local_zone(place, wall.zone))
    return next_change(local, live_document("contact", wall.now), place) or wall.now + timedelta(days=1)


def _reason(lead: Lead, reach: Reach, wall: Wall) -> str:
    """Return why: for somebody whose hour it is not, their time, the opening and how long that is off."""
    opens_at = reach.verdict.opens_at
    if lead.exception == PRE_CONTACT_REVIEW and verdict_word(reach.verdict) != "no":
        return _("Nobody gets in touch before the review is decided.")
    if reach.verdict.code is ContactCode.NO_VALID_POINT and reach.point and reach.point.validity != "invalid":
        return _("This number takes no texts; it can be called.")
    if reach.verdict.code is ContactCode.NO_VALID_POINT and reach.point and reach.point.health_reason:
        since = wall.at(reach.point.health_at) if reach.point.health_at else ""
        return _("Not usable: %(reason)s. %(since)s") % {"reason": reach.point.health_reason, "since": since}
    if reach.verdict.code is not ContactCode.QUIET_HOURS or opens_at is None or len(reach.place.zones) > 1:
        return reach.tile.sentence
    if closing_state(wall.now, live_document("contact", wall.now), reach.place):
        return reach.tile.sentence
    local = Wall(wall.now, contact_of(lead).zone or wall.zone)
    return _("It is %(time)s; opens %(opens)s (%(span)s).") % {
        "time": local_time(lead, wall),
        "opens": local.at(opens_at),
        "span": span((opens_at - wall.now).total_seconds()),
    }


def local_time(lead: Lead, wall: Wall) -> str:
    """Return the person's own wall clock: "07:41 in Phoenix"; the city of the zone when theirs is unknown."""
    person = contact_of(lead)
    zone = person.zone or wall.zone
    place = person.city or zone.rpartition("/")[2].replace("_", " ")
    return _("%(time)s in %(place)s") % {
        "time": f"{wall.now.astimezone(ZoneInfo(zone)):%H:%M}",
        "place": place,
    }


def _zone_note(place: Whereabouts) -> str:
    """Say what is doubtful of where they are; "" where their ZIP code says it."""
    if place.by is ZoneBy.ZIP:
        return ""
    if place.by is ZoneBy.NOTHING:
        return _("Where they are is not known: calls and texts wait for an hour that suits the whole country.")
    if place.by is ZoneBy.STATE:
        return _("Their ZIP code is not known: the hours of their whole state count.")
    return _("Their ZIP code is not known: the hours of their number's area code count.")
