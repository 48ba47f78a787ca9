"""Whom a message goes to: what gateways are told, what is refused before anything happens, and who nobody is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wa_tui.client import Refused
from wa_tui.gateways import Deadlines

from .inside import QUIET, nth, world

ALONE = {"list_sync": QUIET}
VECTORS = json.loads((Path(__file__).parents[1] / "data/recipients.json").read_text())
UNKNOWN = "Recipient unknown: WhatsApp has no account with +15550000404"


async def test_gateways_are_told_what_was_typed_in_one_form_or_nothing() -> None:
    async with world(1, intervals=ALONE, deadlines=Deadlines()) as (sim, daemon):
        await daemon.proven(nth(0))
        for text, detail in VECTORS["refused"]:
            with pytest.raises(Refused) as refused:
                await daemon.ask("send", nth(0), recipient=text, message="hello")
            assert (refused.value.status, refused.value.problem.code) == (400, "bad_recipient")
            assert refused.value.problem.error == detail
        assert await sim.messages() == []
        chosen = {written: text for text, _, written in VECTORS["accepted"]}
        for text in chosen.values():
            receipt = await daemon.done("send", nth(0), recipient=text, message="hello")
            assert receipt.outcome == "verified", receipt.text
        assert [message["recipient"] for message in await sim.messages()] == list(chosen)
        kept = await daemon.client.messages()
        assert [message.recipient for message in reversed(kept)] == list(chosen)


@pytest.mark.parametrize("detail", [UNKNOWN, 'Bad recipient: "1" has 1 digit'])
async def test_a_number_that_nobody_has_goes_to_no_other_session_and_marks_none(detail: str) -> None:
    async with world(2, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        for number in range(2):
            await sim.fault("zombie", nth(number), message=detail)
        before = {number: daemon.session(nth(number)) for number in range(2)}
        receipt = await daemon.done("send", recipient="+1 555 000 0404", message="hello", user_id="1")
        assert (receipt.outcome, receipt.text) == ("no_effect", detail)
        [attempt] = receipt.attempts
        assert (attempt.outcome, attempt.text) == ("not_sent", detail)
        assert len(await sim.requests("/api/message/send-text")) == 1
        for number, session in before.items():
            now = daemon.session(nth(number))
            assert (now.status, now.proven_at) == (session.status, session.proven_at), "not even a check"
