"""Previous and next follow the visible list; the token in the address is signed and tells nothing."""

import html
import re
from datetime import timedelta

import pytest

from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead

SOON = TUESDAY_NINE + timedelta(minutes=4)


@pytest.fixture
def four(harbor):
    return [make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=n)) for n in range(4)]


def page(client, path):
    with travelling(to=SOON):
        return html.unescape(client.get(path).content.decode())


def row_of(text, lead):
    return re.search(rf'href="(/leads/{lead.id}/\?from=[^"]+)"', text).group(1)


def link(text, rel):
    found = re.search(rf'href="([^"]+)" rel="{rel}"', text)
    return found.group(1) if found else ""


def test_previous_and_next_follow_the_filtered_list_and_lead_back_to_the_row(four, harbor, client_as):
    other = make_lead(
        harbor, at=TUESDAY_NINE + timedelta(minutes=1), source="web-ortho", request__service="orthopedics"
    )
    ewa = client_as("ewa")
    address = row_of(page(ewa, "/queue/?service=imaging"), four[0])
    assert "imaging" not in address
    for lead in four[1:]:
        text = page(ewa, address)
        address = link(text, "next")
        assert address.startswith(f"/leads/{lead.id}/?from=")
        assert str(other.id) not in address
    text = page(ewa, address)
    assert link(text, "next") == ""
    assert link(text, "prev").startswith(f"/leads/{four[2].id}/?from=")
    assert f'href="/queue/?service=imaging#lead-{four[3].ref}"' in text


def test_the_forms_of_a_lead_keep_the_way_back(four, client_as):
    ewa = client_as("ewa")
    address = row_of(page(ewa, "/queue/"), four[1])
    token = address.partition("?")[2]
    assert f'/leads/{four[1].id}/opt-out/?{token}"' in page(ewa, address)
    assert f'href="{address}"' in page(ewa, f"/leads/{four[1].id}/opt-out/?{token}")


def test_a_forged_or_foreign_place_is_no_place(four, client_as):
    address = row_of(page(client_as("ewa"), "/queue/"), four[1])
    for other in (address, address + "x", f"/leads/{four[1].id}/?from=forged"):
        text = page(client_as("gus"), other)
        assert link(text, "next") == ""
        assert 'href="/queue/"' in text
