"""A code to type on the phone, where the gateway makes them."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.tui.fake import FakeDaemon, code
from tests.tui.fleet import BUNDLED, GATEWAYS
from tests.tui.monitor import ONBOARDING, monitor
from tests.tui.until import fill, text, until
from wa_tui.tui.pairing import boxed
from wa_tui.tui.screens.forms import PairScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.views import Place
from wa_tui.wire import Delta

PAIRS = msgspec.structs.replace(GATEWAYS[0], capabilities=[*BUNDLED, "pairing_code"])


def flat(page: str) -> str:
    return " ".join(page.split())


class Pairing:
    """The QR screen of a session whose gateway makes pairing codes."""

    def __init__(self) -> None:
        self.daemon = FakeDaemon()
        self.daemon.push(Delta(gateways=[PAIRS]))
        self.app = monitor(self.daemon)

    async def opened(self, pilot: object, *, shows: str = "valid for") -> None:
        await until(pilot, lambda: self.app.state.connected)  # type: ignore[arg-type]
        await until(pilot, lambda: self.app.state.gateways["eu-1"].capabilities)  # type: ignore[arg-type]
        self.app.push_screen(QrScreen(self.app.monitor, Place("qr", ONBOARDING)))
        await until(pilot, lambda: shows in text(pilot))  # type: ignore[arg-type]


async def test_p_asks_for_the_number_and_shows_the_code() -> None:
    under = Pairing()
    under.daemon.change(ONBOARDING, phone_number="4915255500077")
    async with under.app.run_test(size=(100, 40)) as pilot:
        await under.opened(pilot)
        assert "p Pairing code" in text(pilot)
        await pilot.press("p")
        await until(pilot, lambda: "+49 152 555 00077" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: under.daemon.asked)
        asked = under.daemon.asked[0]
        assert (asked.action, asked.gateway, asked.session_id) == ("pairing_code", *ONBOARDING)
        assert asked.phone_number == "4915255500077"
        under.daemon.finish("verified", "type the code", pairing_code="ABCD1234")
        await until(pilot, lambda: "│ A ││ B ││ C ││ D │ - │ 1 ││ 2 ││ 3 ││ 4 │" in text(pilot))
        assert "Link with phone number instead" in text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "scan this code" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))


async def test_a_wrong_number_and_a_refusal_are_said_in_the_form() -> None:
    under = Pairing()
    async with under.app.run_test(size=(80, 24)) as pilot:
        await under.opened(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(under.app.screen, PairScreen))
        await fill(pilot, "#phone", "12")
        await until(pilot, lambda: "a phone number has 7 to 15" in flat(text(pilot)))
        assert not under.daemon.asked
        await fill(pilot, "#phone", "+1 555 000 1001")
        await until(pilot, lambda: under.daemon.asked)
        await pilot.press("enter")
        under.daemon.finish("no_effect", "it does not wait for a scan: reconnect it first")
        await until(pilot, lambda: "reconnect it first" in flat(text(pilot)))
        assert len(under.daemon.asked) == 1, "enter while an answer was awaited asked for nothing"
        await pilot.press("enter")
        await until(pilot, lambda: len(under.daemon.asked) == 2)


async def test_the_code_stays_until_the_phone_is_connected() -> None:
    under = Pairing()
    async with under.app.run_test(size=(100, 40)) as pilot:
        await under.opened(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(under.app.screen, PairScreen))
        await fill(pilot, "#phone", "4915255500077")
        await until(pilot, lambda: under.daemon.asked)
        under.daemon.finish("verified", "", pairing_code="ABCD1234")
        await until(pilot, lambda: "│ A │" in text(pilot))
        later = under.daemon.sessions_known[ONBOARDING].qr_expires_at
        assert later is not None
        under.daemon.change(ONBOARDING, qr="77aa", qr_expires_at=later + timedelta(seconds=20))
        await until(pilot, lambda: under.app.state.sessions[ONBOARDING].qr == "77aa")
        await pilot.pause()
        assert "│ A │" in text(pilot), "a rotated QR code does not take its place"
        under.daemon.change(ONBOARDING, status="connected", qr=None)
        await until(pilot, lambda: "● connected" in text(pilot))


async def test_where_the_gateway_makes_none_it_is_not_offered_and_said() -> None:
    app = monitor()
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: app.state.connected)
        app.push_screen(QrScreen(app.monitor, Place("qr", ONBOARDING)))
        await until(pilot, lambda: "valid for" in text(pilot))
        assert "Pairing code" not in text(pilot)
        await pilot.press("p")
        await until(pilot, lambda: app.notice is not None and "makes no pairing codes" in app.notice.text)
        assert isinstance(app.screen, QrScreen)


async def test_where_the_qr_code_does_not_fit_it_is_named_as_the_way_out() -> None:
    under = Pairing()
    async with under.app.run_test(size=(60, 16)) as pilot:
        await under.opened(pilot, shows="does not fit")
        told = "Or press p for a code to type on the phone."
        await until(pilot, lambda: told in flat(text(pilot)))


@pytest.mark.parametrize(("width", "lines"), [(80, 3), (43, 3), (42, 1), (20, 1)])
def test_a_code_is_as_large_as_there_is_room_for(width: int, lines: int) -> None:
    drawn = boxed("ABCD-1234", width).split("\n")
    assert len(drawn) == lines
    assert max(len(line) for line in drawn) <= max(width, 17)


async def test_the_command_opens_the_form_once_there_is_a_code() -> None:
    under = Pairing()
    under.daemon.codes.clear()
    async with under.app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: under.app.state.connected)
        await until(pilot, lambda: under.app.state.gateways["eu-1"].capabilities)
        under.daemon.codes.clear()
        await pilot.press("colon", *"pair onboarding", "enter")
        await until(pilot, lambda: isinstance(under.app.screen, QrScreen))
        await pilot.pause()
        assert isinstance(under.app.screen, QrScreen), "it waits for the session to wait for a scan"
        under.daemon.codes[ONBOARDING] = code()
        under.daemon.change(ONBOARDING, qr="5f1c")
        under.app.screen._look_again()
        await until(pilot, lambda: isinstance(under.app.screen, PairScreen))


async def test_the_command_says_where_there_are_no_pairing_codes() -> None:
    app = monitor()
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: app.state.connected)
        await pilot.press("colon", *"pair onboarding", "enter")
        await until(pilot, lambda: "eu-1 makes no pairing codes: scan the QR code, :qr" in text(pilot))
