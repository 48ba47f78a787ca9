"""What a person fills in on one line: a filter, or one of a few values."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from wa_tui.text.cleaning import clean
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.theme import ink_style


class FilterLine(Horizontal):
    """The filter; it tells of every letter, and of the enter that ends it."""

    class Changed(Message):
        """The text is another one now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Done(Message):
        """Enter was pressed; an empty filter goes away."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    DEFAULT_CSS = """
    FilterLine { width: 40%; max-width: 48; height: 1; }
    FilterLine Static { width: auto; color: $quiet; }
    FilterLine Input { width: 1fr; background: $background; color: $primary; }
    FilterLine Input:focus { background: $cursor; }
    """

    def __init__(
        self,
        text: str = "",
        placeholder: str = "words !not -f fuzzy status:qr for:>5m",
        *,
        sign: str = "/",
    ) -> None:
        super().__init__()
        self._sign = sign
        self._text = text
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        yield Static(f"{self._sign} ", markup=False)
        field = Input(self._text, compact=True, placeholder=self._placeholder, select_on_focus=False)
        # A cursor that blinks sends bytes for ever, and an idle screen sends none.
        field.cursor_blink = False
        yield field

    def put(self, text: str) -> None:
        """Replace the text, as if it had been typed."""
        self.query_one(Input).value = text

    def edit(self, *, anew: bool = False) -> None:
        """Take the keys; ``anew``: what is typed takes the place of the text."""
        field = self.query_one(Input).focus()
        if anew:
            field.action_select_all()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done(event.value))


class Choice(Static, can_focus=True):
    """Shows one of ``values``; left, right and a click go to the next one."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; color: $bright; }
    Choice:focus { background: $cursor; text-style: $focus-style; }
    """

    def __init__(self, values: Sequence[str], chosen: str | None = None, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._values = list(values)
        self._index = self._values.index(chosen) if chosen in self._values else 0
        self._draw()

    @property
    def value(self) -> str | None:
        """The one that is shown; ``None`` where there is nothing to choose."""
        return self._values[self._index] if self._values else None

    @property
    def index(self) -> int:
        """Which of the values is shown."""
        return self._index

    def choose(self, value: str) -> None:
        """Show one of the values."""
        self._index = self._values.index(value)
        self._draw()

    def on_key(self, event: events.Key) -> None:
        step = {"left": -1, "right": 1, "space": 1}.get(event.key)
        if step is not None:
            event.stop()
            self._go(step)

    def on_click(self) -> None:
        self._go(1)

    def _go(self, step: int) -> None:
        if len(self._values) > 1:
            self._index = (self._index + step) % len(self._values)
            self._draw()

    def _draw(self) -> None:
        text = clean(self.value) if self.value is not None else "none configured"
        more = len(self._values) > 1
        hint = f"  ← → {self._index + 1} of {len(self._values)}" if more else ""
        self.update(Content.assemble(text, (hint, ink_style(Ink.QUIET))), layout=False)
