"""Takes one message through the sessions it may go through, until one has sent it or nobody knows (design §5)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from wa_tui.model.facts import UserId
from wa_tui.model.registers import GatewayState, SessionKey
from wa_tui.store import StoreError
from wa_tui.wire import Outcome

from ..attention.gateways import cause_of
from ..recording.recorder import NotTaken
from ..results import Ended
from .context import ActionContext
from .ledger import Ledger, Result
from .pool import is_fresh, route, unfit
from .sending import RECONNECT, Outgoing, Sending, Tried

log = logging.getLogger("wa_tui.actions")


class NotRecorded(Exception):
    """An attempt could not be committed before its request: it must not be made."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends one message; only what failed before it was sent moves on to the next session."""

    context: ActionContext
    ledger: Ledger
    outgoing: Outgoing
    named: SessionKey | None
    user_id: UserId | None
    _gone: dict[str, str] = field(default_factory=dict)
    """Gateways at which nothing more is tried, and why."""

    async def deliver(self) -> Ended:
        """Try one session after the other; an unknown outcome ends it, since a retry may be a second message."""
        try:
            return await self._deliver()
        except NotRecorded as error:
            return Ended("no_effect", f"nothing was sent, since it could not be recorded: {error}")

    async def _deliver(self) -> Ended:
        keys = route(self.context, self.named, self.user_id)
        self._leave_out_the_down(keys)
        failed: dict[SessionKey, str] = {}
        for key in keys:
            why = self._passed_over(key)
            if why is not None:
                self.ledger.skip(key, why)
                failed[key] = why
                continue
            tried = await self._try(key)
            if tried.result != "not_sent" or tried.wrong_recipient:
                return _ended(tried, key, alone=len(keys) == 1)
            failed[key] = tried.text
            if tried.gateway_gone:
                self._gone[key.gateway] = f"gateway {key.gateway} cannot be asked now, not tried"
        return Ended("no_effect", _nobody(failed))

    def _leave_out_the_down(self, keys: list[SessionKey]) -> None:
        """Pass over gateways known to be down, unless there is no other: each would cost its deadline."""
        clients, fleet = self.context.clients, self.context.fleet
        names = {key.gateway for key in keys if key.gateway in clients}
        down = {name for name in names if fleet.gateway(name).state is GatewayState.DOWN}
        for name in down if down != names else ():
            self._gone[name] = f"{cause_of(fleet.gateway(name))}: gateway {name} is down, not tried"

    def _passed_over(self, key: SessionKey) -> str | None:
        # A person who names a session means it, whatever is known about it.
        if key == self.named:
            return None
        return self._gone.get(key.gateway) or unfit(self.context, self.context.fleet.session(key))

    async def _try(self, key: SessionKey) -> Tried:
        sending = Sending(self.context, key, self.outgoing)
        if not is_fresh(self.context, self.context.fleet.session(key)):
            unable = await sending.look()
            if unable is not None:
                self.ledger.skip(key, unable.text)
                return unable
        try:
            await self.ledger.begin(key)
        except (NotTaken, StoreError) as error:
            raise NotRecorded(str(error)) from error
        tried = await sending.send()
        try:
            await self.ledger.end(tried.result, tried.text, tried.message_id)
        except (NotTaken, StoreError) as error:
            # What happened has happened; the receipt is committed once more at the end.
            log.warning("The attempt to send through %s could not be recorded: %s", key, error)
        return tried


def _ended(tried: Tried, key: SessionKey, *, alone: bool) -> Ended:
    outcomes: dict[Result, Outcome] = {"sent": "verified", "not_sent": "no_effect", "unknown": "unknown"}
    if alone or tried.wrong_recipient:
        text = tried.text
    elif tried.result == "sent":
        text = f"{tried.text} through {key}"
    else:
        text = f"{tried.text.rstrip(' .')}, through {key}"
    return Ended(outcomes[tried.result], text, tried.message_id, key=key)


def _nobody(failed: dict[SessionKey, str]) -> str:
    """Say why no session could send it: the reasons that several share once."""
    if len(failed) == 1:
        return next(iter(failed.values()))
    shared: dict[str, list[str]] = {}
    for key, why in failed.items():
        shared.setdefault(why, []).append(str(key))
    reasons = "; ".join(
        f"{why.removesuffix(RECONNECT).rstrip(' .')} ({', '.join(keys)})" for why, keys in shared.items()
    )
    # Whoever looks for the contract's sentence looks at the end.
    advice = f". {RECONNECT}" if any(why.endswith(RECONNECT) for why in shared) else ""
    return f"not sent, none of {len(failed)} sessions could: {reasons}{advice}"
