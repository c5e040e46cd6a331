"""The Spanish words of the public pages: complete, and compiled as they are written."""

import gettext
import re
from pathlib import Path

from apps.capture.form_checks import missing_translations
from apps.capture.form_terms import FormContent

HERE = Path(__file__).resolve().parents[2]
WORDS = HERE / "locale" / "es" / "LC_MESSAGES"
PAGES = [HERE / "templates" / "public.html", *(HERE / "templates" / "capture").glob("*.html")]
PAGES += [HERE / "templates" / "chat" / f"{name}.html" for name in ("page", "talk", "lines")]
CODE = [HERE / "apps" / "chat" / "web" / f"{name}.py" for name in ("visitor", "forms")]
CODE += list((HERE / "apps" / "capture" / "web").glob("*.py"))


def written() -> dict[str, str]:
    """Return what the catalogue says, read from its text."""
    text = (WORDS / "django.po").read_text(encoding="utf-8")
    return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.MULTILINE))


def test_the_compiled_catalogue_is_the_written_one():
    with (WORDS / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    assert {word: said for word, said in compiled.items() if word} == written()


def test_every_word_of_the_public_pages_is_there():
    asked = {word for page in PAGES for word in re.findall(r'{% translate "([^"]+)" %}', page.read_text())}
    asked |= {word for file in CODE for word in re.findall(r'\b_\(\s*"([^"]+)"', file.read_text())}
    assert len(asked) > 80
    assert asked - written().keys() == set()


def test_a_form_names_the_languages_that_it_lacks():
    content = FormContent(title={"en": "Ask"}, next_steps={"en": "We call.", "es": "Le llamamos."})
    assert missing_translations(content, {"en": "English", "es": "Spanish"}) == ("Spanish",)
