"""The theme's colours can be read, in both lights; and no page needs an inline style or script."""

import re
from itertools import product
from pathlib import Path

import pytest

from tests.web.bare import ROOT

CSS = (ROOT / "static/theme/theme.css").read_text()
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
GROUNDS = ("ground", "surface", "raised", "sunk")
TEXTS = ("ink", "ink-soft", "brand", "brand-strong", "good", "warn", "bad")
PAIRS = (
    *product(TEXTS, GROUNDS),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-deep", "deep"),
    ("on-deep", "deep-2"),
    ("on-deep-soft", "deep"),
    ("on-turmeric", "turmeric-tint"),
    ("brand-strong", "brand-tint"),
    ("brand", "brand-tint"),
    ("ink", "brand-tint"),
    ("good", "good-tint"),
    ("warn", "warn-tint"),
    ("bad", "bad-tint"),
    ("ink-soft", "track"),
    ("ground", "ink"),
)
FULL = 255


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):(#[0-9a-f]{3,6})\b", block))


LIGHT = tokens(CSS.split(":root{", 1)[1].split("}", 1)[0])
BY_SYSTEM = tokens(CSS.split(":root:not([data-theme=light]){", 1)[1].split("}", 1)[0])
BY_CHOICE = tokens(CSS.split(":root[data-theme=dark]{", 1)[1].split("}", 1)[0])


def luminance(colour: str) -> float:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    shares = [int(digits[at : at + 2], 16) / FULL for at in (0, 2, 4)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert round(contrast("#ffffff", "#000000"), 1) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize(("text", "ground"), PAIRS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(theme: str, text: str, ground: str) -> None:
    colours = LIGHT if theme == "light" else LIGHT | BY_CHOICE
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_edge_of_a_control_can_be_seen(theme: str) -> None:
    colours = LIGHT if theme == "light" else LIGHT | BY_CHOICE
    assert contrast(colours["edge"], colours["surface"]) >= 3


def test_dark_is_the_same_whether_the_system_or_the_person_chose_it() -> None:
    assert BY_SYSTEM == BY_CHOICE
    assert BY_SYSTEM


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_needs_an_inline_style_or_script(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"<[^>]*\sstyle=", source)
    assert "<style" not in source
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"""<[^>{]*\son[a-z]+=["']""", source)
    assert "| safe" not in source.replace("|safe", "| safe")


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "static/images/icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""\bicon\(["']([a-z0-9-]+)["']""", path.read_text())
    }
    assert named <= known


def test_every_file_that_the_theme_refers_to_is_there() -> None:
    addresses = re.findall(r"url\(([^)#]+)\)", CSS)
    assert addresses
    assert [a for a in addresses if not (ROOT / "static/theme" / a).is_file()] == []
