"""Every key by where it works, the current view's first; the meaning of the signs is a page of its own."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Go
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.guide import Section, guide, sections, signs
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.footer import KeyBar, NoticeLine
from wa_tui.tui.widgets.lines import say
from wa_tui.tui.widgets.title import TitleLine


class _GuideScreen(FleetScreen[None]):
    """A page of entries under headings; ``/`` searches in it, ``s`` changes between the two."""

    BINDINGS = bindings(Context.HELP)
    DEFAULT_CSS = """
    _GuideScreen VerticalScroll { padding: 1 1 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    _GuideScreen Static { height: auto; }
    _GuideScreen Input { display: none; margin: 0 1; background: $background; color: $primary; }
    _GuideScreen Input.open { display: block; }
    _GuideScreen Input:focus { background: $cursor; }
    """

    def __init__(self, monitor: Monitor, place: Place) -> None:
        super().__init__(monitor, place)
        self._page = Static("", markup=False)
        self._shown: tuple[int, str] | None = None
        self._search = Input(compact=True, placeholder="words to look for, in keys and what they do")
        self._search.cursor_blink = False

    def sections(self, search: str) -> list[Section]:
        """Return what has these words in it, everything without any."""
        raise NotImplementedError

    def entitle(self, line: TitleLine) -> None:
        """Say what is shown."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Show the search and the page. Laid out before the first paint: a second paint would send all of it again."""
        self._draw(self.app.size.width)
        yield TitleLine(rule=True)
        yield self._search
        with VerticalScroll():
            yield self._page
        yield NoticeLine(self.monitor.called)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the page, and how to leave."""
        self.entitle(self.query_one(TitleLine))
        self.show_keys(Context.VIEW, Context.HELP, Context.EVERYWHERE)
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self._draw(self.size.width)

    def go_up(self) -> bool:
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
            self.go_up()

    def _draw(self, width: int) -> None:
        shown = (width, self._search.value)
        if shown != self._shown:
            self._shown = shown
            # Beside the page are its padding and the scroll bar.
            say(self._page, guide(self.sections(self._search.value), width - 3, self.monitor.key_names()))


class HelpScreen(_GuideScreen):
    """The keys: first those of the view that it was opened from."""

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("help"))

    def sections(self, search: str) -> list[Section]:
        """The keys; what is looked for is looked for among the signs too."""
        monitor, below = self.monitor, self._below
        found = sections(monitor.keymap, search, below.contexts if below is not None else ())
        return found + (signs(Palette.of(self.app), search) if search.strip() else [])

    def entitle(self, line: TitleLine) -> None:
        """Say whose keys come first, and where the signs are."""
        said = self.hint("· the keys here, then all others", "help.signs", "what the signs mean")
        line.show("Help", said, breadcrumbs=self.breadcrumbs)

    @property
    def _below(self) -> FleetScreen[object] | None:
        """The screen that it was opened from."""
        stack = self.app.screen_stack
        at = stack.index(self) if self in stack else len(stack)
        below = stack[at - 1] if at else None
        return below if isinstance(below, FleetScreen) else None

    def action_signs(self) -> None:
        """What the signs mean."""
        self.post(Go(Place("signs")))


class SignsScreen(_GuideScreen):
    """What the signs mean."""

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("signs"))

    def sections(self, search: str) -> list[Section]:
        """The signs."""
        return signs(Palette.of(self.app), search)

    def entitle(self, line: TitleLine) -> None:
        """Say where the keys are."""
        line.show(
            "Signs", self.hint("· what they mean", "help.signs", "the keys"), breadcrumbs=self.breadcrumbs
        )

    def action_signs(self) -> None:
        """Back to the keys."""
        self.post(Go(Place("help")))
