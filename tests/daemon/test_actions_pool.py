"""Sending through a user's sessions: who is asked, in which order, what moves on and what never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.simulated import Simulated, simulated
from wa_tui.client import Refused
from wa_tui.gateways import Sent
from wa_tui.model.registers import Status
from wa_tui.store import StoreError
from wa_tui.wire import ActionRequest, Receipt
from wa_tui.wire.actions import MAY_BE_OUT

from .conftest import NewDaemon
from .inside import QUICK, QUIET, SHORT, Inside, configured, inside, nth, world
from .running import TESTER
from .waiting import until

ALONE = {"list_sync": QUIET}
PATH = "/api/message/send-text"
TO = "15550001234"


@asynccontextmanager
async def two(sessions: int = 1, **settings: Any) -> AsyncIterator[tuple[Simulated, Simulated, Inside]]:
    """Two gateways, `a` and `b`, whose sessions all belong to user 1."""
    async with (
        simulated(name="a", sessions=sessions, uptime_seconds=900) as a,
        simulated(name="b", sessions=sessions, uptime_seconds=900) as b,
        inside(configured(a), configured(b), intervals=ALONE | {"health": QUIET}, **settings) as daemon,
    ):
        for name in ("a", "b"):
            for number in range(sessions):
                await daemon.session_until(nth(number, name), lambda s: s.proven_at is not None)
        await daemon.quiet()
        yield a, b, daemon


async def sent(daemon: Inside, **fields: Any) -> Receipt:
    return await daemon.done("send", recipient=TO, message="hello", **({"user_id": "1"} | fields))


def tries(receipt: Receipt) -> list[tuple[str, str]]:
    return [(attempt.session_id, attempt.outcome) for attempt in receipt.attempts]


async def test_the_primary_goes_first_then_the_least_recently_used() -> None:
    async with world(3, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        primary = next(view.session_id for view in await daemon.client.sessions())
        assert not daemon.session(primary).is_primary
        order = [(await sent(daemon)).session_id for _ in range(3)]
        assert sorted(map(str, order)) == [nth(0), nth(1), nth(2)], "each in turn"
        assert (await sent(daemon)).session_id == order[0], "the one longest unused"
        await daemon.done("set_primary", nth(2))
        for _ in range(2):
            receipt = await sent(daemon)
            assert (receipt.session_id, receipt.text) == (nth(2), f"sent to {TO} through default/{nth(2)}")
            assert tries(receipt) == [(nth(2), "sent")]
        used = {n: daemon.session(nth(n)).used_at for n in range(3)}
        assert all(used.values())
        await daemon.restart()
        assert {n: daemon.session(nth(n)).used_at for n in range(3)} == used, "it outlives the daemon"
        assert (await daemon.view(nth(2))).used_at is not None
        assert len(await sim.messages()) == 6


async def test_what_failed_before_it_was_sent_moves_on() -> None:
    async with world(3, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        await daemon.done("set_primary", nth(0))
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(0), silent=True, state="OPENING")
        await sim.fault("drop", nth(1))
        receipt = await sent(daemon)
        assert (receipt.outcome, receipt.session_id) == ("verified", nth(2))
        assert tries(receipt) == [(nth(0), "not_sent"), (nth(1), "not_sent"), (nth(2), "sent")]
        detail = [attempt.text for attempt in receipt.attempts]
        assert detail[:2] == [
            "Client not ready (state: OPENING). Please reconnect the session.",
            "Client not connected (status: disconnected). Please reconnect the session.",
        ]
        assert receipt.attempts[2].message_id == receipt.message_id
        assert len(await sim.messages()) == 1
        for n in (0, 1):
            assert daemon.session(nth(n)).status is Status.DISCONNECTED
        [message] = await daemon.client.messages()
        assert message.attempts == receipt.attempts and message.action_id == receipt.id


@pytest.mark.parametrize("fault", ["closed", "library", "hang"])
async def test_an_unknown_outcome_is_never_tried_again(fault: str) -> None:
    async with world(2, intervals=ALONE, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await daemon.done("set_primary", nth(0))
        match fault:
            case "closed":
                await sim.fault("webhooks", loss=1.0)
                await sim.fault("drop", nth(0), silent=True)
            case "library":
                await sim.fault("zombie", nth(0), message="Evaluation failed: t")
            case "hang":
                await sim.fault("hang", nth(0), sends=True)
        receipt = await sent(daemon)
        assert receipt.outcome == "unknown" and tries(receipt) == [(nth(0), "unknown")]
        assert f", through default/{nth(0)}. " in receipt.text
        assert len(await sim.requests(PATH)) == 1
        await sim.fault("unhang", nth(0))


async def test_a_gateway_that_refuses_connections_is_skipped_as_a_whole() -> None:
    async with two(2) as (a, b, daemon):
        await daemon.done("set_primary", nth(0, "a"))
        await a.fault("stop")
        receipt = await sent(daemon)
        assert (receipt.outcome, receipt.gateway) == ("verified", "b")
        first, second, last = receipt.attempts
        assert first.session_id == nth(0, "a") and a.url in first.text and "connection refused" in first.text
        assert second.gateway == "a" and second.text == "gateway a cannot be asked now, not tried"
        assert last.outcome == "sent"
        assert daemon.session(nth(0, "a"), "a").status is Status.DISCONNECTED
        assert daemon.session(nth(1, "a"), "a").status is Status.CONNECTED, "that one session alone"
        assert len(await b.messages()) == 1


async def test_a_gateway_known_to_be_down_costs_no_time_while_there_is_another() -> None:
    async with two(1) as (a, b, daemon):
        await daemon.done("set_primary", nth(0, "a"))
        await a.fault("stop")
        await daemon.done("run_job", job="health", gateway="a")
        assert daemon.gateway("a").state == "down"
        before = len(await a.log())
        receipt = await sent(daemon)
        assert [(each.gateway, each.text) for each in receipt.attempts] == [
            ("a", "connection refused: gateway a is down, not tried"),
            ("b", f"sent to {TO}"),
        ]
        assert len(await a.log()) == before
        assert daemon.session(nth(0, "a"), "a").status is Status.CONNECTED, (
            "nothing was tried, nothing is known"
        )
        await b.fault("stop")
        await daemon.done("run_job", job="health", gateway="b")
        receipt = await sent(daemon)
        assert receipt.outcome == "no_effect" and a.url in receipt.text and b.url in receipt.text
        assert receipt.text.endswith("Please reconnect the session.")


async def test_sessions_that_cannot_send_are_passed_over_and_named() -> None:
    async with world(4, intervals=ALONE) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(4)))
        await daemon.done("disconnect", nth(0))
        await sim.fault("logout", nth(1))
        await daemon.session_until(nth(1), lambda s: s.status is Status.DISCONNECTED)
        await sim.fault("ban", nth(2))
        await daemon.session_until(nth(2), lambda s: s.status is Status.DISCONNECTED)
        await daemon.done("delete", nth(3), force=True)
        receipt = await sent(daemon)
        assert receipt.outcome == "no_effect" and not await sim.requests(PATH)
        assert {attempt.session_id: attempt.text for attempt in receipt.attempts} == {
            nth(0): "not tried: it is to be offline",
            nth(1): "not tried: it needs a QR scan",
            nth(2): "not tried: it is disconnected (banned)",
        }
        assert receipt.text.startswith("not sent, none of 3 sessions could: ")
        assert f"not tried: it needs a QR scan (default/{nth(1)})" in receipt.text


async def test_a_session_is_asked_alone_unless_others_may_step_in() -> None:
    async with world(2, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        alone = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert alone.outcome == "no_effect" and tries(alone) == [(nth(0), "not_sent")]
        assert alone.text == "Client not connected (status: disconnected). Please reconnect the session."
        helped = await daemon.done("send", nth(0), recipient=TO, message="x", fallback=True)
        assert helped.outcome == "verified"
        assert tries(helped) == [(nth(0), "not_sent"), (nth(1), "sent")]


async def test_a_read_only_gateway_is_passed_over() -> None:
    async with (
        simulated(name="a", sessions=1, uptime_seconds=900) as a,
        simulated(name="b", sessions=1, uptime_seconds=900) as b,
        inside(configured(a, read_only=True), configured(b), intervals=ALONE) as daemon,
    ):
        for name in ("a", "b"):
            await daemon.session_until(nth(0, name), lambda s: s.proven_at is not None)
        receipt = await sent(daemon)
        assert {
            attempt.gateway: attempt.text for attempt in receipt.attempts if attempt.outcome != "sent"
        } in (
            {},
            {"a": "not tried: gateway a is read-only"},
        )
        assert receipt.gateway == "b" and not await a.requests(PATH) and len(await b.messages()) == 1


async def test_old_proof_is_checked_before_a_send_and_fresh_proof_is_not() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        path = f"/api/session/status/{nth(0)}"
        before = len(await sim.requests(path))
        assert (await sent(daemon)).outcome == "verified"
        assert len(await sim.requests(path)) == before
        daemon.clock.forward(31)
        assert (await sent(daemon)).outcome == "verified"
        assert len(await sim.requests(path)) == before + 1
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(0), silent=True)
        daemon.clock.forward(31)
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert receipt.outcome == "no_effect", "asked first, it is known that nothing went out"
        assert receipt.text == "Client not connected (status: disconnected). Please reconnect the session."
        assert len(await sim.messages()) == 2 and len(await sim.requests(PATH)) == 2


async def test_a_client_that_hangs_is_found_out_before_anything_is_sent() -> None:
    async with world(2, intervals=ALONE | {"health": QUIET}, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await daemon.done("set_primary", nth(0))
        await sim.fault("hang", nth(0))
        daemon.clock.forward(31)
        receipt = await sent(daemon)
        assert tries(receipt) == [(nth(0), "not_sent"), (nth(1), "sent")]
        assert "its client may hang" in receipt.attempts[0].text
        await sim.fault("unhang", nth(0))


async def test_media_goes_with_its_type_and_caption() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        url = "https://files.example/a.pdf"
        fields = {"media_url": url, "media_type": "document", "caption": "the bill"}
        receipt = await daemon.done("send_media", user_id="1", recipient=TO, **fields)
        assert receipt.outcome == "verified" and receipt.session_id == nth(0)
        [post] = await sim.requests("/api/message/send-media")
        assert post["body"] == {
            "sessionId": nth(0),
            "recipient": TO,
            "mediaUrl": url,
            "caption": "the bill",
            "mediaType": "document",
        }
        [message] = await daemon.client.messages()
        assert (message.kind, message.length, message.recipient, message.user_id) == ("document", 8, TO, "1")
        assert (message.outcome, message.who) == ("verified", TESTER)
        everything = repr(await daemon.client.events(limit=5000)) + repr(message)
        assert url not in everything and "the bill" not in everything


async def test_what_cannot_be_sent_is_refused_before_anything_happens() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        media = {"recipient": TO, "media_url": "https://x/y.png"}
        cases: list[tuple[int, str, str, dict[str, Any]]] = [
            (400, "no address of a file", "send_media", media | {"media_url": "file:///etc/passwd"}),
            (400, "no address of a file", "send_media", media | {"media_url": "data:text/plain,x"}),
            (400, "no address of a file", "send_media", media | {"media_url": "http:///nohost"}),
            (400, "no address of a file", "send_media", media | {"media_url": "http://a:b/"}),
            (400, "no address of a file", "send_media", media | {"media_url": "http://a /x"}),
            (400, "no address of a file", "send_media", {"recipient": TO}),
            (400, "no type of media: image", "send_media", media | {"media_type": "sticker"}),
            (400, "takes a media_url", "send_media", media | {"message": "x"}),
            (400, "sent with send_media", "send", media | {"message": "x"}),
            (400, "at most 90000 bytes", "send", {"recipient": TO, "message": "ä" * 50_000}),
            (404, "user 9 has no session", "send", {"recipient": TO, "message": "x", "user_id": "9"}),
        ]
        for status, detail, action, fields in cases:
            with pytest.raises(Refused, match=detail) as refused:
                await daemon.ask(action, **({"user_id": "1"} | fields))
            assert refused.value.status == status
        for detail, session_id, user_id in (("say one of them", nth(0), 1), ("which session", None, None)):
            with pytest.raises(Refused, match=detail):
                await daemon.ask("send", session_id, recipient=TO, message="x", user_id=user_id)
        assert not [entry for entry in await sim.log() if entry["method"] == "POST"]
        assert not await daemon.client.messages()


async def test_a_daemon_that_dies_in_a_send_closes_it_as_unknown_and_sends_nothing_again() -> None:
    async with world(1, intervals=ALONE, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang", nth(0), sends=True)
        asked = await daemon.ask("send", recipient=TO, message="x", user_id="1")
        await sim.until_requested(PATH)
        store = daemon.daemon.parts.store
        [row] = await store.messages()
        assert row.message is not None
        assert [attempt.outcome for attempt in row.message.attempts] == ["trying"], (
            "committed before it was sent"
        )
        _crash(daemon)
        await daemon.restart()
        await sim.fault("unhang", nth(0))
        receipt = await daemon.client.receipt(asked.id)
        assert receipt.outcome == "unknown" and "nothing was repeated" in receipt.text
        assert receipt.text.endswith(MAY_BE_OUT)
        assert tries(receipt) == [(nth(0), "unknown")]
        [message] = await daemon.client.messages()
        assert message.outcome == "unknown" and message.attempts == receipt.attempts
        await daemon.quiet()
        assert len(await sim.requests(PATH)) == 1 and len(await sim.messages()) == 1


async def test_after_a_kill_nothing_is_sent_again(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    async with simulated(control_plane=daemon.url, sessions=2) as sim:
        await daemon.start(sim)
        for number in range(2):
            await daemon.session_until(nth(number), lambda view: view.proven_at is not None)
        for number in range(2):
            await sim.fault("hang", nth(number), sends=True)
        request = ActionRequest(action="send", user_id="1", recipient=TO, message="x")
        asked = await daemon.client.act(request)
        await sim.until_requested(PATH)
        await daemon.kill()
        daemon.launch()
        await daemon.answering()
        receipt = await daemon.client.receipt(asked.id)
        assert receipt.outcome == "unknown" and len(receipt.attempts) == 1
        assert receipt.attempts[0].outcome == "unknown" and receipt.attempts[0].ended_at is not None
        for number in range(2):
            await sim.fault("unhang", nth(number))
            await daemon.session_until(nth(number), lambda view: view.proven_at is not None)
        assert len(await sim.requests(PATH)) == 1 and len(await sim.messages()) == 1


async def test_nothing_is_sent_that_could_not_be_written_down() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}) as (_, daemon):
        await daemon.proven(nth(0))
        client = daemon.daemon.parts.clients["default"]
        called = []

        async def send(*arguments: str) -> Sent:
            called.append(arguments)
            raise AssertionError("nothing may be sent")

        client.send_text = send  # type: ignore[method-assign, assignment]
        recorder = daemon.daemon.parts.recorder
        record, accepted = recorder.record, []

        # The action is accepted, its attempt is not: the disk is full by then.
        async def full(*facts: Any, **more: Any) -> Any:
            if more.get("actions"):
                accepted.append(facts)
                if len(accepted) == 2:
                    raise StoreError("no space left")
            return await record(*facts, **more)

        recorder.record = full  # type: ignore[method-assign]
        receipt = await sent(daemon)
        assert not called and receipt.outcome == "no_effect"
        assert "nothing was sent" in receipt.text and "no space" in receipt.text


async def test_messages_come_newest_first_page_by_page_and_by_session() -> None:
    async with world(2, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0), nth(1))
        ids = [
            (await daemon.done("send", nth(n % 2), recipient=TO, message="x" * (n + 1))).id for n in range(5)
        ]
        everything = await daemon.client.messages()
        assert [message.action_id for message in everything] == ids[::-1]
        assert [message.length for message in everything] == [5, 4, 3, 2, 1]
        page = await daemon.client.messages(limit=2)
        assert [m.action_id for m in page] == ids[:2:-1]
        page = await daemon.client.messages(limit=2, before=page[-1].action_id)
        assert [m.action_id for m in page] == ids[2:0:-1]
        mine = await daemon.client.messages("default", nth(1))
        assert [m.action_id for m in mine] == [ids[3], ids[1]]
        assert await daemon.client.messages("elsewhere") == []
        assert await daemon.client.messages(before="nobody") == []


async def test_a_killed_service_is_named_and_the_session_comes_back_with_it() -> None:
    async with world(2, intervals={"health": 0.1, "list_sync": 0.2}) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("unreachable")
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert receipt.outcome == "no_effect"
        assert f"session {nth(0)} on default" in receipt.text and sim.url in receipt.text
        assert receipt.text.endswith("Please reconnect the session.")
        view = await daemon.view(nth(0))
        assert (view.status, view.reason) == ("disconnected", "gateway_unreachable")
        assert daemon.session(nth(1)).status is Status.CONNECTED
        await sim.fault("reachable")
        session = await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        assert session.status is Status.CONNECTED and session.reason is None
        assert not [e for e in await sim.log() if e["path"].endswith(("/init", "/disconnect"))], "by itself"


@pytest.mark.parametrize("known", [False, True])
async def test_a_pool_on_a_killed_service_ends_in_the_contracts_sentence(known: bool) -> None:
    health = {"health": 0.1 if known else QUIET}
    async with world(3, intervals=ALONE | health) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        await sim.fault("stop")
        if known:
            await daemon.gateway_until(lambda gateway: gateway.state == "down")
        receipt = await sent(daemon)
        assert receipt.outcome == "no_effect" and "not sent, none of 3 sessions could" in receipt.text
        assert receipt.text.endswith(
            f"gateway default cannot be asked now, not tried (default/{nth(1)}, default/{nth(2)}). "
            "Please reconnect the session."
        )
        assert receipt.text.count("Please reconnect") == 1 and sim.url in receipt.text


async def test_a_service_that_was_killed_and_restarted_gets_its_session_back() -> None:
    async with world(1, intervals={"health": 0.1, "list_sync": 0.2}, restore_delay_seconds=0.2) as (
        sim,
        daemon,
    ):
        await daemon.proven(nth(0))
        await sim.fault("stop")
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert receipt.text.endswith("Please reconnect the session.")
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await sim.fault("start")
        await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        assert await sim.status(nth(0)) == "connected"


async def test_a_session_found_gone_by_a_send_is_healed() -> None:
    async with world(1, intervals=ALONE, healing=QUICK) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(0), silent=True)
        receipt = await daemon.done("send", nth(0), recipient=TO, message="x")
        assert receipt.text.startswith("Client session closed. Please reconnect the session.")

        async def healed() -> bool:
            return await sim.status(nth(0)) == "connected"

        await until(healed)
        await daemon.session_until(nth(0), lambda s: s.proven_at is not None)


def _crash(daemon: Inside) -> None:
    """Keep the daemon's end from closing what is open, as a kill does."""

    async def never(*_: object, **__: object) -> None:
        return None

    daemon.daemon.parts.runner._finish = never  # type: ignore[method-assign]
