"""Sending: exactly one request, the gateway's own words, and what an error says about the session."""

from __future__ import annotations

import pytest

from wa_tui.client import Refused
from wa_tui.model.registers import Reason, Status
from wa_tui.wire.actions import MAY_BE_OUT

from .inside import QUIET, SHORT, nth, world

ALONE = {"list_sync": QUIET}
PATH = "/api/message/send-text"
TO = "15550001234"


async def test_a_message_is_sent_once_with_its_id() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        receipt = await daemon.done("send", nth(0), recipient="+1 (555) 000-1234", message="hello ä")
        [message] = await sim.messages()
        assert (receipt.outcome, receipt.text) == ("verified", f"sent to {TO}")
        assert receipt.message_id == message["messageId"] and receipt.message_id is not None
        [post] = await sim.requests(PATH)
        assert post["body"] == {"sessionId": nth(0), "recipient": TO, "message": "hello ä"}
        assert daemon.session(nth(0)).status is Status.CONNECTED


async def test_what_is_no_message_is_refused() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        for recipient, message in (("", "x"), ("bob", "x"), (TO, " "), (TO, "x" * 65_537)):
            with pytest.raises(Refused) as refused:
                await daemon.ask("send", nth(0), recipient=recipient, message=message)
            assert refused.value.status == 400
        assert not await sim.requests(PATH)


async def test_a_client_that_is_gone_is_told_verbatim_and_marked(caplog: pytest.LogCaptureFixture) -> None:
    async with world(3, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(0))
        await sim.fault("drop", nth(1), silent=True, state="OPENING")
        await sim.fault("drop", nth(2), silent=True)
        cases = (
            ("no_effect", "Client not connected (status: disconnected). Please reconnect the session."),
            ("no_effect", "Client not ready (state: OPENING). Please reconnect the session."),
            ("unknown", f"Client session closed. Please reconnect the session. {MAY_BE_OUT}"),
        )
        for n, (outcome, text) in enumerate(cases):
            receipt = await daemon.done("send", nth(n), recipient=TO, message="x")
            assert (receipt.outcome, receipt.text) == (outcome, text)
            assert daemon.session(nth(n)).status is Status.DISCONNECTED
            assert f"Session {nth(n)} appears disconnected, updating status" in caplog.messages
        assert len(await sim.requests(PATH)) == 3 and not await sim.messages()


async def test_an_unknown_session_is_told_and_marked_missing() -> None:
    # No health check is to find the restart first: then it would be waited for what the gateway restores.
    async with world(1, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.01)
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        if away := "refused" in receipt.text:
            receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert (receipt.outcome, receipt.text) == (
            "no_effect",
            "Client not found. Please reconnect the session.",
        )
        # Healing may start it again at once.
        changes = [(event.after, event.reason) for event in await daemon.events("status")]
        marked = Reason.GATEWAY_UNREACHABLE if away else Reason.MISSING
        assert (Status.DISCONNECTED, marked) in changes


async def test_a_librarys_error_is_unknown_and_a_check_decides() -> None:
    async with world(2, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        for n, (text, checks) in enumerate((("Evaluation failed: t", 0), ("Target closed", 1))):
            await sim.fault("zombie", nth(n), message=text)
            path = f"/api/session/status/{nth(n)}"
            before = len(await sim.requests(path))
            receipt = await daemon.done("send", nth(n), recipient=TO, message="x")
            assert (receipt.outcome, receipt.text) == ("unknown", f"{text}. {MAY_BE_OUT}")
            assert [attempt.text for attempt in receipt.attempts] == [text]
            assert daemon.session(nth(n)).status is Status.CONNECTED, "the check says that it is there"
            assert len(await sim.requests(path)) == before + checks
        assert len(await sim.requests(PATH)) == 2


async def test_a_suspicious_error_marks_the_session_when_no_check_can_run() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("zombie", nth(0), message="Protocol error: Session closed")
        client = daemon.daemon.parts.clients["default"]
        send = client.send_text

        # The send is answered, the check after it is not.
        async def then_hang(*arguments: str) -> object:
            try:
                return await send(*arguments)
            finally:
                await sim.fault("hang", nth(0))

        client.send_text = then_hang  # type: ignore[method-assign, assignment]
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert (receipt.outcome, receipt.text) == ("unknown", f"Protocol error: Session closed. {MAY_BE_OUT}")
        session = daemon.session(nth(0))
        assert (session.status, session.reason) == (Status.DISCONNECTED, Reason.BROWSER_DIED)


async def test_a_service_that_is_gone_is_named_and_its_session_marked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with world(2, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("stop")
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert receipt.outcome == "no_effect"
        assert receipt.text.startswith(f"connection refused: session {nth(0)} on default; ")
        assert f"(POST {sim.url}{PATH})" in receipt.text
        assert receipt.text.endswith("Please reconnect the session.")
        session = daemon.session(nth(0))
        assert (session.status, session.reason) == (Status.DISCONNECTED, Reason.GATEWAY_UNREACHABLE)
        assert f"Session {nth(0)} appears disconnected, updating status" in caplog.messages
        assert daemon.session(nth(1)).status is Status.CONNECTED, "that one session alone"
        assert session.restorable, "an outage does not erase what to restore"


async def test_a_time_out_is_unknown_and_nothing_is_sent_twice() -> None:
    async with world(1, intervals=ALONE, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang", nth(0), sends=True)
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert receipt.outcome == "unknown" and "no answer within 0.4 s" in receipt.text
        assert receipt.text.endswith(MAY_BE_OUT) and nth(0) in receipt.text
        assert any(event.text.endswith(receipt.text) for event in await daemon.events(session_id=nth(0)))
        assert daemon.session(nth(0)).status is Status.CONNECTED
        await sim.fault("unhang", nth(0))
        assert len(await sim.requests(PATH)) == 1 and len(await sim.messages()) == 1


async def test_a_code_that_waits_for_its_scan_survives_a_send() -> None:
    async with world(intervals=ALONE, qr_seconds=3600) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "a", "status": "qr_pending"}])
        await daemon.done("sync")
        await daemon.session_until("a", lambda s: s.qr is not None)
        receipt = await daemon.done("send", "a", recipient=TO, message="x")
        assert (
            receipt.text
            == "Client not connected (status: qr_pending). Please have its owner scan the QR code."
        )
        assert daemon.session("a").status is Status.QR_PENDING
        assert await daemon.client.qr("default", "a") is not None
