"""Follows a client until its state is known: proven, waiting for a scan, or down (design §5)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from wa_tui.gateways import GatewayClient
from wa_tui.identity.kinds import TITLES
from wa_tui.model.registers import DOWN, SECOND, SessionKey, Source, Status
from wa_tui.model.session import Session
from wa_tui.model.transition import Verdict

from ..clock import dated
from ..eligibility import seen_connected
from ..results import Ended
from .causes import why_down
from .context import ActionContext

FOLLOWED = 60 * SECOND
"""How long a start is followed before it is said to have had no effect, in milliseconds."""

STEP = 1.0
"""Seconds between two looks at a client that is starting."""

SETTLING = 5 * SECOND
"""How long a client that was started anew may be down, or claimed to be up as it was before, in milliseconds."""

LOOKS = 3
"""Checks in a row when a webhook comes in during each."""

WAITING = "waiting for a scan: the QR code is there"


@dataclass(frozen=True, slots=True)
class Following:
    """Looks at one session.

    ``to_scan``: a QR code is what was asked for; else it only says that a person has to scan.
    """

    context: ActionContext
    key: SessionKey
    source: Source = Source.ACTION
    to_scan: bool = False

    @property
    def session(self) -> Session | None:
        """The session as it is known now."""
        return self.context.fleet.session(self.key)

    @property
    def client(self) -> GatewayClient:
        """The client of its gateway."""
        return self.context.clients[self.key.gateway]

    async def look(self) -> bool:
        """Check until no newer webhook overrules the answer; tells whether there was one."""
        for _ in range(LOOKS):
            outcome = await self.context.checker.check(self.key, self.source)
            if outcome is None:
                return False
            if outcome.verdict is not Verdict.SUPERSEDED:
                break
        return True

    async def pause(self) -> None:
        """Wait between two looks."""
        await asyncio.sleep(STEP)

    async def follow(self, detail: str | None, *, settles: bool = False) -> Ended:
        """Look again and again until the client is connected, shows a QR code, or is not starting any more.

        ``detail`` are the start's own words; ``settles``: what it is at first may be what it was.
        """
        began = self.context.clock.monotonic()
        while True:
            answered = await self.look()
            session, past = self.session, self.context.clock.monotonic() - began
            waits = settles and past < SETTLING
            if answered and session is not None and not (waits and may_be_old(session)):
                ended = self.reached(session, began, detail)
                if ended is not None:
                    return ended
            if past >= FOLLOWED:
                return _too_late(answered, session, detail)
            await self.pause()

    def reached(self, session: Session, began: int, detail: str | None) -> Ended | None:
        """Return how a start ended that was followed from ``began`` (monotonic); ``None`` while it goes on."""
        since = dated(self.context.clock, began)
        if seen_connected(session, since):
            phone = f" as +{session.phone_number}" if session.phone_number else ""
            return Ended("verified", f"connected{phone}, {self._evidence(session)}")
        if session.status is Status.QR_PENDING:
            return Ended("verified" if self.to_scan else "no_effect", WAITING)
        if session.status in DOWN:
            return Ended("no_effect", f"{session.status}: {why_down(session, since, detail)}")
        return None

    def _evidence(self, session: Session) -> str:
        client = self.client
        if session.is_provable:
            return "proven by a check"
        kind = f": {TITLES[client.kind]} proves nothing by itself" if client.kind is not None else ""
        return f"as {client.name} says{kind if not client.proof.proves else ''}"


def may_be_old(session: Session) -> bool:
    """Tell whether a client that was just started anew may be so still, or yet: down, or connected by a mere claim."""
    return session.status in DOWN or not session.is_provable


def _too_late(answered: bool, session: Session | None, detail: str | None) -> Ended:
    seconds = FOLLOWED // SECOND
    if not answered:
        return Ended("unknown", detail or f"the gateway did not answer for {seconds} s")
    status = session.status if session is not None else "unknown"
    tail = f" ({detail})" if detail else ""
    return Ended("no_effect", f"still {status} after {seconds} s{tail}")
