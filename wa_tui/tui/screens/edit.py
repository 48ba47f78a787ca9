"""A session's name, and whether it is its user's primary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.widget import Widget
from textual.widgets import Static

from wa_tui.text.cleaning import clean
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.form import Form, entry, field
from wa_tui.tui.widgets.fields import Choice
from wa_tui.wire import SessionView

_LONGEST_NAME = 100


@dataclass(frozen=True)
class Edited:
    """What is to change: another name, or ``None``; whether it is to become the primary."""

    name: str | None
    primary: bool


class EditScreen(Form[Edited]):
    """Asks for the instance name and the primary; the user is shown, and no action changes it."""

    GO = "Save"
    NOTE = "Messages of a user go through the primary first."

    def __init__(self, monitor: Monitor, session: SessionView) -> None:
        super().__init__(monitor)
        self._session = session
        self._known = clean(session.instance_name or "")

    def heading(self) -> str:
        """Return which session it is."""
        return f"Edit {self.monitor.call(self._session.key)}"

    def fields(self) -> Iterable[Widget]:
        """Return the name to change, the user, and the primary to choose."""
        user = "none" if self._session.user_id is None else clean(self._session.user_id)
        yield field("Instance name", entry("name", self._known, longest=_LONGEST_NAME))
        yield field("User", Static(user, markup=False))
        yield field("Primary", Choice(["yes"] if self._session.is_primary else ["no", "yes"]))

    def submit(self) -> None:
        """Close with what is to change."""
        name = self.typed("name")
        if not name:
            self.complain("name", "the instance name is missing")
            return
        primary = self.query_one(Choice).value == "yes" and not self._session.is_primary
        self.dismiss(Edited(None if name == self._known else name, primary))
