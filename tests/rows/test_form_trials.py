"""A/B on hosted forms and on the steps of a stage, by the same experiments as routing (row RV-06)."""

import html
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Notice
from apps.capture.models import FormVersion, FormVisit, Submission
from apps.flows.models import LeadArm
from apps.flows.watching import watch_all
from apps.leads.models import Stage, Task
from apps.policies.decisions.experiments import Arm, arm_of
from apps.policies.models import Experiment, Review
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.ids import new_id
from tests.capture.forms_made import DERM, form_of, hidden, publish_in_builder, save_in_builder
from tests.cast import Tenant
from tests.leads_made import inquiry, processed, send_in
from tests.rows.arranging import OpenBrowser
from tests.words import saying

NEW = "/admin/experiments/new/"
PERSON = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
SENT = {"service": "dermatology", "consent_call": "on", "first_name": "Nora", "phone": "(312) 555-0163"}
SHORT = [each for each in DERM if each["key"] in ("service", "contact", "consent")]


def planned(tenant: Tenant, client: Client, about: str, **changes: Any) -> Experiment:
    """Plan an experiment in the admin; it ends in 14 days."""
    ends = (database_now() + timedelta(days=14)).strftime("%Y-%m-%dT%H:%M")
    body = {"about": about, "title": "Fewer questions", "hypothesis": "Fewer questions, more inquiries", "percent": 50}
    body |= {"ends_at": ends, "goal": "sent", "wanted_points": 2, "priority": 1, "least_per_arm": 100} | changes
    answer = client.post(NEW, body)
    assert answer.status_code == 302, answer.content.decode()
    with tenant.scope():
        found: Experiment = Experiment.rows().order_by("-number")[0]
    return found


def decided(client: Client, row: Experiment, act: str, reason: str = "") -> str:
    """Decide about an experiment in the admin; return its page afterwards."""
    answer = client.post(f"/admin/experiments/{row.pk}/", {"act": act, "reason": reason}, follow=True)
    return html.unescape(answer.content.decode())


def visitors(address: str) -> dict[str, Client]:
    """Let new visitors come until one is in each arm: the short form is B."""
    found: dict[str, Client] = {}
    for _ in range(40):
        visitor = Client(**PERSON)
        page = visitor.get(address).content.decode()
        found.setdefault("A" if 'name="patient_type"' in page else "B", visitor)
        if len(found) == 2:
            return found
    raise AssertionError("nobody came into one of the arms")


def sent(visitor: Client, address: str, **changes: str) -> str:
    """Open the form and send it ten seconds later; return the address of the thanks."""
    now = database_now()
    token = hidden(visitor.get(address).content.decode(), "token")
    with travelling(to=now + timedelta(seconds=10)):
        answer = visitor.post(address, {"token": token, **SENT, **changes})
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def tally(tenant: Tenant, row: Experiment, arm: str, *, shown: int, forms_sent: int) -> None:
    """Bring an arm up to so many visitors and forms sent, as they would have come over the days."""
    with tenant.scope():
        rows = FormVisit.rows().filter(experiment=row, arm=arm)
        missing = shown - rows.filter(submission_id=None).count()
        more = forms_sent - rows.exclude(submission_id=None).count()
        ids = [None] * missing + [new_id() for _ in range(more)]
        at = database_now()
        FormVisit.objects.bulk_create(FormVisit(experiment=row, arm=arm, at=at, submission_id=each) for each in ids)


def spam_in_arm_b(tenant: Tenant, row: Experiment, count: int) -> None:
    """Let the last submission come so often again from arm B, each time as spam."""
    with tenant.scope():
        like, at = Submission.rows().order_by("-received_at")[0], database_now()
        for _ in range(count):
            like.id, like.state = new_id(), "quarantined"
            like.save(force_insert=True)
            FormVisit(experiment=row, arm="B", at=at, submission_id=like.id).save(force_insert=True)


@pytest.mark.row("RV-06")
@pytest.mark.row("RV-11")
def test_two_variants_of_a_form_convert_8_and_11_percent_and_the_better_one_is_published(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    ada, dev, slug = client_as("ada"), client_as("dev"), f"{harbor.slug}-newpatient"
    address = f"/f/{slug}/"
    assert save_in_builder(ada, harbor, slug, DERM).status_code == 302
    publish_in_builder(ada, harbor, slug)
    about = f"form:{form_of(harbor, slug).pk}"
    plan = {"about": about, "title": "x", "hypothesis": "y", "percent": 50, "goal": "sent", "wanted_points": 2}
    plan |= {"priority": 1, "ends_at": f"{database_now() + timedelta(days=9):%Y-%m-%dT%H:%M}"}
    refused = ada.post(NEW, plan)
    assert refused.status_code == 422 and "says the same as what is on the net" in refused.content.decode()

    # What is worked on becomes arm B; until somebody else has approved it, everybody gets A.
    assert save_in_builder(ada, harbor, slug, SHORT).status_code == 302
    row = planned(harbor, ada, about)
    assert ada.post(f"/admin/experiments/{row.pk}/", {"act": "approve"}).status_code == 403
    first = Client(**PERSON).get(address)
    assert 'name="patient_type"' in first.content.decode() and not first.cookies
    told = decided(dev, row, "approve")
    assert "is approved" in told and "50 % of the visitors of “Ask for a dermatology appointment”" in told

    # Each visitor stays in their arm, by a cookie that says nothing about them; a view counts once.
    arms = visitors(address)
    with harbor.scope():
        came = FormVisit.rows().count()
    for arm, visitor in arms.items():
        cookie = visitor.cookies["form-arm"]
        assert cookie.value.startswith(f"{row.pk.hex}{arm}:") and cookie["httponly"] and cookie["path"] == address
        again = [visitor.get(address).content.decode() for _ in range(3)]
        assert all(('name="patient_type"' in each) is (arm == "A") for each in again)
    # Machines, frames and those who ask not to be tracked get A and no cookie.
    for heads in ({}, {**PERSON, "HTTP_SEC_GPC": "1"}, {**PERSON, "HTTP_DNT": "1"}, {"HTTP_USER_AGENT": "Googlebot"}):
        plain = Client(**heads).get(address)
        assert 'name="patient_type"' in plain.content.decode() and not plain.cookies
    assert 'name="patient_type"' in Client(**PERSON).get(f"{address}embed/").content.decode()
    # Who takes no cookies keeps the arm in the link to the other language.
    link = html.unescape(arms["B"].get(address).content.decode()).partition('href="?lang=es')[2].partition('"')[0]
    assert 'name="patient_type"' not in Client(**PERSON).get(f"{address}?lang=es{link}").content.decode()
    with harbor.scope():
        assert FormVisit.rows().count() == came

    # Both send; twice by the same visitor counts once. What was sent names the version that its page showed.
    for arm, visitor in arms.items():
        thanks = visitor.get(sent(visitor, address, last_name=f"Of{arm}"))
        assert thanks.status_code == 200
        sent(visitor, address, last_name="Again")
    with harbor.scope():
        kept = {each.arm: each for each in FormVisit.rows().exclude(submission_id=None)}
        assert sorted(kept) == ["A", "B"]
        versions = dict(FormVersion.rows().filter(form__slug=slug).values_list("number", "is_variant"))
        assert versions == {1: False, 2: True}
    told = decided(ada, row, "issue", "Two people called to ask where to write their ZIP.")
    assert "Too few to say: 100 visitors are needed in each arm" in told

    tally(harbor, row, "A", shown=100, forms_sent=8)
    tally(harbor, row, "B", shown=100, forms_sent=11)
    told = html.unescape(dev.get(f"/admin/experiments/{row.pk}/").content.decode())
    assert "A: 8 of 100, 8.0 % (4.1 to 15.0)" in told and "B: 11 of 100, 11.0 % (6.3 to 18.6)" in told
    assert "No difference can be told: B 11.0 %, A 8.0 %; the difference lies between -5.5 and +11.6" in told

    # The winner is the published version for everybody, and the documents are asked for.
    assert ada.post(f"/admin/experiments/{row.pk}/", {"act": "adopt", "reason": "11 %"}).status_code == 403
    assert f"{row} is adopted" in decided(dev, row, "adopt", "11 against 8 percent")
    for visitor in (arms["A"], Client(**PERSON), Client()):
        assert 'name="patient_type"' not in visitor.get(address).content.decode()
    with harbor.scope():
        live = FormVersion.rows().get(form__slug=slug, number=3)
        assert not live.is_variant and live.document["questions"][-1]["key"] == "consent"
        assert Review.rows().get(kind="documentation").subject == str(row)


@pytest.mark.row("RV-06")
def test_a_form_s_guardrail_is_told_and_what_is_dropped_or_published_over_leaves_the_control(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    ada, dev, slug = client_as("ada"), client_as("dev"), f"{harbor.slug}-newpatient"
    address = f"/f/{slug}/"
    save_in_builder(ada, harbor, slug, DERM, layout="steps")
    publish_in_builder(ada, harbor, slug)
    about = f"form:{form_of(harbor, slug).pk}"
    # Several pages against a short one: the layout is part of what is tried.
    save_in_builder(ada, harbor, slug, SHORT)
    row = planned(harbor, ada, about, percent=99)
    decided(dev, row, "approve")
    visitor = Client(**PERSON)
    page = visitor.get(address).content.decode()
    for _ in range(5):
        if visitor.cookies["form-arm"].value.startswith(f"{row.pk.hex}B"):
            break
        visitor = Client(**PERSON)
        page = visitor.get(address).content.decode()
    assert "Step 1 of" not in page
    # A page of B that was open stays good when the experiment ends meanwhile; the next visit shows A.
    token = hidden(page, "token")
    assert visitor.post(address, {"token": token, **SENT}).status_code == 422, "faster than people read"
    with travelling(to=database_now() + timedelta(seconds=10)):
        assert visitor.post(address, {"token": token, **SENT}).status_code == 303
    spam_in_arm_b(harbor, row, 12)
    with harbor.scope():
        watch_all(database_now())
        told = Notice.rows().filter(kind="rule_watch", sentence__contains="arm B: More of what is sent is spam")
        assert told.filter(sentence__contains="12 of 13 against 0 of 0").count() == 2
    assert "12 of 13 against 0 of 0" in dev.get(f"/admin/experiments/{row.pk}/").content.decode()
    assert "is dropped" in decided(dev, row, "drop", "People stop at step 2")
    assert "Step 1 of" in visitor.get(address).content.decode()
    with travelling(to=database_now() + timedelta(seconds=20)):
        assert visitor.post(address, {"token": token, **SENT, "last_name": "Late"}).status_code == 303

    # Publishing something else ends a running experiment by itself: it compares nothing any more.
    save_in_builder(ada, harbor, slug, SHORT)
    other = planned(harbor, ada, about)
    decided(dev, other, "approve")
    second = planned(harbor, ada, about)
    assert f"{other} runs with some of the same leads" in decided(dev, second, "approve")
    save_in_builder(ada, harbor, slug, DERM[1:])
    publish_in_builder(ada, harbor, slug)
    assert not Client(**PERSON).get(address).cookies
    with harbor.scope():
        watch_all(database_now())
        other.refresh_from_db()
        assert (other.state, other.outcome) == (
            "stopped",
            "Ended by itself: another version of “Ask for a dermatology appointment” rules now.",
        )
        assert Notice.rows().filter(kind="rule_watch", sentence__contains="ended by itself").exists()


@pytest.mark.row("RV-06")
def test_the_steps_of_a_stage_are_tried_on_a_part_of_its_leads(harbor: Tenant, client_as: OpenBrowser) -> None:
    ada, dev = client_as("ada"), client_as("dev")
    with harbor.scope():
        stage = Stage.rows().get(pipeline__key="patient", key="routed")
    about, plan = f"stage:{stage.pk}", {"goal": "contacted", "least_per_arm": 1, "services": ["imaging"]}
    bad = {**plan, "about": about, "title": "x", "hypothesis": "y", "percent": 50, "wanted_points": 0, "priority": 1}
    bad |= {"ends_at": f"{database_now() + timedelta(days=9):%Y-%m-%dT%H:%M}"}
    assert "no JSON" in html.unescape(ada.post(NEW, {**bad, "steps": "[{"}).content.decode())
    assert ada.post(NEW, {**bad, "steps": '[{"do": "dance"}]'}).status_code == 422
    steps = [{"do": "task", "kind": "review", "title": "Second look after a day", "after_seconds": 86400}]
    row = planned(harbor, ada, about, **plan, steps=json.dumps(steps), most_refused=0)
    assert "is approved" in decided(dev, row, "approve")

    def came(**changes: str) -> tuple[str, bool]:
        made = processed(harbor, send_in(harbor, inquiry(**changes)))
        with harbor.scope():
            placed = LeadArm.rows().filter(experiment=row, lead_id=made.lead_id).values_list("arm", flat=True).first()
            task = saying(Task.rows().filter(lead_id=made.lead_id), title="Second look after a day")
            if placed:
                assert placed == arm_of(row.pk, made.lead_id, 50)
            return placed or "", bool(task)

    seen = set[tuple[str, bool]]()
    for _ in range(20):
        seen.add(came(request__service="imaging", request__location="elm-st"))
    assert seen == {("A", False), ("B", True)}
    assert came(request__service="cardiology", request__location="elm-st") == ("", False)
    told = decided(dev, row, "adopt", "More are reached")
    assert f"{row} is adopted" in told and "Second look after a day" in told and "B: 0 of" in told
    with harbor.scope():
        stage.refresh_from_db()
        assert stage.next_actions == steps and Arm.CANDIDATE.value == "B"
    assert came(request__service="cardiology", request__location="elm-st") == ("", True)
