"""Matrix S2: an id or a key of another tenant in a body, a filter or a form is one that does not exist.

Which fields hold one is generated: a UUID in a body's shape, a name that a tenant table has, a choice of rows in a
register's form, a filter of its list. Each must have a carrier, and both are answered alike.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.contrib.admin.utils import get_fields_from_path
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.test import RequestFactory

from apps.tenancy.models import TenantModel
from apps.workspace.api import (
    bodies,
    business_mails,
    cadences,
    data_requests,
    exceptions,
    reports,
    slots,
    verdicts,
    waiting,
    weighing,
)
from apps.workspace.web.deeds import DEEDS
from leadcrm.admin_site import site
from tests.architecture.test_urls import API, ASSET, BUSINESS_MAIL, GROUP_API, GROUP_ASKED, OF_STAFF, PAGE
from tests.doors import sign_in
from tests.matrix.lead_doors import FORMS
from tests.matrix.report import note
from tests.matrix.rows import tables
from tests.matrix.statements import counted
from tests.matrix.test_addresses import same
from tests.matrix.world import OWN, filled, send, taken_back, world

ROOT = Path(__file__).resolve().parents[2]
assert (
    business_mails
    and cadences
    and data_requests
    and exceptions
    and reports
    and slots
    and verdicts
    and waiting
    and weighing
)  # their shapes count
MODELS: dict[str, type[TenantModel]] = {model._meta.model_name or "": model for model in tables()}
#: Fields whose names are not those of their tables.
CALLED = {
    "member": "membership",
    "leads": "lead",
    "duplicate_of": "lead",
    "point": "contactpoint",
    "office": "location",
    "activity": "activity",
}
#: Words that are also the name of a table.
NO_IDS = {"channel", "task", "merge", "message", "activity", "reply", "template", "review", "closure", "role"}
#: Which address takes a body, with what else it needs.
CARRIERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "LeadPatch": ("PATCH", API, {}),
    "TransferBody": ("POST", f"{API}/transfers", {"team": "oak-calls", "reason": "Near"}),
    "AppointmentBody": ("POST", f"{API}/appointments", {"starts_at": "2026-12-03T17:00:00Z"}),
    "CloseBody": ("POST", f"{API}/close", {"reason": "duplicate", "note": "Twice"}),
    "PartyBody": ("POST", f"{API}/parties", {"part": "payer"}),
    "BulkBody": ("POST", "api/v1/leads/bulk", {"act": "assign", "team": "oak-calls", "reason": "Near"}),
    "SlotsItem": ("POST", "api/v1/open-slots", {"provider": "dr-kim", "office": "elm-st", "service": "orthopedics"}),
    "DecisionBody": ("POST", "api/v1/exceptions/<uuid:item_id>/decision", {"decision": "escalate", "reason": "x"}),
    "RecordingBody": ("POST", f"{API}/recordings", {"kind": "recording", "address": "https://r.example/1"}),
    "HandoffBody": ("POST", f"{API}/handoffs", {"type": "H-1"}),
    "MismatchBody": ("POST", f"{API}/mismatches", {"reason": "Another service"}),
    "ShareBody": ("POST", f"{API}/shares", {"reason": "A date", "ends_at": "2026-12-02T16:00:00Z"}),
    "RelationshipBody": ("POST", "api/v1/relationships", {"name": "Acme", "kind": "employer", "team": "partnerships"}),
    "OwnerBody": ("POST", f"{GROUP_API}/owner", {"team": "partnerships", "reason": "x"}),
    "GroupRequestBody": ("POST", f"{GROUP_API}/change-requests", GROUP_ASKED),
    "AccessRequestBody": ("POST", f"{ASSET}/access-requests", {"reason": "Our campaign"}),
    "BusinessMailBody": ("POST", f"{API}/business-mails", BUSINESS_MAIL),
    "CadenceBody": ("POST", f"{API}/cadences", {}),
    "DataRequestBody": ("POST", f"{API}/data-requests", {}),
}
#: Filters that are read one by one in the code, and what they name; "" names nothing of a tenant.
FILTERS = {
    "service": ("parked/", "service"),
    "campaign": ("api/v1/attribution", "campaign"),
    "item": ("exceptions/", "exceptionitem"),
    "agency": ("partner/deliveries/", "party"),
    "after": ("queue/", "lead"),
    "from": (f"{PAGE}", "lead"),
    "origin": ("board/reassign/", "team"),
}
PLAIN = {
    "day",
    "q",
    "purpose",
    "cadence",
    "done",
    "step",
    "lang",
    "ask",
    "seen",
    "show",
    "all",
    "kind",
    "type",
    "mode",
    "r",
    "embed",
    "before",
    "on",
    "days",
}


def target(name: str) -> type[TenantModel] | None:
    """Return the table that a field's name points to."""
    called = CALLED.get(name, name)
    return MODELS.get(called) if name in CALLED or called not in NO_IDS else None


def foreign(model: type[TenantModel]) -> str:
    """Return what names a row of the other tenant that this tenant has none of: its key, else its id."""
    at = world()
    names = {field.name for field in model._meta.concrete_fields}
    if "key" in names:
        with at.harbor.scope():
            ours = set(model.rows().values_list("key", flat=True))
        with at.lakeside.scope():
            theirs = [key for key in model.rows().values_list("key", flat=True) if key not in ours]
        if theirs:
            return str(theirs[0])
    return str(at.foreign[model])


def nobody(like: str) -> str:
    """Return a name of the same shape that no tenant has."""
    try:
        return str(uuid4()) if UUID(like) else ""
    except ValueError:
        return "k" * len(like)


def shapes(root: type[Any]) -> list[type[Any]]:
    """Return every shape of a body."""
    found = []
    for each in root.__subclasses__():
        found += [each, *shapes(each)]
    return found


def id_fields(shape: type[Any]) -> list[str]:
    """Return the fields of a shape that hold an id or a key."""
    return [
        name
        for name, info in shape.model_fields.items()
        if "UUID" in str(info.annotation) or ("str" in str(info.annotation) and target(name) is not None)
    ]


BODY_FIELDS = [(shape.__name__, name) for shape in shapes(bodies.Body) for name in id_fields(shape)]
FORM_FIELDS = [
    (name, field) for name, deed in DEEDS.items() for field in deed.form.base_fields if target(field) is not None
]


def alike(asker: str, method: str, path: str, make: Any, model: type[TenantModel], what: str) -> None:
    """Ask with another tenant's and with nobody's name: refused alike, nothing of it shown."""
    at, theirs = world(), foreign(model)
    made_up = nobody(theirs)
    answers, client = [], at.clients.get(asker) or sign_in(at.harbor.user(asker))

    def asked(value: str) -> tuple[int, str, list[str]]:
        with taken_back():
            answer, read = counted(lambda: send(client, method, *make(path, value)))
        return answer.status_code, same(answer.content.decode()).replace(value, "-"), read

    for value in (theirs, made_up):
        answers.append(asked(value))
        note("ids", what, path, asker, value == theirs, answers[-1][0], len(answers[-1][2]))
    assert answers[0][0] == answers[1][0], (what, [each[0] for each in answers])
    assert answers[0][1] == answers[1][1], what
    # The first of both may have read settings that the second found read: asked again, it is as quick.
    assert answers[1][2] in (answers[0][2], asked(theirs)[2]), (what, "an id of another tenant takes other statements")
    assert at.lakeside.domain not in answers[0][1] and "Quillfeather" not in answers[0][1], what


@pytest.mark.row("TA-01")
@pytest.mark.parametrize(("shape", "name"), BODY_FIELDS)
def test_a_body_names_nothing_of_another_tenant(shape: str, name: str) -> None:
    assert shape in CARRIERS, "say which address takes this body"
    method, route, base = CARRIERS[shape]
    at, model = world(), target(name)
    assert model is not None, name
    path = filled(route, at.values(route, OWN))

    def body(path: str, value: str) -> tuple[str, Any]:
        leads = {"leads": [str(at.own.id)]} if shape == "BulkBody" else {}
        said = {**base, **leads, name: [value] if name == "leads" else value}
        if shape == "SlotsItem":
            said = {"items": [{"starts": ["2026-12-02T16:00:00Z"], **said}]}
        return path, said

    alike("owner", method, path, body, model, f"{shape}.{name}")


@pytest.mark.row("TA-01")
@pytest.mark.parametrize(("deed", "name"), FORM_FIELDS)
def test_a_form_names_nothing_of_another_tenant(deed: str, name: str) -> None:
    at, model = world(), target(name)
    assert model is not None
    route = f"{PAGE}{DEEDS[deed].path}/"
    base = {**FORMS.get(DEEDS[deed].path, {}), "idempotency_key": "k"}
    path = filled(route, at.values(route, OWN))
    alike("owner", "POST", path, lambda path, value: (path, {**base, name: value}), model, f"{deed}.{name}")


def test_every_filter_that_the_code_reads_is_known() -> None:
    read = set()
    for path in (ROOT / "apps").rglob("*.py"):
        if "admin" not in path.parts:
            read |= set(re.findall(r'(?:GET|query_params)(?:\.get\(|\[)"(\w+)"', path.read_text(encoding="utf-8")))
    assert read - set(FILTERS) - PLAIN == set(), "say whether this filter names something of a tenant"


@pytest.mark.row("TA-01")
@pytest.mark.parametrize("name", [*FILTERS, "team", "queue", "location", "source"])
def test_a_filter_names_nothing_of_another_tenant(name: str) -> None:
    route, called = FILTERS.get(name, ("queue/", name))
    model, at = MODELS[called], world()
    path = filled(route, at.values(route, OWN))
    asker = {"partner/deliveries/": "marketing", "board/reassign/": "ola"}.get(route, "owner")
    alike(asker, "GET", path, lambda path, value: (f"{path}?{urlencode({name: value})}", None), model, f"?{name}")


@pytest.mark.row("TA-01")
def test_a_register_offers_and_takes_no_row_of_another_tenant() -> None:
    at, taken, asked = world(), [], 0
    with at.harbor.scope():
        request: HttpRequest = RequestFactory().get("/admin/")
        request.actor = at.harbor.actor("ada")  # type: ignore[attr-defined]
        for model, register in site._registry.items():
            form = register.get_form(request, None, change=False)
            for name, field in form.base_fields.items():
                if not isinstance(field, ModelChoiceField) or field.queryset.model not in at.foreign:
                    continue
                asked += 1
                held = field.queryset.filter(pk=at.foreign[field.queryset.model]).exists()
                note("ids", f"{model._meta.label}.{name}", "form", "administrator", held, "")
                taken += [(model._meta.label, name)] if held else []
    assert asked > 10
    assert not taken


@pytest.mark.row("TA-01")
def test_a_filter_of_a_register_finds_nothing_of_another_tenant() -> None:
    at, wrong, asked = world(), [], 0
    for model, register in site._registry.items():
        for each in register.list_filter:
            if not isinstance(each, str):
                continue
            field = get_fields_from_path(model, each)[-1]
            related: Any = field.related_model if field.is_relation else None
            if related is None or related not in at.foreign:
                continue
            asked += 1
            path, found = f"/admin/{model._meta.app_label}/{model._meta.model_name}/", []
            for value in (at.foreign[related], uuid4()):
                with taken_back():
                    answer = send(at.clients["administrator"], "GET", f"{path}?{each}__id__exact={value}", None)
                text = same(answer.content.decode()).replace(str(value), "-")
                found.append((answer.status_code, len(text)))
                note("ids", f"{model._meta.label}?{each}", path, "administrator", value, answer.status_code)
            wrong += [(path, each, found)] if found[0] != found[1] else []
    assert asked > 5
    assert not wrong


def test_every_table_name_that_a_field_could_mean_is_one() -> None:
    assert set(CALLED.values()) <= set(MODELS)
    assert {name for _, name in BODY_FIELDS} >= {"member", "leads", "team", "service", "location", "party"}
    assert {route for method, route, _, _ in OF_STAFF} >= {route for _, route, _ in CARRIERS.values()}
    assert apps.ready
