"""The record of a person as a page to print and as JSON."""

import json

from django.template.loader import render_to_string

from apps.compliance.record import Record


def as_json(record: Record) -> str:
    """Return the record as JSON: one list of objects for each table."""
    told: dict[str, object] = {"from": record.tenant, "made_at": record.made_at.isoformat(timespec="seconds")}
    for table in record.tables:
        told[table.name.removesuffix(".csv")] = [dict(zip(table.head, row, strict=True)) for row in table.rows]
    return json.dumps(told, indent=2, ensure_ascii=False, default=str)


def as_page(record: Record, ref: str) -> str:
    """Return the record as a page that stands alone, for print."""
    return render_to_string("compliance/rights/record.html", {"record": record, "ref": ref, "tables": titled(record)})


def titled(record: Record) -> list[dict[str, object]]:
    """Return the tables with titles for people."""
    return [
        {"title": each.name.removesuffix(".csv").replace("_", " ").capitalize(), "head": each.head, "rows": each.rows}
        for each in record.tables
    ]
