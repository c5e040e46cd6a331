"""The Spanish words of the public pages: complete, and compiled as they are written."""

import gettext
import re
from pathlib import Path

import pytest

from apps.capture.form_checks import missing_translations
from apps.capture.form_terms import FormContent
from apps.exceptions.terms import TYPE_LABELS, TYPES_BY_CODE, title_of

HERE = Path(__file__).resolve().parents[2]
WORDS = HERE / "locale" / "es" / "LC_MESSAGES"
PAGES = [HERE / "templates" / "public.html", *(HERE / "templates" / "capture").glob("*.html")]
PAGES += [HERE / "templates" / "chat" / f"{name}.html" for name in ("page", "talk", "lines")]
CODE = [HERE / "apps" / "chat" / "web" / f"{name}.py" for name in ("visitor", "forms")]
CODE += list((HERE / "apps" / "capture" / "web").glob("*.py"))
#: What coordinators decide about a lead and are told of it: exceptions, verdicts, criteria, why it is here, requests.
STAFF = [HERE / "templates" / "workspace" / f"{name}.html" for name in ("exceptions", "why", "lead/criteria")]
STAFF += [*(HERE / "templates" / "workspace" / "exception").glob("*.html")]
DEEDS = ("qualify", "verify", "name_decider", "record_coverage", "set_priority", "ask_person")
STAFF += [HERE / "templates" / "workspace" / "forms" / f"{name}.html" for name in DEEDS]
STAFF_CODE = [HERE / "apps" / "workspace" / f"{name}.py" for name in ("criteria_page", "quality_card", "asked_by_link")]
STAFF_CODE += [HERE / "apps" / "workspace" / f"{name}.py" for name in ("exceptions_page", "cause_stack", "why_page")]
STAFF_CODE += [HERE / "apps" / "workspace" / "web" / "verdict_forms.py"]


def written() -> dict[str, str]:
    """Return what the catalogue says, read from its text."""
    text = (WORDS / "django.po").read_text(encoding="utf-8")
    return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.MULTILINE))


def test_the_compiled_catalogue_is_the_written_one():
    with (WORDS / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    plain = {word: said for word, said in compiled.items() if word and isinstance(word, str)}
    assert plain == written()


@pytest.mark.parametrize(("pages", "code"), [(PAGES, CODE), (STAFF, STAFF_CODE)], ids=["public", "coordinators"])
def test_every_word_of_these_pages_is_there(pages, code):
    asked = {word for page in pages for word in re.findall(r'{% translate "([^"]+)" %}', page.read_text())}
    asked |= {word for file in code for word in re.findall(r'\b(?:_|gettext_noop)\(\s*"([^"]+)"', file.read_text())}
    assert len(asked) > 80
    assert asked - written().keys() == set()


def test_every_cause_of_an_exception_is_there():
    told = {title_of(code) for code in (*TYPES_BY_CODE, "location_missing", "service_missing", "patient_type_missing")}
    assert (told | set(TYPE_LABELS.values())) - written().keys() == set()


def test_a_form_names_the_languages_that_it_lacks():
    content = FormContent(title={"en": "Ask"}, next_steps={"en": "We call.", "es": "Le llamamos."})
    assert missing_translations(content, {"en": "English", "es": "Spanish"}) == ("Spanish",)
