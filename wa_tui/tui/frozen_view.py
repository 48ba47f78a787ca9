"""A held screen: it keeps the fleet as it was, while what comes in goes to a copy that takes its place later."""

from __future__ import annotations

from wa_tui.text.counts import many
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import LiveMessage, Snapshot


class FrozenView:
    """The fleet as it really is, while the screen shows it as it was."""

    def __init__(self, shown: FleetState) -> None:
        self.live = shown.copy()
        self.changed: set[SessionKey] = set()
        """Sessions that changed meanwhile."""
        self.changes = 0
        """How often one did."""

    def apply(self, message: LiveMessage) -> None:
        """Take in a message, out of sight."""
        self.live.apply(message)
        known = 1 if isinstance(message, Snapshot) else len(message.sessions) + len(message.removed)
        self.changes += known

    @property
    def caption(self) -> str:
        """What the screen says of it."""
        return f"paused · {many(self.changes, 'change')} held back"
