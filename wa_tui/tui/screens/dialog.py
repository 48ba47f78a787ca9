"""Boxes over the screen they were opened from; those with fields share the way through them, an answer, two buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from wa_tui.keys.table import Context
from wa_tui.text.cleaning import clean
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Notify
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.base import Posting
from wa_tui.tui.widgets.footer import content_of
from wa_tui.tui.widgets.lines import say

T = TypeVar("T")


class Dialog(ModalScreen[T], Posting):
    """A box over the screen it was opened from; ``escape`` closes it with nothing done."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > Vertical { width: 64; max-width: 100%; height: auto; max-height: 100%;
                        background: $surface; border: round $quiet; padding: 1 2; }
    Dialog .title { text-style: bold; color: $bright; height: auto; margin-bottom: 1; }
    Dialog .quiet { color: $quiet; text-style: $quiet-style; height: auto; }
    Dialog .answer { height: auto; margin-top: 1; }
    Dialog .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    Dialog Button { width: auto; min-width: 12; margin-left: 2; background: $background; color: $foreground; }
    Dialog Button:focus { background: $cursor; color: $bright; text-style: $focus-style; }
    Dialog Button.-danger, Dialog Button.-danger:focus { color: $error; }
    Dialog Label { width: 14; color: $quiet; text-style: $quiet-style; }
    Dialog .field { height: 1; margin-bottom: 1; }
    Dialog Input { background: $background; color: $bright; width: 1fr; }
    Dialog Input:focus { background: $cursor; }
    Dialog.-tiny > Vertical { padding: 0 1; overflow-y: auto; }
    Dialog.-tiny .title, Dialog.-tiny .field { margin-bottom: 0; }
    Dialog.-tiny .answer, Dialog.-tiny .buttons { margin-top: 0; }
    Dialog.-tiny .quiet { display: none; }
    Dialog.-tiny .told { display: block; max-height: 3; }
    """

    acted = False
    """Whether something was asked for: closed then, it was not for nothing."""

    def __init__(self, monitor: Monitor) -> None:
        super().__init__()
        self.monitor = monitor

    def action_cancel(self) -> None:
        """Close without doing anything, and say so."""
        if not self.acted:
            self.say("cancelled, nothing done")
        self.dismiss(None)


class Form(Dialog[T]):
    """Fields that are sent off together; enter goes on to the next one that is empty, and from the last sends.

    While ``asked`` an answer is awaited, and nothing is sent a second time.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.DIALOG)
    GO: ClassVar[str]
    """What the button says that sends it off."""
    LEAVE: ClassVar[str] = "Cancel"
    NOTE: ClassVar[str] = ""

    submitted = False

    def heading(self) -> str:
        """Return what the form is for."""
        raise NotImplementedError

    def fields(self) -> Iterable[Widget]:
        """Return the fields, each made by `field`."""
        raise NotImplementedError

    def submit(self) -> None:
        """Send it off, or say what is missing."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Heading, fields, note, answer and buttons."""
        with Vertical():
            yield Static(clean(self.heading()), classes="title", markup=False)
            yield from self.fields()
            if self.NOTE:
                yield Static(self.NOTE, classes="quiet", markup=False)
            yield Static("", classes="answer", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(self.LEAVE, id="cancel", compact=True)
                yield Button(self.GO, id="go", compact=True)

    def on_mount(self) -> None:
        """Begin at the first field that is still to be filled in; no cursor blinks."""
        inputs = list(self.query(Input))
        for one in inputs:
            one.cursor_blink = False
        # One that is closed while it opens has lost its fields.
        empty = (one for one in inputs if not one.value and not one.has_class("optional"))
        if (first := next(empty, next(iter(inputs), None))) is not None:
            first.focus()

    def following(self, field: Input) -> Input | None:
        """Return the field that enter goes on to; ``None`` sends."""
        inputs = list(self.query(Input))
        after = inputs[inputs.index(field) + 1 :]
        return next((one for one in after if not one.has_class("optional") and not one.value.strip()), None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on, or send."""
        event.stop()
        following = self.following(event.input)
        if following is not None:
            following.focus()
        else:
            self.submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send, or close."""
        event.stop()
        if event.button.id == "go":
            self.submit()
        else:
            self.action_cancel()

    def typed(self, name: str) -> str:
        """Return what is in a field, without the spaces around it."""
        return self.query_one(f"#{name}", Input).value.strip()

    def complain(self, name: str, text: str) -> None:
        """Say what is wrong with a field, and go there."""
        self.answer(Notice(text, "bad"))
        self.query_one(f"#{name}", Input).focus()

    def await_answer(self, text: str) -> None:
        """Say that something is asked for; until it is answered, nothing else is."""
        self.submitted = self.acted = True
        self.answer(Notice(text, "quiet"))

    def is_refused(self, what: str, gateway: str) -> bool:
        """Tell whether an action cannot be asked for now; why not is said, here too."""
        refused = self.monitor.refusal(what, gateway)
        if refused is not None:
            self.post(Notify(refused))
            self.answer(refused)
        return refused is not None

    def answer(self, notice: Notice | None) -> None:
        """Say what became of it; a form that was closed meanwhile has nowhere to."""
        for line in self.query(".answer").results(Static):
            say(line, content_of(notice))


def field(label: str, widget: Widget) -> Horizontal:
    """Return a line with a label and what is filled in."""
    return Horizontal(Label(label), widget, classes="field")


def entry(
    name: str,
    value: str = "",
    *,
    hint: str = "",
    optional: bool = False,
    suggested: bool = False,
    longest: int = 0,
) -> Input:
    """Return a field to type in; an ``optional`` one is passed over by enter, a ``suggested`` value typed over."""
    made = Input(
        value, id=name, compact=True, placeholder=hint, max_length=longest, select_on_focus=suggested
    )
    made.set_class(optional, "optional")
    return made
