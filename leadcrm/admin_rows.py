"""A list of small records as a table of inputs, for registers that keep such a list in one column.

Works without a script: the rows that are there, and empty ones below them. A row whose first cell is left empty is
dropped. Programs may send the whole list as JSON under the field's own name.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

EMPTY_ROWS, MOST_ROWS = 3, 60


@dataclass(frozen=True, slots=True)
class Column:
    """One cell of each row: text, or a number, a switch, or one of some choices."""

    name: str
    label: str
    is_number: bool = False
    is_switch: bool = False
    choices: Sequence[tuple[str, str]] = ()

    def widget(self) -> forms.Widget:
        """Return the input of the cell."""
        attrs = {"aria-label": self.label}
        if self.is_switch:
            return cast(forms.Widget, UnfoldBooleanSwitchWidget(attrs=attrs))
        if self.choices:
            return cast(forms.Widget, UnfoldAdminSelectWidget(attrs=attrs, choices=list(self.choices)))
        more = {"inputmode": "numeric", "size": "3"} if self.is_number else {}
        return cast(forms.Widget, UnfoldAdminTextInputWidget(attrs={**attrs, **more}))

    def read(self, data: Mapping[str, Any], name: str) -> Any:
        """Return what was sent for the cell; None where it says nothing."""
        text = str(data.get(name, "")).strip()
        if self.is_switch:
            return True if text in ("on", "true") else None
        if self.is_number:
            return int(text) if text.isascii() and text.isdigit() else text or None
        return text or None


class RowsWidget(forms.Widget):
    """The table."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the rows that are there, and empty ones."""
        rows = [each if isinstance(each, dict) else {"key": each} for each in _listed(value)]
        shown = [*rows, *({} for _ in range(EMPTY_ROWS))]
        cells = [
            [
                each.widget().render(f"{name}-{place}-{each.name}", row.get(each.name, False if each.is_switch else ""))
                for each in self.columns
            ]
            for place, row in enumerate(shown)
        ]
        return render_to_string("admin/rows.html", {"columns": self.columns, "rows": cells})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return the list as it was sent, by cells or as JSON."""
        if f"{name}-0-{self.columns[0].name}" not in data:
            return data.get(name)
        rows = []
        for place in range(MOST_ROWS):
            cells = {each.name: each.read(data, f"{name}-{place}-{each.name}") for each in self.columns}
            if cells[self.columns[0].name] is not None:
                rows.append({key: value for key, value in cells.items() if value is not None})
        return json.dumps(rows)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Say whether nothing at all was sent."""
        return name not in data and f"{name}-0-{self.columns[0].name}" not in data


class RowsField(forms.JSONField):
    """A list of records; what is not a list is refused."""

    def __init__(self, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(required=False, widget=RowsWidget(columns), **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the list; none is an empty one."""
        found = super().clean(value)
        if found in (None, ""):
            return []
        if not isinstance(found, list):
            raise forms.ValidationError("A list of rows.", code="not_a_list")
        return found


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return value if isinstance(value, list) else []
