"""What brings a session back: its gateway's own recipe, a step each, and the start followed to its end (design §5)."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.gateways import GatewayError, NoAnswer, Step
from wa_tui.model.facts import Removed, UserId
from wa_tui.model.registers import SessionKey, Source, Status
from wa_tui.model.session import Session
from wa_tui.wire import Outcome

from ..eligibility import curable
from ..results import Ended
from .context import ActionContext
from .following import Following
from .starting import Start
from .stopping import POINTLESS, Stop
from .unreachable import UnreachableGateway, absence_of, kept, still_down

NEVER_SEEN = (Status.UNKNOWN, Status.DISCONNECTED)
"""What a session is while its gateway knows nothing of it."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The steps that start one session's client.

    ``to_scan``: a QR code is what was asked for; else it only says that a person has to scan. ``holds_slot``: whoever
    starts it waited for its turn on the gateway.
    """

    context: ActionContext
    key: SessionKey
    user_id: UserId | None = None
    to_scan: bool = False
    source: Source = Source.ACTION
    holds_slot: bool = False

    async def reconnect(self) -> Ended:
        """Bring the session back by its gateway's recipe, and follow it to connected or to a QR code."""
        if (down := await still_down(self.context, self.key.gateway)) is not None:
            return self._noted(down)
        session = self._session()
        if session is not None and session.gone and self.source is not Source.HEAL:
            # It may have been started since; healing has just looked.
            await self._following.look()
        return await self._come_back()

    async def restart(self) -> Ended:
        """Have the gateway end the client and start it anew, and follow it."""
        if (down := await still_down(self.context, self.key.gateway)) is not None:
            return self._noted(down)
        return await self._start(Step.RESTART)

    async def begin(self) -> Ended:
        """Start a new session; one that the gateway never held is forgotten again."""
        down = await still_down(self.context, self.key.gateway)
        ended = Ended("no_effect", down.explain()) if down is not None else await self._start(Step.START)
        session = self._session()
        unseen = session is not None and session.claims.latest is None and session.status in NEVER_SEEN
        if ended.outcome == "no_effect" and unseen:
            why = f"the start had no effect: {ended.text}"
            await self.context.recorder.record(Removed(*self.key, self.context.clock.now(), why))
        return ended

    async def refresh_qr(self) -> Ended:
        """Show the gateway's current code where it has a fresh one; else start anew, since a person asked."""
        if (down := await still_down(self.context, self.key.gateway)) is not None:
            return self._noted(down)
        session = self._session() if await self._following.look() else None
        if session is not None and session.status is Status.CONNECTED:
            return Ended("no_effect", "it is connected: there is no QR code to scan")
        qr = session.qr if session is not None else None
        if qr is not None and not qr.expired and qr.expires_at > self.context.clock.now():
            return Ended("verified", "the gateway's current QR code is shown")
        return await self._come_back()

    @property
    def _following(self) -> Following:
        return Following(self.context, self.key, self.source, self.to_scan)

    def _session(self) -> Session | None:
        return self.context.fleet.session(self.key)

    def _noted(self, unreachable: UnreachableGateway, outcome: Outcome = "no_effect") -> Ended:
        return Ended(outcome, unreachable.explain(kept(self.context, self.key)), cause=unreachable.detail)

    async def _come_back(self) -> Ended:
        """Do what the gateway's recipe says; each step looks whether the session is still wanted."""
        if (why := self._lacks_user()) is not None:
            return why
        steps = self._recipe()
        if Step.LOGOUT in steps and self.source is Source.HEAL:
            return Ended(
                "no_effect", f"{self.key} comes back only by a logout and a scan: reconnect it yourself"
            )
        was_ended = False
        for step in steps[:-1]:
            error = await Stop(self._following).end(step)
            if (ended := await self._hindered(error)) is not None:
                return ended
            was_ended = was_ended or error is None
        return await self._start(steps[-1], was_ended=was_ended)

    def _recipe(self) -> tuple[Step, ...]:
        """Return the gateway's steps; the last of them is a start."""
        session = self._session()
        client = self.context.clients[self.key.gateway]
        if session is None:
            return client.recipe(Status.UNKNOWN, None, gone=True)
        return client.recipe(session.status, session.reason, gone=session.gone)

    async def _hindered(self, error: GatewayError | None) -> Ended | None:
        """Return how all ends after a step that was to end a client, where nothing more is to be done."""
        if isinstance(error, POINTLESS):
            return self._noted(absence_of(error))
        if (
            isinstance(error, NoAnswer)
            and (down := await still_down(self.context, self.key.gateway)) is not None
        ):
            return self._noted(down, "unknown")
        # A client that cannot be ended may still be started anew: the start's own answer decides.
        return None if self._is_wanted() else Ended("superseded", "it is not wanted any more")

    def _is_wanted(self) -> bool:
        session = self._session()
        if session is None:
            return True
        return curable(session) if self.source is Source.HEAL else session.wanted

    async def _start(self, step: Step, *, was_ended: bool = False) -> Ended:
        if (why := self._lacks_user()) is not None:
            return why
        return await Start(self._following, self._user(), self.holds_slot, was_ended).run(step)

    def _user(self) -> UserId | None:
        if self.user_id is not None:
            return self.user_id
        session = self._session()
        return session.user_id if session is not None else None

    def _lacks_user(self) -> Ended | None:
        if self._user() is not None or not self.context.clients[self.key.gateway].needs_user:
            return None
        return Ended("no_effect", f"its user is not known: {self.key}; give the action a user id")
