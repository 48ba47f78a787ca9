"""Asks before something that somebody would notice."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.screens.base import Dialog
from wa_tui.tui.words.text import clean


class ConfirmScreen(Dialog[bool]):
    """A question with its consequence; Cancel has the focus, so that a stray enter does nothing."""

    BINDINGS = bindings(Context.DIALOG)

    def __init__(self, question: str, consequence: str, verb: str) -> None:
        super().__init__()
        self._question = clean(question)
        self._consequence = clean(consequence)
        self._verb = verb

    def compose(self) -> ComposeResult:
        """The question, what follows from a yes, and two buttons."""
        with Vertical():
            yield Static(self._question, classes="title", markup=False)
            yield Static(self._consequence, classes="quiet", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(self._verb, id="go", classes="-danger", compact=True)

    def on_mount(self) -> None:
        """Focus on the harmless button."""
        self.query_one("#cancel", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Decide."""
        self.dismiss(event.button.id == "go")
