"""The schemes as Textual's themes, for what its own widgets draw."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from wa_tui.tui.style.inks import ANSI, SCHEMES, Ground, Ink, Scheme
from wa_tui.tui.style.palette import THEME_PREFIX, Palette


def dress(app: App[Any], name: str) -> None:
    """Show an app in a scheme, from now on or at once. Raises KeyError for a name that is none.

    A terminal of 16 colours keeps its own, whatever is asked for.
    """
    scheme = SCHEMES[name]
    if app.console.color_system == "standard":
        scheme = ANSI
    made = theme(Palette(app.no_color, scheme=scheme))
    if made.name not in app.available_themes:
        app.register_theme(made)
    app.theme = made.name


def theme(palette: Palette) -> Theme:
    """Return a palette as a theme: ``$ink-…`` variables are colours, ``$pen-…`` styles of `Content`."""
    inks = {ink: _color(palette.scheme, palette.scheme.inks[ink]) for ink in Ink}
    body, panel, cursor = (_color(palette.scheme, palette.scheme.grounds[ground]) for ground in Ground)
    return Theme(
        name=THEME_PREFIX + palette.scheme.name,
        ansi=palette.scheme.ansi,
        dark=palette.scheme.dark,
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
            # What Textual's own style sheets ask for then.
            **(BUILTIN_THEMES["ansi-dark"].variables if palette.scheme.ansi else {}),
            **{f"ink-{ink}": value for ink, value in inks.items()},
            **{f"pen-{ink}": _pen(palette, ink, value) for ink, value in inks.items()},
            "bright": inks[Ink.BRIGHT],
            "quiet": inks[Ink.QUIET],
            "quiet-style": "dim" if palette.few else "none",
            "cursor": cursor,
            # Blending colours needs more than 16 of them.
            "backdrop": "transparent" if palette.few else f"{body} 70%",
            "border": inks[Ink.QUIET],
            "focus-style": "reverse" if palette.few else "bold",
            "selection-style": "reverse" if palette.few else "none",
            "button-focus-text-style": "reverse" if palette.few else "bold",
            "input-cursor-background": inks[Ink.BRIGHT],
            "input-cursor-foreground": body,
            "input-cursor-text-style": "reverse" if palette.few else "none",
            **_scrollbar(inks[Ink.QUIET], inks[Ink.QUIET] if palette.few else cursor, body),
        },
    )


def ink_style(ink: Ink, *, bold: bool = False) -> str:
    """Return the name of an ink as a style of Textual's `Content`."""
    return f"{'bold ' if bold else ''}$pen-{ink}"


def _scrollbar(lit: str, bar: str, body: str) -> dict[str, str]:
    return {
        "scrollbar": bar,
        "scrollbar-hover": lit,
        "scrollbar-active": lit,
        "scrollbar-background": body,
        "scrollbar-background-hover": body,
        "scrollbar-background-active": body,
    }


def _pen(palette: Palette, ink: Ink, color: str) -> str:
    bold, dim = palette.attributes(ink)
    return f"{'bold ' if bold else ''}{'dim ' if dim else ''}{color}"


def _color(scheme: Scheme, color: str) -> str:
    """Textual says ``ansi_red`` where rich says ``red``."""
    return f"ansi_{color}" if scheme.ansi else color
