"""The real library on the stand-in page, with nothing of ours between: what the other tests build on."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import httpx
import pytest

from tests.daemon.waiting import until

from .bare import BareClient
from .chromium import browsers, processes, renderers
from .conftest import NewBare
from .phone import Phone

NUMBER = "4915550001"
MODULES = Path(__file__).parent / "modules.txt"


@pytest.fixture
async def paired(new_bare: NewBare, phone: Phone) -> BareClient:
    """Return a bare client that is ready."""
    client = await new_bare("bare")
    await client.until("qr")
    await phone.scan_when_shown(NUMBER)
    await client.until("ready")
    return client


async def test_it_pairs_sends_and_receives(paired: BareClient, phone: Phone) -> None:
    names = ("qr", "authenticated", "loading_screen", "ready")
    assert list(dict.fromkeys(paired.named(*names))) == ["qr", "loading_screen", "authenticated", "ready"]
    paired.order("send 4915550002@c.us good morning, see https://example.org")
    message_id = (await paired.until("send done"))["id"]
    assert re.fullmatch("3EB0[0-9A-F]{18}", message_id)
    assert (await paired.until("message_ack")) | {"ms": 0} == {
        "event": "message_ack",
        "ms": 0,
        "id": message_id,
        "ack": 1,
    }
    sent = (await phone.look()).sent[-1]
    assert (sent.sender, sent.id, sent.to) == (NUMBER, message_id, "4915550002@c.us")
    await phone.incoming(NUMBER, sender="4915550003@c.us", body="hello")
    assert (await paired.until("message"))["body"] == "hello"


@pytest.mark.long
async def test_the_code_rotates_and_an_old_one_does_not_pair(new_bare: NewBare, phone: Phone) -> None:
    client = await new_bare("bare")
    first = (await client.until("qr"))["qr"]
    assert first == await phone.code()
    seen = len(client.events)
    await phone.rotate(first)
    second = (await client.until("qr", after=seen))["qr"]
    assert second != first
    with pytest.raises(httpx.HTTPStatusError, match="no page shows this code now"):
        await phone.scan(first, NUMBER)
    await phone.scan(second, NUMBER)
    assert (await client.until("ready"))["number"] == NUMBER


@pytest.mark.long
async def test_a_number_and_a_code_pair_too(new_bare: NewBare, phone: Phone) -> None:
    client = await new_bare("bare")
    await client.until("initialized")
    client.order(f"code {NUMBER}")
    code = (await client.until("code"))["code"]
    assert re.fullmatch("[A-Z0-9]{8}", code)
    await phone.enter(code, NUMBER)
    assert (await client.until("ready"))["number"] == NUMBER


@pytest.mark.long
async def test_it_is_restored_without_a_code_after_sigkill(
    paired: BareClient, new_bare: NewBare, profiles: Path
) -> None:
    browsers(profiles)[0].kill()
    await paired.until("browser disconnected")
    again = await new_bare("bare")
    assert (await again.until("ready"))["number"] == NUMBER
    assert again.named("qr", "authenticated", "ready") == ["authenticated", "ready"]


@pytest.mark.long
async def test_a_crashed_renderer_is_healed_by_a_reload(paired: BareClient, profiles: Path) -> None:
    for renderer in renderers(profiles):
        renderer.kill(signal.SIGSEGV)
    assert (await paired.until("page error"))["text"] == "Page crashed!"
    seen = paired.order("reload")
    await paired.until("ready", after=seen)


@pytest.mark.long
async def test_a_page_that_never_syncs_again_claims_to_be_connected(paired: BareClient, phone: Phone) -> None:
    before = (await phone.look()).hellos.get(NUMBER, 0)
    await phone.zombie(NUMBER)

    async def loaded() -> bool:
        look = await phone.look()
        states = [page.state for page in look.pages]
        return look.hellos.get(NUMBER, 0) > before and states == ["CONNECTED"]

    async def claims() -> bool:
        seen = paired.order("state")
        answer = await paired.until("state done", "state failed", after=seen)
        return answer.get("state") == "CONNECTED"

    await until(loaded)
    await until(claims, otherwise=lambda: f"it does not say so: {paired.events}")
    paired.order("send 1@c.us anybody?")
    assert "reading 'getChat'" in (await paired.until("send failed"))["text"]


@pytest.mark.long
async def test_a_busy_page_answers_no_call_until_the_protocol_gives_up(
    paired: BareClient, phone: Phone
) -> None:
    await phone.hang(NUMBER, 3)
    seen = paired.order("state")
    answer = await paired.until("state done", after=seen)
    assert answer["ms"] - paired.events[seen - 1]["ms"] > 2000


@pytest.mark.long
async def test_a_logout_on_the_phone_shows_a_new_code(paired: BareClient, phone: Phone) -> None:
    seen = len(paired.events)
    await phone.logout(NUMBER)
    assert (await paired.until("disconnected"))["reason"] == "LOGOUT"
    assert (await paired.until("qr", after=seen))["qr"] == await phone.code()


@pytest.mark.long
async def test_a_revoked_link_shows_a_code_and_is_no_failure(
    paired: BareClient, new_bare: NewBare, phone: Phone
) -> None:
    paired.order("destroy")
    await paired.until("destroy done")
    await phone.revoke(NUMBER)
    again = await new_bare("bare")
    await again.until("qr")
    assert again.named("auth_failure", "authenticated", "disconnected") == []


@pytest.mark.long
@pytest.mark.parametrize(("state", "then"), [("CONFLICT", "disconnected"), ("TIMEOUT", "change_state")])
async def test_a_state_of_the_socket(paired: BareClient, phone: Phone, state: str, then: str) -> None:
    await phone.state(NUMBER, state)
    told = await paired.until(then)
    assert state in (told.get("reason"), told.get("state"))


async def test_the_modules_it_asks_for_are_those_that_we_know(paired: BareClient, phone: Phone) -> None:
    """A new version of the library that fails this asks the page for something else: see what and why."""
    paired.order("send 4915550002@c.us https://example.org")
    await paired.until("message_ack")

    async def settled() -> set[str] | None:
        asked = set((await phone.look()).asked)
        return asked if asked >= known and asked else None

    known = set(MODULES.read_text().split())
    assert await until(settled, otherwise=lambda: "some modules are no longer asked for") == known


@pytest.mark.long
async def test_the_end_of_a_client_is_the_end_of_its_browser(paired: BareClient, profiles: Path) -> None:
    kinds = {process.kind for process in processes(profiles)}
    assert kinds >= {"browser", "renderer", "gpu-process"}
    paired.order("destroy")
    await paired.until("destroy done")

    async def gone() -> bool:
        return not processes(profiles)

    await until(gone)
