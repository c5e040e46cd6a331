"""The page of the screens' acceptance checks names the tests that carry their marks, and no others."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "ux-checks.md"
CHECKS = range(1, 26)
#: Times of pages are measured, not asserted.
MEASURED = frozenset({20})


def marked() -> set[tuple[int, str]]:
    """Return each check with each test that is marked with it."""
    found = set()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.ux":
                    found |= {(ast.literal_eval(each), node.name) for each in mark.args}
    return found


def written() -> dict[int, set[str]]:
    """Return the tests that the page names, by check."""
    rows = re.findall(r"^\| (\d+) \|[^|]+\|([^|]+)\|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {int(number): set(re.findall(r"\btest_\w+", tests)) for number, tests in rows}


def test_the_page_and_the_marks_say_the_same() -> None:
    page = written()
    assert sorted(page) == list(CHECKS)
    assert {(number, name) for number, names in page.items() for name in names} == marked()
    assert {number for number, names in page.items() if not names} <= MEASURED
