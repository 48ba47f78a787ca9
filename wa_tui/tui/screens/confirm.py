"""Asks before something that somebody would notice."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.screens.base import Dialog
from wa_tui.tui.widgets.said import say
from wa_tui.tui.words.text import clean


class ConfirmScreen(Dialog[bool]):
    """A question with its consequence; Cancel has the focus, so that a stray enter does nothing.

    With ``number`` the answer counts only once that number was typed.
    """

    BINDINGS = bindings(Context.DIALOG)

    def __init__(self, question: str, consequence: str, verb: str, number: int | None = None) -> None:
        super().__init__()
        self._question = clean(question)
        self._consequence = "\n".join(clean(line) for line in consequence.splitlines())
        self._verb = clean(verb)
        self._number = number

    def compose(self) -> ComposeResult:
        """The question, what follows from a yes, the number where it is asked for, and two buttons."""
        with Vertical():
            yield Static(self._question, classes="title", markup=False)
            yield Static(self._consequence, classes="quiet told", markup=False)
            if self._number is not None:
                yield Static("", classes="answer", markup=False)
                with Horizontal(classes="field"):
                    yield Label(f"Type {self._number}")
                    yield Input(id="number", compact=True, restrict=r"\d*")
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(self._verb, id="go", classes="-danger", compact=True)

    def on_mount(self) -> None:
        """Focus on the harmless button."""
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#cancel", Button).focus()

    def on_input_submitted(self) -> None:
        """Enter in the field answers."""
        self._answer(yes=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Decide."""
        self._answer(yes=event.button.id == "go")

    def _answer(self, *, yes: bool) -> None:
        if yes and self._number is not None:
            field = self.query_one("#number", Input)
            if field.value.strip() != str(self._number):
                words = f"✖ type {self._number}, the number of sessions, to go on"
                say(self.query_one(".answer", Static), words)
                field.focus()
                return
        self.dismiss(yes)
