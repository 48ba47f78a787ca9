"""Colours that can be read, and told apart by people who do not see all of them."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from tests.tui.monitor import monitor
from tests.tui.until import text, until
from wa_tui.config import Ui
from wa_tui.tui.style.inks import DARK, SCHEMES, Ground, Ink, Scheme
from wa_tui.tui.style.palette import LOOKS, Palette

COLOURED = [scheme for scheme in SCHEMES.values() if not scheme.ansi]
SAFE = [scheme for scheme in COLOURED if scheme.name.endswith("-colorblind")]
STATES = (Ink.GREEN, Ink.AMBER, Ink.BLUE, Ink.RED)

Triple = tuple[float, float, float]

SEEN_BY: dict[str, tuple[Triple, Triple, Triple]] = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopes": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopes": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
"""Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB."""

XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.95047, 1.0, 1.08883)


def linear(color: str) -> list[float]:
    values = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def dot(row: Triple, values: list[float]) -> float:
    return sum(one * other for one, other in zip(row, values, strict=True))


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's ratio."""
    lower, higher = sorted(dot(XYZ[1], linear(color)) for color in (one, other))
    return (higher + 0.05) / (lower + 0.05)


def lab(color: str, eyes: str) -> list[float]:
    seen = [min(max(dot(row, linear(color)), 0.0), 1.0) for row in SEEN_BY[eyes]]
    x, y, z = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116
        for value in (dot(row, seen) / white for row, white in zip(XYZ, WHITE, strict=True))
    )
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("scheme", COLOURED, ids=lambda scheme: scheme.name)
def test_text_can_be_read_on_every_ground(scheme: Scheme) -> None:
    for ink in set(Ink) - {Ink.LEAF}:
        for ground in Ground:
            assert contrast(scheme.inks[ink], scheme.grounds[ground]) >= 4.5, (ink, ground)


@pytest.mark.parametrize("scheme", COLOURED, ids=lambda scheme: scheme.name)
def test_the_ribbons_quiet_green_can_be_seen(scheme: Scheme) -> None:
    assert contrast(scheme.inks[Ink.LEAF], scheme.grounds[Ground.BODY]) >= 3.0, "graphics, WCAG 1.4.11"


@pytest.mark.parametrize("eyes", SEEN_BY)
@pytest.mark.parametrize("scheme", SAFE, ids=lambda scheme: scheme.name)
def test_states_differ_for_everybodys_eyes(scheme: Scheme, eyes: str) -> None:
    for one, other in combinations(STATES, 2):
        apart = math.dist(lab(scheme.inks[one], eyes), lab(scheme.inks[other], eyes))
        assert apart >= 20, (one, other, apart)


def test_every_scheme_has_every_ink_and_ground() -> None:
    for scheme in SCHEMES.values():
        assert set(scheme.inks) == set(Ink) and set(scheme.grounds) == set(Ground)


def test_states_differ_without_any_colour() -> None:
    plain = Palette(plain=True)
    looks = {(look.glyph, str(condition)) for condition, look in LOOKS.items()}
    assert len(looks) == len(LOOKS)
    for look in LOOKS.values():
        style = plain.style(look.ink, bold=look.bold)
        assert style.color is None and style.bgcolor is None


@pytest.mark.parametrize("ground", Ground)
def test_the_terminals_own_colours_are_named_and_not_given(ground: Ground) -> None:
    palette = Palette(scheme=SCHEMES["ansi"])
    for ink in Ink:
        style = palette.style(ink, ground=ground)
        assert style.color is not None and style.color.triplet is None
        assert bool(style.reverse) is (ground is Ground.CURSOR)


async def test_a_theme_is_put_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    app = monitor(ui=Ui(theme="light"))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
        for name in ("light", "ansi", "dark-colorblind", "dark"):
            app.appearance.choose_theme(name)
            await pilot.pause()
            scheme = SCHEMES[name]
            assert Palette.of(app).scheme is scheme
            colors = {
                segment.style.color.name
                for line in app.screen._compositor.render_strips()
                for segment in line
                if segment.style and segment.style.color
            }
            expected = {scheme.inks[ink] for ink in (Ink.TEXT, Ink.RED, Ink.QUIET)}
            assert expected <= colors, name
            if name != "dark":
                assert DARK.inks[Ink.TEXT] not in colors or scheme.inks[Ink.TEXT] == DARK.inks[Ink.TEXT]


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(KeyError):
        monitor().appearance.choose_theme("drak")
