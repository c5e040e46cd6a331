"""The unmapped inbox: words and names that nobody has said the meaning of, with the nearest known ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.capture.mapping_document import OWN_PICKLISTS, target_choices
from apps.capture.normalise import USUAL_WORDS
from apps.capture.suggestions import Suggestion, suggestions
from apps.catalog.models import UnmappedWord
from apps.catalog.queries import custom_fields, locations_by_key, services_today, words
from apps.catalog.unmapped import is_of_catalog, open_words
from apps.flows.unmapped import EVERYWHERE, ignore_word, map_name, map_word, read_words
from apps.policies.models import RuleSetVersion
from apps.policies.queries import waiting_drafts
from apps.tenancy.errors import Conflict, Invalid, NotFound
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One open word with what it may mean; `typed` is what was sent, `field` its field in words.

    `is_masked` where the reader may not see what was sent: `typed` is empty then.
    """

    row: UnmappedWord
    typed: str
    field: str
    suggestions: list[tuple[Suggestion, str]]
    choices: Options
    places: Options
    is_masked: bool = False


def unmapped(request: ActorRequest) -> HttpResponse:
    """Show what waits for a meaning; take one in."""
    if request.method == "POST":
        return _decide(request)
    rows = open_words()
    read = read_words(actor=request.actor, rows=rows)
    drafts = [each for each in waiting_drafts() if each.rule_set.kind == "mapping"]
    context = {
        **site.each_context(request),
        "title": _("Unmapped values"),
        "asked": [_asked(row, read.get(row.id)) for row in rows],
        "drafts": drafts,
        "may_write": request.actor.may(Permission.RULES_WRITE),
    }
    return TemplateResponse(request, "admin/flows/unmapped.html", context)


def _decide(request: ActorRequest) -> HttpResponse:
    posted = request.POST
    try:
        word_id = UUID(posted.get("word", ""))
    except ValueError as error:
        raise NotFound from error
    means, actor, now = posted.get("means", ""), request.actor, request.now
    try:
        if posted.get("act") == "ignore":
            ignore_word(actor=actor, word_id=word_id, now=now)
            messages.success(request, _("The leads that wait for it go on without it."))
        elif posted.get("act") == "name":
            _say_draft(request, map_name(actor=actor, word_id=word_id, target=means, transform="", now=now))
        else:
            draft = map_word(actor=actor, word_id=word_id, means=means, where=posted.get("where", ""), now=now)
            _say_draft(request, draft)
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
    return redirect("admin:unmapped")


def _say_draft(request: HttpRequest, draft: RuleSetVersion | None) -> None:
    if draft is None:
        messages.success(request, _("It counts from now on. The leads that wait are filled and routed anew."))
    else:
        sentence = _("Draft v%(n)s is saved. When another person approves it, the leads that wait go on.")
        messages.success(request, sentence % {"n": draft.number})


def _asked(row: UnmappedWord, typed: str | None) -> Asked:
    if not row.field:
        targets = {key: field.label for key, field in custom_fields().items()}
        return Asked(row, "", "", [], target_choices(targets), [])
    own = custom_fields().get(row.field)
    if typed is None:
        return Asked(row, "", own.label if own else row.field_words, [], [], [], is_masked=True)
    labels, known = _labels(row.field), _known(row.field)
    near = [(each, labels.get(each.key, each.key)) for each in suggestions(typed, known)]
    places = [("source", _("only from %(source)s") % {"source": row.source.name}), (EVERYWHERE, _("from every source"))]
    if is_of_catalog(row.field):
        places.insert(0, ("catalog", _("everywhere, as a synonym in the catalog (at once)")))
    choices = sorted(labels.items(), key=lambda each: each[1])
    return Asked(row, typed, own.label if own else row.field_words, near, choices, places)


def _labels(field: str) -> dict[str, str]:
    if field == "service":
        return {key: row.name for key, row in services_today().items()}
    if field == "location":
        return {key: row.name for key, row in locations_by_key().items()}
    if (own := custom_fields().get(field)) is not None:
        return {value: value for value in own.words.values()}
    return {key: key.replace("_", " ").capitalize() for key in OWN_PICKLISTS.get(field, ())}


def _known(field: str) -> Mapping[str, str]:
    names = words()
    of_catalog = {"service": names.services, "location": names.locations, **names.choices}
    return of_catalog.get(field) or USUAL_WORDS.get(field, {})


site.add_page(
    Page("unmapped/", "unmapped", unmapped, Permission.RULES_READ, "Unmapped values", "help_center", "Intake")
)
