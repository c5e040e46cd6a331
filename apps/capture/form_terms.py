"""Words of public forms: kinds of form and question, purposes, and what a form asks and says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class FormKind(StrEnum):
    """What a form is for. An event's stands open on a phone or a tablet at the stand (row CP-14)."""

    INQUIRY = "inquiry"
    REFERRAL = "referral"
    DOWNLOAD = "download"
    EVENT = "event"


class FormLayout(StrEnum):
    """How the hosted page asks."""

    ONE_PAGE = "one_page"
    STEPS = "steps"


class Purpose(StrEnum):
    """Why a question is asked (row CP-05); there is no other good reason."""

    ROUTING = "routing"
    SCHEDULING = "scheduling"
    ELIGIBILITY = "eligibility"
    CONTACT = "contact"
    CONSENT = "consent"


class QuestionKind(StrEnum):
    """What can be asked. Options of `service` and `location` come from the catalog; referrals alone take documents.

    `city` is where the person lives: its choices are offered, and another one can be typed.
    """

    SERVICE = "service"
    LOCATION = "location"
    REASON = "reason"
    APPOINTMENT_TYPE = "appointment_type"
    PART_OF_DAY = "part_of_day"
    BEST_TIME = "best_time"
    PATIENT_TYPE = "patient_type"
    PREFERRED_CHANNEL = "preferred_channel"
    TIMEFRAME = "timeframe"
    INSURANCE = "insurance"
    CONTACT = "contact"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    WHO = "who"
    REFERRAL = "referral"
    DOCUMENTS = "documents"
    CHOICE = "choice"
    SHORT_TEXT = "short_text"
    CONSENT = "consent"


class Step(StrEnum):
    """The pages of a form that asks one thing at a time, in their order; the last one shows the answers."""

    NEED = "need"
    WHERE = "where"
    VISIT = "visit"
    CONTACT = "contact"
    DOCUMENTS = "documents"
    REACH = "reach"
    CHECK = "check"


STEP_OF: Mapping[QuestionKind, Step] = {
    QuestionKind.SERVICE: Step.NEED,
    QuestionKind.REASON: Step.NEED,
    QuestionKind.TIMEFRAME: Step.NEED,
    QuestionKind.LOCATION: Step.WHERE,
    QuestionKind.POSTAL_CODE: Step.WHERE,
    QuestionKind.CITY: Step.WHERE,
    QuestionKind.PATIENT_TYPE: Step.VISIT,
    QuestionKind.APPOINTMENT_TYPE: Step.VISIT,
    QuestionKind.PART_OF_DAY: Step.VISIT,
    QuestionKind.INSURANCE: Step.VISIT,
    QuestionKind.CHOICE: Step.VISIT,
    QuestionKind.SHORT_TEXT: Step.VISIT,
    QuestionKind.WHO: Step.CONTACT,
    QuestionKind.CONTACT: Step.CONTACT,
    QuestionKind.REFERRAL: Step.CONTACT,
    QuestionKind.DOCUMENTS: Step.DOCUMENTS,
    QuestionKind.PREFERRED_CHANNEL: Step.REACH,
    QuestionKind.BEST_TIME: Step.REACH,
    QuestionKind.CONSENT: Step.REACH,
}

#: Questions whose answer judges the person or the fit: each is bound to a criterion (row CP-06).
OWN_QUESTIONS = frozenset({QuestionKind.CHOICE, QuestionKind.SHORT_TEXT})
#: Which fields the answer of a question fills, by their mapping targets; a question of the tenant's own is an answer.
FILLS: Mapping[QuestionKind, tuple[str, ...]] = {
    QuestionKind.SERVICE: ("request.service",),
    QuestionKind.LOCATION: ("request.location",),
    QuestionKind.REASON: ("request.message",),
    QuestionKind.BEST_TIME: ("request.best_time",),
    QuestionKind.PATIENT_TYPE: ("request.patient_type",),
    QuestionKind.PREFERRED_CHANNEL: ("request.preferred_channel",),
    QuestionKind.TIMEFRAME: ("request.timeframe",),
    QuestionKind.APPOINTMENT_TYPE: ("request.appointment_type",),
    QuestionKind.PART_OF_DAY: ("request.part_of_day",),
    QuestionKind.INSURANCE: ("insurance.payer", "insurance.member_id"),
    QuestionKind.CONTACT: ("person.first_name", "person.last_name", "person.phone", "person.email"),
    QuestionKind.POSTAL_CODE: ("person.postal_code",),
    QuestionKind.CITY: ("person.city",),
    QuestionKind.WHO: ("on_behalf_of.relation", "person.first_name", "person.last_name"),
}
#: A site that may frame a form: scheme and host, no path.
ORIGIN = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$"
DEFAULT_CHANNELS = ("call", "text", "email")
CARE_INQUIRY = "care_inquiry"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a question of the tenant's own."""

    value: str
    label: str
    label_es: str = ""


@dataclass(frozen=True, slots=True)
class ConsentAsk:
    """One permission that is asked for: its channel, and what for."""

    channel: str
    purpose: str = CARE_INQUIRY

    @property
    def field(self) -> str:
        """The name of its box."""
        return f"consent_{self.channel}" + ("" if self.purpose == CARE_INQUIRY else f"_{self.purpose}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `purpose` is empty while nobody has said why it is asked."""

    key: str
    kind: QuestionKind
    label: str = ""
    hint: str = ""
    is_required: bool = False
    purpose: str = ""
    criterion: str = ""
    choices: tuple[Choice, ...] = ()
    label_es: str = ""
    hint_es: str = ""

    @property
    def field(self) -> str:
        """The name of the field of a question of the tenant's own."""
        return f"q_{self.key}"

    @property
    def asks(self) -> tuple[ConsentAsk, ...]:
        """The permissions of a consent question; without any named, one for each channel."""
        named = [ConsentAsk(each.value, each.label or CARE_INQUIRY) for each in self.choices]
        return tuple(named or map(ConsentAsk, DEFAULT_CHANNELS))

    def words(self, language: str) -> tuple[str, str]:
        """Return label and hint in a language; what is not translated stays English."""
        if language == "es":
            return self.label_es or self.label, self.hint_es or self.hint
        return self.label, self.hint


@dataclass(frozen=True, slots=True)
class FormContent:
    """All that a form asks and says; texts by language. An older version without a layout takes the form's."""

    kind: FormKind = FormKind.INQUIRY
    layout: FormLayout | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    intro: Mapping[str, str] = field(default_factory=dict)
    next_steps: Mapping[str, str] = field(default_factory=dict)
    consent_version: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    asset: str = ""
    field_cap: int = 15
    questions: tuple[Question, ...] = ()

    @property
    def capture_method(self) -> str:
        """How an inquiry of this form counts as captured (`CaptureMethod`)."""
        return "event" if self.kind is FormKind.EVENT else "web_form"

    def first(self, kind: QuestionKind) -> Question | None:
        """Return the first question of a kind."""
        return next((each for each in self.questions if each.kind is kind), None)

    @property
    def asks(self) -> tuple[ConsentAsk, ...]:
        """Every permission that the form asks for."""
        return tuple(ask for each in self.questions if each.kind is QuestionKind.CONSENT for ask in each.asks)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The pages that have something to ask, and the one that shows the answers."""
        used = {STEP_OF[each.kind] for each in self.questions}
        return tuple(each for each in Step if each in used or each is Step.CHECK)


def said(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language, or in English."""
    return texts.get(language, "") or texts.get("en", "")


def read_choices(text: str) -> tuple[Choice, ...]:
    """Read lines of "value | English | Spanish"; a line of one word is its own label only for consent."""
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if parts[0]:
            found.append(Choice(*(parts + ["", ""])[:3]))
    return tuple(found)


def write_choices(choices: Sequence[Choice]) -> str:
    """Write options as people edit them."""
    lines = (" | ".join((each.value, each.label, each.label_es)).rstrip(" |") for each in choices)
    return "\n".join(lines)


#: What a form without questions of its own asks.
STANDARD_QUESTIONS = (
    Question("contact", QuestionKind.CONTACT, purpose=Purpose.CONTACT),
    Question("postal-code", QuestionKind.POSTAL_CODE, purpose=Purpose.ROUTING),
    Question("service", QuestionKind.SERVICE, purpose=Purpose.ROUTING),
    Question("location", QuestionKind.LOCATION, purpose=Purpose.ROUTING),
    Question("patient-type", QuestionKind.PATIENT_TYPE, purpose=Purpose.ROUTING),
    Question("timeframe", QuestionKind.TIMEFRAME, purpose=Purpose.SCHEDULING),
    Question("reason", QuestionKind.REASON, purpose=Purpose.ROUTING),
    Question("preferred-channel", QuestionKind.PREFERRED_CHANNEL, purpose=Purpose.CONTACT),
    Question("best-time", QuestionKind.BEST_TIME, purpose=Purpose.SCHEDULING),
    Question("consent", QuestionKind.CONSENT, purpose=Purpose.CONSENT),
)
