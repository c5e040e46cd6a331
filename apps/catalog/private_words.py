"""Words of fields that are not plain: sealed like all that people tell of their health, found by a blind index."""

import json
from dataclasses import dataclass

from apps.catalog.models import UnmappedWord
from apps.catalog.queries import custom_fields, private_labels
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import blind_indexes, seal, unseal

PURPOSE = "unmapped-word"


@dataclass(frozen=True, slots=True)
class WordText:
    """What somebody typed, and what it means; empty while nobody has said it."""

    typed: str
    means: str


def hidden_label(row: UnmappedWord) -> str:
    """Return the label of a word's field where its values are for who reads health details alone; else "".

    A word that was sealed stays with them, also when its field became plain later.
    """
    if row.sealed is None or row.field in private_labels():
        return private_labels().get(row.field, "")
    own = custom_fields().get(row.field)
    return own.label if own else row.field_words


def text_of(row: UnmappedWord) -> WordText:
    """Return what a word says, opened where it is sealed. Who may see it is the caller's to ask."""
    if row.sealed is None:
        return WordText(row.typed, row.means)
    opened = unseal(
        bytes(row.sealed),
        organization_id=current_organization_id(),
        row_id=row.id,
        column="catalog_unmappedword.sealed",
    )
    return WordText(**json.loads(opened))


def put_text(row: UnmappedWord, text: WordText) -> None:
    """Set what a word says on its row, sealed where the field is not plain or the word was sealed before."""
    if row.sealed is None and row.field not in private_labels():
        row.typed, row.means = text.typed[:80], text.means[:80]
    else:
        _seal_text(row, text)


def _seal_text(row: UnmappedWord, text: WordText) -> None:
    plain = json.dumps({"typed": text.typed[:80], "means": text.means[:80]}, ensure_ascii=False).encode()
    row.sealed = seal(
        plain, organization_id=current_organization_id(), row_id=row.id, column="catalog_unmappedword.sealed"
    )
    row.typed = row.means = ""


def stored_as(field: str, word: str) -> tuple[str, ...]:
    """Return how a folded word may stand in the table, first as it is written now.

    The other forms are of before: before a rotation of the master key, or before the field's privacy changed.
    """
    indexes, folded = _indexes(field, word[:100]), word[:100]
    return (*indexes, folded) if field in private_labels() else (folded, *indexes)


def seal_words(field: str) -> int:
    """Seal the words of a field that stand in the clear, because it is not plain any more; return how many."""
    rows = list(UnmappedWord.rows().select_for_update().filter(field=field, sealed__isnull=True).order_by("id"))
    for row in rows:
        _seal_text(row, text_of(row))
        row.word = _indexes(field, row.word)[0]
        row.save(update_fields=["word", "typed", "means", "sealed"])
    return len(rows)


def _indexes(field: str, word: str) -> tuple[str, ...]:
    return blind_indexes(f"{field}\n{word}", organization_id=current_organization_id(), purpose=PURPOSE)
