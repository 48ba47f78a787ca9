"""Starting one client, by an init or by the gateway's own restart, up to where it is followed (design §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from wa_tui.gateways import Capability, Garbled, GatewayError, NoAnswer, RefusalCause, Refused, Started, Step
from wa_tui.model.facts import Checked, QrCode, StartFailure, UserId
from wa_tui.model.registers import Reason, Status

from ..attention.obstacles import obstacle
from ..clock import dated
from ..recording.change import Change
from ..results import Ended
from .following import Following, may_be_old

STARTING = (Status.INITIALIZING, Status.AUTHENTICATED)


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the client that is followed.

    ``holds_slot``: whoever starts it waited for its turn on the gateway; else it waits itself, as a person's before
    healing's. ``was_ended``: its gateway said before that the client it had is gone.
    """

    following: Following
    user_id: UserId | None
    holds_slot: bool = False
    was_ended: bool = False

    async def run(self, step: Step) -> Ended:
        """Do a START or a RESTART, and follow it to connected or to a QR code."""
        context, key = self.following.context, self.following.key
        if self.holds_slot:
            return await self._run(step)
        async with context.starts.slot(key.gateway, urgent=True):
            return await self._run(step)

    async def _run(self, step: Step) -> Ended:
        """A client that is there or starts is followed, one that is not there to be restarted is started."""
        following, anew = self.following, step is Step.RESTART
        began = following.context.clock.monotonic()
        try:
            started = await self._ask(step)
        except (NoAnswer, Garbled) as error:
            if error.sent and error.outcome_known:
                return Ended("no_effect", str(error), cause=error.detail)
            return self._doubted(await following.follow(str(error), settles=anew), error, began)
        except Refused as error:
            if anew and error.cause is RefusalCause.NOT_FOUND:
                return await self._run(Step.START)
            if error.cause in (RefusalCause.ALREADY_EXISTS, RefusalCause.QR_TIMEOUT):
                # What only starts is absent there, so that a check finds nothing of it yet.
                absent = Capability.LIST_STATUS not in following.client.capabilities
                return await following.follow(error.detail, settles=absent)
            await following.context.checker.check(following.key, following.source)
            return self._failed(error)
        except GatewayError as error:
            return Ended("no_effect", str(error), cause=error.detail)
        if isinstance(started, Ended):
            return started
        if started.status is Status.QR_PENDING:
            await self._observe(started)
        return await following.follow(None, settles=anew or started.status in STARTING)

    def _doubted(self, ended: Ended, error: NoAnswer | Garbled, began: int) -> Ended:
        """Claim no start where its answer was lost, and the client is connected as it was before ``began``."""
        session = self.following.session
        if ended.outcome != "verified" or self.was_ended or session is None:
            return ended
        since = dated(self.following.context.clock, began)
        if session.status is not Status.CONNECTED or session.status_since >= since:
            return ended
        return Ended("unknown", error.explain("it is connected as before"), cause=error.detail)

    def _failed(self, error: Refused) -> Ended:
        """The gateway says why the client cannot be started; where somebody must mend that, tell what to do."""
        reason = error.reason or Reason.OTHER
        failure = StartFailure(self.following.context.clock.now(), reason, error.message)
        met = obstacle(reason, error.message, error.url, self.following.key.session_id)
        text = (
            str(error)
            if met is None
            else f"{met.sentence}; {error.call.where}: {error.detail} ({error.call})"
        )
        return Ended("no_effect", text, failure=failure)

    def _request(self, step: Step) -> Coroutine[Any, Any, Started]:
        key = self.following.key
        client = self.following.client
        if step is Step.RESTART:
            return client.restart(key.session_id)
        return client.init(key.session_id, self.user_id)

    async def _ask(self, step: Step) -> Started | Ended:
        """Start the client and wait for the answer, or for what a webhook tells sooner and a check proves.

        The answer looks once a second at its client, and waits 30 s for one that dropped meanwhile (contract §1).
        """
        following, began = self.following, self.following.context.clock.monotonic()
        asking = asyncio.create_task(self._request(step))
        heard = asyncio.Event()
        leave = following.context.bus.watch(
            lambda change: heard.set() if self._tells(change, began) else None
        )
        try:
            while True:
                hearing = asyncio.create_task(heard.wait())
                await asyncio.wait({asking, hearing}, return_when=asyncio.FIRST_COMPLETED)
                hearing.cancel()
                if asking.done():
                    return asking.result()
                heard.clear()
                session = following.session if await following.look() else None
                # Until a restart is answered, the client that is to go may prove that it is connected.
                since = dated(following.context.clock, began)
                waits = step is Step.RESTART and (
                    session is None or may_be_old(session) or session.status_since < since
                )
                if session is not None and not session.gone and not waits:
                    ended = following.reached(session, began, None)
                    if ended is not None:
                        return ended
        finally:
            leave()
            # The gateway goes on with it, whether or not somebody waits for its answer.
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    def _tells(self, change: Change, began: int) -> bool:
        """Whether a webhook came in that says more than that the client starts."""
        session = change.sessions.get(self.following.key)
        if session is None:
            return False
        since = dated(self.following.context.clock, began)
        latest, hinted = session.claims.latest, session.hinted
        if latest is not None and latest.received >= since and latest.status not in STARTING:
            return True
        return hinted is not None and hinted.at >= since and hinted.status not in STARTING

    async def _observe(self, started: Started) -> None:
        """The answer to an init carries the QR code: take it in, as seen when the answer came."""
        context, key = self.following.context, self.following.key
        now = context.clock.now()
        fact = Checked(
            gateway=key.gateway,
            session_id=key.session_id,
            began=now,
            at=now,
            status=started.status,
            ready=False,
            phone_number=started.phone_number,
            qr=QrCode.of(started.qr) if started.qr else None,
            source=self.following.source,
        )
        await context.recorder.record(fact)
