"""What a gateway cannot do is not offered, and said where it is asked for; what unlinks an account asks first."""

from __future__ import annotations

import msgspec
import pytest

from tests.needing import need
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import BUNDLED, GATEWAYS, session, snapshot
from tests.tui.places import At, at
from tests.tui.test_kinds import EVOLUTION
from tests.tui.until import until
from wa_tui.text.why import why
from wa_tui.tui.commands.runner import fitting
from wa_tui.tui.views import SESSIONS, Place
from wa_tui.wire import Condition, GatewayView, Snapshot

BUNDLED_ONE = msgspec.structs.replace(GATEWAYS[0], capabilities=BUNDLED)
CLAIMED = {"proven_at": None, "proof": "claimed"}


def fleet() -> Snapshot:
    return snapshot(
        gateways=[BUNDLED_ONE, EVOLUTION], sessions=[session("sales"), session("shop", "eu-2", **CLAIMED)]
    )


async def on(screen: At, name: str) -> None:
    """Put the cursor on a session."""
    await screen.press("home")
    while not screen.line(name).startswith("▌"):
        await screen.press("down")


async def test_a_disconnect_where_nothing_stops_a_session_is_refused_and_unlinking_offered() -> None:
    async with at(Place(SESSIONS), (200, 40), daemon=FakeDaemon(fleet())) as screen:
        await on(screen, "shop")
        assert "Unlink" in screen.lines[-1] and "Disconnect" not in screen.lines[-1]
        await screen.press("x")
        await screen.shows(
            "shop on eu-2: Evolution API cannot stop a session and keep it linked: X unlinks it"
        )
        assert not screen.daemon.asked
        await screen.press("X")
        await screen.shows("Unlink shop on eu-2?", "The phone must scan again")
        await screen.press("enter")
        assert not screen.daemon.asked, "Cancel has the focus"
        await screen.press("X", "y")
        await until(screen.pilot, lambda: screen.daemon.asked)
        [request] = screen.daemon.asked
        assert (request.gateway, request.session_id, request.force) == ("eu-2", "user_7_instance_shop", True)


async def test_a_restart_asks_first_where_it_works_and_is_refused_where_there_is_none() -> None:
    async with at(Place(SESSIONS), (200, 40), daemon=FakeDaemon(fleet())) as screen:
        await on(screen, "sales")
        assert "Disconnect" in screen.lines[-1] and "Unlink" not in screen.lines[-1]
        await screen.press("B")
        await screen.shows("WhatsApp Node service cannot restart a session: r reconnects it")
        await on(screen, "shop")
        await screen.press("B")
        await screen.shows(
            "Restart shop on eu-2?", "It is connected as its gateway says. Restarting stops it"
        )
        await screen.press("y")
        await until(screen.pilot, lambda: screen.daemon.asked)
        await screen.press("r")
        await screen.shows("It is connected as its gateway says. Reconnecting stops it")


async def test_of_many_those_that_cannot_are_left_out() -> None:
    both = snapshot(
        gateways=[BUNDLED_ONE, EVOLUTION],
        sessions=[session("sales"), session("desk"), session("shop", "eu-2", **CLAIMED)],
    )
    async with at(Place(SESSIONS), daemon=FakeDaemon(both)) as screen:
        await screen.press("i", "x")
        await screen.shows("Disconnect 2 sessions?", "1 more is left out: that kind of gateway")
        await screen.press("escape")
        await screen.hides("Disconnect 2 sessions?")
        await screen.press("D")
        await screen.shows("Delete 3 sessions?", "1 is deleted on the gateway too")


async def test_a_delete_says_what_it_deletes() -> None:
    async with at(Place(SESSIONS), daemon=FakeDaemon(fleet())) as screen:
        await on(screen, "shop")
        await screen.press("D")
        await screen.shows("Its gateway deletes it too, its credentials with it")
        await screen.press("escape")
        await on(screen, "sales")
        await screen.press("D")
        await screen.shows("stay on the gateway.")


@pytest.mark.parametrize(("gateway", "offered"), [(BUNDLED_ONE, False), (EVOLUTION, True)])
async def test_the_commands_are_offered_where_a_gateway_can(gateway: object, offered: bool) -> None:
    one = snapshot(gateways=[gateway], sessions=[session("sales", gateway.name)])  # type: ignore[attr-defined]
    async with at(Place(SESSIONS), daemon=FakeDaemon(one)) as screen:
        words = {word.text for word in fitting(screen.app.monitor, "")}
        assert ({"restart", "logout"} <= words, "disconnect" in words) == (offered, not offered)
        await screen.press("ctrl+p")
        await screen.type(detail="unlink", enter=False)
        await (screen.shows if offered else screen.hides)("logout [SESSION…]")
        await screen.press("escape")
        await screen.type("colon", detail="unlink")
        await screen.shows(
            "Unlink sales" if offered else "WhatsApp Node service cannot unlink a session: its owner"
        )


WAITING = {"status": "qr_pending", "credentials": "needs_scan", "proven_at": None, "proof": None}
WPPCONNECT = msgspec.structs.replace(
    EVOLUTION, kind="wppconnect", name="eu-2", capabilities=frozenset({"stop", "logout", "self_restore"})
)


@pytest.mark.parametrize(
    ("gateway", "told"),
    [
        (
            BUNDLED_ONE,
            {
                "x": "it needs a scan then",
                "X": "no phone is linked to it: x disconnects it",
                "D": "phone is linked to it.",
            },
        ),
        (
            EVOLUTION,
            {
                "x": "no phone is linked to it, and Evolution API cannot stop it: D deletes it",
                "X": "nothing is unlinked",
                "D": "Its gateway deletes it too. No phone is linked to it.",
            },
        ),
        (
            WPPCONNECT,
            {"x": "it needs a scan then", "X": "nothing is unlinked", "D": "phone is linked to it."},
        ),
    ],
)
async def test_of_what_waits_for_its_scan_nobody_says_that_it_is_linked(
    gateway: GatewayView, told: dict[str, str]
) -> None:
    one = snapshot(gateways=[gateway], sessions=[session("sales", gateway.name, **WAITING)])
    async with at(Place(SESSIONS), daemon=FakeDaemon(one)) as screen:
        for key, words in told.items():
            await screen.press(key)
            await screen.shows(words)
            assert "redentials stay" not in "".join(screen.lines)
            await screen.press("escape")


def test_what_should_be_offline_and_can_only_be_unlinked_says_that_key() -> None:
    unwanted = session("a", "eu-2", desired="offline", attention=need("unwanted", "connected, but unwanted"))
    keys = {"session.disconnect": "x", "session.logout": "X"}
    assert why(unwanted, Condition.CLAIMED, EVOLUTION).hints(keys) == ["X unlinks"]
    assert why(unwanted, Condition.CONNECTED, BUNDLED_ONE).hints(keys) == ["x disconnects"]


def test_a_code_of_what_should_be_offline_calls_for_nothing() -> None:
    off = session("a", "eu-2", desired="offline", reason="unlinked", detail="ana@ops", **WAITING)
    assert why(off, Condition.SCAN_QR, EVOLUTION).hints({"session.qr": "o"}) == ["nothing to do"]
