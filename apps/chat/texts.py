"""The fixed texts of the chat, in the visitor's language, and the words of danger that each language has.

A tenant may word the two safety texts otherwise, in its rules; both languages are asked for then, and the number to
call stays in them (row CP-12).
"""

from collections.abc import Iterable, Mapping

from apps.chat.terms import Fixed, Handover, Language
from apps.policies.decisions.documents import as_document, as_text
from apps.policies.decisions.words import words_of
from apps.qualification import alarm_words

EMERGENCY = {Language(tongue): words for tongue, words in alarm_words.EMERGENCY.items()}
CRISIS = {Language(tongue): words for tongue, words in alarm_words.CRISIS.items()}
#: The number that a safety text has to name.
NUMBERS = {Handover.EMERGENCY: "911", Handover.CRISIS: "988"}
_SAFETY: Mapping[Handover, Mapping[Language, str]] = {
    Handover.EMERGENCY: {
        Language.ENGLISH: "This may be an emergency. Call 911 now, or go to the nearest emergency room. Do not wait"
        " for this chat. We have also told our team.",
        Language.SPANISH: "Esto puede ser una emergencia. Llame al 911 ahora o vaya a la sala de emergencias más"
        " cercana. No espere por este chat. También hemos avisado a nuestro equipo.",
    },
    Handover.CRISIS: {
        Language.ENGLISH: "You are not alone. Call or text 988 now to reach the Suicide & Crisis Lifeline, day or"
        " night. If you are in danger, call 911. We have also told our team.",
        Language.SPANISH: "Usted no está solo. Llame al 988 ahora, o envíe AYUDA por mensaje de texto al 988, a la"
        " Línea 988 de Prevención del Suicidio y Crisis, de día o de noche. Si está en peligro, llame al 911."
        " También hemos avisado a nuestro equipo.",
    },
}
_FIXED: Mapping[Fixed, Mapping[Language, str]] = {
    Fixed.GREETING: {
        Language.ENGLISH: "Hello. I can answer common questions, or bring in a person. Please leave out details of"
        " your health.",
        Language.SPANISH: "Hola. Puedo responder preguntas comunes o pedir que venga una persona. Por favor, no"
        " escriba detalles de su salud.",
    },
    Fixed.CLINICAL: {
        Language.ENGLISH: "I cannot answer questions about your health. A person goes on from here.",
        Language.SPANISH: "No puedo responder preguntas sobre su salud. Una persona sigue desde aquí.",
    },
    Fixed.ASKED: {
        Language.ENGLISH: "I am asking a person to join. Please stay on this page.",
        Language.SPANISH: "Estoy pidiendo que venga una persona. Por favor, quédese en esta página.",
    },
    Fixed.UNSURE: {
        Language.ENGLISH: "I do not know the answer to that. Could you say it in other words, or ask for a person?",
        Language.SPANISH: "No sé la respuesta a eso. ¿Puede decirlo con otras palabras o pedir una persona?",
    },
    Fixed.NO_ANSWER: {
        Language.ENGLISH: "I do not know the answer to that either. A person goes on from here.",
        Language.SPANISH: "Tampoco sé la respuesta a eso. Una persona sigue desde aquí.",
    },
}


def fixed(name: Fixed, language: str) -> str:
    """Return a fixed text in the visitor's language; English where there is no other."""
    texts = _FIXED[name]
    return texts[as_language(language)]


def safety_text(danger: Handover, language: str, document: object = None) -> str:
    """Return what is shown at once when somebody may be in danger: the tenant's wording, else the product's."""
    tongue = as_language(language)
    own = as_document(as_document(as_document(document).get("safety")).get(danger))
    return as_text(own.get(tongue), _SAFETY[danger][tongue])


def greeting_of(document: object, language: str) -> str:
    """Return the first line of a conversation; a tenant's one greeting is said in every language."""
    own = as_document(document).get("greeting")
    tongue = as_language(language)
    return as_text(as_document(own).get(tongue)) or as_text(own) or fixed(Fixed.GREETING, tongue)


def worded(value: object, language: str) -> str:
    """Return a text of the rules in a language: one text is said in every language, a missing one in English."""
    by_language = as_document(value)
    return as_text(value) or as_text(by_language.get(as_language(language))) or as_text(by_language.get("en"))


def language_of_danger(text: str, usual: str) -> Language:
    """Return the language that words of danger are in, for people turn to their own; else the visitor's usual one."""
    words = words_of(text)
    for tongue in Language:
        if has_any(words, (*CRISIS[tongue], *EMERGENCY[tongue])):
            return tongue
    return as_language(usual)


def as_language(code: str) -> Language:
    """Read a language's code; one that the chat does not speak is English."""
    return Language.SPANISH if code[:2] == Language.SPANISH else Language.ENGLISH


def has_any(words: tuple[str, ...], phrases: Iterable[str]) -> bool:
    """Whether one of the phrases stands in the words, word by word."""
    text = f" {' '.join(words)} "
    return any(f" {' '.join(words_of(each))} " in text for each in phrases if words_of(each))
