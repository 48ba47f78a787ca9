"""What the service adds to the contract, on real sessions: list, restart, logout, screenshot, media, measures."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.daemon.waiting import until

from .phone import Phone
from .service import RunningService

NUMBER = "4915550001"


@pytest.fixture
async def paired(service: RunningService, phone: Phone) -> RunningService:
    """Return a service with one connected session, ``billing_1``."""
    await service.start(MEDIA_ALLOWED_HOSTS="127.0.0.1")
    await service.init("billing_1")
    await phone.scan_when_shown(NUMBER)
    await service.status_until("billing_1", "connected")
    return service


@pytest.fixture
def files(tmp_path: Path) -> Iterator[str]:
    """Return the address of a web server with one picture, ``dot.png``."""
    Image.new("RGB", (2, 2), "red").save(tmp_path / "dot.png")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_it_says_how_a_session_is_and_what_it_costs(paired: RunningService) -> None:
    (row,) = (await paired.get("/api/session/list"))["sessions"]
    assert (row["sessionId"], row["status"], row["phoneNumber"]) == ("billing_1", "connected", NUMBER)
    assert row["since"] <= row["proven"]

    picture = Image.open(BytesIO((await paired.web.get("/api/session/screenshot/billing_1")).content))
    assert (picture.format, picture.width > 300) == ("PNG", True)

    health = await paired.get("/health")
    assert (health["status"], health["browsers"]) == ("healthy", 1)
    metrics = (await paired.web.get("/metrics")).text
    assert "# TYPE" in metrics


async def test_a_restart_needs_no_code_and_a_logout_removes_the_credentials(
    paired: RunningService, phone: Phone
) -> None:
    (browser,) = paired.browsers("billing_1")
    answer = await paired.post("/api/session/restart", sessionId="billing_1")
    assert (answer["success"], answer["status"], answer["phoneNumber"]) == (True, "connected", NUMBER)
    assert [each.pid for each in paired.browsers("billing_1")] != [browser.pid]

    assert (await paired.post("/api/session/logout", sessionId="billing_1"))["success"]
    assert not paired.profile("billing_1").exists()
    assert paired.browsers() == []
    assert (await phone.look()).revoked == [NUMBER]
    assert (await paired.init("billing_1"))["status"] == "qr_pending"


async def test_a_number_is_looked_up_before_it_is_sent_to_and_a_file_is_fetched(
    paired: RunningService, phone: Phone, files: str
) -> None:
    async def send(recipient: str) -> dict[str, Any]:
        return await paired.post(
            "/api/message/send-text", sessionId="billing_1", recipient=recipient, message="hello"
        )

    detail = "Recipient unknown: WhatsApp has no account with +4915550000404"
    assert await send("+49 1555 000 0404") == {"success": False, "message": detail}
    assert (await phone.look()).sent == []
    for recipient in ("+49 1555 000 0408", "120363025246125486", "6281312000300-1488324890"):
        assert (await send(recipient))["success"], "a look-up that hangs costs no message, a group needs none"
    # On a busy machine the page may note one before the other.
    assert {sent.to for sent in (await phone.look()).sent} == {
        "4915550000408@c.us",
        "120363025246125486@g.us",
        "6281312000300-1488324890@g.us",
    }
    assert (await paired.get("/api/session/status/billing_1"))["status"] == "connected"

    answer = await paired.post(
        "/api/message/send-media",
        sessionId="billing_1",
        recipient="4915550002",
        mediaUrl=f"{files}/dot.png",
        caption="a dot",
        mediaType="image",
    )
    assert answer["success"], answer

    async def arrived() -> bool:
        return len((await phone.look()).sent) == 4

    await until(arrived)
    sent = (await phone.look()).sent[-1]
    assert (sent.id, sent.type, sent.body) == (answer["messageId"], "image", "a dot")
    assert sent.size
