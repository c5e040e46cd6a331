"""A handoff in the browser: four steps with a draft, the receiver's page, the sender's card, the owner's summary."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from apps.flows.exporting import export_leads
from apps.handoffs.models import Handoff
from apps.leads.models import Lead
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, page

AT = TUESDAY_NINE + timedelta(minutes=5)


def send(browser, path, at=AT, **values):
    with travelling(to=at):
        return browser.post(path, values)


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.row("HO-03")
@pytest.mark.row("HO-05")
@pytest.mark.row("HO-07")
@pytest.mark.ux(14)
def test_four_steps_offer_a_lead_and_the_receiver_takes_it_from_my_work(harbor, client_as):
    lead = make_lead(harbor, request__message="My knee clicks when I climb.")
    name = lead.owner.user.name
    sender, sue = client_as(lead.owner.user.email.partition("@")[0]), client_as("sue")
    home, wizard = f"/leads/{lead.id}/", f"/leads/{lead.id}/handoff/"
    note = {"text": "Afraid of narrow tubes."}
    assert ask(sender, "POST", f"/leads/{lead.id}/notes", note, at=AT).status_code == 201
    assert f'href="{wizard}"' in page(sender, home, at=AT)

    # 1 to whom: open now, how many take leads; without a choice there is no next step.
    first = page(sender, wizard, at=AT)
    assert re.search(
        r"Scheduling: To scheduling \(open now, people who take leads: \d, open leads: 0\)", unescape(first)
    )
    assert send(sender, wizard, step="1", do="next").status_code == 422
    assert send(sender, wizard, step="1", do="next", who="H-1:scheduling")["Location"] == f"{wizard}?step=2"

    # 2 checklist, 3 note and what travels: kept as a draft that is resumed where it was left.
    second = words(page(sender, f"{wizard}?step=2", at=AT))
    assert "Asked in step 3: Eligibility note" in second and "Done: Consent" in second
    ticked = {f"item-{each}": "on" for each in ("identity", "contact", "insurance")}
    send(sender, wizard, step="2", do="next", **ticked)
    third = words(page(sender, wizard, at=AT))
    assert "Draft from 09:05 restored." in third and "Withheld Ad cost, Campaign, Source" in third
    assert "They accept by 09:20" in third and "First outreach by 09:50" in third
    said = {"service": "imaging", "confirmed": ["phone"], "next_step": "Book an MRI", "eligibility": "No implant"}
    send(sender, wizard, step="3", do="next", **said)

    # 4 confirm: with 3 of 4 the button is disabled, and the server refuses; with 4 of 4 it goes.
    short = page(sender, f"{wizard}?step=4", at=AT)
    assert re.search(r'value="offer" disabled[^>]*>\s*Transfer', short)
    assert "“The person knows who calls next and why” is not ticked." in unescape(short)
    assert send(sender, wizard, step="4", do="offer").status_code == 422
    with harbor.scope():
        assert not Handoff.rows().exists()
    send(sender, wizard, step="2", do="next", **ticked, **{"item-expects": "on"})
    whole = page(sender, f"{wizard}?step=4", at=AT)
    assert re.search(r'value="offer">\s*Transfer', whole)
    version = reload(harbor, lead.id).version
    assert send(sender, wizard, step="4", do="offer", version=version)["Location"] == home
    with harbor.scope():
        row = Handoff.rows().get()
    card = words(page(sender, home, at=AT))
    assert "Waits for an answer by 09:20" in card and f"4 of 4 ticked, {name} 09:05" in card
    assert send(sender, wizard, step="4", do="offer")["Location"] == f"/leads/{lead.id}/handoffs/{row.id}/"
    assert "Offered to Scheduling; they accept by 09:20" in words(page(sender, "/", at=AT))

    # The receiver's My work: accept or return. Before that they see what passes and not the lead.
    work, package = page(sue, "/", at=AT), f"/leads/{lead.id}/handoffs/{row.id}/"
    assert f'action="{package}"' in work and "accept by 09:20" in words(work)
    assert sue.get(home).status_code == 403
    seen = words(page(sue, package, at=AT))
    for told in ("My knee clicks", "Afraid of narrow tubes", "Withheld Ad cost, Campaign, Source", "Book an MRI"):
        assert told in seen, told
    assert "Why do you return it?" in seen and send(sue, package, do="return", reason=" ").status_code == 422
    assert client_as("ben").get(package).status_code == 403
    assert send(sue, package, do="accept")["Location"] == home

    # The new owner's page opens with what happened; the checklist stays for ever; the sender may look, not change.
    opened = words(page(sue, home, at=AT))
    summary = opened[opened.index("New to you") : opened.index("Next action")]
    assert "Scheduling accepted from Elm Calls: To scheduling." in summary
    for told in ("My knee clicks when I climb.", "Contact so far none", f"{name}, 09:05 Afraid of narrow tubes."):
        assert told in summary, told
    # What must not pass stays hidden from them also now; who gave it sees it as before.
    shown = [ask(each, "GET", f"/leads/{lead.id}", at=AT).json() for each in (sue, sender)]
    assert [("source" in each, "campaign" in each) for each in shown] == [(False, False), (True, True)], shown
    assert ("Campaign" in opened, "Campaign" in words(page(sender, home, at=AT))) == (False, True)
    work = page(sue, "/", at=AT)
    assert (lead.ref in work, lead.source.name in work) == (True, False)
    with harbor.scope(), travelling(to=AT):
        downloader = replace(harbor.actor("sue"), permissions=harbor.actor("sue").permissions | {"lead:download"})
        taken_out = export_leads(actor=downloader, rows=Lead.rows().filter(id=lead.id), asked={}, now=AT)
    assert lead.ref in taken_out.rows[0] and lead.source.name not in taken_out.rows[0]
    assert f"Accepted: Sue Lindt, 09:05 4 of 4 ticked, {name} 09:05" in opened
    assert f"Name and date of birth confirmed on the call {name} 09:05" in words(page(sue, package, at=AT))
    assert "New to you" not in words(page(sender, home, at=AT))
    assert sender.get(wizard).status_code == 403
    contact = {"kind": "call", "outcome": "voicemail", "next_action_at": (AT + timedelta(days=1)).isoformat()}
    assert ask(sue, "POST", f"/leads/{lead.id}/activities", contact, at=AT).status_code == 201
    assert "New to you" not in words(page(sue, home, at=AT))


@pytest.mark.row("HO-08")
@pytest.mark.ux(14)
def test_the_supervisor_is_led_to_what_is_stuck(harbor, client_as):
    lead = make_lead(harbor)
    ticks = dict.fromkeys(("identity", "contact", "insurance", "expects"), True)
    note = {"service": "imaging", "confirmed": ["phone"], "next_step": "Book", "eligibility": "No implant"}
    body, sender = {"type": "H-1", "checklist": ticks, "note": note}, client_as(lead.owner.user.email.partition("@")[0])
    offered = ask(sender, "POST", f"/leads/{lead.id}/handoffs", body, at=AT).json()
    ewa, late = client_as("ewa"), AT + timedelta(hours=2)
    assert "Stuck between teams" not in page(ewa, "/exceptions/", at=AT)
    assert "Stuck between teams 1" in words(page(ewa, "/exceptions/", at=late))
    listed = words(page(ewa, "/handoffs/?show=stuck", at=late))
    assert f"{lead.ref} To scheduling Elm Calls → Scheduling" in listed and "by 09:20, late" in listed
    package = f"/leads/{lead.id}/handoffs/{offered['id']}/"
    assert send(sender, package, late, do="withdraw", reason="She moved")["Location"] == f"/leads/{lead.id}/"
    assert "Nothing hangs between teams." in words(page(ewa, "/handoffs/?show=stuck", at=late))
