"""A team leaves: the page on which an administrator hands all its open leads to another team."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.flows.leaving import move_team
from apps.flows.models import TeamMove
from apps.leads.models import Lead
from apps.tenancy.errors import Conflict, Invalid
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest

SHOWN = 10


class Leaving(forms.Form):
    """Which team leaves, who takes what it holds, and why."""

    from_team = forms.ChoiceField(label="Team that leaves", widget=UnfoldAdminSelectWidget)
    to_team = forms.ChoiceField(label="Its leads go to", widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(label="Reason", max_length=200, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, teams: Sequence[tuple[Team, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose = ("", "Choose")
        leaving = [(team.key, f"{team.name} ({count} open)") for team, count in teams]
        taking = [(team.key, team.name) for team, _count in teams if team.is_active]
        for name, choices in (("from_team", leaving), ("to_team", taking)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [choose, *choices]


def team_leaves(request: ActorRequest) -> HttpResponse:
    """Show the form and the last moves; a post begins one, and the worker does it in parts."""
    is_open = Q(closed_at__isnull=True, owner_team__isnull=False)
    held = dict(Lead.rows().filter(is_open).order_by().values_list("owner_team_id").annotate(Count("id")))
    teams = [(row, held.get(row.id, 0)) for row in Team.rows().order_by("name")]
    form, status = Leaving(request.POST or None, teams=teams), 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _begun(request, form):
            messages.success(request, "The leads are on their way. Their clocks run on.")
            return HttpResponseRedirect(reverse("admin:team_leaves"))
    context = {
        **site.each_context(request),
        "title": "A team leaves",
        "moves": TeamMove.rows().select_related("from_team", "to_team").order_by("-begun_at")[:SHOWN],
        "form": form,
    }
    return TemplateResponse(request, "admin/flows/team_leaves.html", context, status=status)


def _begun(request: ActorRequest, form: Leaving) -> bool:
    """Begin the move; False, with the sentence on the form, where it may not be begun."""
    said = form.cleaned_data
    try:
        move_team(
            actor=request.actor,
            from_key=said["from_team"],
            to_key=said["to_team"],
            reason=said["reason"],
            now=request.now,
        )
    except (Invalid, Conflict) as error:
        form.add_error(None, error.detail)
        return False
    return True


site.add_page(
    Page(
        "teams/leaves/",
        "team_leaves",
        team_leaves,
        permission=Permission.SETTINGS_WRITE,
        title="A team leaves",
        icon="group_remove",
    )
)
