"""Messages that leave nobody: WhatsApp's server acknowledges none of those sent, or they wait in the client."""

from __future__ import annotations

from wa_tui.model.registers import HOUR, MINUTE, SessionKey
from wa_tui.model.silence import SilenceCause
from wa_tui.model.traffic import Flow

from ..traffic import Traffic
from .state import Sign

PATIENCE = 5 * MINUTE
"""How long an acknowledgement may take, or a message may wait: usually it is a second."""

LASTING = HOUR
"""After so long a person is called, whatever the server says of the session: its messages go nowhere."""


class Unsent:
    """Watches what becomes of messages, where their gateway tells that."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._since: dict[tuple[SessionKey, SilenceCause], int] = {}
        """Since when it is so."""

    def sign(self, key: SessionKey, now: int) -> Sign | None:
        """Return what is strange about a session's messages that go out."""
        signs = (self._lasts(key, cause, now, holds) for cause, holds in self._holds(key))
        return next((sign for sign in signs if sign is not None), None)

    def forget(self, key: SessionKey) -> None:
        """Begin anew with a session: it was not connected meanwhile, or nobody heard of it."""
        for cause in SilenceCause:
            self._since.pop((key, cause), None)

    def _holds(self, key: SessionKey) -> tuple[tuple[SilenceCause, bool], ...]:
        tells_acks = Flow.ACKED in self._traffic.flows(key.gateway)
        sent, acked = (self._traffic.last(key, flow) for flow in (Flow.SENT, Flow.ACKED))
        return (
            (SilenceCause.UNACKED, tells_acks and sent > acked),
            (SilenceCause.QUEUED, self._traffic.queued(key) > 0),
        )

    def _lasts(self, key: SessionKey, cause: SilenceCause, now: int, holds: bool) -> Sign | None:
        if not holds:
            self._since.pop((key, cause), None)
            return None
        since = min(self._since.setdefault((key, cause), now), now)
        if now - since < PATIENCE:
            return None
        return Sign(cause, since, calls=now - since >= LASTING)
