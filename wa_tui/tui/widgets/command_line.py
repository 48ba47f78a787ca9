"""Where commands are typed: at the bottom, with a menu of what fits above it."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Input, Static

from wa_tui.keys.table import Context, KeyNames
from wa_tui.text.cells import cell_len, cut, fit
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import RunCommand
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, padded, shortened
from wa_tui.tui.widgets.lines import Lines

_ROWS = 8
_NAME = 16


class Word(NamedTuple):
    """A word that fits at some place of a command, and what it means."""

    text: str
    help: str = ""


class Commands(Protocol):
    """What can be typed."""

    def fitting(self, text: str) -> list[Word]:
        """Return what can stand where the text ends."""
        ...

    def usage(self, text: str) -> str | None:
        """Return how a command is written whose name begins the text, ``None`` for one that is none."""
        ...

    def typed(self, back: int) -> str | None:
        """Return the command typed so many before now, 1 the last; ``None`` where there is none."""
        ...


class Menu(Lines):
    """What fits, one a line; the chosen one is marked and keeps in view.

    It is as high as it can get from the beginning: another height would be another layout, which paints the screen.
    """

    DEFAULT_CSS = "Menu { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._candidates: list[Word] = []
        self._chosen: int | None = None
        self._heading = ""
        """What the keys do here, on a rule that sets the menu off where there are no colours."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there can be, a third of a low screen."""
        return min(_ROWS + 1, viewport.height // 3)

    def show(self, candidates: list[Word], chosen: int | None, heading: str) -> None:
        """Show these words under a heading."""
        self._candidates, self._chosen, self._heading = candidates, chosen, heading
        self.update()

    def lines(self, width: int) -> list[Pieces]:
        """Return a heading, then the words, the chosen one among them."""
        height = self.size.height - 1
        first = max(0, min((self._chosen or 0) - height // 2, len(self._candidates) - height))
        heading = cut(f"─ {self._heading} ", width)
        rows: list[Pieces] = [
            (Piece(heading, Ink.QUIET), Piece("─" * (width - cell_len(heading)), Ink.QUIET))
        ]
        for number, word in enumerate(self._candidates[first : first + height], first):
            chosen = number == self._chosen
            mark = Piece("▸ " if chosen else "  ", Ink.GREEN, chosen)
            name = Piece(fit(word.text, max(_NAME, len(word.text) + 1)), Ink.BRIGHT, chosen)
            help = Piece(f" {word.help}", Ink.TEXT if chosen else Ink.QUIET)
            rows.append(padded(shortened((mark, name, help), width), width))
        return rows + [()] * (height + 1 - len(rows))


class _Completed(NamedTuple):
    """What tab made of a text: ``text`` again may go on to the next of the words that fit ``before``."""

    before: str
    candidates: list[Word]
    at: int
    text: str


class CommandLine(Vertical):
    """Types one command on the screen it is put on, and goes away."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Context.COMMAND))
    DEFAULT_CSS = """
    CommandLine { height: auto; background: $surface; }
    CommandLine Horizontal { height: 1; }
    CommandLine Static { width: 2; padding-left: 1; color: $accent; text-style: bold; }
    CommandLine Input { width: 1fr; background: $surface; color: $bright; }
    CommandLine Input:focus { background: $surface; }
    """

    def __init__(self, commands: Commands, key_names: KeyNames, text: str = "") -> None:
        super().__init__()
        self._commands = commands
        self._key_names = key_names
        self._menu = Menu()
        self._field = Input(text, compact=True, select_on_focus=False)
        self._field.cursor_blink = False
        self._candidates: list[Word] = []
        self._chosen: int | None = None
        self._back = 0
        """How many commands back in the history; 0 for what is being typed."""
        self._begun = text
        self._completed: _Completed | None = None
        self._focused_before: Widget | None = None

    def compose(self) -> ComposeResult:
        """The menu, and the line below it."""
        yield self._menu
        with Horizontal():
            yield Static(":")
            yield self._field

    def on_mount(self) -> None:
        """Take the keys."""
        self._focused_before = self.screen.focused
        self._field.focus()
        self._fit()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """A click elsewhere closes it."""
        if self.is_mounted and not self.screen.focused:
            return
        if self.screen.focused is not self._field:
            self._close(refocus=False)

    def _fit(self) -> None:
        self._candidates = self._commands.fitting(self._field.value)
        if self._chosen is not None and self._chosen >= len(self._candidates):
            self._chosen = None
        self._menu.show(self._candidates, self._chosen, self._heading)

    @property
    def _heading(self) -> str:
        """How many words fit, or that what is typed is a command as it is; then what the keys do here."""
        names, usage = self._key_names, self._commands.usage(self._field.value)
        if self._candidates:
            found = f"{len(self._candidates)} fit"
        else:
            found = f"enter does it: {usage}" if usage is not None else "nothing fits"
        keys = (("complete", "completes"), ("up", "earlier"), ("cancel", "closes"))
        return " · ".join([found, *(f"{names[f'command.{id}']} {detail}" for id, detail in keys)])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what fits now."""
        event.stop()
        if self._back and event.value != self._commands.typed(self._back):
            self._back = 0
        if not self._back:
            self._begun = event.value
        self._chosen = None
        self._fit()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what was typed, or what was chosen from the menu; an empty line just closes."""
        event.stop()
        text = event.value
        if self._chosen is not None:
            text = completed(text, self._candidates[self._chosen])
        self._close()
        if text.strip():
            # Not by way of its parents: it is on its way out.
            self.app.post_message(RunCommand(text.strip(), typed=True))

    def action_complete(self) -> None:
        """Complete the word: with the chosen one, else with the first; once nothing more fits, with the next one."""
        text, last = self._field.value, self._completed
        if self._candidates:
            last = _Completed(text, self._candidates, self._chosen or 0, "")
        elif last is not None and last.text == text:
            last = last._replace(at=(last.at + 1) % len(last.candidates))
        else:
            return
        self._back = 0
        text = completed(last.before, last.candidates[last.at])
        self._completed = last._replace(text=text)
        self._field.value = text
        self._field.cursor_position = len(text)

    def action_down(self) -> None:
        """Down in the menu; a later command while one looks back."""
        if self._back:
            self._recall(self._back - 1)
        elif self._candidates:
            self._choose(0 if self._chosen is None else min(self._chosen + 1, len(self._candidates) - 1))

    def action_up(self) -> None:
        """Up in the menu; from its top, and with none chosen, an earlier command."""
        if self._chosen:
            self._choose(self._chosen - 1)
        elif self._chosen == 0:
            self._choose(None)
        else:
            self._recall(self._back + 1)

    def _choose(self, chosen: int | None) -> None:
        self._chosen = chosen
        self._menu.show(self._candidates, chosen, self._heading)

    def _recall(self, back: int) -> None:
        text = self._commands.typed(back) if back else self._begun
        if text is None:
            return
        self._back = back
        self._field.value = text
        self._field.cursor_position = len(self._field.value)

    def action_cancel(self) -> None:
        """Close it with nothing done."""
        self._close()

    def _close(self, *, refocus: bool = True) -> None:
        if refocus and self._focused_before is not None and self._focused_before.is_mounted:
            self.screen.set_focus(self._focused_before)
        self.remove()


def completed(text: str, word: Word) -> str:
    """Return the text with its last word made this one."""
    head, space, _ = text.rpartition(" ")
    return f"{head}{space}{word.text} "
