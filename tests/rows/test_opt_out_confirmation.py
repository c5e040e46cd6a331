"""Row CN-04: a STOP by text or mail is confirmed once, at once, and to nobody who said it at another door."""

from datetime import timedelta

import pytest
from django.core import mail

from apps.flows.opt_out import opt_out
from apps.outreach.models import Message
from apps.outreach.texts import NullTexts
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.connectors.senders import Sender, connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent, make_lead

NUMBER, FORM, NIGHT = "+13125550176", "application/x-www-form-urlencoded", TUESDAY_NINE + timedelta(hours=14)
ALL = [consent("call"), consent("text"), consent("email")]


@pytest.fixture
def texts(harbor: Tenant) -> Sender:
    """Return the number's messaging webhook, with nothing sent before."""
    NullTexts.sent.clear()
    mail.outbox.clear()
    return connect(harbor, "twilio-sms", source="chat")


def stop(sender: Sender, sid: str, body: str = "STOP", **more: str) -> None:
    """Text a word from the number."""
    said = sample("twilio-sms", "text") | {"Body": body, "MessageSid": sid, "From": NUMBER, **more}
    assert push(sender, said, FORM).status_code == 200


def confirmed() -> list[tuple[str, str]]:
    """Return what was texted, to whom."""
    return [(each.to, each.body) for each in NullTexts.sent]


@pytest.mark.row("CN-04")
@pytest.mark.journey("E-15")
def test_stop_by_text_is_confirmed_once_within_five_minutes_on_that_channel_alone(
    harbor: Tenant, texts: Sender
) -> None:
    lead = make_lead(harbor, person__phone=NUMBER, person__preferred_language="es", consent=ALL)
    mails = len(mail.outbox)
    # At night: they wrote just now, so the answer waits for no morning.
    with travelling(to=NIGHT):
        stop(texts, "SM1")
        stop(texts, "SM2", "stop!")
    harbor.drain(NIGHT + timedelta(seconds=20))
    assert confirmed() == [
        (
            NUMBER,
            "Harbor Health: Se ha dado de baja y no recibirá más mensajes. Escriba START para volver a recibirlos.",
        )
    ]
    assert len(mail.outbox) == mails
    with harbor.scope():
        row = Message.rows().get(purpose="opt_out_confirmation")
        assert (row.state, row.channel, row.lead_id) == ("sent", "text", lead.id)
    # They come back and stop again: that is another opt-out. One that is read too late is confirmed no more.
    later = NIGHT + timedelta(hours=1)
    with travelling(to=later):
        stop(texts, "SM3", "START")
    harbor.drain(later)
    with travelling(to=later + timedelta(minutes=1)):
        stop(texts, "SM4")
    harbor.drain(later + timedelta(minutes=9))
    assert len(confirmed()) == 1
    # The provider confirms for itself where it says so; who tells a colleague is told by them.
    with travelling(to=later + timedelta(minutes=20)):
        stop(texts, "SM5", OptOutType="STOP")
    harbor.drain(later + timedelta(minutes=20))
    other = make_lead(harbor, at=later + timedelta(minutes=30), person__phone="+13125550175", consent=ALL)
    with travelling(to=later + timedelta(minutes=31)), harbor.scope():
        actor, now = harbor.actor("ewa"), later + timedelta(minutes=31)
        opt_out(actor=actor, lead_id=other.id, channels=["text"], reason="said so", now=now)
    harbor.drain(later + timedelta(minutes=32))
    assert len(confirmed()) == 1
