"""Tables of the page of results, and how one part of the page is put in place of the one that was there."""

import re
from collections.abc import Sequence

Line = Sequence[str]
_SECTION = r"(?ms)^## {}\n.*?(?=^## |\Z)"
_TARGETS = re.compile(r"(?m)(?<=^## Targets\n\n)(?:^\|.*\n)+")


def table(heads: Line, rows: Sequence[Line]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def met(is_met: bool) -> str:
    """Return whether a target is met, in a word."""
    return "yes" if is_met else "**no**"


def whole(value: float) -> str:
    """Return a figure without decimals."""
    return f"{value:,.0f}"


def limit(name: str, most: float, measured: float) -> tuple[str, ...]:
    """Return the line of a target that is not to be passed."""
    return name, f"<= {most}", whole(measured), met(measured <= most)


def with_part(page: str, heading: str, text: str, targets: Sequence[Line]) -> str:
    """Return a page with one section and its targets as they were measured now; the others stay as they are.

    Raises ValueError for a page without targets: the whole has to be measured first.
    """
    found = _TARGETS.search(page)
    if found is None:
        raise ValueError("The page has no table of targets.")
    names = {row[0] for row in targets}
    kept = [line for line in found[0].splitlines() if line.split("|")[1].strip() not in names]
    lines = "\n".join([*kept, *(f"| {' | '.join(row)} |" for row in targets)])
    page = f"{page[: found.start()]}{lines}\n{page[found.end() :]}"
    section, pattern = f"## {heading}\n\n{text}\n\n", _SECTION.format(re.escape(heading))
    if re.search(pattern, page):
        return re.sub(pattern, lambda _: section, page).rstrip("\n") + "\n"
    return f"{page.rstrip()}\n\n{section.rstrip()}\n"
