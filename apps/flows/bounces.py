"""The bounced list: addresses whose mail came back for good in this tenant, whoever inquires with them (row VQ-05).

It is read from what sending services tell, never from what was found out of one person: a mail to the wrong person
arrived. A later delivery, or a colleague who verified the address with the person, takes it off the list.
"""

from dataclasses import replace
from zoneinfo import ZoneInfo

from apps.capture.terms import EmailReading, PointValidity
from apps.flows.arrival import Case
from apps.leads import contact_health as health
from apps.outreach.queries import bounced_at
from apps.outreach.terms import BOUNCED


def heed_bounces(case: Case) -> Case:
    """Return the case with bounced addresses as invalid ones; one indexed statement, none without an address."""
    draft, who = case.draft, case.draft.on_behalf_of
    readings = [each for each in (draft.email, who.email if who else None) if each and _may_work(each)]
    found = bounced_at([each.address for each in readings])
    if not found:
        return case
    zone = ZoneInfo(case.organization.zone)
    wrong = {
        address: EmailReading(address, PointValidity.INVALID, f"bounced on {at.astimezone(zone):%Y-%m-%d}")
        for address, at in found.items()
    }
    if draft.email and draft.email.address in wrong:
        draft = replace(draft, email=wrong[draft.email.address])
    if who and who.email and who.email.address in wrong:
        draft = replace(draft, on_behalf_of=replace(who, email=wrong[who.email.address]))
    return replace(case, draft=draft, bounced=found)


def say_why(case: Case) -> None:
    """Note at the addresses that are on the list why they do not count."""
    for address, at in case.bounced.items():
        health.explain("email", address, reason=BOUNCED, by="mail delivery", at=at)


def _may_work(reading: EmailReading) -> bool:
    return bool(reading.address) and reading.validity is not PointValidity.INVALID
