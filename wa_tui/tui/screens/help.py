"""Every key, by where it works."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from wa_tui.tui.keys import Context, Key, bar, keys_of
from wa_tui.tui.look.palette import LOOKS, Ink
from wa_tui.tui.look.theme import ink_style
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.title import TitleLine

_KEYS_WIDTH = 12
_MEANINGS = {
    "connected": "connected, and a check proved it",
    "claimed": "said to be connected; no check has proved it lately",
    "disconnected": "down, though it should be online",
    "auth failed": "the credentials were refused",
    "scan QR": "waits for somebody to scan",
    "starting": "on its way",
    "unknown": "never observed",
    "offline": "off by wish",
}


class HelpScreen(FleetScreen[None]):
    """The keys table and what the signs mean; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,question_mark,enter", "app.close_screen", "Back")]
    DEFAULT_CSS = """
    HelpScreen VerticalScroll { padding: 1 1; scrollbar-size-vertical: 1; }
    HelpScreen Static { height: auto; }
    """

    def compose(self) -> ComposeResult:
        """The table, context by context."""
        yield TitleLine(rule=True)
        with VerticalScroll():
            yield Static(Content("\n").join(lines()), markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show how to leave."""
        self.query_one(TitleLine).show("Help", "· wa-tui")
        back = [("esc", "Back")]
        self.query_one(KeyBar).show(
            [*back, *[entry for entry in bar(Context.EVERYWHERE) if entry[1] == "Quit"]]
        )
        self.query_one(VerticalScroll).focus()


def lines() -> list[Content]:
    """The page: states first, then each context's keys."""
    page = [_heading("What the signs mean")]
    for condition, look in LOOKS.items():
        sign = Content.styled(f"  {look.glyph} {condition}".ljust(_KEYS_WIDTH + 6), ink_style(look.ink))
        page.append(Content.assemble(sign, _MEANINGS[condition]))
    for context in Context:
        page += [Content(""), _heading(context)]
        page += [_line(key) for key in keys_of(context)]
    return page


def _heading(text: str) -> Content:
    return Content.styled(text, ink_style(Ink.BRIGHT, bold=True))


def _line(key: Key) -> Content:
    asks = Content.styled("  asks first", ink_style(Ink.AMBER)) if key.asks else Content("")
    return Content.assemble(
        (f"  {key.shown}".ljust(_KEYS_WIDTH + 6), ink_style(Ink.GREEN, bold=True)), key.help, asks
    )
