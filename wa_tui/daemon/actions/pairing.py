"""A code to type on the phone instead of scanning, where the gateway makes them."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.gateways import Capability, GatewayError
from wa_tui.identity.recipients import NotARecipient, parse_phone
from wa_tui.model.registers import SessionKey, Source, Status
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest

from ..results import Ended
from .capable import can
from .context import ActionContext
from .finding import find
from .plan import Plan, Refusal


def plan_pairing_code(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that asks a gateway for a pairing code. Raises `Refusal`."""
    session = find(context, request)
    if not can(context, session, Capability.PAIRING_CODE):
        instead = "scan the QR code instead"
        if session.status is Status.CONNECTED:
            instead = f"{session.key} is connected, nothing is to be paired"
        text = f"gateway {session.gateway} makes no pairing codes: {instead}"
        raise Refusal(409, "unsupported", text)
    try:
        phone = parse_phone(request.phone_number or "")
    except NotARecipient as error:
        raise Refusal(400, "bad_phone", str(error)) from None
    return Plan(
        f"pairing code asked by {who}",
        PairingCode(context, session.key, phone).ask,
        gateway=session.gateway,
        session_id=session.session_id,
    )


@dataclass(frozen=True, slots=True)
class PairingCode:
    """Asks once; the code is in the receipt alone."""

    context: ActionContext
    key: SessionKey
    phone_number: str

    async def ask(self) -> Ended:
        """Ask for the code of a client that waits for its scan."""
        await self.context.checker.check(self.key, Source.ACTION)
        session = self.context.fleet.session(self.key)
        if session is None or session.status is not Status.QR_PENDING:
            return Ended("no_effect", self._why_none(session))
        client = self.context.clients[self.key.gateway]
        try:
            code = await client.pairing_code(self.key.session_id, self.phone_number)
        except GatewayError as error:
            return Ended("no_effect", str(error))
        return Ended(
            "verified",
            "type it on the phone: Linked devices, Link a device, Link with phone number",
            pairing_code=code,
        )

    def _why_none(self, session: Session | None) -> str:
        """Say why there is no code for a session, and how it comes to want one."""
        if session is None:
            return f"{self.key} is deleted"
        if session.status is Status.CONNECTED:
            return f"{self.key} is connected: nothing is to be paired"
        return f"{self.key} is {session.status}, it does not wait for a scan: reconnect it first"
