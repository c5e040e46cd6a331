"""E-05: three pages, each for a service: the closest office that offers it, the right queue there, and the night."""

import html
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from apps.exceptions.models import ExceptionItem
from apps.leads.models import Lead, Task, Touch
from apps.sla.models import SlaTimer
from tests.capture.forms_made import open_form, send_form
from tests.cast import Tenant
from tests.leads_made import reload
from tests.rows.arranging import ask, chicago, page

TUESDAY_TEN, SATURDAY_EIGHT = chicago("2026-12-01 10:00"), chicago("2026-12-05 20:00")
MONDAY_EIGHT = chicago("2026-12-07 08:00")
#: The only choice of each page, which a browser sends along.
SERVICES = {"IMG-01": "imaging", "ORT-01": "orthopedics", "DRM-01": "dermatology"}
_people = count(1)

OpenBrowser = Callable[[str], Client]


def address_of(tenant: Tenant, campaign_page: str) -> str:
    return f"/f/{tenant.slug}-{campaign_page.lower()}/?lp={campaign_page}"


def sent(tenant: Tenant, visitor: Client, campaign_page: str, city: str, at: datetime, **answers: str) -> Lead:
    """Fill in a page as somebody new who sends it at an instant; return the lead as the intake left it."""
    number = next(_people)
    values = {"first_name": "Nora", "last_name": f"Lind{number}", "phone": f"(312) 555-01{number:02d}"}
    values |= {
        "email": f"nora{number}@example.com",
        "city": city,
        "service": SERVICES.get(campaign_page, ""),
        "message": "As soon as it suits you",
    }
    values |= {"patient_type": "new", "preferred_channel": "call", "consent_call": "on", "consent_email": "on"}
    answer = send_form(visitor, address_of(tenant, campaign_page), values | answers, at - timedelta(seconds=10))
    assert answer.status_code == 303, answer.content.decode()
    tenant.drain(at + timedelta(seconds=20))
    with tenant.scope():
        lead = Lead.rows().get(person__last_name=f"Lind{number}")
    return reload(tenant, lead.id)


def first_contact(tenant: Tenant, lead: Lead) -> SlaTimer:
    with tenant.scope():
        found: SlaTimer = SlaTimer.rows().get(lead=lead, kind="first_contact")
        return found


def why(reader: Client, lead: Lead, at: datetime) -> dict[str, Any]:
    answer = ask(reader, "GET", f"/leads/{lead.id}/why", at=at)
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()["decisions"][0]
    return found


@pytest.mark.journey("E-05")
@pytest.mark.row("RT-05")
@pytest.mark.row("RT-07")
def test_the_service_decides_which_offices_count_and_the_city_which_of_them(
    harbor: Tenant, client: Client, client_as: OpenBrowser
) -> None:
    # The page: its own service alone, a list of cities, why they come, and no office to choose.
    shown = open_form(client, address_of(harbor, "DRM-01"), TUESDAY_TEN)
    assert 'name="location"' not in shown and 'value="dermatology"' in shown and 'value="imaging"' not in shown
    assert 'list="id_city_offers"' in shown and '<option value="Elmwood"></option>' in shown
    assert "Why would you like to come?" in shown and "calls you within minutes while we are open" in shown
    spanish = open_form(client, f"{address_of(harbor, 'DRM-01')}&lang=es", TUESDAY_TEN)
    assert "¿En qué ciudad vive?" in spanish and "Elíjala de la lista o escríbala." in spanish

    # 1. Elm is closest and has no dermatology: the closest office that has it.
    new = sent(harbor, client, "DRM-01", "Elmwood", TUESDAY_TEN)
    assert (new.service.key, new.location.key) == ("dermatology", "oak-park")
    found = why(client_as("ewa"), new, TUESDAY_TEN)
    others = {each["name"]: each["reason"] for each in found["not_chosen"]}
    assert others["Elm St"] == "does not offer the service" and "Oak Park 12." in others["Evanston"]
    with harbor.scope():
        touch = Touch.rows().get(lead=new)
    assert touch.attribution["landing_page"] == "DRM-01" and new.workflow == "consult"

    # 2. New patients to the office's calls, who has been here before to its recall queue.
    known = sent(harbor, client, "DRM-01", "Elmwood", TUESDAY_TEN, patient_type="established")
    assert [(each.queue.name, each.owner_team.key) for each in (new, known)] == [
        ("Oak Calls", "oak-calls"),
        ("Oak Recall", "patient-services"),
    ]

    # 3. While we are open: the day queue, and five minutes to call.
    knee = sent(harbor, client, "ORT-01", "Elmwood", TUESDAY_TEN)
    assert (knee.queue.key, knee.location.key) == ("elm-calls", "elm-st")
    assert first_contact(harbor, knee).due_at == chicago("2026-12-01 10:05")

    # 6. The way there in the order of the layers, on the page and by the API.
    path = why(client_as("ewa"), known, TUESDAY_TEN)["path"]
    assert [(each["layer"], each["rule_id"]) for each in path[3:6]] == [
        ("service", "R-31C"),
        ("location", "R-43"),
        ("patient_type", "R-50"),
    ]


@pytest.mark.journey("E-05")
@pytest.mark.row("HC-03")
@pytest.mark.row("RT-16")
def test_on_saturday_evening_it_waits_for_monday_and_stands_first_then(
    harbor: Tenant, client: Client, client_as: OpenBrowser
) -> None:
    mail.outbox.clear()
    late_friday = sent(harbor, client, "ORT-01", "Elmwood", chicago("2026-12-04 16:59"))
    night = sent(harbor, client, "ORT-01", "Elmwood", SATURDAY_EIGHT)

    # 4. After-hours Intake has it; the receipt promises Monday; the first task is due five minutes after opening.
    assert (night.queue.name, night.owner_team.name) == ("After-hours Intake", "After-hours Intake")
    letter = mail.outbox[-1]
    assert letter.to == [f"nora{night.person.last_name.removeprefix('Lind')}@example.com"]
    assert "We will contact you Monday from 08:00." in " ".join(letter.body.split())
    assert night.acknowledged_at is not None and night.acknowledged_at - SATURDAY_EIGHT < timedelta(seconds=60)
    with harbor.scope():
        task = Task.rows().get(lead=night, state="open")
    assert first_contact(harbor, night).due_at == task.due_at == MONDAY_EIGHT + timedelta(minutes=5)

    # 6. The hours come after the layers, and say why.
    found = why(client_as("ewa"), night, SATURDAY_EIGHT + timedelta(minutes=1))
    layers = [each["layer"] for each in found["path"]]
    assert layers[3:] == ["service", "location", "patient_type", "distribution", "hours"]
    shown = html.unescape(page(client_as("zoe"), f"/leads/{night.id}/why/", at=SATURDAY_EIGHT + timedelta(minutes=1)))
    ladder = shown[shown.index('<ol class="ladder">') :]
    places = [ladder.index(each) for each in ("Service", "Location", "Patient type", "Opening hours")]
    assert places == sorted(places) and "Elm Calls is closed until 7 Dec 2026, 08:00" in ladder and "UTC" not in shown

    # On Monday the day queue has it, before whoever comes then.
    harbor.drain(MONDAY_EIGHT)
    early = sent(harbor, client, "ORT-01", "Elmwood", MONDAY_EIGHT + timedelta(minutes=1))
    routine = sent(
        harbor,
        client,
        "CONTACT",
        "",
        MONDAY_EIGHT + timedelta(minutes=1),
        service="orthopedics",
        location="elm-st",
        consent_call="",
        preferred_channel="email",
    )
    night, at = reload(harbor, night.id), MONDAY_EIGHT + timedelta(minutes=2)
    assert (night.queue.name, night.owner_team.key) == ("Elm Calls", "elm-calls") and night.owner is not None
    shown = page(client_as("lena"), "/queue/?view=team", at=at)
    order = [shown.index(f'id="row-{each.id}"') for each in (night, early, routine)]
    assert order == sorted(order), "whoever waited since Saturday stands first"
    assert shown.index(f'id="row-{late_friday.id}"') < order[0], "and Friday's before it"


@pytest.mark.journey("E-05")
@pytest.mark.row("DD-06")
def test_a_city_that_is_mistyped_is_understood_or_asked_about_and_never_elm(
    harbor: Tenant, client: Client, client_as: OpenBrowser
) -> None:
    # 5. "Evnston" is plainly Evanston; "Evn" could be anything; a city of several states is not guessed.
    near = sent(harbor, client, "IMG-01", "Evnston", TUESDAY_TEN)
    assert (near.location.key, near.queue.key, near.person.city) == ("evanston", "evanston-calls", "Evanston")
    assert "Evnston" in page(client_as("ewa"), f"/leads/{near.id}/background/", at=TUESDAY_TEN + timedelta(minutes=1))
    for typed, code in (("Evn", "unknown_city"), ("Springfield", "ambiguous_city")):
        unclear = sent(harbor, client, "IMG-01", typed, TUESDAY_TEN)
        assert (unclear.location, unclear.queue.name, unclear.exception) == (None, "General Intake", code)
        with harbor.scope():
            item = ExceptionItem.rows().get(lead=unclear)
        assert (item.code, item.state) == (code, "open")
        assert unclear.ref in page(client_as("ewa"), "/queue/?view=exceptions", at=TUESDAY_TEN + timedelta(minutes=1))
