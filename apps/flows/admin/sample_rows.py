"""Sample leads as somebody pastes them: a line each as facts, a CSV table with a head, or a JSON list."""

import csv
import io
import json

from django.forms import ValidationError

FACTS = (
    *("source", "channel", "lead_class", "service", "location", "postal_code", "patient_type", "timeframe"),
    *("campaign", "landing_page", "payer", "party", "preferred_channel", "message"),
)
MOST_ROWS = 200


def read_rows(text: str) -> list[dict[str, str]]:
    """Return the facts of each row. Raises ValidationError naming the first row and fact that cannot be read."""
    text = text.strip()
    rows = _json(text) if text.startswith("[") else _lines(text)
    for number, row in enumerate(rows, start=1):
        unknown = sorted(set(row) - set(FACTS))
        if unknown:
            raise ValidationError(f"Line {number}: “{unknown[0]}” is not one of {', '.join(FACTS)}.")
    if len(rows) > MOST_ROWS:
        raise ValidationError(f"At most {MOST_ROWS} lines at once.")
    return rows


def _lines(text: str) -> list[dict[str, str]]:
    lines = [each.strip() for each in text.splitlines() if each.strip()]
    if lines and "=" not in lines[0]:
        return _table("\n".join(lines))
    pairs = [[part.partition("=") for part in line.split(";") if part.strip()] for line in lines]
    return [{key.strip(): value.strip() for key, _, value in row} for row in pairs]


def _table(text: str) -> list[dict[str, str]]:
    head, *rows = list(csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.splitlines()[0] else ","))
    names = [each.strip() for each in head]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise ValidationError(f"Line {number}: {len(row)} values stand below {len(names)} names.")
    return [{name: value.strip() for name, value in zip(names, row, strict=True) if value.strip()} for row in rows]


def _json(text: str) -> list[dict[str, str]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise ValidationError(f"This is no JSON: {error}.") from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or not all(isinstance(each, str) for each in row.values()):
            raise ValidationError(f"Line {number}: give an object whose values are texts.")
    return [dict(each) for each in rows]
