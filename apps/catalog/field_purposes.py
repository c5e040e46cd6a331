"""Ask what fields may be used for (row AU-07)."""

from collections.abc import Iterable

from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.field_uses import misused, sentence_of, uses_of
from apps.catalog.keeping import keepings
from apps.catalog.queries import custom_fields
from apps.catalog.terms import FieldUse, PrivacyClass
from apps.tenancy.errors import Refused


def recorded_uses() -> dict[str, frozenset[FieldUse]]:
    """Return for every field of the dictionary what it may be used for."""
    kept = keepings()
    classes = {name: each.privacy for name, each in STANDARD_FIELDS.items()}
    classes |= {key: PrivacyClass(row.privacy) for key, row in custom_fields().items()}
    return {name: uses_of(each, kept[name].purposes if name in kept else ()) for name, each in classes.items()}


def usable(fields: Iterable[str], use: FieldUse) -> list[str]:
    """Return those of the fields that may be used for a purpose, in their order."""
    wanted, allowed = list(fields), recorded_uses()
    barred = set(misused(wanted, use, allowed))
    return [name for name in wanted if name not in barred]


def require_use(fields: Iterable[str], use: FieldUse, *, action: str, object_type: str) -> None:
    """Refuse to use a field for what it is not recorded for; the refusal names it and stands in the ledger."""
    allowed = recorded_uses()
    wrong = misused(fields, use, allowed)
    if wrong:
        sentence = " ".join(sentence_of(name, use, allowed) for name in wrong)
        raise Refused(sentence, code="purpose", action=action, object_type=object_type)
