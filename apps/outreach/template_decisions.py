"""What keeps the words of a message from being approved (row PH-14). Pure.

Texts pass through the phone network in the clear, so that no health data is ever put into one (45 CFR 164.312(e));
a mail may hold some where a second person approved its template for that, never in its subject, which screens show.
"""

import re
from collections.abc import Collection, Mapping

from apps.catalog.field_uses import sentence_of
from apps.catalog.terms import PrivacyClass
from apps.consent.terms import Channel, Purpose
from apps.outreach.template_terms import (
    ANSWERS,
    BROUGHT_BY_STEPS,
    GOAL_OF,
    NEEDED_FOR,
    PRIVATE,
    USE_OF,
    KnownTags,
    Need,
    Place,
    Tags,
    Wording,
)
from apps.tenancy.errors import Problem

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}|\{\s*([^{}]*?)\s*\}")
#: A street with its number, or a post-office box, before a state and a ZIP code.
_ADDRESS = re.compile(r"(\d+\s+\w+|P\.?\s?O\.?\s+Box\s+\d+)[^{}]{0,120}?\b[A-Z]{2}\s+\d{5}\b", re.IGNORECASE)
#: That a field is used for what it is not recorded for; such words are refused, and the ledger notes it.
NOT_RECORDED = "purpose"
_STOP = re.compile(r"\bSTOP\b")
_CALLED = {
    PrivacyClass.HEALTH: "a health field",
    PrivacyClass.INSURANCE: "an insurance field",
    PrivacyClass.PHI: "protected health information",
}


def places_of(text: str) -> list[str]:
    """Return the names of the places of a text, each once, in their order: `{name}` and `{{name}}` alike."""
    return list(dict.fromkeys(double or single for double, single in PLACE.findall(text)))


def fill(text: str, words: Mapping[str, str]) -> str:
    """Put words into their places; a place without a word is left empty."""
    return PLACE.sub(lambda found: words.get(found[1] or found[2] or "", ""), text)


def template_problems(
    wording: Wording, places: Mapping[str, Place], *, has_address: bool, known: KnownTags | None = None
) -> list[Problem]:
    """Return why the words must not be approved; empty where they may.

    `places` are those that a message can fill, by name; `has_address` says that the organization's postal address is
    known; `known` is what tags can name.
    """
    return [
        *_unknown(wording, places),
        *field_problems(wording, places),
        *_way_out(wording, has_address=has_address),
        *_category(wording),
        *(tag_problems(wording.tags, known) if known is not None else []),
    ]


def tag_problems(tags: Tags, known: KnownTags) -> list[Problem]:
    """Return which tags name nothing that the tenant has, or contradict each other."""
    found = [
        Problem("/stages", "unknown_stage", f"There is no stage “{each}”.")
        for each in tags.stages
        if each not in known.stages
    ]
    if tags.team and tags.team not in known.teams:
        found.append(Problem("/team", "unknown_team", f"There is no team “{tags.team}”."))
    kind = known.services.get(tags.service, "")
    if tags.service and not kind:
        found.append(Problem("/service", "unknown_service", f"There is no service line “{tags.service}”."))
    elif tags.service and tags.category and tags.category != kind:
        said = f"“{tags.service}” is of the category {kind.replace('_', ' ')}, not {tags.category.replace('_', ' ')}."
        found.append(Problem("/category", "other_category", said))
    return found


def disagreement(tags: Tags, *, called: str, service: str, category: str, said: str) -> str:
    """Return why words must not go about a lead that asks for a service of a category; "" where they may (row TN-02).

    Words for a service line are for its leads alone: a lead of which none is known gets them neither.
    """
    if (tags.service and tags.service != service) or (tags.category and tags.category != category):
        return f"The template “{called}” is for {said}, which this lead does not ask for."
    return ""


_LACKS: Mapping[Need, str] = {
    Need.VISIT: "is about a visit to come, and none is booked for this lead.",
    Need.MISSED_VISIT: "is about a visit that was missed, and this lead has missed none.",
    Need.REFERRAL: "is about a referral, and nobody referred this lead.",
}


def why_not_by_hand(wording: Wording, stage: str, has: Collection[Need]) -> str:
    """Return why people may not send words about a lead; "" where they may.

    Words for other stages are not offered, nor those of which a step of its own fills a place, nor those that speak of
    a visit or a referral that the lead does not have. Reminders of visits need a visit, whatever their goal.
    """
    called, stages = f"The template “{wording.key}”", wording.tags.stages
    if stages and stage not in stages:
        what = "stage" if len(stages) == 1 else "stages"
        return f"{called} is for the {what} {_listed(stages)}; this lead is at {stage.replace('_', ' ')}."
    goal = goal_of(wording)
    need = NEEDED_FOR.get(goal, Need.VISIT if wording.purpose == Purpose.REMINDERS else None)
    if need is not None and need not in has:
        return f"{called} {_LACKS[need]}"
    if BROUGHT_BY_STEPS & set(places_of(f"{wording.subject}\n{wording.body}")):
        return f"{called} goes by a step of its own, which fills what it names."
    return ""


def _listed(stages: Collection[str]) -> str:
    return ", ".join(each.replace("_", " ") for each in stages)


def goal_of(wording: Wording) -> str:
    """Return what words are to bring about: as tagged, else as the automatic step that sends them means it."""
    return wording.tags.goal or str(GOAL_OF.get(wording.key, ""))


def field_problems(wording: Wording, places: Mapping[str, Place]) -> list[Problem]:
    """Return which fields must not stand in a message: asked again when it goes, as classes and purposes change."""
    in_subject, found = set(places_of(wording.subject)), []
    for name in places_of(f"{wording.subject}\n{wording.body}"):
        place = places.get(name)
        if place is None:
            continue
        if place.privacy not in PRIVATE or wording.holds_phi:
            found += _misused(wording, name, place)
        if place.privacy not in PRIVATE:
            continue
        pointer = "/subject" if name in in_subject else "/body"
        what = f"{{{name}}} holds {_CALLED[place.privacy]} ({place.label})"
        if wording.channel == Channel.TEXT:
            found.append(Problem(pointer, "phi_by_text", f"{what}. Texts never carry health data: send it by mail."))
        elif wording.purpose in (Purpose.MARKETING, Purpose.BUSINESS):
            found.append(Problem(pointer, "phi_in_marketing", f"{what}. Marketing never uses health data."))
        elif name in in_subject:
            found.append(Problem(pointer, "phi_in_subject", f"{what}. A subject never does: put it into the text."))
        elif not wording.holds_phi:
            sentence = f"{what}. Ask for this template to be approved for health data, or take it out."
            found.append(Problem(pointer, "phi_not_approved", sentence))
    return found


def _misused(wording: Wording, name: str, place: Place) -> list[Problem]:
    """Return that a field is not recorded for what the message is for (row AU-07)."""
    use = USE_OF[wording.purpose]
    is_told = wording.purpose in (Purpose.MARKETING, Purpose.BUSINESS) and place.privacy in PRIVATE
    if use in place.uses or is_told:
        return []
    pointer = "/subject" if name in places_of(wording.subject) else "/body"
    return [Problem(pointer, NOT_RECORDED, sentence_of(name, use, {name: place.uses}))]


def _unknown(wording: Wording, places: Mapping[str, Place]) -> list[Problem]:
    found = []
    for pointer, text in (("/subject", wording.subject), ("/body", wording.body)):
        for name in places_of(text):
            if name not in places:
                sentence = f"Nothing fills {{{name}}}. The register of templates lists what a message can name."
                found.append(Problem(pointer, "unknown_place", sentence))
        if "{" in PLACE.sub("", text) or "}" in PLACE.sub("", text):
            found.append(Problem(pointer, "open_place", "A brace stands alone: write a place as {first_name}."))
    return found


def _way_out(wording: Wording, *, has_address: bool) -> list[Problem]:
    places, found = places_of(wording.body), []
    if wording.channel == Channel.TEXT:
        if not _STOP.search(wording.body):
            found.append(Problem("/body", "no_stop_line", "A text says how to end texts: add “STOP ends texts.”"))
        if wording.subject.strip():
            found.append(Problem("/subject", "no_subject", "A text has no subject."))
        return found
    if not wording.subject.strip():
        found.append(Problem("/subject", "missing", "A mail needs a subject."))
    if wording.purpose not in (Purpose.MARKETING, Purpose.BUSINESS):
        return found
    if "preferences_link" not in places:
        found.append(Problem("/body", "no_way_out", "A marketing mail says how to stop it: add {preferences_link}."))
    if "postal_address" in places and not has_address:
        sentence = "{postal_address} is empty: the organization's setting postal_address is not set."
        found.append(Problem("/body", "no_address", sentence))
    elif "postal_address" not in places and not _ADDRESS.search(wording.body):
        sentence = "A marketing mail names our postal address: add {postal_address}."
        found.append(Problem("/body", "no_address", sentence))
    return found


def _category(wording: Wording) -> list[Problem]:
    if wording.key in ANSWERS and wording.purpose != Purpose.CARE_INQUIRY:
        called = wording.purpose.replace("_", " ")
        sentence = f"“{wording.key}” answers an inquiry; as {called} it would ask for another permission and say more."
        return [Problem("/purpose", "wrong_category", sentence)]
    if wording.purpose == Purpose.BUSINESS and wording.channel != Channel.EMAIL:
        return [Problem("/purpose", "wrong_category", "Business mails go by mail alone.")]
    return []


def sentences(problems: Collection[Problem]) -> str:
    """Return problems as one text."""
    return " ".join(each.detail for each in problems)
