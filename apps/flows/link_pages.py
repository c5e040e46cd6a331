"""The pages behind a link, one after the other: who opens it says their name, then each answer is kept until the last.

What is kept in between is sealed and forgotten with the request's end.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.flows.collected import Opened, by_link, locked_request, offices_to_offer, services_to_offer
from apps.flows.collecting import ADDRESS, digest_of, end_request, spoken
from apps.identity.names import name_key
from apps.leads.actions import tell
from apps.leads.models import Lead
from apps.outreach.models import DataRequest
from apps.outreach.terms import LinkStanding, RequestState
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import seal, unseal

#: After so many names that did not fit the person the link serves no more.
MOST_MISSES = 8


def find_link(token: str) -> Address | None:
    """Return where a link leads, before any tenant's scope is open; None for one that never was."""
    return Address.objects.filter(kind=ADDRESS, key=digest_of(token)).first()


def note_opened(opened: Opened, now: datetime) -> None:
    """Tell the lead's story, once, that the link was opened."""
    rows = DataRequest.rows().filter(id=opened.request.id, opened_at__isnull=True)
    if opened.standing is LinkStanding.LIVE and rows.update(opened_at=now):
        sentence = f"The link was opened: {spoken(opened.left)}."
        tell(opened.lead, kind="message", sentence=sentence, actor=by_link(), now=now)


def asks_name(lead: Lead) -> bool:
    """Say whether we know a name that whoever opens the link can tell us."""
    return bool(_known_name(lead))


def confirm(opened: Opened, typed: str, now: datetime) -> bool:
    """Say whether the name is the person's; too many others end the link, as somebody may be trying."""
    request = locked_request(opened.request.id)
    if request.state != RequestState.OPEN:
        return False
    known, said = set(_known_name(opened.lead).split()), set(name_key("", typed[:200]).split())
    if known and known <= said:
        request.confirmed_at = now
        request.save(update_fields=["confirmed_at"])
        return True
    request.misses += 1
    request.save(update_fields=["misses"])
    if request.misses >= MOST_MISSES:
        end_request(request, RequestState.LOCKED, now)
        sentence = "The link was closed: it was tried with other names."
        tell(opened.lead, kind="message", sentence=sentence, actor=by_link(), now=now)
    return False


def fits_name(lead: Lead, typed: str) -> bool:
    """Say whether a name that somebody typed is the person's, or we know none to ask for."""
    known = set(_known_name(lead).split())
    return known <= set(name_key("", typed[:200]).split())


def answers_kept(opened: Opened) -> dict[str, str]:
    """Return what the pages before kept; an office that does not offer the service chosen since does not count."""
    request = opened.request
    if request.sealed is None:
        return {}
    plain = unseal(
        bytes(request.sealed),
        organization_id=current_organization_id(),
        row_id=request.id,
        column="outreach_datarequest.sealed",
    )
    found = {name: value for name, value in json.loads(plain).items() if name in opened.left}
    choices = {
        "service": services_to_offer(opened.lead),
        "location": offices_to_offer(opened.lead, found.get("service", "")),
    }
    return {name: value for name, value in found.items() if name not in choices or value in choices[name]}


def keep_answer(request_id: UUID, answers: Mapping[str, str]) -> None:
    """Keep what was answered so far, sealed."""
    request = locked_request(request_id)
    if request.state != RequestState.OPEN:
        return
    plain = json.dumps(dict(answers)).encode()
    request.sealed = seal(
        plain, organization_id=current_organization_id(), row_id=request.id, column="outreach_datarequest.sealed"
    )
    request.save(update_fields=["sealed"])


def _known_name(lead: Lead) -> str:
    person = lead.contact_person or lead.person
    return name_key("", person.last_name) or name_key("", person.first_name)
