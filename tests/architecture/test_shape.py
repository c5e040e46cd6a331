"""Sizes, names and docstrings of the house (docs/architecture.md)."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWERS = {"utils", "helpers", "common", "misc", "base", "managers"}


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts]


CODE = sources("apps", "leadcrm")


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_small_and_say_what_they_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    tree = ast.parse(text)
    if text.strip():
        assert ast.get_docstring(tree), "a module says what it owns"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 60, node.name


def test_no_drawers() -> None:
    names = {path.stem for path in CODE if path.parent.name != "settings"} | {path.parent.name for path in CODE}
    assert names & DRAWERS == set()


def test_templates_stay_small_and_carry_no_script_or_style() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 200, path
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", text), path
        assert not re.search(r"(src|href)=[\"'](https?:)?//", text), path


def test_test_files_stay_readable() -> None:
    for path in sources("tests"):
        assert path.read_text(encoding="utf-8").count("\n") <= 600, path


def test_doors_write_nothing_themselves() -> None:
    for path in CODE:
        if {"web", "api"} & set(path.parts):
            assert ".objects." not in path.read_text(encoding="utf-8"), path


def test_every_marked_row_is_a_row_id() -> None:
    marks = re.compile(r'mark\.row\("([^"]+)"\)')
    for path in sources("tests"):
        for row in marks.findall(path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[A-Z]{2}-\d{2}", row), (path, row)


def test_every_style_sheet_and_script_that_a_page_names_is_there() -> None:
    named = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", path.read_text(encoding="utf-8"))
    }
    assert named and [each for each in sorted(named) if not (ROOT / "static" / each[1]).is_file()] == []
