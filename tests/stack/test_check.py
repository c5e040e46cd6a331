"""Checks beside the tests: passed ones take a line, the first that fails ends the tests and is read last."""

import os
import sys

import pytest

from leadcrm.stack import check
from leadcrm.stack.beside import Beside

QUIET, LOUD = "pass", "print('what is wrong'); raise SystemExit(3)"
WAITS = "import time; time.sleep(15)"


def played(seen: str, beside: str) -> int:
    python = [sys.executable, "-c"]
    with Beside([("types", [*python, beside])], os.environ) as others:
        return check._run([("tests", [*python, seen])], dict(os.environ), others)


def test_all_have_to_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert played(QUIET, QUIET) == 0
    said = capsys.readouterr().out
    assert "--- types, beside: passed" in said and said.splitlines()[-1].startswith("--- all 2 checks passed")


def test_a_failure_beside_ends_the_tests_and_is_read_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert played(WAITS, LOUD) == 3
    *_, words, verdict = capsys.readouterr().out.splitlines()
    assert words == "what is wrong" and verdict.startswith("--- types, beside: FAILED with status 3")


def test_a_failure_in_sight_waits_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert played(LOUD, WAITS) == 3
    assert capsys.readouterr().out.splitlines()[-1].startswith("--- tests: FAILED with status 3")
