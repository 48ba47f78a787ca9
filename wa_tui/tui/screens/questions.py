"""Questions to the person: whether to do what others will notice, and which of the named views to show."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from wa_tui.keys.table import Context
from wa_tui.text.cells import cell_len, cut
from wa_tui.text.cleaning import clean
from wa_tui.tui.bindings import bindings
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.dialog import Dialog
from wa_tui.tui.views import EVERYTHING, NamedView
from wa_tui.tui.widgets.lines import say


class ConfirmScreen(Dialog[bool]):
    """A question with its consequence; a key says yes, and Cancel has the focus: a stray enter does nothing.

    With ``number`` only that number, typed, is a yes; its field has the focus.
    """

    BINDINGS = bindings(Context.DIALOG, Context.QUESTION)

    def __init__(
        self, monitor: Monitor, question: str, consequence: str, verb: str, number: int | None = None
    ) -> None:
        super().__init__(monitor)
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
                    yield Input(id="number", compact=True, restrict=r"\d*", placeholder="and enter")
            with Horizontal(classes="buttons"):
                yield Button(f"{self._key('dialog.cancel')} Cancel", id="cancel", compact=True)
                yes = f"{self._key('question.yes')} " if self._number is None else ""
                yield Button(f"{yes}{self._verb}", id="go", classes="-danger", compact=True)

    def on_mount(self) -> None:
        """Focus on the number to type, else on the harmless button."""
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#cancel" if self._number is None else "#number").focus()

    def action_yes(self) -> None:
        """Do it, or say which number is still to be typed."""
        if self._number is not None:
            field = self.query_one("#number", Input)
            if field.value != str(self._number):
                detail = f"✖ type {self._number}, the number of sessions, to go on"
                say(self.query_one(".answer", Static), detail)
                field.focus()
                return
        self.dismiss(True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the field answers, once something is in it."""
        if event.value:
            self.action_yes()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Decide."""
        if event.button.id == "go":
            self.action_yes()
        else:
            self.action_cancel()

    def _key(self, id: str) -> str:
        return self.monitor.key(id)


_SHOWN = 9


class NamedViewsScreen(Dialog[NamedView]):
    """The views by their digits; closes with the one that is chosen."""

    BINDINGS = bindings(Context.DIALOG, Context.NAMED)

    def __init__(self, monitor: Monitor, views: Sequence[NamedView]) -> None:
        super().__init__(monitor)
        self._views = views[:_SHOWN]
        self._others = views[_SHOWN:]

    def compose(self) -> ComposeResult:
        """A line a view."""
        width = max(cell_len(clean(view.name)) for view in (*self._views, EVERYTHING))
        with Vertical():
            yield Static("Show which view?", classes="title", markup=False)
            for number, view in enumerate((EVERYTHING, *self._views)):
                key = self.monitor.key(f"named.view_{number}")
                name = clean(view.name)
                line = f"{key}  {name}{' ' * (width - cell_len(name))}  {clean(view.description)}"
                yield Static(cut(line, 58), classes="told", markup=False)
            if self._others:
                names = " ".join(clean(view.name) for view in self._others)
                yield Static(f"and by :view {names}", classes="quiet told", markup=False)

    def action_view(self, number: int) -> None:
        """Choose one; a digit that none has does nothing."""
        if number <= len(self._views):
            self.dismiss((EVERYTHING, *self._views)[number])
