"""Mails to colleagues: a number and a link, nothing of the person (row PH-17)."""

from datetime import timedelta

import pytest

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.flows.sweeps import sweep
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import page
from tests.rows.test_consent import owner_name

TOLD = ("maria", "lopez", "imaging", "mri", "+1312", "555", "elm")


def mails_of(mailoutbox, harbor, address):
    """Return what colleagues were mailed at an address, after the clocks and the sweep ran."""
    return [each for each in mailoutbox if each.to == [f"{address}@{harbor.domain}"]]


@pytest.mark.row("PH-17")
def test_the_mail_about_a_late_lead_has_its_number_and_a_link_and_nothing_of_the_person(harbor, client_as, mailoutbox):
    lead = make_lead(harbor, request__message="An MRI of my knee")
    late = TUESDAY_NINE + timedelta(minutes=6)
    harbor.drain(late)
    with harbor.scope():
        sweep(harbor.organization_id, late)
    harbor.drain(late)
    (mail,) = mails_of(mailoutbox, harbor, owner_name(lead))
    assert lead.ref in mail.body and "a clock ran" in mail.body + mail.subject
    link = f"/leads/{lead.id}/"
    assert link in mail.body
    whole = f"{mail.subject} {mail.body} {mail.extra_headers}".lower().replace(str(lead.id), "")
    assert not [each for each in TOLD if each in whole]
    assert "Maria Lopez" in page(client_as(owner_name(lead)), link, at=late)
    with harbor.scope():
        sweep(harbor.organization_id, late)
    harbor.drain(late)
    assert len(mails_of(mailoutbox, harbor, owner_name(lead))) == 1, "of one matter a person hears once"


@pytest.mark.row("PH-17")
def test_whatever_a_notice_says_its_mail_does_not(harbor, mailoutbox):
    sentence = "Maria Lopez asked for imaging at Elm Street, +1 312 555 0142."
    everybody = {"permission": Permission.SETTINGS_WRITE, "url": "/compliance/?who=Maria+Lopez"}
    with harbor.scope():
        for kind in ("exception", "vendor", "a_kind_of_tomorrow"):
            tell_people(kind=kind, sentence=sentence, dedup_key=kind, now=TUESDAY_NINE, **everybody)
        sweep(harbor.organization_id, TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE)
    (mail,) = mails_of(mailoutbox, harbor, "ada")
    assert mail.subject == "leadcrm: 3 things wait for you"
    assert mail.body.count("/compliance/\n") == 3
    assert not [each for each in TOLD if each in f"{mail.subject} {mail.body}".lower()]
