"""The palette as Textual's theme, for what its own widgets draw."""

from __future__ import annotations

from textual.theme import Theme

from wa_tui.tui.look.palette import Ground, Ink, Palette

THEME = "wa-tui"


def theme(palette: Palette) -> Theme:
    """Return the theme for what a terminal can show; ``ink-…`` variables name the inks.

    With 16 colours or none only reverse can tell the focus.
    """
    few = palette.plain or palette.sixteen
    inks = {ink: _value(palette, ink) for ink in Ink}
    body, panel, cursor = ("#000000",) * 3 if palette.sixteen else (Ground.BODY, Ground.PANEL, Ground.CURSOR)
    return Theme(
        name=THEME,
        primary=inks[Ink.BLUE],
        secondary=inks[Ink.BLUE],
        accent=inks[Ink.GREEN],
        success=inks[Ink.GREEN],
        warning=inks[Ink.AMBER],
        error=inks[Ink.RED],
        foreground=inks[Ink.TEXT],
        background=body,
        surface=panel,
        panel=panel,
        variables={
            **{f"ink-{ink.name.lower()}": value for ink, value in inks.items()},
            "bright": inks[Ink.BRIGHT],
            "quiet": inks[Ink.QUIET],
            "cursor": cursor,
            # Blending colours needs more than 16 of them.
            "backdrop": f"{body} 0%" if few else f"{body} 70%",
            "border": inks[Ink.QUIET],
            "focus-style": "reverse" if few else "bold",
            "button-focus-text-style": "reverse" if few else "bold",
            "input-cursor-background": inks[Ink.BRIGHT],
            "input-cursor-foreground": body,
            "input-cursor-text-style": "reverse" if palette.plain else "none",
            "scrollbar": inks[Ink.QUIET] if few else cursor,
            "scrollbar-hover": inks[Ink.QUIET],
            "scrollbar-active": inks[Ink.QUIET],
            "scrollbar-background": body,
            "scrollbar-background-hover": body,
            "scrollbar-background-active": body,
        },
    )


def ink_style(ink: Ink, *, bold: bool = False) -> str:
    """Return the name of an ink as a style of Textual's `Content`."""
    return f"{'bold ' if bold else ''}$ink-{ink.name.lower()}"


def _value(palette: Palette, ink: Ink) -> str:
    color = palette.style(ink).color
    return color.name if color is not None else ink.value
