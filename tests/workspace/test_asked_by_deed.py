"""What a deed cannot do without has no "(optional)" beside it."""

import pytest
from django.template.loader import render_to_string

from apps.workspace.web.forms import Act, AddNote
from apps.workspace.web.long_cycle_forms import Park
from apps.workspace.web.verdict_forms import Qualify


@pytest.mark.parametrize(("form", "optional"), [(Park, ()), (AddNote, ()), (Qualify, ("criteria", "next_step"))])
def test_only_what_may_stay_empty_is_called_optional(form: type[Act], optional: tuple[str, ...]) -> None:
    shown = {
        name: "(optional)" in render_to_string("components/field.html", {"field": form()[name]})
        for name in (*form.asked_by_deed, *optional)
    }
    assert {name for name, says_so in shown.items() if says_so} == set(optional)
