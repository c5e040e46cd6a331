"""A mapping as a document: everything wrong with it, and what it says in sentences."""

from collections.abc import Iterator, Mapping

from apps.capture.mapping import (
    ANSWER,
    CUSTOM,
    PICKLISTS,
    RAW_ONLY,
    TARGETS,
    WORDS_OF_TRANSFORMS,
    Transform,
    field_rules,
    is_target,
)
from apps.capture.synonyms import CHANNELS, PARTS_OF_DAY, PATIENT_TYPES, RELATIONS, TIMEFRAMES
from apps.capture.text import fold
from apps.policies.decisions.documents import as_document, as_items, as_text, unknown_keys
from apps.policies.terms import FieldSpec, Known, Labels, Problem

_NAMES = frozenset({"person.full_name", "on_behalf_of.full_name"})
_DATES = frozenset({Transform.DATE_DMY, Transform.DATE_MDY})
_DATED = "person.date_of_birth"
#: The picklists that are the product's own, with their keys in order.
OWN_PICKLISTS: Mapping[str, tuple[str, ...]] = {
    "patient_type": tuple(dict.fromkeys(PATIENT_TYPES.values())),
    "timeframe": tuple(dict.fromkeys(TIMEFRAMES.values())),
    "part_of_day": tuple(dict.fromkeys(PARTS_OF_DAY.values())),
    "preferred_channel": tuple(dict.fromkeys(CHANNELS.values())),
    "relation": tuple(dict.fromkeys(RELATIONS.values())),
}


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a mapping: fields, transforms and values that do not exist, a name said twice."""
    top = as_document(document)
    problems = unknown_keys(top, frozenset({"fields", "values"}), "")
    seen: dict[str, str] = {}
    for place, item in enumerate(as_items(top.get("fields"))):
        line, path = as_document(item), f"/fields/{place}"
        problems += unknown_keys(line, frozenset({"from", "to", "transform"}), path)
        problems += _line_problems(line, path, known)
        name = as_text(line.get("from"))
        if name and fold(name) in seen:
            sentence = f"“{name}” and “{seen[fold(name)]}” are one name: say once what it fills."
            problems.append(Problem(f"{path}/from", "name_twice", sentence))
        seen.setdefault(fold(name), name)
    for name, words in as_document(top.get("values")).items():
        problems += _value_problems(name, words, known)
    return problems


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Return what a mapping says, a sentence for each name and each word."""
    return list(_sentences(document, labels))


def target_label(target: str) -> str:
    """Return a target in words: `request.service` is "service"."""
    if target == ANSWER:
        return "an answer"
    part, _, name = target.partition(".")
    words = name.replace("_", " ")
    owners = {"on_behalf_of": " of who asks for them", "referral": " of the referral", "insurance": " (insurance)"}
    return f"{words}{owners.get(part, '')}"


def target_choices(custom: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return every target that a mapping may name, with its words; `custom` gives the tenant's own by key."""
    found = [(f"{part}.{name}", target_label(f"{part}.{name}")) for part, names in TARGETS.items() for name in names]
    own = [(f"{CUSTOM}.{key}", label) for key, label in custom.items()]
    usual = [(ANSWER, "keep as an answer"), (RAW_ONLY, "keep in the raw copy only")]
    return [*sorted(found, key=lambda each: each[1]), *sorted(own, key=lambda each: each[1]), *usual]


def _sentences(document: object, labels: Labels) -> Iterator[str]:
    for rule in field_rules(document):
        if rule.target == RAW_ONLY:
            yield f"“{rule.name}” stays in the raw copy only."
            continue
        how = f", read as {WORDS_OF_TRANSFORMS[rule.transform]}" if rule.transform else ""
        yield f"“{rule.name}” fills {target_label(rule.target)}{how}."
    for name, words in as_document(as_document(document).get("values")).items():
        for word, key in as_document(words).items():
            means = labels.get(name, {}).get(as_text(key), as_text(key).replace("_", " "))
            yield f"For {name.replace('_', ' ')}, “{word}” means {means}."


def _line_problems(line: Mapping[str, object], path: str, known: Known) -> Iterator[Problem]:
    name, target, change = (as_text(line.get(key)) for key in ("from", "to", "transform"))
    if not fold(name):
        yield Problem(f"{path}/from", "name_missing", "Say by which name the sender sends it.")
    if not is_target(target, known.custom_fields):
        yield Problem(f"{path}/to", "unknown_target", f"“{name}”: there is no field “{target}”.")
    if change not in set(Transform):
        words = ", ".join(each for each in Transform if each)
        yield Problem(f"{path}/transform", "unknown_transform", f"“{change}” is none of: {words}.")
    elif change == Transform.SPLIT_NAME and target not in _NAMES:
        yield Problem(f"{path}/transform", "transform_unfit", "Only a full name is cut in two.")
    elif change in _DATES and target != _DATED and not target.startswith(f"{CUSTOM}."):
        yield Problem(f"{path}/transform", "transform_unfit", "A date fits a date of birth or a field of your own.")


def _value_problems(name: str, words: object, known: Known) -> Iterator[Problem]:
    path = f"/values/{name}"
    keys = {"service": known.services, "location": known.locations}.get(name) or frozenset(OWN_PICKLISTS.get(name, ()))
    picklists = (*PICKLISTS, *known.own_picklists)
    if name not in picklists:
        yield Problem(path, "no_picklist", f"“{name}” is no picklist: choose from {', '.join(picklists)}.")
        return
    if name not in PICKLISTS:
        keys = frozenset(each.partition(":")[2] for each in known.own_choices if each.startswith(f"{name}:"))
    for word, key in as_document(words).items():
        if not fold(word):
            yield Problem(f"{path}/{word}", "word_missing", "Write the word that is sent.")
        if as_text(key) not in keys:
            yield Problem(f"{path}/{word}", "unknown_value", f"“{as_text(key)}” is no value of {name}.")
