"""What keeps a form from being published, and what is only worth a second look. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from apps.capture.choices import ChoiceWords
from apps.capture.form_terms import OWN_QUESTIONS, FormContent, FormKind, Purpose, Question, QuestionKind, said
from apps.catalog.field_names import near_duplicate
from apps.policies.terms import Problem, Severity

_ONCE = frozenset(QuestionKind) - OWN_QUESTIONS


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What must be known of the tenant to judge a form.

    `offered` are active services that an office offers, `inactive` those that nobody can choose any more.
    `wordings` holds (channel, purpose, version). `criteria` are the ids of the rules in force.
    `fields` are the labels of all fields by key, and `own_kinds` says with which kind of question one asks for the
    tenant's own; `own_choices` are the words of those that are choices.
    """

    offered: Collection[str] = ()
    known_services: Collection[str] = ()
    wordings: Collection[tuple[str, str, str]] = ()
    criteria: Collection[str] = ()
    source_is_active: bool = True
    has_asset: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    own_kinds: Mapping[str, QuestionKind] = field(default_factory=dict)
    own_choices: Mapping[str, ChoiceWords] = field(default_factory=dict)


def find_problems(content: FormContent, facts: FormFacts) -> tuple[Problem, ...]:
    """Name everything at once: errors block publishing, warnings are shown and may be accepted."""
    return (
        *_of_texts(content, facts),
        *_of_consent(content, facts),
        *_of_questions(content, facts),
        *_of_services(content, facts),
    )


def _of_texts(content: FormContent, facts: FormFacts) -> Iterator[Problem]:
    if not content.next_steps.get("en", "").strip():
        yield Problem(
            "/what_happens_next", "next_steps_missing", "Say what happens next: people read it before they send."
        )
    if not facts.source_is_active:
        yield Problem("/source", "source_inactive", "The form's source is switched off.")
    if content.kind is FormKind.DOWNLOAD and not facts.has_asset:
        yield Problem("/asset", "asset_missing", "A download form needs the file or address that it gives.")
    if content.kind is FormKind.REFERRAL and content.first(QuestionKind.REFERRAL) is None:
        yield Problem("/questions", "referral_missing", "A referral form asks who refers: add the referral block.")
    if content.kind is not FormKind.REFERRAL and content.first(QuestionKind.CONTACT) is None:
        yield Problem("/questions", "contact_missing", "Without contact details nobody can answer: add them.")


def _of_consent(content: FormContent, facts: FormFacts) -> Iterator[Problem]:
    english = content.consent_version.get("en", "")
    if not content.asks:
        yield Problem(
            "/questions", "consent_block_missing", "Ask how the person may be contacted: add a consent block."
        )
        return
    worded = [ask for ask in content.asks if (ask.channel, ask.purpose, english) in facts.wordings]
    if not english or not worded:
        yield Problem("/consent_version", "consent_block_missing", "Name a consent wording that exists.")
        return
    for ask in content.asks:
        if ask not in worded:
            sentence = f"There is no wording {english} for {ask.channel} ({ask.purpose}): that box is not shown."
            yield Problem("/consent_version", "wording_missing", sentence, Severity.WARNING)


def _of_questions(content: FormContent, facts: FormFacts) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, question in enumerate(content.questions):
        name, path = question.label or question.key, f"/questions/{place}"
        if question.purpose not in set(Purpose):
            sentence = f"“{name}” does not say why it is asked. Set its purpose or remove it."
            yield Problem(f"{path}/purpose", "purpose_missing", sentence)
        if question.key in seen or (question.kind in _ONCE and str(question.kind) in seen):
            yield Problem(f"{path}/key", "asked_twice", f"“{name}” is asked twice.")
        seen |= {question.key, str(question.kind)} if question.kind in _ONCE else {question.key}
        if question.kind is QuestionKind.DOCUMENTS and content.kind is not FormKind.REFERRAL:
            sentence = f"“{name}” asks for documents: only a referral form takes them."
            yield Problem(f"{path}/kind", "documents_not_here", sentence)
        if question.kind in OWN_QUESTIONS:
            yield from _of_own(question, name, path, facts)
    if len(content.questions) > content.field_cap:
        sentence = f"{len(content.questions)} questions are more than the {content.field_cap} that this form allows."
        yield Problem("/questions", "too_many_questions", sentence, Severity.WARNING)


def _of_own(question: Question, name: str, path: str, facts: FormFacts) -> Iterator[Problem]:
    yield from _of_names(question, path, facts)
    if not question.label:
        yield Problem(f"{path}/label", "label_missing", f"“{name}” needs the words of its question.")
    if question.kind is QuestionKind.CHOICE and len(question.choices) < 2:
        yield Problem(f"{path}/choices", "choices_missing", f"“{name}” needs at least two options, a line each.")
    for option in question.choices if question.key in facts.own_choices else ():
        typed = option.label or option.value
        if not facts.own_choices[question.key].meaning(typed, {}):
            sentence = f"“{typed}” is no value of the field “{question.key}”: such answers wait for a meaning."
            yield Problem(f"{path}/choices", "option_unknown", sentence, Severity.WARNING)
    if not question.criterion:
        sentence = f"“{name}” is not bound to a criterion: what will its answer decide?"
        yield Problem(f"{path}/criterion", "criterion_missing", sentence, Severity.WARNING)
    elif question.criterion not in facts.criteria:
        sentence = f"“{name}” names the criterion {question.criterion}, which no rule in force has."
        yield Problem(f"{path}/criterion", "criterion_unknown", sentence, Severity.WARNING)


def _of_names(question: Question, path: str, facts: FormFacts) -> Iterator[Problem]:
    """Warn of a question that is nearly a field (row DD-12); one that has the key of an own field of its kind is it."""
    if facts.own_kinds.get(question.key) is question.kind:
        return
    for part, typed in (("key", question.key), ("label", question.label)):
        if twin := near_duplicate(typed, facts.fields):
            sentence = f"“{typed}” is nearly the field “{facts.fields[twin]}” ({twin}): ask for that one instead."
            yield Problem(f"{path}/{part}", "near_duplicate", sentence, Severity.WARNING)
            return


def _of_services(content: FormContent, facts: FormFacts) -> Iterator[Problem]:
    for place, key in enumerate(content.services):
        path = f"/services/{place}"
        if key not in facts.known_services:
            yield Problem(path, "service_unknown", f"There is no active service “{key}”.", Severity.WARNING)
        elif key not in facts.offered:
            yield Problem(path, "service_without_offering", f"No office offers “{key}”.", Severity.WARNING)


def missing_translations(content: FormContent, languages: Mapping[str, str]) -> tuple[str, ...]:
    """Return the languages in which the form's own texts are not complete."""
    return tuple(
        word
        for language, word in languages.items()
        if language != "en"
        and not all(texts.get(language) for texts in (content.title, content.next_steps) if said(texts, "en"))
    )
