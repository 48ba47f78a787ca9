"""Between which sessions a canary goes, and what each of its messages costs."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.model.registers import DAY, SECOND, SessionKey, milliseconds
from wa_tui.model.traffic import Flow
from wa_tui.wire import CanaryView

PATIENCE = 120 * SECOND
"""How long an acknowledgement, and the arrival, may take, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Way:
    """Between which sessions a canary goes, and how often, in seconds."""

    sender: SessionKey
    recipient: SessionKey
    every: float

    @property
    def ends(self) -> tuple[tuple[SessionKey, Flow], ...]:
        """Where its message is looked for."""
        sender = self.sender
        return (sender, Flow.ACKED), (sender, Flow.DELIVERED), (self.recipient, Flow.RECEIVED)

    @property
    def patience(self) -> int:
        """How long a message may take, in milliseconds: a turn is over before the next one but one is due."""
        return min(PATIENCE, milliseconds(self.every))

    @property
    def view(self) -> CanaryView:
        """How the API shows it."""
        daily = round(DAY / SECOND / self.every)
        return CanaryView(
            sender=str(self.sender), receiver=str(self.recipient), every_s=self.every, messages_a_day=daily
        )

    def __str__(self) -> str:
        return f"{self.sender} to {self.recipient}"
