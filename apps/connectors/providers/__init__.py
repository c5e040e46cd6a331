"""Every provider by its key: the folders of this package, each with a `PROVIDER`."""

import importlib
import pkgutil
from functools import cache

from apps.connectors.terms import Provider


@cache
def providers() -> dict[str, Provider]:
    """Return the providers by key, by name."""
    names = [each.name for each in pkgutil.iter_modules(__path__) if each.ispkg]
    found = [importlib.import_module(f"{__name__}.{name}").PROVIDER for name in names]
    return {each.key: each for each in sorted(found, key=lambda each: each.name)}
