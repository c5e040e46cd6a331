"""The way into compliance: its officer finds it in the rail, nobody else finds the address."""

import pytest


def test_the_officer_finds_the_registers(client_as):
    page = client_as("dev").get("/compliance/")
    assert page.status_code == 200
    text = page.content.decode()
    assert 'href="/compliance/" aria-current="page"' in text or 'aria-current="page" href="/compliance/"' in text
    for address in ("/admin/audit/auditentry/", "/admin/consent/consentevent/"):
        assert f'href="{address}"' in text


@pytest.mark.parametrize("who", ["ana", "lena", "cleo", "ada"])
def test_nobody_else_finds_the_address(client_as, who):
    assert client_as(who).get("/compliance/").status_code == 404
    assert 'href="/compliance/"' not in client_as(who).get("/playbook/").content.decode()
