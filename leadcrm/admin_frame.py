"""What the admin's pages load: the library's frame without the parts that the page in hand has no use for.

The library puts a drawing library, drag and drop, its text font and more on every page. Each is left
out unless the page carries the mark that needs it, whichever version of the library is installed.
"""

import re
from collections.abc import Iterator

from django.http import HttpResponse

_SCRIPTED = (b"inlines.js", b"related-widget-wrapper-link", b"calendar.js")
#: Parts of the library by the end of their address, and the marks in a page that ask for them; none: never.
PARTS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("unfold/fonts/inter/styles.css", ()),
    ("unfold/js/chart/chart.js", (b'class="chart',)),
    ("unfold/js/htmx/htmx.js", (b"hx-get",)),
    ("unfold/js/alpine/alpine.sort.js", (b"x-sort",)),
    ("unfold/js/alpine/alpine.anchor.js", (b"x-anchor",)),
    ("unfold/js/alpine/alpine.resize.js", (b"x-resize",)),
    ("unfold/js/alpine/alpine.focus.js", (b"x-trap",)),
    ("admin/js/vendor/jquery/jquery.js", _SCRIPTED),
    ("admin/js/vendor/jquery/jquery.min.js", _SCRIPTED),
    ("admin/js/jquery.init.js", _SCRIPTED),
    ("admin/js/core.js", _SCRIPTED),
    ("admin/js/admin/RelatedObjectLookups.js", (b"related-widget-wrapper-link",)),
    ("admin/js/actions.js", (b'class="action-select',)),
    ("/jsi18n/", _SCRIPTED),
    ("admin/js/urlify.js", ()),
    ("admin/js/prepopulate.js", ()),
    ("admin/js/prepopulate_init.js", ()),
    ("admin/js/vendor/xregexp/xregexp.js", ()),
    ("admin/js/vendor/xregexp/xregexp.min.js", ()),
    ("admin/js/change_form.js", ()),
)
_TAG = rb'<(?:link|script)\b[^>]*(?:href|src)="[^"]*%s"[^>]*>(?:</script>)?'
_KEPT_AS_TYPED = re.compile(rb"(<(pre|textarea)\b.*?</\2>)", re.DOTALL)
_INDENT = re.compile(rb"\s*\n\s*")


def without_unused_parts(answer: HttpResponse) -> HttpResponse:
    """Take the unused parts out of a page; other answers stay as they are."""
    if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
        return answer
    page = answer.content
    for place, marks in PARTS:
        if not any(mark in page for mark in marks):
            page = re.sub(_TAG % re.escape(place.encode()), b"", page)
    answer.content = b"".join(_without_indents(page))
    return answer


def _without_indents(page: bytes) -> Iterator[bytes]:
    """Yield the page without the blanks that only indent its source; they are half of a long list."""
    rest = 0
    for kept in _KEPT_AS_TYPED.finditer(page):
        yield _INDENT.sub(b"\n", page[rest : kept.start()])
        yield kept.group()
        rest = kept.end()
    yield _INDENT.sub(b"\n", page[rest:])
