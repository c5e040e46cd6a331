"""The suite of test leads: what each has to become, and playing all of them under the rules of now or a draft."""

from django.http import HttpResponse
from django.template.response import TemplateResponse

from apps.accounts.terms import Permission
from apps.flows.suite import playing
from apps.flows.suite.decisions import CHECKS, outcome_sentence, read_suite
from apps.policies.models import RuleSetVersion
from apps.policies.queries import rule_set, version_in_force, waiting_drafts
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest


def suite(request: ActorRequest) -> HttpResponse:
    """Show the suite; a post plays it, with a chosen draft in its kind's place, and takes everything back."""
    kinds = {*playing.PLAYED, playing.KIND}
    drafts = [each for each in waiting_drafts() if each.rule_set.kind in kinds]
    live = version_in_force(playing.KIND, request.now)
    chosen = next((each for each in drafts if str(each.pk) == request.POST.get("version")), None)
    played = None
    if request.method == "POST":
        version = RuleSetVersion.rows().select_related("rule_set").get(id=chosen.pk) if chosen else None
        played = playing.run_now(actor=request.actor, now=request.now, version=version)
    leads = [each.lead for each in played] if played is not None else read_suite(live.document if live else {})
    rows = [
        {
            "lead": lead,
            "says": "; ".join(f"{key}={value}" for key, value in lead.says.items()),
            "expects": [(CHECKS[key], value) for key, value in lead.expects.items()],
            "played": played[place] if played is not None else None,
        }
        for place, lead in enumerate(leads)
    ]
    context = {
        **site.each_context(request),
        "title": "Suite of test leads",
        "rows": rows,
        "sentence": outcome_sentence(played) if played is not None else "",
        "drafts": drafts,
        "chosen": chosen,
        "live": live,
        "rule_set": rule_set(playing.KIND),
        "may_test": request.actor.may(Permission.RULES_WRITE) or request.actor.may(Permission.RULES_APPROVE),
    }
    return TemplateResponse(request, "admin/flows/suite.html", context)


site.add_page(
    Page(
        "try/suite/",
        "suite",
        suite,
        permission=Permission.RULES_READ,
        title="Suite of test leads",
        icon="checklist",
    )
)
