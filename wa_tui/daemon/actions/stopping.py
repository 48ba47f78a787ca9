"""Ending one session's client, by a disconnect or by unlinking its account, and proving that it is gone (design §5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wa_tui.gateways import (
    Capability,
    GatewayError,
    Step,
    Unauthorised,
    Unreachable,
    Unsupported,
    machine,
)
from wa_tui.model.registers import DOWN, SECOND, Credentials, Status
from wa_tui.model.session import Session

from ..results import Ended
from .following import Following
from .unreachable import absence_of, kept, still_down

POINTLESS = (Unreachable, Unauthorised)
"""Errors after which nothing else that is asked of the gateway can succeed."""

UNLINKS = 15 * SECOND
"""How long an account may take to be unlinked once the gateway said yes, in milliseconds: some do not wait for it."""

UNLINKED = "unlinked: the next start needs a scan"
NO_PHONE = "no phone was linked to it"

_LINKED = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING})


@dataclass(frozen=True, slots=True)
class Stop:
    """The ways in which the client that is looked at can be ended."""

    following: Following

    async def end(self, step: Step) -> GatewayError | None:
        """Stop a client or unlink it, and return what went wrong; an unknown client is fine."""
        outcome = await self._request(step)
        return outcome if isinstance(outcome, GatewayError) else None

    async def _request(self, step: Step) -> bool | GatewayError:
        """Ask for a stop or a logout; tells whether the gateway knew the client, or what went wrong."""
        key = self.following.key
        client = self.following.context.clients[key.gateway]
        try:
            return await (client.logout if step is Step.LOGOUT else client.disconnect)(key.session_id)
        except GatewayError as error:
            return error

    async def disconnect(self, *, deleting: bool = False) -> Ended:
        """Disconnect and prove that the client is gone; its credentials stay on the gateway.

        ``deleting``: who deletes the session says what becomes of it.
        """
        context, key = self.following.context, self.following.key
        down, error = await still_down(context, key.gateway), None
        if down is None:
            error = await self.end(Step.STOP)
            down = absence_of(error) if isinstance(error, POINTLESS) else None
        if down is not None:
            text = down.explain("" if deleting else kept(context, key))
            return Ended("no_effect", text, cause="" if deleting else down.detail)
        answered = await self.following.look()
        session = self.following.session
        if not answered:
            return Ended("unknown", self._unproven(session, error))
        if session is None or session.status in DOWN:
            return Ended("verified", f"disconnected; {stays(session)}")
        if isinstance(error, Unsupported):
            return Ended("no_effect", error.detail)
        return Ended("no_effect", f"the gateway still says {session.status}")

    async def logout(self) -> Ended:
        """Unlink the account and prove it; what then waits for a scan is stopped, where the gateway can do that."""
        context, key = self.following.context, self.following.key
        down, was_linked = await still_down(context, key.gateway), not self._is_unlinked
        asked = await self._request(Step.LOGOUT) if down is None else False
        if isinstance(asked, POINTLESS):
            down = absence_of(asked)
        if down is not None:
            text = down.explain(f"nothing was unlinked; {kept(context, key)}")
            return Ended("no_effect", text, cause=down.detail)
        error = asked if isinstance(asked, GatewayError) else None
        if asked is False or (error is not None and error.outcome_known):
            if await self.following.look() and self._is_unlinked:
                return await self._off()
            return Ended(
                "no_effect", str(error or f"nothing was unlinked: {key.gateway} does not know {key}")
            )
        if not await self._unlinks():
            return Ended("unknown", self._unproven(self.following.session, error))
        return await self._unlinked(error, was_linked=was_linked)

    @property
    def _is_unlinked(self) -> bool:
        """Whether nothing is linked: some gateways refuse to unlink that."""
        session = self.following.session
        return session is not None and session.is_unlinked

    async def _off(self) -> Ended:
        """End what no phone is linked to, where the gateway can; it is to be offline in any case."""
        session = self.following.session
        if Capability.STOP in self.following.client.capabilities:
            ended = await self.disconnect()
            return replace(ended, text=f"{NO_PHONE}; {ended.text}")
        if session is None or session.status in DOWN:
            return Ended("verified", f"{NO_PHONE}; it stays off")
        codes = "its gateway cannot stop it: it shows codes that nobody is called for, delete it to end them"
        return Ended("no_effect", f"{NO_PHONE}; {codes}")

    async def _unlinked(self, error: GatewayError | None, *, was_linked: bool) -> Ended:
        """Say what the gateway shows after a logout; ``error``: nobody knows whether that was done."""
        context, session = self.following.context, self.following.session
        if session is not None and session.status in _LINKED:
            return Ended("no_effect", f"the gateway still says {session.status}")
        waits = session is not None and session.status is Status.QR_PENDING
        if error is not None and not waits:
            return Ended("unknown", error.explain("its client has ended, it may be linked still"))
        if waits and Capability.STOP in context.clients[self.following.key.gateway].capabilities:
            await self.end(Step.STOP)
            await self.following.look()
        text = UNLINKED if was_linked else f"{NO_PHONE}: the next start needs a scan"
        return Ended("verified", text, unlinked=was_linked)

    async def _unlinks(self) -> bool:
        """Look until the account is linked no more, for as long as that may take; tells whether there was an answer."""
        clock = self.following.context.clock
        began = clock.monotonic()
        while True:
            answered = await self.following.look()
            session = self.following.session
            ended = answered and (session is None or session.status not in _LINKED)
            if ended or clock.monotonic() - began >= UNLINKS:
                return answered
            await self.following.pause()

    def _unproven(self, session: Session | None, error: GatewayError | None) -> str:
        """Say why nobody knows whether a client is gone."""
        key = self.following.key
        if error is not None:
            return error.explain(f"{key.gateway} may still run it")
        detail = (
            session.unanswered if session is not None and session.unanswered else "no answer to the check"
        )
        url = self.following.context.clients[key.gateway].url
        return f"{detail}: {key} may still run; see the service's log on {machine(url)} ({url})"


def stays(session: Session | None) -> str:
    """Return what of a session stays on its gateway when its client ends: credentials, unless they are not taken."""
    if session is not None and session.credentials is Credentials.STORED:
        return "its credentials stay on the gateway"
    return "what the gateway stores of it stays there"
