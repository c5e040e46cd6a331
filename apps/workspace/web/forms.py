"""Forms of the things one does with a lead. They read types; whether it may be done the flows decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.consent.terms import Channel
from apps.outreach.terms import ActivityKind, Direction, Outcome
from apps.workspace.requests import EVIDENCE
from apps.workspace.web.picklist import Picklist

Choices = Sequence[tuple[str, str]]
FIRST_YEAR, LAST_YEAR = 2000, 2100

#: The nine ends of a call in the order of the keys 1 to 9, then those of other contacts.
OUTCOMES = [
    (Outcome.CONNECTED, _("Reached")),
    (Outcome.VOICEMAIL, _("Voicemail left")),
    (Outcome.NO_ANSWER, _("No answer")),
    (Outcome.BUSY, _("Busy")),
    (Outcome.WRONG_NUMBER, _("Wrong number")),
    (Outcome.CALL_BACK, _("Call back at a time")),
    (Outcome.DECLINED, _("Not interested")),
    (Outcome.DO_NOT_CONTACT, _("Do not contact")),
    (Outcome.SOMEONE_ELSE, _("Reached someone else")),
    (Outcome.DISCONNECTED, _("Number out of service")),
    (Outcome.SENT, _("Message sent")),
    (Outcome.DELIVERED, _("Message delivered")),
    (Outcome.HELD, _("Meeting completed")),
]
KINDS = [
    (ActivityKind.CALL, _("Call")),
    (ActivityKind.TEXT, _("Text")),
    (ActivityKind.EMAIL, _("Email")),
    (ActivityKind.MEETING, _("Meeting")),
    (ActivityKind.VISIT, _("Visit")),
]
DIRECTIONS = [(Direction.OUTBOUND, _("We called them")), (Direction.INBOUND, _("They called us"))]
NEXT_CHANNELS = [("", _("As now")), *KINDS[:3]]
CHANNELS = [(Channel.CALL, _("Calls")), (Channel.TEXT, _("Texts")), (Channel.EMAIL, _("Emails"))]
SAID_BY = [
    ("spoken", _("On the phone or in person")),
    ("text_reply", _("By text")),
    ("email_reply", _("By email")),
    ("letter", _("By letter")),
]


def is_near(moment: datetime) -> None:
    """Refuse moments that no calendar of ours reaches."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise forms.ValidationError(_("Check the year."), code="far_away")


def local_time(**more: Any) -> forms.DateTimeField:
    """Return a field for a moment on the organization's wall clock."""
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(widget=widget, validators=[is_near], **more)


def long_text(rows: int = 3) -> forms.Textarea:
    """Return a text area."""
    return forms.Textarea(attrs={"rows": rows})


class Act(forms.Form):
    """The base of all: choices that only the tenant knows are given by name.

    `asked_by_deed` names fields that the deed asks for in words of its own: nobody reads "(optional)" beside them.
    """

    use_required_attribute = False
    empty_words: ClassVar[dict[str, Any]] = {}
    asked_by_deed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, choices: dict[str, Choices] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.asked_by_deed:
            self.fields[name].one_of = True  # type: ignore[attr-defined]
        for name, values in (choices or {}).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            is_list = not isinstance(field.widget, forms.RadioSelect)
            field.choices = [("", self.empty_words.get(name, _("Choose"))), *values] if is_list else list(values)


class LogCall(Act):
    """What was done, how it ended, what comes next; and what they said of calls, where nothing permits them yet."""

    asked_by_deed = ("spoken_consent", "next_at")

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    stops = forms.MultipleChoiceField(
        label=_("After “Do not contact”: what shall stop?"),
        choices=CHANNELS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=[str(each) for each in Channel],
        help_text=_("Everything, unless they named a channel. It holds at once."),
        error_messages={"required": _("Tick what shall stop.")},
    )
    spoken_consent = forms.ChoiceField(
        label=_("Read aloud: do they agree to calls?"), required=False, widget=forms.RadioSelect
    )
    next_at = local_time(
        label=_("When is the next step?"),
        required=False,
        help_text=_("An open lead always has a dated next step. Empty: as your rules say for how it ended."),
    )
    next_channel = forms.ChoiceField(label=_("How?"), choices=NEXT_CHANNELS, required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=long_text(), max_length=4000)
    kind = forms.ChoiceField(label=_("What was it?"), choices=KINDS, initial=ActivityKind.CALL)
    started_at = local_time(label=_("When did it begin?"), required=False, help_text=_("Empty means just now."))
    minutes = forms.IntegerField(label=_("Length in minutes"), required=False, min_value=0, max_value=600)
    seconds = forms.IntegerField(label=_("And seconds"), required=False, min_value=0, max_value=59)
    direction = forms.ChoiceField(label=_("Who called whom?"), choices=DIRECTIONS, required=False)
    script = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_stop = self.data.get("outcome") == Outcome.DO_NOT_CONTACT
        self.fields["stops"].required = is_stop
        if not self.fields["spoken_consent"].choices:  # type: ignore[attr-defined]
            del self.fields["spoken_consent"]


class Skip(Act):
    """Why somebody else should take the lead."""

    reason = forms.ChoiceField(
        label=_("Why do you skip it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why.")},
    )


class Ask(Act):
    """What the owner is asked to change, to what, and why."""

    field = forms.ChoiceField(label=_("What should change?"))
    proposed = forms.CharField(
        label=_("What should it be?"),
        max_length=100,
        widget=forms.TextInput(attrs={"list": "proposals", "autocomplete": "off"}),
        help_text=_("A stage, a team, an outcome, a service: a value that the field can take."),
    )
    reason = forms.CharField(label=_("Why?"), widget=long_text(), max_length=300)


class TransferForm(Act):
    """To which team, why, and what they really ask for."""

    empty_words: ClassVar[dict[str, Any]] = {
        "team": _("Choose a team"),
        "member": _("The team's queue"),
        "service": _("It is right as it is"),
        "location": _("The same, or that of the team"),
    }

    team = forms.ChoiceField(label=_("To which team?"))
    member = forms.ChoiceField(
        label=_("To whom there?"), required=False, help_text=_("Empty puts it into the team's queue.")
    )
    service = forms.ChoiceField(label=_("Wrong category? The right one is"), required=False)
    location = forms.ChoiceField(
        label=_("Another office?"),
        required=False,
        help_text=_("If this office has no such service, the office of the team takes its place."),
    )
    reason = forms.CharField(label=_("Why?"), widget=long_text(), max_length=300)


class MoveStage(Act):
    """The next stage and what it rests on."""

    stage = forms.ChoiceField(label=_("To which stage?"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("What does it rest on?"), required=False, widget=long_text(), max_length=400)


class OwnerEvent(Act):
    """An event that hands the lead over by its policy, and what it rests on."""

    event = forms.ChoiceField(label=_("What happened?"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Who agreed to what, and when?"), widget=long_text(), max_length=400)


class OptOut(Act):
    """What the person does not want any more, and how they said it."""

    channels = forms.MultipleChoiceField(
        label=_("What shall stop?"),
        choices=CHANNELS,
        widget=forms.CheckboxSelectMultiple,
        initial=[str(each) for each in Channel],
    )
    source = forms.ChoiceField(label=_("How did they say it?"), choices=SAID_BY, initial="spoken")
    words = forms.CharField(label=_("In their words"), required=False, widget=long_text(2), max_length=1000)
    reason = forms.CharField(label=_("Why, if they said so"), required=False, max_length=300)


class Allow(Act):
    """A permission with the proof of it."""

    channel = forms.ChoiceField(label=_("What do they agree to?"), choices=CHANNELS, widget=forms.RadioSelect)
    evidence_kind = forms.ChoiceField(label=_("What proves it?"), choices=EVIDENCE)
    evidence_ref = forms.CharField(label=_("Where is the proof kept?"), required=False, max_length=500)
    reason = forms.CharField(label=_("What did they say?"), required=False, widget=long_text(2), max_length=300)
    limited_to = forms.BooleanField(
        label=_("For this inquiry only"), required=False, help_text=_("It ends when this lead closes.")
    )
    expires_at = local_time(label=_("Until when?"), required=False, help_text=_("Empty means until they take it back."))


class JudgePoint(Act):
    """A number or an address that works, or does not."""

    point = forms.ChoiceField(label=_("Which one?"), widget=forms.RadioSelect)
    works = forms.ChoiceField(
        label=_("What did you find?"),
        choices=[("yes", _("Verified: they are reached by it")), ("no", _("Does not work"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("How do you know?"), required=False, max_length=100)


class AskPerson(Act):
    """What the person is asked for by a link: of what is missing, all that is ticked."""

    fields_asked = forms.MultipleChoiceField(
        label=_("What shall they tell us?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what they shall tell us.")},
    )

    def __init__(self, *args: Any, choices: dict[str, Choices] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.fields["fields_asked"]
        assert isinstance(asked, forms.MultipleChoiceField)
        asked.choices = list((choices or {}).get("fields_asked", ()))


class Edit(Act):
    """What is asked and corrected on the phone; owner, stage, status and consent have forms of their own."""

    empty_words: ClassVar[dict[str, Any]] = {
        "service": _("Not known"),
        "location": _("Not known"),
        "appointment_type": _("Not asked"),
    }

    service = forms.ChoiceField(label=_("What do they ask for?"), required=False, show_hidden_initial=True)
    location = forms.ChoiceField(label=_("At which office?"), required=False, show_hidden_initial=True)
    patient_type = forms.ChoiceField(
        label=_("New or known patient?"),
        required=False,
        show_hidden_initial=True,
        choices=[("", _("Not asked")), ("new", _("New")), ("established", _("Known"))],
    )
    appointment_type = forms.ChoiceField(
        label=_("What kind of visit do they prefer?"), required=False, show_hidden_initial=True
    )
    part_of_day = forms.ChoiceField(
        label=_("In which part of the day?"),
        required=False,
        show_hidden_initial=True,
        choices=[("", _("Not asked")), ("morning", _("Morning")), ("afternoon", _("Afternoon"))],
    )
    timeframe = forms.CharField(
        label=_("When do they want to come?"), required=False, show_hidden_initial=True, max_length=30
    )
    preferred_channel = forms.ChoiceField(
        label=_("How do they want to be reached?"),
        required=False,
        show_hidden_initial=True,
        choices=[("", _("Not asked")), ("call", _("Call")), ("text", _("Text")), ("email", _("Email"))],
    )
    best_time = forms.CharField(label=_("At what time?"), required=False, show_hidden_initial=True, max_length=40)
    payer = forms.CharField(label=_("Insurance"), required=False, show_hidden_initial=True, max_length=100)
    insurance_member = forms.CharField(
        label=_("Insurance number, kept sealed"), required=False, max_length=100, strip=True
    )


class AddNote(Act):
    """A note for whoever calls next."""

    asked_by_deed = ("text",)
    text = forms.CharField(label=_("Note"), required=False, widget=long_text(6), max_length=4000)


class NameParty(Act):
    """An organisation and its part in the lead."""

    party = forms.ChoiceField(label=_("Which organisation?"))
    part = forms.ChoiceField(label=_("What is its part?"), widget=forms.RadioSelect)


class Close(Act):
    """Why the lead ends, how it ended, and what happened."""

    reason = forms.ChoiceField(label=_("Why does it end?"), widget=forms.RadioSelect)
    duplicate_of = forms.CharField(
        label=_("If it is a duplicate: which lead goes on?"),
        help_text=_("Its reference, such as L-1042."),
        required=False,
        max_length=20,
    )
    outcome = forms.ChoiceField(label=_("What came of it?"), required=False)
    missing_data = forms.ChoiceField(
        label=_("No outcome on record: why is it missing?"),
        help_text=_("Only where nobody can know yet what came of it."),
        required=False,
    )
    note = forms.CharField(label=_("What happened?"), required=False, widget=long_text(), max_length=4000)


class QueueFilter(forms.Form):
    """What the queue is narrowed to. It stands in the address, so it holds keys and never a name."""

    view = forms.CharField(required=False, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)
    queue = forms.ChoiceField(label=_("Queue"), required=False, widget=Picklist)
    stage = forms.ChoiceField(label=_("Stage"), required=False, widget=Picklist)
    status = forms.ChoiceField(label=_("Status"), required=False, widget=Picklist)
    service = forms.ChoiceField(label=_("Service"), required=False, widget=Picklist)
    location = forms.ChoiceField(label=_("Location"), required=False, widget=Picklist)
    source = forms.ChoiceField(label=_("Source"), required=False, widget=Picklist)

    def __init__(self, *args: Any, choices: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Any")), *values]


class BulkForm(Act):
    """The root of the forms of acts on many leads."""

    verb = ""


class BulkAssign(BulkForm):
    """To whom many leads go, and why."""

    empty_words: ClassVar[dict[str, Any]] = {"to": _("Choose a person or a team")}

    to = forms.ChoiceField(label=_("To whom?"), widget=forms.Select(attrs={"autofocus": True}))
    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=300,
        help_text=_("Another team needs a reason."),
        widget=forms.TextInput(),
    )


class BulkSnooze(BulkForm):
    """Until when many leads rest."""

    until = local_time(label=_("Until when?"), help_text=_("Each lead gets a follow-up at this time."))
    title = forms.CharField(label=_("What is to be done then?"), max_length=200, initial=_("Follow up"))
