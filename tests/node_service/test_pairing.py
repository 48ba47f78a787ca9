"""From nothing to a session that sends, through the monitor in a real terminal; and the ways that go wrong."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.running import RunningDaemon
from tests.daemon.waiting import until
from tests.terminal import Terminal

from .phone import Phone
from .screen import code_on_screen, on_screen
from .service import RunningService

NUMBER = "4915550001"


@pytest.fixture
def terminal(daemon: RunningDaemon) -> Iterator[Terminal]:
    """Return the real monitor of the daemon."""
    with Terminal([sys.executable, "-m", "wa_tui"], environment=daemon.variables()) as terminal:
        terminal.wait_for("unknown → up")  # it has the daemon's log: it is connected
        yield terminal


async def test_from_a_key_to_a_message(
    daemon: RunningDaemon, service: RunningService, phone: Phone, terminal: Terminal
) -> None:
    terminal.send("n")
    await on_screen(terminal, "Instance name")
    for keys in ("billing", "enter", "7"):
        terminal.send(keys)
        await asyncio.to_thread(terminal.settle)
    terminal.send("enter")
    shown = await phone.code()
    await code_on_screen(terminal, shown)

    await phone.rotate(shown)
    rotated = await phone.code()
    assert rotated != shown
    await code_on_screen(terminal, rotated)

    await phone.scan(rotated, NUMBER)
    await on_screen(terminal, f"connected as +{NUMBER}")
    terminal.send("enter")
    await on_screen(terminal, "● connected")

    (session,) = await daemon.client.sessions()
    assert (session.user_id, session.phone_number, session.credentials) == ("7", NUMBER, "stored")
    await daemon.session_until(session.session_id, lambda view: view.proven_at is not None)
    said = await daemon.wa_tui("send", session.session_id, "4915550002", "good morning")
    assert said.returncode == 0, said.stdout + said.stderr
    (sent,) = (await phone.look()).sent
    assert (sent.sender, sent.to, sent.body) == (NUMBER, "4915550002@c.us", "good morning")
    assert sent.id in said.stdout
    assert len(service.browsers()) == 1


@pytest.mark.long
async def test_two_starts_of_one_session_make_one_browser(service: RunningService, phone: Phone) -> None:
    await service.start()
    answers = await asyncio.gather(*(service.init("billing_1") for _ in range(3)))
    refusals = [answer["message"] for answer in answers if not answer["success"]]
    assert refusals == ["Client already exists"] * 2
    assert len(service.browsers()) == 1
    assert await service.init("billing_1") == {"success": False, "message": "Client already exists"}
    assert await phone.code()


async def test_a_failed_start_leaves_nothing_and_the_id_is_free(
    service: RunningService, phone: Phone, tmp_path: Path
) -> None:
    broken, wrapper = tmp_path / "broken", tmp_path / "chromium"
    real = service.variables()["PUPPETEER_EXECUTABLE_PATH"]
    wrapper.write_text(
        f'#!/bin/sh\nif [ -e {broken} ]; then echo no display >&2; exit 1; fi\nexec {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    broken.touch()
    await service.start(PUPPETEER_EXECUTABLE_PATH=str(wrapper))
    refused = await service.init("billing_1")
    assert not refused["success"], refused
    assert refused.get("message") or refused.get("error")
    assert (await service.status("billing_1"))["status"] == "not_found"
    assert service.browsers() == []

    broken.unlink()
    assert (await service.init("billing_1"))["status"] == "qr_pending"
    await phone.scan_when_shown(NUMBER)
    assert (await service.status_until("billing_1", "connected"))["phoneNumber"] == NUMBER


@pytest.mark.long
async def test_no_code_in_time_frees_the_id_and_its_browser(service: RunningService, phone: Phone) -> None:
    await service.start()
    await phone.set(wait=60_000)
    refused = await service.init("billing_1")
    assert refused == {"success": False, "error": "QR code generation timeout"}

    async def gone() -> bool:
        return not service.browsers()

    await until(gone)
    await phone.set(wait=0)
    assert (await service.init("billing_1"))["status"] == "qr_pending"


async def test_a_pairing_code_instead_of_a_picture(service: RunningService, phone: Phone) -> None:
    await service.start()
    await service.init("billing_1")
    told = await service.post("/api/session/pairing-code", sessionId="billing_1", phoneNumber=NUMBER)
    code = re.sub("[^A-Z0-9]", "", told["pairingCode"])
    await phone.enter(code, NUMBER)
    assert (await service.status_until("billing_1", "connected"))["phoneNumber"] == NUMBER
