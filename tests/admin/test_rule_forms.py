"""Forms of every kind of rules: drawn from the document, read back, wrong things beside their field (row RT-20)."""

import re

import pytest
from django.http import QueryDict

from apps.flows.admin.rules.forms import opened, read
from apps.flows.admin.rules.inputs import Said
from apps.policies.models import RuleSetVersion
from apps.policies.registry import ways_of
from tests.form_fields import fields_of

KINDS = ("routing", "criteria", "sla", "duplicates", "validity", "contact", "process", "exceptions", "scoring")
KINDS += ("inference", "gates", "ownership", "handoffs", "intake", "messages", "follow_up", "cadences")


def live(tenant, kind):
    with tenant.scope():
        return RuleSetVersion.rows().get(rule_set__kind=kind, rule_set__key="default", state="approved")


def newest(tenant, kind):
    with tenant.scope():
        return RuleSetVersion.rows().filter(rule_set__kind=kind).latest("number").document


def page_of(version, at):
    return f"/admin/policies/rulesetversion/{version.pk}/rule/?at={at}"


@pytest.mark.row("RT-20")
def test_every_form_says_what_the_document_says(harbor, client_as):
    """One form of each sort is opened and read back as it stands: the document of the live rules stays the same."""
    cleo, seen = client_as("cleo"), []
    for kind in KINDS:
        version = live(harbor, kind)
        with harbor.scope():
            ways = [way for _, group in ways_of(version) for way in group]
            listed = [way.address for way in ways if str(version.pk) in way.address]
        if kind == "routing":
            told = "Missing fields: the person is asked for it by a link, and the lead waits for the answer"
            assert told in [way.words for way in ways], "the policy for missing data is reached from routing"
        for sort in dict.fromkeys(re.sub(r"\d+", "#", each) for each in listed if not each.endswith("-")):
            address = next(each for each in listed if re.sub(r"\d+", "#", each) == sort)
            page = cleo.get(address).content.decode()
            assert "Reads as:" in page, address
            post = QueryDict(mutable=True)
            for name, values in fields_of(page).items():
                post.setlist(name, values)
            with harbor.scope():
                form = opened(version, address.partition("?at=")[2])
                after = read(form, Said(post, "save", form.form.fields())).document
            assert after == version.document, address
            seen.append(sort)
    assert len(seen) > 14, seen


#: By kind: the part, what is typed, and what the document then says there.
CHANGES = {
    "sla": (
        "/policies/1",
        {"clocks-1-limit_seconds": "10", "clocks-1-limit_seconds-unit": "60", "ladder-1-who": "elm-calls"},
        lambda document: (
            document["policies"][1]["clocks"][1]["limit_seconds"],
            document["policies"][1]["ladder"][1]["who"],
        ),
        (600, "elm-calls"),
    ),
    "duplicates": (
        "/rules/-",
        {"name": "Name and ZIP", "meaning": "m", "keys": ["phone", "name"], "match": "all", "window_hours": "2"}
        | {"window_hours-unit": "24", "scope": "tenant", "inside": "link", "outside": "link"},
        lambda document: document["rules"][-1],
        {"id": "D-4", "name": "Name and ZIP", "meaning": "m", "keys": ["phone", "name"], "match": "all"}
        | {"window_hours": 48, "scope": "tenant", "inside": "link", "outside": "link"},
    ),
    "validity": (
        "/checks/8",
        {"regions": "IL, IN", "sources": ["web-ortho"]},
        lambda document: (document["checks"][8]["regions"], document["checks"][8]["sources"]),
        (["IL", "IN"], ["web-ortho"]),
    ),
    "contact": (
        "",
        {"quiet_hours-from": "20:00", "max_attempts_per_day": "4"},
        lambda document: (document["quiet_hours"]["from"], document["max_attempts_per_day"]),
        ("20:00", 4),
    ),
    "routing": (
        "/triggers/-",
        {"on": "stage_changed", "stages": ["contacted"], "meaning": "m"},
        lambda document: document["triggers"][-1],
        {"id": "T-3", "on": "stage_changed", "meaning": "m", "stages": ["contacted"]},
    ),
    "process": (
        "/pipelines/recruitment",
        {"statuses-0-after_seconds": "5", "end-label": "Shown"},
        lambda document: (
            document["pipelines"]["recruitment"]["end"],
            document["pipelines"]["recruitment"]["statuses"][0]["after_seconds"],
        ),
        ({"at": "qualified", "label": "Shown"}, 5 * 86400),
    ),
    "exceptions": (
        "/types/0",
        {"missing_data": "hold", "within_seconds": "2", "within_seconds-unit": "3600"},
        lambda document: (document["types"][0]["missing_data"], document["types"][0]["within_seconds"]),
        ("hold", 7200),
    ),
    "follow_up": (
        "/outcomes/0",
        {"days": "2", "at": "15:00", "text_after_seconds": "3", "text_after_seconds-unit": "3600"},
        lambda document: [document["outcomes"][0][each] for each in ("days", "at", "text_after_seconds")],
        [2, "15:00", 10800],
    ),
    "cadences": (
        "/cadences/0",
        {"steps-2-after_seconds": "3", "yields_hours": "12"},
        lambda document: (
            document["cadences"][0]["steps"][2]["after_seconds"],
            document["cadences"][0]["yields_hours"],
        ),
        (3 * 86400, 12),
    ),
    "handoffs": (
        "/types/0",
        {
            "accept_seconds": "2",
            "accept_seconds-unit": "3600",
            "withheld": ["ad_cost"],
            "checklist-0-label": "Said who",
        },
        lambda document: (
            document["types"][0]["accept_seconds"],
            document["types"][0]["withheld"],
            document["types"][0]["checklist"][0],
        ),
        (7200, ["ad_cost"], {"id": "identity", "label": "Said who"}),
    ),
    "messages": (
        "/blocks/0",
        {"words": "{next_contact}, we call", "goal": "missed_call"},
        lambda document: (document["blocks"][0]["words"], document["blocks"][0]["goal"]),
        (["{next_contact}", "we call"], "missed_call"),
    ),
    "scoring": (
        "/intent",
        {"bands-0-at_least": "70"},
        lambda document: (document["intent"]["bands"][0]["at_least"], len(document["intent"]["rules"]) > 2),
        (70, True),
    ),
}
#: By kind: what is typed wrong, in which field, and what stands beside it.
WRONG = {
    "sla": ("/policies/1", {"clocks-1-limit_seconds": "soon"}, "clocks-1-limit_seconds", "Give the limit"),
    "duplicates": ("/rules/0", {"keys": ["name"]}, "keys", "only adds to phone"),
    "validity": ("/checks/0", {"meaning": ""}, "meaning", "A check needs its meaning."),
    "contact": ("", {"quiet_hours-until": "late"}, "quiet_hours-until", "Give a time such as 21:00."),
    "routing": ("/triggers/0", {"stages": ["contacted"]}, "stages", "“stages” belongs to stage_changed."),
    "process": ("/truth", {"stage": "nobody"}, "stage", "neither an outside system nor a partner"),
    "cadences": (
        "/cadences/0",
        {"steps-2-templates": "education-1"},
        "steps-2-templates",
        "None of these templates",
    ),
    "exceptions": ("/types/0", {"approves": ["accept"]}, "approver", "Name the team whose lead approves."),
    "follow_up": ("/outcomes/0", {"at": "25:00"}, "at", "Give a time such as 14:00."),
    "handoffs": ("/types/1", {"then": "H-9"}, "then", "There is no handoff “H-9” to follow."),
    "messages": ("/blocks/1", {"words": ""}, "words", "Name words of which one has to be there."),
    "scoring": ("/fit/rules/0", {"points": "0"}, "points", "Points are a whole number other than 0."),
}


@pytest.mark.row("RT-20")
def test_each_kind_is_changed_in_its_form_and_told_what_is_wrong_beside_the_field(harbor, client_as):
    cleo = client_as("cleo")
    for kind, (at, typed, said, expected) in CHANGES.items():
        version = live(harbor, kind)
        page = cleo.get(page_of(version, at)).content.decode()
        answer = cleo.post(page_of(version, at), fields_of(page) | typed | {"reason": "x", "do": "save"})
        assert answer.status_code == 302, (kind, answer.content.decode())
        assert said(newest(harbor, kind)) == expected, kind
    for kind, (at, typed, field, sentence) in WRONG.items():
        version = live(harbor, kind)
        page = cleo.get(page_of(version, at)).content.decode()
        answer = cleo.post(page_of(version, at), fields_of(page) | typed | {"reason": "x", "do": "save"})
        shown = answer.content.decode()
        assert answer.status_code == 422, kind
        beside = shown[shown.index(f'id="wrong-{field}"') :].partition("</div>")[0]
        assert sentence in beside, (kind, beside)


def test_entries_come_and_go_by_buttons_and_keep_what_the_form_does_not_show(harbor, client_as):
    cleo, version = client_as("cleo"), live(harbor, "process")
    address = page_of(version, "/pipelines/patient")
    body = fields_of(cleo.get(address).content.decode())
    grown = cleo.post(address, body | {"do": "add:statuses"}).content.decode()
    assert 'name="statuses-3-key"' in grown and 'name="statuses-3-was" value=""' in grown
    less = cleo.post(address, body | {"do": "drop:statuses-0"}).content.decode()
    assert 'name="statuses-0-was" value="1"' in less and "Waiting for a reply" not in less
    kept = fields_of(less) | {"reason": "Fewer", "do": "save"}
    assert cleo.post(address, kept).status_code == 302
    before, after = (each["pipelines"]["patient"]["statuses"] for each in (version.document, newest(harbor, "process")))
    assert after == before[1:]
    rules = live(harbor, "duplicates")
    unsaid = cleo.post(page_of(rules, "/rules/0"), {"do": "down"})
    assert unsaid.status_code == 302
    assert [each["id"] for each in newest(harbor, "duplicates")["rules"]] == ["D-2", "D-1", "D-3"]
    assert cleo.post(page_of(rules, "/rules/2"), {"do": "remove"}).status_code == 302
    assert [each["id"] for each in newest(harbor, "duplicates")["rules"]] == ["D-1", "D-2"]
    assert cleo.get(page_of(rules, "/rules/9")).status_code == 404
    assert client_as("dev").post(page_of(rules, "/rules/0"), {"do": "down"}).status_code == 403
