"""Every key, by where it works."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.notice import NoticeLine
from wa_tui.tui.widgets.said import say
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.tui.words.guide import guide, sections


class HelpScreen(FleetScreen[None]):
    """The keys table and what the signs mean; ``/`` searches in it."""

    BINDINGS = bindings(Context.HELP)
    DEFAULT_CSS = """
    HelpScreen VerticalScroll { padding: 1 1 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    HelpScreen Static { height: auto; }
    HelpScreen Input { display: none; margin: 0 1; background: $background; color: $primary; }
    HelpScreen Input.open { display: block; }
    HelpScreen Input:focus { background: $cursor; }
    """

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place or Place("help"))
        self._page = Static("", markup=False)
        self._shown: tuple[int, str] | None = None
        self._search = Input(compact=True, placeholder="words to look for, in keys and what they do")
        self._search.cursor_blink = False

    def compose(self) -> ComposeResult:
        """What is looked for, and the page: laid out before the first paint, a second one would send it all again."""
        self._draw(self.app.size.width)
        yield TitleLine(rule=True)
        yield self._search
        with VerticalScroll():
            yield self._page
        yield NoticeLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the page, and how to leave."""
        self.query_one(TitleLine).show("Help", "· wa-tui", crumbs=self.crumbs)
        self.show_keys(Context.VIEW, Context.HELP, Context.EVERYWHERE)
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self._draw(self.size.width)

    def peel(self) -> bool:
        """Show everything again; tell whether something was looked for."""
        if not self._search.has_class("open"):
            return False
        self._search.remove_class("open")
        self._search.value = ""
        self.query_one(VerticalScroll).focus()
        return True

    def action_search(self) -> None:
        """Type what to look for; the page follows every letter."""
        self._search.add_class("open")
        self._search.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what has these words in it."""
        event.stop()
        self._draw(self.size.width)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Read what was found; nothing typed shows everything."""
        event.stop()
        if event.value.strip():
            self.query_one(VerticalScroll).focus()
        else:
            self.peel()

    def _draw(self, width: int) -> None:
        monitor = self.monitor
        shown = (width, self._search.value)
        if shown != self._shown:
            self._shown = shown
            # Beside the page are its padding and the scroll bar.
            found = sections(monitor.palette, monitor.keymap, self._search.value)
            say(self._page, guide(found, width - 3, monitor.key_names()))
