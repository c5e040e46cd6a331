"""Forms of imports. They read types; what a file is good for the actions decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Team
from apps.capture.mapping import ANSWER, RAW_ONLY, TARGETS
from apps.catalog.models import Source
from apps.imports.terms import CHECKED_IN, ImportKind, Plan

MOST_BYTES = 10 * 1024 * 1024
KINDS = [
    (ImportKind.CALLING_LIST, _("A calling list: people who agreed to be called")),
    (ImportKind.EVENT_SCAN, _("Badges or cards from an event")),
    (ImportKind.REFERRALS, _("Referrals from practices")),
    (ImportKind.OPT_OUTS, _("People who opted out: nobody contacts these numbers and addresses any more")),
]
CHANNELS = [("call", _("Calls")), ("text", _("Texts")), ("email", _("E-mails"))]
_WORDS = {ANSWER: _("Keep as an answer"), RAW_ONLY: _("Leave out")}
_FIELDS = [
    (f"{part}.{name}", f"{part.replace('_', ' ')}: {name.replace('_', ' ')}")
    for part, names in TARGETS.items()
    if part != "on_behalf_of"
    for name in sorted(names)
]


class UploadForm(forms.Form):
    """The file, what it is, and where its leads come from."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=KINDS, widget=forms.RadioSelect)
    source = forms.ChoiceField(label=_("Source"), help_text=_("Every lead of the file counts as coming from it."))
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or Excel (.xlsx), column names in the first row; at most 10 MB, 50,000 rows and 100 columns. Excel: no"
            " macros, no formulas, at most 100 MB unpacked."
        ),
        widget=forms.ClearableFileInput({"accept": ".csv,text/csv,.xlsx"}),
    )
    sheet = forms.CharField(
        label=_("Sheet"), required=False, max_length=100, help_text=_("Of an Excel file with several sheets.")
    )

    owner = forms.ChoiceField(
        label=_("Owning team"),
        required=False,
        help_text=_("Only this team changes the list, and says who else sees what came of it."),
    )

    def __init__(self, *args: Any, sources: Sequence[Source], teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", _("Your own team")), *((each.key, each.name) for each in teams)]  # type: ignore[attr-defined]
        self.fields["source"].choices = [(each.key, each.name) for each in sources]  # type: ignore[attr-defined]

    def clean_file(self) -> bytes:
        """Read the file whole; it is small enough for that."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB. Split it."))
        self.file_name = str(file.name)
        content: bytes = file.read()
        return content


class PlanForm(forms.Form):
    """Each column's field, and on what the permission to contact rests."""

    basis_column = forms.ChoiceField(label=_("Column that says whether the person agreed"), required=False)
    basis = forms.BooleanField(label=_("Or: everybody in the file agreed"), required=False)
    channels = forms.MultipleChoiceField(
        label=_("They agreed to"), required=False, choices=CHANNELS, widget=forms.CheckboxSelectMultiple
    )
    text_version = forms.CharField(label=_("Version of the wording they saw"), required=False, max_length=20)
    evidence = forms.CharField(
        label=_("Where the proof is kept"),
        required=False,
        max_length=500,
        help_text=_("For example the folder of the signed cards."),
    )
    inquiry_only = forms.BooleanField(
        label=_("For this inquiry only"),
        required=False,
        help_text=_("It ends when this lead closes."),
    )
    event = forms.CharField(label=_("Event"), required=False, max_length=200)
    event_at = forms.DateTimeField(
        label=_("When was the event?"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Where no column says when people checked in. Who came long ago gets no receipt."),
    )

    def __init__(self, *args: Any, header: Sequence[str], kind: ImportKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.header = tuple(header)
        own = [(CHECKED_IN, _("Checked in at (date and time)"))] if kind is ImportKind.EVENT_SCAN else []
        choices = [*_WORDS.items(), *own, *_FIELDS]
        for place, name in enumerate(self.header):
            column = forms.ChoiceField(label=name, choices=choices, required=False)
            column.one_of = True  # type: ignore[attr-defined]
            self.fields[f"column_{place}"] = column
        self.fields["basis_column"].choices = [("", _("No column")), *((name, name) for name in header)]  # type: ignore[attr-defined]
        if kind is not ImportKind.EVENT_SCAN:
            del self.fields["event"], self.fields["event_at"]
        if kind is ImportKind.OPT_OUTS:
            for name in ("basis_column", "basis", "channels", "text_version", "evidence", "inquiry_only"):
                del self.fields[name]

    @property
    def columns(self) -> list[Any]:
        """Return the columns' fields in the order of the file."""
        return [self[f"column_{place}"] for place in range(len(self.header))]

    @property
    def others(self) -> list[Any]:
        """Return the fields that are about the whole file."""
        return [field for field in self.visible_fields() if not field.name.startswith("column_")]

    def plan(self) -> Plan:
        """Return what was chosen."""
        data = self.cleaned_data
        return Plan(
            columns={name: data[f"column_{place}"] or ANSWER for place, name in enumerate(self.header)},
            basis="file" if data.get("basis") else "",
            basis_column=data.get("basis_column", ""),
            channels=data.get("channels", []),
            text_version=data.get("text_version", "").strip(),
            evidence=data.get("evidence", "").strip(),
            inquiry_only=bool(data.get("inquiry_only")),
            event=data.get("event", "").strip(),
            event_at=data["event_at"].isoformat() if data.get("event_at") else "",
        )


def initial_of(plan: Plan, header: Sequence[str]) -> dict[str, Any]:
    """Return the form's first values for a plan."""
    columns = {f"column_{place}": plan.columns.get(name, ANSWER) for place, name in enumerate(header)}
    others = {
        name: getattr(plan, name)
        for name in ("basis_column", "channels", "text_version", "evidence", "event", "inquiry_only")
    }
    return columns | others | {"basis": plan.basis == "file", "event_at": plan.happened_at}
