"""Deciding whom an arrival is held against: two records are compared when any two of their parts agree.

A part is a sound of a name, the birthday, its year or its day, the postal code, the town, the street or its number.
Whatever is wrong in two records, hardly ever is it wrong in all of these pairs at once.
"""

from collections.abc import Iterator
from itertools import chain

from apps.identity.names import last_parts, name_sound, name_words
from apps.identity.terms import Portrait

#: Which parts agree in pairs; `name` is any sound of a name, the others stand alone.
_PAIRS = (
    *(("name", part) for part in ("postal", "born", "year", "day", "town", "number")),
    *(("postal", part) for part in ("year", "day", "number")),
    *(("town", part) for part in ("year", "day", "number")),
    ("year", "number"),
)


def blocking_keys(portrait: Portrait) -> frozenset[str]:
    """Return the keys under which a person is filed and asked for; who shares one is a candidate."""
    parts = _parts(portrait)
    keys = {f"{a}+{b}:{x}|{y}" for a, b in _PAIRS for x in parts.get(a, ()) for y in parts.get(b, ())}
    keys |= {f"born:{each}" for each in parts.get("born", ())}
    keys |= {f"line:{line}" for line in map(_folded, (portrait.street, portrait.second_line)) if line}
    names = sorted(parts["name"])
    if len(names) > 1:
        keys |= {f"names:{a}|{b}" for at, a in enumerate(names) for b in names[at + 1 :]}
    return frozenset(keys)


def _parts(portrait: Portrait) -> dict[str, tuple[str, ...]]:
    born = portrait.born
    whole = len(born) == 8
    found = {
        "name": tuple(_sounds(portrait)),
        "postal": (portrait.postal_code,),
        "born": (born,),
        "year": (born[:4] if whole else "",),
        "day": (born[4:] if whole else "",),
        "town": (_folded(portrait.city),),
        "number": (portrait.street_number,),
    }
    return {name: tuple(value for value in values if value) for name, values in found.items()}


def _sounds(portrait: Portrait) -> Iterator[str]:
    """Yield the sound of each last name and of the first of the first names, each once: they may stand swapped."""
    names = chain(last_parts(portrait.last_name), name_words(portrait.first_name)[:1])
    yield from dict.fromkeys(sound for sound in map(name_sound, names) if sound)


def _folded(text: str) -> str:
    return " ".join(name_words(text))
