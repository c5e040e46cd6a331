"""The editor of a source's mapping: names and words in rows, with what it makes of the last inquiries beside it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.capture.mapping import PICKLISTS, WORDS_OF_TRANSFORMS, field_rules
from apps.capture.mapping_document import OWN_PICKLISTS, target_choices
from apps.capture.queries import MAPPING
from apps.catalog.queries import custom_fields, locations_by_key, services_by_key, sources_by_key
from apps.flows.previewing import previews
from apps.flows.unmapped import EVERYWHERE, newest_draft
from apps.policies.actions import find_problems, save_draft
from apps.policies.queries import live_document, rule_set, version_in_force, versions_by_key
from apps.tenancy.errors import Conflict, Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

SPARE_ROWS, MOST_ROWS = 3, 300


def mappings(request: ActorRequest) -> HttpResponse:
    """List the sources with the version of each one's mapping."""
    ruling = versions_by_key(MAPPING, request.now)
    rows = [(EVERYWHERE, _("Every source"), ruling.get(EVERYWHERE))]
    rows += [(key, row.name, ruling.get(key)) for key, row in sources_by_key().items() if row.is_active]
    context = {**site.each_context(request), "title": _("Mappings"), "rows": rows}
    return TemplateResponse(request, "admin/flows/mappings.html", context)


def mapping(request: ActorRequest, key: str) -> HttpResponse:
    """Show or try a mapping, or save it as a draft that another person approves."""
    source = sources_by_key().get(key)
    if source is None and key != EVERYWHERE:
        raise NotFound
    draft = newest_draft(key)
    document: Mapping[str, Any] = draft.document if draft else live_document(MAPPING, request.now, key)
    problems = []
    if request.method == "POST":
        document = _posted(request.POST, document)
        if request.POST.get("act") == "save":
            try:
                saved = save_draft(
                    actor=request.actor,
                    kind=MAPPING,
                    key=key,
                    document=dict(document),
                    reason=request.POST.get("reason", "").strip()[:500] or _("Changed in the mapping editor"),
                    now=request.now,
                    replaces=draft.pk if draft else None,
                )
            except (Invalid, Conflict) as error:
                messages.error(request, error.detail)
            else:
                words = _("Draft v%(n)s is saved. Another person approves it.") % {"n": saved.number}
                messages.success(request, words)
                return redirect("admin:policies_rulesetversion_change", saved.pk)
        problems = find_problems(MAPPING, document)
    shared = live_document(MAPPING, request.now) if key != EVERYWHERE else {}
    context = {
        **site.each_context(request),
        "title": _("Mapping: %(name)s") % {"name": source.name if source else _("every source")},
        "live": version_in_force(MAPPING, request.now, key),
        "rule_set": rule_set(MAPPING, key),
        "draft": draft,
        "names": _names(document),
        "words": _words(document),
        "targets": target_choices({each: row.label for each, row in custom_fields().items()}),
        "transforms": [(str(each), words) for each, words in WORDS_OF_TRANSFORMS.items()],
        "meanings": _meanings(),
        "problems": problems,
        "previews": previews("" if source is None else key, [document, shared], actor=request.actor, now=request.now),
        "may_write": request.actor.may(Permission.RULES_WRITE),
    }
    status = 422 if problems else 200
    return TemplateResponse(request, "admin/flows/mapping.html", context, status=status)


def _posted(post: QueryDict, before: Mapping[str, Any]) -> dict[str, Any]:
    """Read the rows of the form into a document; an empty row is left out."""
    fields = []
    for name, target, change in _rows(post, "from", "to", "transform"):
        if name and target:
            fields.append({"from": name, "to": target, **({"transform": change} if change else {})})
    values: dict[str, dict[str, str]] = {}
    for said, means in _rows(post, "said", "means"):
        field, _sign, key = means.partition(":")
        if said and key:
            values.setdefault(field, {})[said] = key
    rest = {key: each for key, each in before.items() if key not in ("fields", "values")}
    return {**rest, **({"fields": fields} if fields else {}), **({"values": values} if values else {})}


def _rows(post: QueryDict, *names: str) -> Iterator[tuple[str, ...]]:
    for number in range(MOST_ROWS):
        if f"{names[0]}-{number}" not in post:
            return
        yield tuple(post.get(f"{name}-{number}", "").strip() for name in names)


def _names(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = [(rule.name, rule.target, str(rule.transform)) for rule in field_rules(document)]
    return [*rows, *[("", "", "")] * SPARE_ROWS]


def _words(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    values = dict(document.get("values") or {})
    rows = [(said, f"{field}:{key}") for field, words in values.items() for said, key in dict(words).items()]
    return [*rows, *[("", "")] * SPARE_ROWS]


def _meanings() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return by picklist field, in words, every value that a word may mean."""
    catalog = {
        "service": {key: row.name for key, row in services_by_key().items() if row.is_active},
        "location": {key: row.name for key, row in locations_by_key().items()},
    }
    found = []
    chosen = {key: row for key, row in custom_fields().items() if row.words}
    for field in (*PICKLISTS, *chosen):
        own = {key: key.replace("_", " ") for key in OWN_PICKLISTS.get(field, ())}
        if field in chosen:
            own = {value: value for value in chosen[field].picklist}
        labels = catalog.get(field, own)
        words = chosen[field].label if field in chosen else field.replace("_", " ")
        found.append((words, [(f"{field}:{key}", f"{words}: {label}") for key, label in labels.items()]))
    return found


site.add_page(Page("mapping/", "mappings", mappings, Permission.RULES_READ, "Mappings", "swap_horiz", "Intake"))
site.add_page(Page("mapping/<slug:key>/", "mapping", mapping, Permission.RULES_READ))
