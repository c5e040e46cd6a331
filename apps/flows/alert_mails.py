"""Mails to colleagues who are not looking: that something waits, its number, and a link (row PH-17).

A mail lies on servers that are not ours. So a line is made of a code, a lead's number and an address within the site;
what happened to whom is read after signing in. A tenant switches them off with the setting `alert_mails: false`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from apps.accounts.models import Membership, Notice
from apps.flows.alert_models import AlertMail
from apps.flows.escalation import WARNING_STEP
from apps.flows.tracking import REPORT
from apps.sla.models import Escalation
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import tenant_scope

SEND = "alert.mail"
#: What is older is no news any more: it stands on the pages.
LATELY = timedelta(hours=1)
#: A mail lists so many; the rest is counted.
MOST = 20
WARNED, LATE, GIVEN, NOTICE = "clock_warned", "clock_late", "lead_given", "notice"
#: Every code that a mail may show, in words that name nobody.
WORDS = {
    WARNED: "a clock runs out soon",
    LATE: "a clock ran out",
    GIVEN: "was given to you, its clock had run out",
    "exception": "an exception waits for a decision",
    "handoff": "a handoff waits for an answer",
    "vendor": "an agreement with a vendor",
    "alarm": "a message to read now",
    "alarm_late": "a message to read now that nobody has settled",
    "breach": "a breach case",
    "unusual_access": "unusual access",
    "retention": "an erasure waits for approval",
    "rule_fault": "a rule broke",
    "topic": "an inquiry for your trained team",
    "break_glass": "a restricted lead was opened",
    NOTICE: "a notice for you",
}
#: What a colleague finds on the board in any case.
_NOT_MAILED = frozenset({REPORT, "weak_route", "documentation"})


def plan_mails(now: datetime) -> int:
    """Note whom to mail about clocks and notices of the last hour in this tenant; return how many lines are new."""
    if current_organization().settings.get("alert_mails") is False:
        return 0
    lines = [*_of_clocks(now), *_of_notices(now)]
    known = set(AlertMail.rows().filter(about__in=[each.about for each in lines]).values_list("member_id", "about"))
    new = [each for each in lines if (each.member_id, each.about) not in known]
    AlertMail.objects.bulk_create(new, ignore_conflicts=True)
    outbox.enqueue_many(SEND, sorted({each.member_id for each in new}))
    return len(new)


@outbox.own_scope_handler(SEND)
def send(organization_id: UUID, member_id: UUID, now: datetime) -> None:
    """Mail a colleague all that they were not mailed of yet; a mail server that fails is tried again."""
    with tenant_scope(organization_id):
        rows = AlertMail.rows().filter(member_id=member_id, sent_at=None)
        waiting = list(rows.order_by("made_at", "id"))
        member = Membership.rows().select_related("user").filter(id=member_id, is_active=True).first()
    if member is not None and waiting:
        mail_of(member.user.email, waiting).send()
    with tenant_scope(organization_id):
        AlertMail.rows().filter(id__in=[each.id for each in waiting]).update(sent_at=database_now())


def mail_of(address: str, waiting: list[AlertMail]) -> EmailMessage:
    """Return the mail: numbers, codes in words, and links."""
    said = [f"{each.ref or 'leadcrm'}: {WORDS[each.code]}" for each in waiting]
    subject = said[0] if len(said) == 1 else f"leadcrm: {len(said)} things wait for you"
    lines = [f"{words}\n{_link(each.path)}" for words, each in zip(said, waiting[:MOST], strict=False)]
    if len(waiting) > MOST:
        lines.append(f"And {len(waiting) - MOST} more:\n{_link('/')}")
    body = "\n\n".join([*lines, "Sign in to read more; no mail says whom it is about."])
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [address], headers=headers)


def _of_clocks(now: datetime) -> Iterable[AlertMail]:
    rows = Escalation.rows().filter(done_at__gt=now - LATELY, member__isnull=False)
    for row in rows.select_related("timer__lead").order_by("done_at", "id"):
        assert row.member_id is not None and row.done_at is not None
        late = GIVEN if row.do == "reassign" else LATE
        yield AlertMail(
            member_id=row.member_id,
            about=row.id,
            code=WARNED if row.step == WARNING_STEP else late,
            ref=row.timer.lead.ref,
            path=reverse("workspace:lead", args=[row.timer.lead_id]),
            made_at=row.done_at,
        )


def _of_notices(now: datetime) -> Iterable[AlertMail]:
    rows = Notice.rows().filter(made_at__gt=now - LATELY, seen_at=None).exclude(kind__in=_NOT_MAILED)
    for row in rows.order_by("made_at", "id"):
        yield AlertMail(
            member_id=row.member_id,
            about=row.id,
            code=row.kind if row.kind in WORDS else NOTICE,
            path=urlsplit(row.url).path or "/",
            made_at=row.made_at,
        )


def _link(path: str) -> str:
    return f"{settings.LEADCRM_BASE_URL}{path}"
