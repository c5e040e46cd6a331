"""The data dictionary in the admin: a table with a search, and the same as a file."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.accounts.terms import Permission
from apps.reporting.dictionary import HEAD, csv_row, entries
from leadcrm.admin_site import Page, site
from leadcrm.http.csv_file import csv_text
from leadcrm.http.scoping import ActorRequest


def dictionary(request: ActorRequest) -> HttpResponse:
    """Show every field of a lead, or those that hold the words asked for."""
    wanted = request.GET.get("q", "").strip()[:100]
    context = {
        **site.each_context(request),
        "title": _("Data dictionary"),
        "entries": entries(request.now, wanted),
        "wanted": wanted,
        "may_write": request.actor.may(Permission.SETTINGS_WRITE),
    }
    return TemplateResponse(request, "admin/reporting/dictionary.html", context)


def dictionary_csv(request: ActorRequest) -> HttpResponse:
    """Give the same rows as a file in which no cell is a formula."""
    rows = [csv_row(each) for each in entries(request.now, request.GET.get("q", "").strip()[:100])]
    answer = HttpResponse(csv_text(HEAD, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="dictionary-{request.now:%Y-%m-%d}.csv"'
    return answer


site.add_page(
    Page("dictionary/", "dictionary", dictionary, Permission.SETTINGS_READ, "Data dictionary", "menu_book", "Intake")
)
site.add_page(Page("dictionary.csv", "dictionary_csv", dictionary_csv, Permission.SETTINGS_READ))
