"""What the admin's pages cost: statements of each page, and the parts of the library that a page asks for."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadcrm.admin_frame import without_unused_parts
from tests.admin.test_rule_tools import live, place_of
from tests.leads_made import inquiry, send_in

MOST_STATEMENTS = 25
LOADED = re.compile(r'<(?:script|link)\b[^>]*(?:src|href)="([^"]+)"')


@pytest.fixture
def leads(harbor):
    """Five leads, so that a list has rows."""
    for _ in range(5):
        send_in(harbor, inquiry())
    harbor.drain()


@pytest.mark.parametrize("page", ["/admin/", "/admin/leads/lead/", "/admin/policies/ruleset/", "rule", "version"])
def test_a_page_asks_at_most_25_statements(harbor, client_as, leads, page):
    version = live(harbor)
    path = {
        "rule": place_of(version, "R-41"),
        "version": f"/admin/policies/rulesetversion/{version.pk}/change/",
    }.get(page, page)
    cleo = client_as("cleo")
    cleo.get(path)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert cleo.get(path).status_code == 200
    found = [each["sql"] for each in asked.captured_queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(found) <= MOST_STATEMENTS, "\n".join(each[:160] for each in found)


def test_five_leads_ask_as_much_as_ten(harbor, client_as, leads):
    cleo = client_as("cleo")
    cleo.get("/admin/leads/lead/")
    with CaptureQueriesContext(connection) as few:
        cleo.get("/admin/leads/lead/")
    for _ in range(5):
        send_in(harbor, inquiry())
    harbor.drain()
    cleo.get("/admin/leads/lead/")
    with CaptureQueriesContext(connection) as more:
        cleo.get("/admin/leads/lead/")
    assert len(more) == len(few)


def test_pages_load_nothing_that_they_do_not_use(harbor, client_as, leads):
    cleo = client_as("cleo")
    for path in ("/admin/", "/admin/leads/lead/", place_of(live(harbor), "R-41")):
        shown = cleo.get(path).content.decode()
        loaded = LOADED.findall(shown)
        assert 5 < len(loaded) <= 12, loaded
        assert not [each for each in loaded if "chart" in each or "inter" in each or urlsplit(each).netloc]
        assert "searchCommand" not in shown and "commandHistory" not in shown


def test_inline_rows_keep_the_scripts_that_add_them(harbor, client_as):
    from tests.admin.test_registers import Calendar, grant, rows

    grant(harbor, "marketing", "admin:use", "settings:write")
    calendar = rows(harbor, Calendar)
    loaded = LOADED.findall(client_as("cleo").get(f"/admin/catalog/calendar/{calendar.id}/change/").content.decode())
    assert any("jquery" in each for each in loaded) and any("inlines" in each for each in loaded)


def test_what_was_typed_keeps_its_blanks():
    from django.http import HttpResponse

    page = b"<p>a\n     b</p>\n\n  <textarea>\n  {\n    x\n  }</textarea>\n   <pre>1\n  2</pre>"
    made = without_unused_parts(HttpResponse(page)).content
    assert made == b"<p>a\nb</p>\n<textarea>\n  {\n    x\n  }</textarea>\n<pre>1\n  2</pre>"
    download = HttpResponse(b"a\n  b", content_type="text/csv")
    assert without_unused_parts(download).content == b"a\n  b"
