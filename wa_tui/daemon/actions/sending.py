"""Sends through one session: once, says what happened, and what that says about the session (design §5)."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.gateways import (
    GatewayError,
    NoAnswer,
    RefusalCause,
    Refused,
    Sent,
    Unauthorised,
    Unreachable,
)
from wa_tui.model.facts import Fact, SendFailed, Unhealthy
from wa_tui.model.registers import GatewayState, Reason, SessionKey, Source, Status
from wa_tui.model.session import Session

from ..attention.gateways import advice_of, cause_of
from ..attention.sessions import SCAN, SCAN_ANEW
from ..checking.checks import log_disconnected
from ..clock import dated
from .context import ActionContext
from .ledger import Result

RECONNECT = "Please reconnect the session."


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message: a text, or a file by its URL with a caption."""

    recipient: str
    text: str
    kind: str = "text"
    media_url: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of asking one session; ``gateway_gone``: nothing else that is asked there can succeed.

    ``wrong_recipient``: no other session could send it either, and this one is well.
    """

    result: Result
    text: str
    message_id: str | None = None
    gateway_gone: bool = False
    wrong_recipient: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """One message through one session."""

    context: ActionContext
    key: SessionKey
    outgoing: Outgoing

    async def look(self) -> Tried | None:
        """Check the client's real state; ``None`` when it can send, else why nothing was asked of it."""
        began = self.context.clock.monotonic()
        if await self.context.checker.check(self.key, Source.ACTION) is None:
            return await self._unanswered(began)
        session = self.context.fleet.session(self.key)
        if session is None or session.deleted_at is not None:
            return Tried("not_sent", f"{self.key} was deleted")
        if session.status is Status.CONNECTED:
            return None
        # The contract's own sentences, which the gateway would have answered with (§1).
        detail = "Client not found" if session.gone else f"Client not connected (status: {session.status})"
        return Tried("not_sent", f"{detail}. {_advice(session)}")

    async def send(self) -> Tried:
        """Send once; an error is told as the gateway worded it, and sets what it proves about the session."""
        began = self.context.clock.monotonic()
        try:
            sent = await self._ask()
        except Unreachable as error:
            away = Unhealthy(self.key.gateway, self.context.clock.now(), error.detail, refused=error.refused)
            await self._mark(began, str(error), Reason.GATEWAY_UNREACHABLE, away)
            return Tried("not_sent", f"{error}. {RECONNECT}", gateway_gone=True)
        except NoAnswer as error:
            return Tried("unknown" if error.sent else "not_sent", str(error), gateway_gone=not error.sent)
        except Refused as error:
            if error.cause is RefusalCause.WRONG_RECIPIENT:
                return Tried("not_sent", error.message, wrong_recipient=True)
            await self._judge(began, error)
            return Tried(_result(error), error.message)
        except GatewayError as error:
            return Tried(_result(error), str(error), gateway_gone=isinstance(error, Unauthorised))
        return Tried("sent", f"sent to {self.outgoing.recipient}", sent.message_id)

    async def _ask(self) -> Sent:
        client, outgoing = self.context.clients[self.key.gateway], self.outgoing
        if outgoing.media_url is None:
            return await client.send_text(self.key.session_id, outgoing.recipient, outgoing.text)
        return await client.send_media(
            self.key.session_id,
            outgoing.recipient,
            outgoing.media_url,
            outgoing.text or None,
            outgoing.kind,
        )

    async def _unanswered(self, began: int) -> Tried:
        """Say why a check had no answer: the service is gone, refuses our key, or the client hangs."""
        client = self.context.clients[self.key.gateway]
        gateway = self.context.fleet.gateway(self.key.gateway)
        where = f"session {self.key.session_id} on {client.name}"
        advice = advice_of(gateway, client.url)
        text = f"{cause_of(gateway)}: {where}{f'; {advice}' if advice else ''} ({client.url})"
        if gateway.state is GatewayState.UNAUTHORISED:
            return Tried("not_sent", text, gateway_gone=True)
        if gateway.state is GatewayState.DOWN or gateway.failures:
            await self._mark(began, text, Reason.GATEWAY_UNREACHABLE)
            return Tried("not_sent", f"{text}. {RECONNECT}", gateway_gone=True)
        session = self.context.fleet.session(self.key)
        detail = session.unanswered if session is not None and session.unanswered else "no answer to a check"
        return Tried("not_sent", f"{detail.rstrip(' .')}: {where}; its client may hang. {RECONNECT}")

    async def _judge(self, began: int, error: Refused) -> None:
        """Mark the session disconnected when the error says that it is gone, or may say so and no check can tell."""
        suspect = error.cause is RefusalCause.SUSPECT
        if suspect and await self.context.checker.check(self.key, Source.ACTION) is not None:
            return
        if suspect or error.says_gone:
            await self._mark(began, error.message, error.reason or Reason.OTHER)

    async def _mark(self, began: int, detail: str, reason: Reason, *more: Fact) -> None:
        session = self.context.fleet.session(self.key)
        facts = list(more)
        # A session that waits for a scan is not connected already, and its code must stay.
        if session is not None and session.status is not Status.QR_PENDING:
            now = self.context.clock.now()
            facts.append(
                SendFailed(
                    *self.key, began=dated(self.context.clock, began), at=now, detail=detail, reason=reason
                )
            )
        for outcome in await self.context.recorder.record(*facts):
            log_disconnected(outcome)


def _advice(session: Session) -> str:
    """Return what makes a session able to send: what waits for its scan no reconnect brings back."""
    if not session.is_unlinked:
        return RECONNECT
    shows_code = session.qr is not None and not session.qr.expired
    return f"Please {SCAN if shows_code else SCAN_ANEW}."


def _result(error: GatewayError) -> Result:
    return "not_sent" if error.outcome_known else "unknown"
