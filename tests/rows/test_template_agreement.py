"""Teams' messages show the same service and goal (row TN-19)."""

import html
from datetime import timedelta

import pytest

from apps.outreach.template_agreement import Said, discords
from apps.outreach.template_terms import Tags
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.rows.arranging import ask, page
from tests.rows.test_consent import owner_name
from tests.rows.test_templates import do, newest, write

SOON = TUESDAY_NINE + timedelta(minutes=10)
REGISTER = "/admin/outreach/template/"
TAGS = {
    "goal": "schedule",
    "category": "diagnostic",
    "service": "imaging",
    "team": "scheduling",
    "stages": ["qualified"],
}


def said(called, **tags):
    return Said(called, Tags(**{"stages": ("qualified",), "service": "imaging", **tags}))


@pytest.mark.row("TN-19")
def test_teams_differ_in_the_category_or_where_no_goal_is_both_teams():
    elm = said("elm", team="elm", category="diagnostic", goal="schedule")
    assert discords([elm, said("desk", team="desk", category="diagnostic", goal="schedule")], ["qualified"]) == []
    (found,) = discords([elm, said("desk", team="desk", category="", goal="schedule")], ["qualified"])
    assert (found.differs, found.teams, found.says) == ("category", ("desk", "elm"), ("none", "diagnostic"))
    also = said("missed", team="elm", category="diagnostic", goal="missed_call")
    (found,) = discords([elm, also, said("desk", team="desk", category="diagnostic", goal="remind")], ["qualified"])
    assert (found.differs, found.says) == ("goal", ("remind", "missed call, schedule"))
    assert found.templates == ("desk", "elm", "missed")
    elsewhere = said("desk", team="desk", category="diagnostic", goal="remind", stages=("new",))
    assert discords([elm, elsewhere, said("own", team="elm", goal="remind", service="")], ["new", "qualified"]) == []
    anywhere = said("desk", team="desk", category="diagnostic", goal="remind", stages=())
    assert [each.stages for each in discords([elm, anywhere], ["new", "qualified"])] == [("qualified",)]


@pytest.mark.row("TN-19")
def test_elm_and_scheduling_carry_the_same_tags_and_the_register_shows_where_they_do_not(harbor, client_as):
    ada, dev = client_as("ada"), client_as("dev")
    rows = ask(ada, "GET", "/templates?service=imaging&goal=schedule", at=SOON).json()["results"]
    tags = {each["team"]: (each["category"], each["service"], each["goal"]) for each in rows}
    assert tags["elm-calls"] == tags["scheduling"] == ("diagnostic", "imaging", "schedule")
    warning = "do not say the same"
    assert warning not in page(ada, REGISTER, at=SOON)
    with harbor.scope():
        desk = newest("imaging-times-desk", "email")
    words = {**TAGS, "channel": "email", "subject": desk.subject, "goal": "remind"}
    write(ada, SOON, desk.body, pk=str(desk.template_id), **words)
    do(ada, SOON, harbor, "imaging-times-desk", "submit", channel="email")
    do(dev, SOON, harbor, "imaging-times-desk", "approve", channel="email")
    said_there = html.unescape(page(ada, REGISTER, at=SOON))
    assert warning in said_there
    assert (
        "Imaging, Opportunity / Qualified: Elm Calls and Scheduling name another goal (schedule; remind)." in said_there
    )
    assert warning in page(ada, f"{REGISTER}{desk.template_id}/change/", at=SOON)
    lead = make_lead(harbor, consent=[consent("call"), consent("email")])
    shown = page(client_as(owner_name(lead)), f"/leads/{lead.id}/message/", at=SOON)
    assert "Email · Imaging · Schedule" in html.unescape(shown)
