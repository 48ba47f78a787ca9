"""Where the filter is typed: at the right of the sessions' title, visible while it holds."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


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
