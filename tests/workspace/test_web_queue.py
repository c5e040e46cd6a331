"""The queue's tabs, sentence of filters, orders, saved views and budget."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEntry
from apps.tenancy.clock import travelling
from apps.workspace.models import SavedView
from tests.leads_made import TUESDAY_NINE, make_lead

SOON = TUESDAY_NINE + timedelta(minutes=2)
#: Fifty rows, before they are compressed.
MOST_BYTES = 60 * 1024
PAGE_TABLES = ("leads_", "sla_", "consent_", "outreach_", "catalog_", "workspace_", "appointments_")


def body_of(response):
    return response.content.decode()


def page(client, path="/queue/", at=SOON):
    with travelling(to=at):
        return body_of(client.get(path))


def tab(text, label):
    return re.search(rf'>{label}(?:<span class="count">([^<]+)</span>)?</a>', text).group(1)


def own(asked):
    """Return the statements that the page asks itself, beside its frame's."""
    return [
        each
        for each in asked.captured_queries
        if any(f'FROM "{name}' in each["sql"] for name in PAGE_TABLES) or "CARDINALITY" in each["sql"]
    ]


def test_the_tabs_count_what_their_views_hold(harbor, client_as):
    for minutes in range(3):
        make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=minutes))
    lena = client_as("lena")
    text = page(lena, at=TUESDAY_NINE + timedelta(minutes=4))
    assert (tab(text, "New"), tab(text, "Breaching"), tab(text, "Scheduled")) == ("3", "0", "0")
    late = TUESDAY_NINE + timedelta(hours=2)
    assert tab(page(lena, at=late), "Breaching") == "3"
    assert page(lena, "/queue/?view=late", at=late).count('id="lead-') == 3
    assert page(lena, "/queue/?view=scheduled").count('id="lead-') == 0


def test_filters_read_as_a_sentence_and_each_is_taken_away_alone(harbor, client_as):
    make_lead(harbor)
    text = page(client_as("ewa"), "/queue/?view=new&service=imaging&location=elm-st&sort=captured")
    chips = re.findall(r'class="narrow" href="([^"]+)"><span>([^<]+)', text)
    assert chips == [
        ("/queue/?view=new&amp;location=elm-st&amp;sort=captured", "Imaging"),
        ("/queue/?view=new&amp;service=imaging&amp;sort=captured", "Elm St"),
    ]


def test_newest_first_turns_the_list_round_and_its_neighbours_with_it(harbor, client_as):
    leads = [make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=n)) for n in range(3)]
    at = TUESDAY_NINE + timedelta(minutes=5)
    ewa = client_as("ewa")
    text = page(ewa, "/queue/?sort=captured", at=at)
    assert re.findall(r'id="lead-(L-\d+)"', text) == [lead.ref for lead in reversed(leads)]
    address = re.search(rf'href="(/leads/{leads[2].id}/\?from=[^"]+)"', text).group(1)
    lead_page = page(ewa, address, at=at)
    following = re.search(r'href="([^"]+)" rel="next"', lead_page).group(1)
    assert following.startswith(f"/leads/{leads[1].id}/")


@pytest.mark.row("SL-08")
def test_rows_say_their_clock_in_words_and_keep_their_id(harbor, client_as):
    lead = make_lead(harbor)
    text = page(client_as("ewa"))
    assert f'<tr id="row-{lead.id}">' in text
    assert re.search(r'sla__word">\d+ min left<', text)
    assert re.search(r'sla__due">\d\d:\d\d<', text)


def test_what_arrived_and_was_handled_is_drawn_and_said(harbor, client_as):
    make_lead(harbor)
    assert "1 arrived, 0 handled for the first time" in page(client_as("ewa"))


@pytest.mark.ux(19)
def test_the_pages_keep_their_budget_for_five_rows_and_fifty(harbor, client_as):
    counts = {"/queue/": [], "/": []}
    for rows in (5, 45):
        for n in range(rows):
            make_lead(harbor, at=TUESDAY_NINE + timedelta(seconds=n))
        for path, name in (("/queue/", "lena"), ("/", "ana")):
            client = client_as(name)
            page(client, path)
            with travelling(to=SOON), CaptureQueriesContext(connection) as asked:
                answer = client.get(path)
            counts[path].append(len(asked))
            assert len(own(asked)) <= 6, "\n".join(each["sql"][:200] for each in own(asked))
            assert len(answer.content) <= MOST_BYTES
    assert all(few == many for few, many in counts.values()), counts


def save(client, name, query="view=new&service=imaging", **more):
    return client.post(f"/queue/views/new/?{query}", {"name": name, "team": "", **more})


def test_a_view_is_kept_for_oneself_and_stands_among_the_tabs(harbor, client_as):
    ewa = client_as("ewa")
    answer = save(ewa, "  Imaging,  new ")
    assert (answer.status_code, answer["Location"]) == (303, "/queue/?view=new&service=imaging")
    text = page(ewa, answer["Location"])
    assert re.search(r'aria-current="page">Imaging, new</a>', text)
    assert "Imaging, new" not in page(client_as("lena"))
    with harbor.scope():
        assert SavedView.rows().get().words == {"view": "new", "service": "imaging"}
        assert AuditEntry.rows().filter(action="view.save").count() == 1


def test_what_was_typed_is_never_kept(harbor, client_as):
    save(client_as("ewa"), "Mine", query="view=mine&q=Maria&service=Lopez")
    with harbor.scope():
        assert SavedView.rows().get().words == {"view": "mine"}


def test_a_name_is_given_once_and_a_team_only_to_its_people(harbor, client_as):
    ewa = client_as("ewa")
    save(ewa, "Twice")
    assert "There is a view of this name" in body_of(save(ewa, "Twice"))
    assert save(ewa, "").status_code == 422
    with harbor.scope():
        foreign = str(harbor.team("elm-calls").id)
    assert save(ewa, "Theirs", team=foreign).status_code == 422


def test_a_teams_lead_sets_the_view_that_the_teams_queue_opens_with(harbor, client_as):
    with harbor.scope():
        team = next(iter(harbor.actor("lena").led_team_ids))
    lena, ana = client_as("lena"), client_as("ana")
    assert save(lena, "Start here", query="view=new", team=str(team), is_default="on").status_code == 303
    assert ana.get("/queue/")["Location"] == "/queue/?view=new"
    assert ana.get("/queue/?view=all").status_code == 200
    with harbor.scope():
        view = SavedView.rows().get()
    assert ana.post(f"/queue/views/{view.id}/", {"act": "delete"}).status_code == 403
    assert ana.post(f"/queue/views/{view.id}/", {"act": "no_default"}).status_code == 403
    assert client_as("ewa").post(f"/queue/views/{view.id}/", {"act": "rename", "name": "X"}).status_code == 404
    assert lena.post(f"/queue/views/{view.id}/", {"act": "rename", "name": "First"}).status_code == 303
    assert lena.post(f"/queue/views/{view.id}/", {"act": "no_default"}).status_code == 303
    assert ana.get("/queue/").status_code == 200
    assert "First" in body_of(ana.get("/queue/views/"))
    assert lena.post(f"/queue/views/{view.id}/", {"act": "delete"}).status_code == 303
    with harbor.scope():
        actions = set(AuditEntry.rows().filter(object_type="saved_view").values_list("action", flat=True))
    assert {"view.save", "view.rename", "view.default", "view.delete"} <= actions
