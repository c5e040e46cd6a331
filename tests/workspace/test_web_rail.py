"""The rail says how much there is to do, on every page, in one statement."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Membership
from apps.workspace.rail import rail_counts
from tests.leads_made import make_lead


def counts_of(page):
    """Return the numbers of the rail by address."""
    entries = re.findall(r'class="rail__link" href="([^"]+)"(.*?)</a>', page, re.DOTALL)
    found = {url: re.search(r'class="rail__count">(\S+) ', entry) for url, entry in entries}
    return {url: number[1] for url, number in found.items() if number}


def test_the_rail_counts_ones_own_leads_and_those_that_nobody_took(harbor, client_as):
    assert counts_of(client_as("ana").get("/").content.decode()) == {}
    with harbor.scope():
        others = [harbor.member(name).id for name in ("eli", "lena")]
        Membership.rows().filter(id__in=others).update(availability="away")
    for _ in range(2):
        make_lead(harbor)
    with harbor.scope():
        Membership.rows().filter(id=harbor.member("ana").id).update(availability="away")
    make_lead(harbor)
    page = client_as("ana").get("/queue/").content.decode()
    assert counts_of(page) == {"/": "2", "/queue/": "1"} and "leads of your teams that nobody has taken" in page
    assert counts_of(client_as("ben").get("/queue/").content.decode()) == {}


def test_it_costs_one_statement_and_an_agency_none(harbor):
    make_lead(harbor)
    with harbor.scope():
        for name, most in (("ana", 1), ("bea", 0)):
            actor = harbor.actor(name)
            with CaptureQueriesContext(connection) as asked:
                rail_counts(actor)
            assert len(asked) == most, name


def test_what_looks_like_spam_is_counted_for_those_who_may_look(harbor, client_as):
    make_lead(harbor)
    with harbor.scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE capture_submission SET state = 'quarantined'")
    assert counts_of(client_as("ewa").get("/queue/").content.decode())["/quarantine/"] == "1"
    page = client_as("ana").get("/queue/").content.decode()
    assert 'href="/quarantine/"' not in page and 'href="/leads/new/"' in page
    with harbor.scope():
        ewa = harbor.actor("ewa")
        with CaptureQueriesContext(connection) as asked:
            rail_counts(ewa)
    assert len(asked) == 1
