"""Give many leads out at once: choose from whom, see who would get how many, confirm. Carried out by the bulk act."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from apps.accounts.terms import Permission
from apps.flows import bulk
from apps.reporting.reassigning import MOST, Origin, origins, plan_of, still_planned
from apps.reporting.web.doors import BOARD_RIGHTS, require
from apps.tenancy.errors import Invalid, Problem, Refused
from leadcrm.http.scoping import ActorRequest

LONGEST_KEY = 80
LONGEST_LIST = MOST * 40


class ReassignForm(forms.Form):
    """From whom, to whom, at most how many, and why."""

    origin = forms.ChoiceField(label=gettext_lazy("Leads of"))
    to = forms.ChoiceField(label=gettext_lazy("To"), required=False)
    most = forms.IntegerField(label=gettext_lazy("At most"), min_value=1, max_value=MOST)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, data: QueryDict | None, found: list[Origin], origin: str = "") -> None:
        super().__init__(data, initial={"most": 20, "origin": origin})
        self.found = {each.value: each for each in found}
        self.fields["origin"] = forms.ChoiceField(
            label=gettext_lazy("Leads of"),
            choices=[("", _("Choose a queue or a person")), *((each.value, each.label) for each in found)],
        )
        people = [(each.value, each.label) for each in found if each.member_id]
        self.fields["to"] = forms.ChoiceField(
            label=gettext_lazy("To"), required=False, choices=[("", _("Spread by load")), *people]
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a taker who is of another team than the leads, or who has them already."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        origin, taker = self.found.get(said.get("origin", "")), self.found.get(said.get("to", ""))
        if origin and taker and taker.team_id != origin.team_id:
            self.add_error(
                "to", _("Choose somebody of the team that has the leads. Another team gets them by a transfer.")
            )
        elif origin and taker and taker.member_id == origin.member_id:
            self.add_error("to", _("They have these leads already."))
        return said

    @property
    def taker(self) -> UUID | None:
        """Who is to get the leads; None spreads them."""
        to = self.cleaned_data["to"]
        return self.found[to].member_id if to else None

    @property
    def chosen(self) -> Origin:
        """From whom the leads come."""
        return self.found[self.cleaned_data["origin"]]


@require_http_methods(["GET", "HEAD", "POST"])
def reassign(request: ActorRequest) -> HttpResponse:
    """Show the form, with the preview once it is filled in; a post carries the previewed plan out."""
    require(request.actor, BOARD_RIGHTS, "board")
    if not request.actor.may(Permission.LEAD_TRANSFER):
        raise Refused(_("Your role may not hand leads over."), action="lead.bulk", object_type="lead")
    found = origins(request.actor)
    if request.method == "POST":
        return _carried_out(request, ReassignForm(request.POST, found))
    origin = request.GET.get("origin", "")
    is_link = "most" not in request.GET and origin in {"", *(each.value for each in found)}
    asked = None if is_link else request.GET
    form = ReassignForm(asked, found, origin)
    page: dict[str, Any] = {"form": form}
    if asked is not None and form.is_valid():
        page["plan"] = plan_of(request.actor, form.chosen, form.cleaned_data["most"], request.now, form.taker)
        page["key"] = str(uuid4())
    return render(request, "reporting/reassign.html", page, status=422 if form.errors else 200)


def _carried_out(request: ActorRequest, form: ReassignForm) -> HttpResponse:
    if not form.is_valid():
        return render(request, "reporting/reassign.html", {"form": form}, status=422)
    key = request.POST.get("idempotency_key", "")[:LONGEST_KEY] or str(uuid4())
    names = {each.member_id: each.label for each in form.found.values()}
    runs = []
    for member_id, lead_ids, gone in still_planned(request.actor, form.chosen, _plan(request), request.now):
        act = bulk.Assign(form.chosen.team_key, member_id, form.cleaned_data["reason"])
        own = f"board:{key}:{member_id}"
        run = bulk.carry_out(actor=request.actor, lead_ids=lead_ids, act=act, key=own, now=request.now)
        items = list(bulk.items_of(run))
        stayed = [item for item in items if not item.done]
        runs.append(
            {
                "run": run,
                "name": names.get(member_id, ""),
                "done": len(items) - len(stayed),
                "gone": gone,
                "stayed": stayed,
            }
        )
    return render(request, "reporting/reassigned.html", {"runs": runs})


def _plan(request: HttpRequest) -> list[tuple[UUID, list[UUID]]]:
    """Return the previewed plan as the form carried it: a person, then their leads."""
    try:
        parts = [[UUID(each) for each in line[:LONGEST_LIST].split()] for line in request.POST.getlist("gives")]
    except ValueError as error:
        raise Invalid(_("Look at the preview again."), (Problem("/gives", "bad_id", "That is no lead."),)) from error
    found = [(ids[0], ids[1:]) for ids in parts if len(ids) > 1]
    if not found:
        raise Invalid(_("Nobody would get a lead."), (Problem("/gives", "missing", "Choose at least one lead."),))
    return found
