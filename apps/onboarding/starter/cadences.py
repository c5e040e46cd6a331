"""The cadences that ship with the product, for a new tenant."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

LIBRARY = Path(__file__).parent / "cadences.yaml"


@cache
def starter_cadences() -> dict[str, Any]:
    """Return the cadences document that a new tenant gets."""
    found: dict[str, Any] = yaml.safe_load(LIBRARY.read_text(encoding="utf-8"))
    return found
