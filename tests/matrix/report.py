"""What each cell of a matrix was answered, one line a cell, under test-artifacts/matrix/."""

import os
from functools import cache
from pathlib import Path
from typing import IO

FOLDER = Path(__file__).resolve().parents[2] / "test-artifacts" / "matrix"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def note(matrix: str, *cell: object) -> None:
    """Write one cell."""
    _open(matrix).write("\t".join(map(str, cell)) + "\n")


@cache
def _open(matrix: str) -> IO[str]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return (FOLDER / f"{matrix}.{WORKER}.tsv").open("w", encoding="utf-8", buffering=1 << 16)
