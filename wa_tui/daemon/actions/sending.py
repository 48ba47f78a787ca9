"""Sends a text through one session: says what happened, and never sends twice (design §5)."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.gateways import GatewayError, NoAnswer, Refused, Unreachable
from wa_tui.model.facts import SendFailed
from wa_tui.model.reasons import classify
from wa_tui.model.registers import Reason, SessionKey, Source, Status

from ..checks import disconnected
from ..core import Core
from .plan import Ended

CONTRACT_TEXT = "please reconnect the session"
"""The contract's own words that a session is gone (§1): believed at once."""

SUSPICIOUS = ("not found", "reconnect", "closed", "not connected", "not ready")
"""Words that are believed when a check agrees, or cannot run."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message to one recipient through one session."""

    core: Core
    key: SessionKey
    recipient: str
    message: str

    async def send(self) -> Ended:
        """Send once; the error is given as the gateway worded it."""
        began = self.core.clock.now()
        client = self.core.clients[self.key.gateway]
        try:
            sent = await client.send_text(self.key.session_id, self.recipient, self.message)
        except Unreachable as error:
            await self._mark(began, str(error), Reason.GATEWAY_UNREACHABLE)
            return Ended("no_effect", f"{error}. Please reconnect the session.")
        except NoAnswer as error:
            return Ended("unknown" if error.sent else "no_effect", str(error))
        except Refused as error:
            await self._judge(began, error.message)
            return Ended("no_effect" if error.outcome_known else "unknown", error.message)
        except GatewayError as error:
            return Ended("no_effect" if error.outcome_known else "unknown", str(error))
        return Ended("verified", f"sent to {self.recipient}", message_id=sent.message_id)

    async def _judge(self, began: int, words: str) -> None:
        """Mark the session disconnected when the error says that it is gone, and it is."""
        text = words.lower()
        if CONTRACT_TEXT in text:
            await self._mark(began, words, classify(words) or Reason.OTHER)
        elif any(word in text for word in SUSPICIOUS):
            outcome = await self.core.checker.check(self.key, Source.ACTION)
            if outcome is None:
                await self._mark(began, words, classify(words) or Reason.OTHER)

    async def _mark(self, began: int, words: str, reason: Reason) -> None:
        session = self.core.fleet.session(self.key)
        if session is None or session.status is Status.QR_PENDING:
            # A session that waits for a scan is not connected already, and its code must stay.
            return
        fact = SendFailed(
            gateway=self.key.gateway,
            session_id=self.key.session_id,
            began=began,
            at=self.core.clock.now(),
            words=words,
            reason=reason,
        )
        for outcome in await self.core.recorder.record(fact):
            disconnected(outcome)
