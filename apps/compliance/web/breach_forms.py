"""Questions of a breach case, one page each, and what their answers become."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ApiKey, Membership
from apps.catalog.terms import PrivacyClass
from apps.compliance import breach
from apps.compliance.models import BreachCase
from apps.compliance.terms import CaseState, Factor, Risk
from apps.compliance.words import CLASSES
from apps.tenancy.actor import Actor

RISKS = [(Risk.LOW.value, _("low")), (Risk.MEDIUM.value, _("medium")), (Risk.HIGH.value, _("high"))]
FACTORS = {
    Factor.NATURE: _("Which identifiers and details, and how likely is it that somebody is recognised by them?"),
    Factor.RECIPIENT: _("Who used the information without right, or received it?"),
    Factor.ACQUIRED: _("Was the information really acquired or viewed?"),
    Factor.MITIGATED: _("How far was the risk reduced since?"),
}


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


def _text(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea({"rows": 4}), **more)


class NewCase(forms.Form):
    """What a case begins with."""

    what = _text(_("What happened?"), help_text=_("Facts and colleagues; no patient's name."))
    discovered_on = _day(_("When was it discovered?"))


class What(forms.Form):
    """What happened."""

    what = _text(_("What happened?"))


class Discovered(forms.Form):
    """When it was discovered."""

    discovered_on = _day(_("When was it discovered, or could it have been?"))


class Who(forms.Form):
    """Who did it, or who has the data now."""

    who = _text(_("Who did it, and who has the data now?"))


class Data(forms.Form):
    """Which data, and whether anybody can read them."""

    data = _text(_("Which information was it?"))  # type: ignore[assignment]
    is_secured = forms.BooleanField(
        label=_("It was unreadable to whoever has it (encrypted, and the key is safe)"), required=False
    )


class Contained(forms.Form):
    """What was done."""

    contained = _text(_("How was it contained?"))


class Assessment(forms.Form):
    """The four factors."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for factor, question in FACTORS.items():
            self.fields[factor.value] = forms.ChoiceField(label=question, choices=RISKS, widget=forms.RadioSelect)
            self.fields[f"{factor.value}_note"] = forms.CharField(label=_("Why"), max_length=500)


class Finder(forms.Form):
    """Whose reads are looked through."""

    actors = forms.MultipleChoiceField(label=_("Who saw the data?"), widget=forms.SelectMultiple({"size": 8}))
    since = _day(_("From"))
    until = _day(_("To"))
    classes = forms.MultipleChoiceField(
        label=_("Only reads that showed"),
        required=False,
        choices=[(each.value, _(CLASSES[each])) for each in CLASSES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everything. Reads that do not say what they showed always count."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        people = Membership.rows().order_by("user__name").values_list("user_id", "user__name")
        keys = ApiKey.rows().order_by("name").values_list("id", "name")
        self.fields["actors"].choices = [  # type: ignore[attr-defined]
            (gettext("People"), [(str(key), name) for key, name in people]),
            (gettext("API keys"), [(str(key), name) for key, name in keys]),
        ]


class Closing(forms.Form):
    """How a case ends."""

    state = forms.ChoiceField(
        label=_("What was decided?"),
        choices=[
            (CaseState.NO_BREACH.value, _("No breach: low probability that data were compromised, or secured data")),
            (CaseState.NOTIFIED.value, _("A breach: everybody who has to be notified was")),
        ],
        widget=forms.RadioSelect,
    )
    because = _text(_("Why?"))


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a case: its form, what it shows at first, and what an answer does."""

    title: Any
    form: type[forms.Form]
    shown: Callable[[BreachCase], dict[str, Any]]
    keep: Callable[[Actor, BreachCase, dict[str, Any], datetime], Any]


def _plain(title: Any, form: type[forms.Form], *names: str) -> Step:
    return Step(
        title,
        form,
        lambda case: {name: getattr(case, name) for name in names},
        lambda actor, case, data, now: breach.answer(actor=actor, case=case, answers={n: data[n] for n in names}),
    )


def _assessed(case: BreachCase) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key, held in case.factors.items():
        shown |= {key: held["risk"], f"{key}_note": held["note"]}
    return shown


def _assess(actor: Actor, case: BreachCase, data: dict[str, Any], now: datetime) -> None:
    factors = {each: (Risk(data[each.value]), data[f"{each.value}_note"]) for each in Factor}
    breach.assess(actor=actor, case=case, factors=factors)


def _find(actor: Actor, case: BreachCase, data: dict[str, Any], now: datetime) -> object:
    return breach.find_affected(
        actor=actor,
        case=case,
        actor_ids=[UUID(each) for each in data["actors"]],
        since=data["since"],
        until=data["until"],
        classes=[PrivacyClass(each) for each in data["classes"]],
    )


STEPS = {
    "what": _plain(_("What happened"), What, "what"),
    "discovered": Step(
        _("Discovery"),
        Discovered,
        lambda case: {"discovered_on": case.discovered_on},
        lambda actor, case, data, now: breach.correct_discovery(
            actor=actor, case=case, discovered_on=data["discovered_on"], now=now
        ),
    ),
    "who": _plain(_("Who"), Who, "who"),
    "data": _plain(_("Which data"), Data, "data", "is_secured"),
    "contained": _plain(_("Contained"), Contained, "contained"),
    "affected": Step(_("Affected persons"), Finder, lambda case: dict(case.found_by), _find),
    "risk": Step(_("Risk"), Assessment, _assessed, _assess),
    "close": Step(
        _("Decision"),
        Closing,
        lambda case: {"state": case.state, "because": case.decided_because},
        lambda actor, case, data, now: breach.close_case(
            actor=actor, case=case, state=CaseState(data["state"]), because=data["because"], now=now
        ),
    ),
}
