"""Every pair of colours the stylesheet puts together, computed from the stylesheet itself."""

import re

import pytest
from django.conf import settings

CSS = (settings.BASE_DIR / "static" / "porte-voix.css").read_text(encoding="utf-8")
PAIR = re.compile(r"--([a-z0-9-]+):light-dark\((#[0-9A-Fa-f]{6}),(#[0-9A-Fa-f]{6})\)")
TOKENS = {name: {"light": light, "dark": dark} for name, light, dark in PAIR.findall(CSS)}

TEXT = [
    *(("text", on) for on in ("bg", "surface", "sunken")),
    *(("text", f"{kind}-soft") for kind in ("accent", "success", "warn", "danger", "info")),
    *(("text-2", on) for on in ("bg", "surface", "sunken")),
    *(("accent", on) for on in ("bg", "surface", "sunken", "accent-soft")),
    *(("accent-hover", on) for on in ("bg", "surface")),
    *((kind, f"{kind}-soft") for kind in ("success", "warn", "danger", "info")),
    *((kind, on) for kind in ("success", "danger", "warn") for on in ("bg", "surface")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("bg", "text"),  # the chip that is chosen
    *(("text", heat) for heat in ("h2", "h3", "h4")),
    ("on-accent", "h5"),
]
SHAPES = [
    *(("control", on) for on in ("bg", "surface", "sunken")),
    *(("focus", on) for on in ("bg", "surface", "sunken", "accent-soft")),
    *((series, on) for series in ("d1", "d2", "d3", "d4") for on in ("bg", "surface")),
    ("d1", "sunken"),  # a bar on its track
    *(("text-2", on) for on in ("bg", "surface", "sunken")),  # quiet icons
    *((kind, f"{kind}-soft") for kind in ("success", "warn", "danger", "info", "accent")),
]


def luminance(colour):
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """From 1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def short_of(pairs, theme, least):
    return [
        f"{ink} on {paper}: {ratio:.2f}"
        for ink, paper in pairs
        if (ratio := contrast(TOKENS[ink][theme], TOKENS[paper][theme])) < least
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_what_is_behind_it(theme):
    assert short_of(TEXT, theme, 4.5) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_marks_and_focus_stand_out(theme):
    assert short_of(SHAPES, theme, 3) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_line_of_a_table_under_the_pointer_stays_readable(theme):
    # --wash lays 5 % of the text's colour over the surface.
    ink, surface = TOKENS["text"][theme], TOKENS["surface"][theme]
    mixed = "#" + "".join(
        f"{round(int(ink[i : i + 2], 16) * 0.05 + int(surface[i : i + 2], 16) * 0.95):02x}"
        for i in (1, 3, 5)
    )
    for name in ("text", "text-2", "accent"):
        assert contrast(TOKENS[name][theme], mixed) >= 4.5


def test_the_chevron_of_a_list_shows_on_both_themes():
    chevron = (settings.BASE_DIR / "static" / "chevron.svg").read_text()
    colour = re.search(r'stroke="(#[0-9a-f]{6})"', chevron)[1]
    assert min(contrast(colour, TOKENS["surface"][theme]) for theme in ("light", "dark")) >= 3


def test_every_token_has_a_light_and_a_dark_side():
    named = {name for pair in [*TEXT, *SHAPES] for name in pair}
    assert named <= set(TOKENS)
