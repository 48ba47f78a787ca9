"""For how long sessions, or a gateway, are to call nobody."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.text.durations import duration_of, minutes_of
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.form import Form, entry, field
from wa_tui.wire import USUAL_SNOOZE


class SnoozeScreen(Form[int]):
    """Asks for a duration; closes with it in minutes, 0 to end a snooze that some of many have."""

    GO = "Snooze"
    NOTE = "Watched and healed all the same; nobody is called. 0 ends it."

    def __init__(self, monitor: Monitor, whom: str) -> None:
        super().__init__(monitor)
        self._whom = whom

    def heading(self) -> str:
        """Return who is snoozed."""
        return f"Snooze {self._whom}"

    def fields(self) -> Iterable[Widget]:
        """Return the usual duration to change."""
        yield field(
            "For",
            entry("for", duration_of(USUAL_SNOOZE), suggested=True, hint="30m 2h 1d, 0 ends it", longest=12),
        )

    def submit(self) -> None:
        """Close with the minutes, or say how a duration is written."""
        try:
            minutes = minutes_of(self.typed("for"))
        except ValueError as error:
            self.complain("for", str(error))
        else:
            self.dismiss(minutes)


class GatewaySnoozeScreen(SnoozeScreen):
    """The same for a gateway: it says what of its sessions that covers."""

    NOTE = "Its sessions are covered for what is its trouble; what breaks for another reason still calls. 0 ends it."
