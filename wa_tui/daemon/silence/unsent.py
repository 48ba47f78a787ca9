"""Messages that leave nobody: WhatsApp's server acknowledges none of those sent, or they wait in the client."""

from __future__ import annotations

from collections.abc import Container

from wa_tui.model.registers import HOUR, MINUTE, SessionKey
from wa_tui.model.session import Session
from wa_tui.model.silence import SilenceCause
from wa_tui.model.traffic import Flow

from ..clock import Clock, dated
from ..traffic import Traffic
from .state import Sign

PATIENCE = 5 * MINUTE
"""How long an acknowledgement may take, or a message may wait: usually it is a second."""

LASTING = HOUR
"""After so long a person is called, whatever the server says of the session: its messages go nowhere."""


class Unsent:
    """Watches what becomes of messages, where their gateway tells that."""

    def __init__(self, traffic: Traffic, clock: Clock) -> None:
        self._traffic = traffic
        self._clock = clock
        self._since: dict[tuple[SessionKey, SilenceCause], int] = {}
        """Since when it is so, by the clock that never steps."""

    def sign(self, session: Session) -> Sign | None:
        """Return what is strange about a session's messages that go out."""
        signs = (self._lasts(session, cause, holds) for cause, holds in self._holds(session.key))
        return next((sign for sign in signs if sign is not None), None)

    def resumed(self, session: Session) -> int | None:
        """Return when a message went through a silent session again; ``None`` while none did, or one is unsent."""
        silent, key = session.silent, session.key
        if silent is not None and silent.cause in (SilenceCause.UNACKED, SilenceCause.QUEUED):
            last = self._traffic.last(key, Flow.ACKED)
        else:
            # A message that is sent shows nothing where a gateway tells what becomes of it.
            tells_acks = Flow.ACKED in self._traffic.flows(key.gateway)
            last = self._traffic.last(key, Flow.RECEIVED, Flow.ACKED if tells_acks else Flow.SENT)
        begun = silent.since if silent is not None else session.ghost.since if session.ghost else 0
        return last if last > begun and self.sign(session) is None else None

    def keep(self, keys: Container[SessionKey]) -> None:
        """Forget all other sessions: they are not connected, or nobody hears of them."""
        for gone in [each for each in self._since if each[0] not in keys]:
            del self._since[gone]

    def _holds(self, key: SessionKey) -> tuple[tuple[SilenceCause, bool], ...]:
        tells_acks = Flow.ACKED in self._traffic.flows(key.gateway)
        sent, acked = (self._traffic.last(key, flow) for flow in (Flow.SENT, Flow.ACKED))
        return (
            (SilenceCause.UNACKED, tells_acks and sent > acked),
            (SilenceCause.QUEUED, self._traffic.queued(key) > 0),
        )

    def _lasts(self, session: Session, cause: SilenceCause, holds: bool) -> Sign | None:
        key, noted = session.key, session.silent
        if not holds:
            self._since.pop((key, cause), None)
            return None
        since = dated(self._clock, self._since.setdefault((key, cause), self._clock.monotonic()))
        if noted is not None and noted.cause is cause:
            # It goes on over a restart of ours.
            since = noted.since
        # Of a client that was started anew nothing is known yet.
        since = max(since, session.status_since)
        lasts = self._clock.now() - since
        return Sign(cause, since, calls=lasts >= LASTING) if lasts >= PATIENCE else None
