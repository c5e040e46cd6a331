"""Clocks for eyes that see colours otherwise (UX check 25): shapes differ, and colours do in each deficiency."""

import re
from itertools import combinations
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
ICONS = (STATIC / "icons.svg").read_text(encoding="utf-8")
RUNNING = ("on-track", "due-soon", "at-risk", "breached", "paused")
STATES = ("on_track", "due_soon", "at_risk", "breached", "paused", "met", "missed")
#: How far apart two states have to be (CIE 1976), and how much a marker stands out from its ground (WCAG 1.4.11).
FARTHER, CONTRAST = 31.0, 3.0
#: Full deficiencies on linear RGB, from Machado, Oliveira and Fernandes 2009, table 1.
SEEN = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)
Colour = tuple[float, ...]


def linear(text: str) -> Colour:
    """Return a written colour as light."""
    parts = [int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return tuple(each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)


def through(matrix: tuple[Colour, ...], colour: Colour) -> Colour:
    """Return what a matrix makes of a colour."""
    return tuple(sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)


def shown(eye: str, text: str) -> Colour:
    """Return a written colour as an eye sees it, inside what a screen can show."""
    return tuple(min(1.0, max(0.0, each)) for each in through(SEEN[eye], linear(text)))


def lab(colour: Colour) -> Colour:
    """Return a colour where distances are those of an eye."""
    parts = [part / white for part, white in zip(through(XYZ, colour), WHITE, strict=True)]
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in parts)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def luminance(colour: Colour) -> float:
    """Return how bright a colour is."""
    return through(XYZ, colour)[1]


def themes() -> list[dict[str, str]]:
    """Return the colours of the clocks in each place that sets them: light, dark by the system, dark by choice."""
    pairs = re.findall(r"--sla-([a-z-]+): (#[0-9a-f]{6})", TOKENS)
    starts = [at for at, (name, _) in enumerate(pairs) if name == "ground"]
    return [dict(pairs[start:end]) for start, end in zip(starts, [*starts[1:], len(pairs)], strict=True)]


@pytest.mark.ux(25)
def test_every_state_of_a_clock_has_a_shape_of_its_own() -> None:
    drawn = {state: re.search(rf'<symbol id="sla-{state}"[^>]*>(.*?)</symbol>', ICONS) for state in STATES}
    assert len({found[1] for found in drawn.values() if found}) == len(STATES)


@pytest.mark.ux(25)
@pytest.mark.parametrize("eye", SEEN)
def test_colours_of_clocks_are_told_apart_by_every_eye(eye: str) -> None:
    assert len(themes()) == 3
    for theme in themes():
        seen = {name: shown(eye, theme[name]) for name in (*RUNNING, "ground")}
        for one, other in combinations(RUNNING, 2):
            apart = sum((a - b) ** 2 for a, b in zip(lab(seen[one]), lab(seen[other]), strict=True)) ** 0.5
            assert apart >= FARTHER, (one, other, apart)
        if eye == "usual":
            for name in RUNNING:
                light, dark = sorted((luminance(seen[name]), luminance(seen["ground"])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= CONTRAST, name
