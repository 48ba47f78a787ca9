"""Deleting a session, and what becomes of a client that runs on after that (design §3, rule 5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from wa_tui.gateways import Capability, GatewayClient, GatewayError, RefusalCause, Refused
from wa_tui.model.facts import Listed
from wa_tui.model.registers import DOWN, Desired, SessionKey, Source
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import Risk

from ..clock import dated
from ..results import Ended
from .capable import can, require
from .context import ActionContext
from .finding import find
from .following import Following
from .naming import name_of, unique_name
from .plan import Plan, Refusal, Wish
from .stopping import Stop, stays
from .unreachable import still_down


def plan_delete(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that ends a session and leaves a tombstone. Raises `Refusal` unless forced."""
    session = find(context, request, configured=False)
    configured = session.gateway in context.clients
    if not request.force:
        forgets = configured and can(context, session, Capability.DELETE)
        becomes = "the gateway deletes it too, and its account is unlinked"
        if not forgets:
            becomes = stays(session)
        text = f"deleting {session.key} takes it off every list, {becomes}"
        raise Refusal(409, "confirm", f"{text}: say that it is meant (--yes)")
    return Plan(
        f"delete asked by {who}",
        Deleting(context, session.key, configured).delete,
        gateway=session.gateway,
        session_id=session.session_id,
        wish=Wish(desired=Desired.OFFLINE),
        risk=Risk.GATEWAY if configured else Risk.OURS,
        exclusive=True,
    )


def plan_disconnect_orphan(context: ActionContext, session: Session, who: str) -> Plan:
    """Return the plan that ends the client of a deleted session. Raises `Refusal` where its gateway cannot."""
    if not can(context, session, Capability.DELETE):
        require(context, session, Capability.STOP)
    return Plan(
        f"disconnect of a deleted session's client asked by {who}",
        Deleting(context, session.key).end_client,
        gateway=session.gateway,
        session_id=session.session_id,
        exclusive=True,
    )


def plan_adopt(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that takes a deleted session back whose client still runs. Raises `Refusal`."""
    session = find(context, request, orphans=True)
    if not session.orphan:
        raise Refusal(409, "not_deleted", f"{session.key} is not deleted: there is nothing to adopt")
    given = name_of(request) if request.instance_name is not None else None
    user_id = request.user_id if request.user_id is not None else session.user_id
    return Plan(
        f"adoption asked by {who}",
        Deleting(context, session.key).adopt,
        gateway=session.gateway,
        session_id=session.session_id,
        wish=Wish(desired=Desired.ONLINE, user_id=request.user_id, instance_name=given, revive=True),
        exclusive=True,
        prepare=partial(unique_name, context, session.key, user_id, given or session.instance_name),
    )


@dataclass(frozen=True, slots=True)
class Deleting:
    """The steps around a deletion; ``configured``: its gateway can be asked."""

    context: ActionContext
    key: SessionKey
    configured: bool = True

    async def delete(self) -> Ended:
        """End the client, then delete; one that could not be ended is shown as an orphan if it runs on."""
        if not self.configured:
            text = f"deleted; gateway {self.key.gateway} is not configured any more, nothing was asked of it"
            return Ended("verified", text, delete=True)
        if Capability.DELETE in self._client.capabilities:
            return await self._delete_there()
        ended = await Stop(Following(self.context, self.key)).disconnect(deleting=True)
        if ended.outcome == "verified":
            return Ended("verified", f"deleted; {stays(self.context.fleet.session(self.key))}", delete=True)
        return self._may_run_on(ended.text)

    async def end_client(self) -> Ended:
        """End the client of a deleted session, and prove that it is gone.

        The gateway deletes it where it can: what is stopped alone may be listed for ever.
        """
        client = self._client
        if (down := await still_down(self.context, self.key.gateway)) is not None:
            return Ended("no_effect", down.explain())
        deletes = Capability.DELETE in client.capabilities
        try:
            await (client.delete if deletes else client.disconnect)(self.key.session_id)
            began = self.context.clock.monotonic()
            found = await client.status(self.key.session_id)
        except GatewayError as error:
            return Ended("no_effect" if error.outcome_known else "unknown", str(error))
        if found.exists:
            return Ended("no_effect", f"the gateway still says {found.status}")
        # A list without it says the same.
        now = self.context.clock.now()
        await self.context.recorder.record(
            Listed(*self.key, began=dated(self.context.clock, began), at=now, status=None)
        )
        kept = "deleted on the gateway too" if deletes else stays(self.context.fleet.session(self.key))
        return Ended("verified", f"its client is gone; {kept}")

    async def _delete_there(self) -> Ended:
        """Have the gateway forget the session, and prove that it did."""
        if (down := await still_down(self.context, self.key.gateway)) is not None:
            return self._may_run_on(down.explain())
        following = Following(self.context, self.key)
        try:
            await self._client.delete(self.key.session_id)
        except GatewayError as error:
            answered, session = await following.look(), following.session
            refused = isinstance(error, Refused) and error.cause is RefusalCause.NOT_FOUND
            if refused and answered and session is not None and session.gone:
                return Ended(
                    "verified", "deleted; no client of it ran, what is stored there stays", delete=True
                )
            return self._may_run_on(str(error))
        answered, session = await following.look(), following.session
        # The webhook of its end may come in during the check, and does not tell whether it is gone.
        if answered and session is not None and not session.gone and session.status in DOWN:
            answered, session = await following.look(), following.session
        if answered and (session is None or session.gone):
            return Ended("verified", "deleted, on the gateway too", delete=True)
        status = session.status if session is not None else "unknown"
        return self._may_run_on(f"the gateway still says {status}" if answered else "no answer to the check")

    def _may_run_on(self, why: str) -> Ended:
        runs_on = "if its client runs on it will be shown, to be adopted or disconnected"
        return Ended("unknown", f"deleted, but its client may still run: {why}; {runs_on}", delete=True)

    @property
    def _client(self) -> GatewayClient:
        return self.context.clients[self.key.gateway]

    async def adopt(self) -> Ended:
        """Look what the adopted client does."""
        await self.context.checker.check(self.key, Source.ACTION)
        session = self.context.fleet.session(self.key)
        status = session.status if session is not None else "unknown"
        return Ended("verified", f"adopted as {session.label if session else self.key.session_id}: {status}")
