"""Starting and stopping a session's client, and following it until its state is proven (design §5)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from wa_tui.gateways import (
    Garbled,
    GatewayError,
    NoAnswer,
    RefusalCause,
    Refused,
    Started,
    Unauthorised,
    Unreachable,
    machine,
)
from wa_tui.model.facts import Checked, QrCode, Removed, StartFailure, UserId
from wa_tui.model.reasons import classify
from wa_tui.model.registers import DOWN, SECOND, Reason, SessionKey, Source, Status
from wa_tui.model.session import Session
from wa_tui.model.transition import Verdict
from wa_tui.wire import Outcome

from ..attention.obstacles import obstacle
from ..clock import dated
from ..recording.change import Change
from ..results import Ended
from .causes import why_down
from .context import ActionContext
from .unreachable import UnreachableGateway, absence_of, kept, still_down

FOLLOWED = 60 * SECOND
"""How long a start is followed before it is said to have had no effect, in milliseconds."""

STEP = 1.0
"""Seconds between two looks at a client that is starting."""


LOOKS = 3
"""Checks in a row when a webhook comes in during each."""

WAITING = "waiting for a scan: the QR code is there"

NEVER_SEEN = (Status.UNKNOWN, Status.DISCONNECTED)
"""What a session is while its gateway knows nothing of it."""

STARTING = (Status.INITIALIZING, Status.AUTHENTICATED)

POINTLESS = (Unreachable, Unauthorised)
"""Errors after which nothing else that is asked of the gateway can succeed."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The steps that start or stop one session's client.

    ``to_scan``: a QR code is what was asked for; else it only says that a person has to scan. ``holds_slot``: whoever
    starts it waited for its turn on the gateway; else it waits itself, as a person's before healing's.
    """

    context: ActionContext
    key: SessionKey
    user_id: UserId | None = None
    to_scan: bool = False
    source: Source = Source.ACTION
    holds_slot: bool = False

    async def reconnect(self) -> Ended:
        """Disconnect, start, and follow to connected or to a QR code."""
        return await self._restart()

    async def start(self) -> Ended:
        """Start with a bare init, never a disconnect: after a gateway's restart, and for a new session."""
        return await self._start()

    async def begin(self) -> Ended:
        """Start a new session; one that the gateway never held is forgotten again."""
        down = await still_down(self.context, self.key.gateway)
        ended = Ended("no_effect", down.explain()) if down is not None else await self._start()
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
        session = self._session() if await self._look() else None
        if session is not None and session.status is Status.CONNECTED:
            return Ended("no_effect", "it is connected: there is no QR code to scan")
        qr = session.qr if session is not None else None
        if qr is not None and not qr.expired and qr.expires_at > self.context.clock.now():
            return Ended("verified", "the gateway's current QR code is shown")
        return await self._restart()

    async def disconnect(self, *, deleting: bool = False) -> Ended:
        """Disconnect and prove that the client is gone; its credentials stay on the gateway.

        ``deleting``: who deletes the session says what becomes of it.
        """
        down, error = await still_down(self.context, self.key.gateway), None
        if down is None:
            error = await self._destroy()
            down = absence_of(error) if isinstance(error, POINTLESS) else None
        if down is not None:
            return Ended("no_effect", down.explain()) if deleting else self._noted(down)
        answered = await self._look()
        session = self._session()
        if not answered:
            return Ended("unknown", self._unproven(session, error))
        if session is None or session.status in DOWN:
            return Ended("verified", "disconnected; its credentials stay on the gateway")
        return Ended("no_effect", f"the gateway still says {session.status}")

    def _unproven(self, session: Session | None, error: GatewayError | None) -> str:
        """Say why nobody knows whether a client is gone."""
        if error is not None:
            return error.explain(f"{self.key.gateway} may still run it")
        detail = session.silence if session is not None and session.silence else "no answer to the check"
        url = self.context.clients[self.key.gateway].url
        return f"{detail}: {self.key} may still run; see the service's log on {machine(url)} ({url})"

    def _session(self) -> Session | None:
        return self.context.fleet.session(self.key)

    async def _look(self) -> bool:
        """Check until no newer webhook overrules the answer; tells whether there was one."""
        for _ in range(LOOKS):
            outcome = await self.context.checker.check(self.key, self.source)
            if outcome is None:
                return False
            if outcome.verdict is not Verdict.SUPERSEDED:
                break
        return True

    async def _destroy(self) -> GatewayError | None:
        """Destroy the client, and return what went wrong; an unknown client is fine."""
        try:
            await self.context.clients[self.key.gateway].disconnect(self.key.session_id)
        except GatewayError as error:
            return error
        return None

    def _noted(self, unreachable: UnreachableGateway, outcome: Outcome = "no_effect") -> Ended:
        return Ended(outcome, unreachable.explain(kept(self.context, self.key)), cause=unreachable.detail)

    async def _restart(self) -> Ended:
        if (down := await still_down(self.context, self.key.gateway)) is not None:
            return self._noted(down)
        error = await self._destroy()
        if isinstance(error, POINTLESS):
            return self._noted(absence_of(error))
        if (
            isinstance(error, NoAnswer)
            and (down := await still_down(self.context, self.key.gateway)) is not None
        ):
            return self._noted(down, "unknown")
        # A client that cannot be destroyed may still be started anew: the init's own answer decides.
        return await self._start()

    async def _start(self) -> Ended:
        if self.holds_slot:
            return await self._start_client()
        async with self.context.starts.slot(self.key.gateway, urgent=True):
            return await self._start_client()

    async def _start_client(self) -> Ended:
        user_id = self.user_id
        if user_id is None:
            session = self._session()
            user_id = session.user_id if session is not None else None
        if user_id is None:
            return Ended("no_effect", f"its user is not known: {self.key}; give the action a user id")
        try:
            started = await self._init(user_id)
        except (NoAnswer, Garbled) as error:
            if error.sent and error.outcome_known:
                return Ended("no_effect", str(error), cause=error.detail)
            return await self._follow(str(error))
        except Refused as error:
            if error.cause in (RefusalCause.ALREADY_EXISTS, RefusalCause.QR_TIMEOUT):
                return await self._follow(error.detail)
            await self.context.checker.check(self.key, self.source)
            return self._failed(error)
        except GatewayError as error:
            return Ended("no_effect", str(error), cause=error.detail)
        if isinstance(started, Ended):
            return started
        if started.status is Status.QR_PENDING:
            await self._observe(started)
        return await self._follow(None)

    def _failed(self, error: Refused) -> Ended:
        """The gateway says why the client cannot be started; where somebody must mend that, tell what to do."""
        reason = error.reason or classify(error.message) or Reason.OTHER
        failure = StartFailure(self.context.clock.now(), reason, error.message)
        met = obstacle(reason, error.message, error.url, self.key.session_id)
        text = (
            str(error)
            if met is None
            else f"{met.sentence}; {error.call.where}: {error.detail} ({error.call})"
        )
        return Ended("no_effect", text, failure=failure)

    async def _init(self, user_id: UserId) -> Started | Ended:
        """Start the client and wait for the answer, or for what a webhook tells sooner and a check proves.

        The answer looks once a second at its client, and waits 30 s for one that dropped meanwhile (contract §1).
        """
        began = self.context.clock.monotonic()
        asking = asyncio.create_task(
            self.context.clients[self.key.gateway].init(self.key.session_id, user_id)
        )
        heard = asyncio.Event()
        leave = self.context.bus.watch(lambda change: heard.set() if self._tells(change, began) else None)
        try:
            while True:
                hearing = asyncio.create_task(heard.wait())
                await asyncio.wait({asking, hearing}, return_when=asyncio.FIRST_COMPLETED)
                hearing.cancel()
                if asking.done():
                    return asking.result()
                heard.clear()
                session = self._session() if await self._look() else None
                if session is not None and not session.gone:
                    ended = self._reached(session, began, None)
                    if ended is not None:
                        return ended
        finally:
            leave()
            # The gateway goes on with it, whether or not somebody waits for its answer.
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    def _tells(self, change: Change, began: int) -> bool:
        """Whether a webhook came in that says more than that the client starts."""
        session = change.sessions.get(self.key)
        latest = session.claims.latest if session is not None else None
        return (
            latest is not None
            and latest.received >= dated(self.context.clock, began)
            and latest.status not in STARTING
        )

    async def _observe(self, started: Started) -> None:
        """The answer to an init carries the QR code: take it in, as seen when the answer came."""
        now = self.context.clock.now()
        fact = Checked(
            gateway=self.key.gateway,
            session_id=self.key.session_id,
            began=now,
            at=now,
            status=started.status,
            ready=False,
            phone_number=started.phone_number,
            qr=QrCode.of(started.qr) if started.qr else None,
            source=self.source,
        )
        await self.context.recorder.record(fact)

    async def _follow(self, detail: str | None) -> Ended:
        """Look again and again until the client is connected, shows a QR code, or is not starting any more."""
        began = self.context.clock.monotonic()
        deadline = began + FOLLOWED
        while True:
            answered = await self._look()
            session = self._session()
            if answered and session is not None:
                ended = self._reached(session, began, detail)
                if ended is not None:
                    return ended
            if self.context.clock.monotonic() >= deadline:
                return self._too_late(answered, session, detail)
            await asyncio.sleep(STEP)

    def _reached(self, session: Session, began: int, detail: str | None) -> Ended | None:
        if session.status is Status.CONNECTED and (session.proven_at or 0) >= dated(
            self.context.clock, began
        ):
            phone = f" as +{session.phone_number}" if session.phone_number else ""
            return Ended("verified", f"connected{phone}, proven by a check")
        if session.status is Status.QR_PENDING:
            return Ended("verified" if self.to_scan else "no_effect", WAITING)
        if session.status in DOWN:
            return Ended(
                "no_effect",
                f"{session.status}: {why_down(session, dated(self.context.clock, began), detail)}",
            )
        return None

    def _too_late(self, answered: bool, session: Session | None, detail: str | None) -> Ended:
        seconds = FOLLOWED // SECOND
        if not answered:
            return Ended("unknown", detail or f"the gateway did not answer for {seconds} s")
        status = session.status if session is not None else "unknown"
        tail = f" ({detail})" if detail else ""
        return Ended("no_effect", f"still {status} after {seconds} s{tail}")
