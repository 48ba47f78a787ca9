"""A code on the screen scans as the gateway sent it, is never cropped, and is followed until it is scanned."""

from __future__ import annotations

import base64
import io
import re
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import zxingcpp
from PIL import Image, ImageDraw
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tests.tui.cursor import put_cursor
from tests.tui.fake import TEXT, FakeDaemon, code
from tests.tui.fleet import NOW
from tests.tui.hands import Hands
from tests.tui.monitor import ONBOARDING, monitor
from tests.tui.until import text, until
from wa_tui import qr
from wa_tui.client import DaemonGone
from wa_tui.config import Ui
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.code import CodeView, Placed, _say, place
from wa_tui.wire import Attention, AttentionCode, Delta, QrView

SEXTANTS = {0: " ", 21: "▌", 42: "▐", 63: "█"}
for bits in range(64):
    SEXTANTS.setdefault(bits, chr(0x1FB00 + bits - 1 - (bits > 21) - (bits > 42)))
DOTS = {glyph: [(bits >> n) & 1 for n in range(6)] for bits, glyph in SEXTANTS.items()}
HALVES = {"▀": [1, 1, 0, 0], "▄": [0, 0, 1, 1]}


def decoded(app: WaTuiApp) -> str | None:
    """Read the code off the widget's cells, as a camera would: only what is black on white counts."""
    view = next(iter(app.screen.query(CodeView)), None)
    if view is None or not view.size:
        return None
    picture = Image.new("RGB", (view.size.width * 8, view.size.height * 18), "#0d1117")
    draw = ImageDraw.Draw(picture)
    for y in range(view.size.height):
        x = 0
        for segment in view.render_line(y):
            explicit = segment.style is not None and segment.style.bgcolor is not None
            white = explicit and segment.style.bgcolor.triplet == (255, 255, 255)  # type: ignore[union-attr]
            for glyph in segment.text:
                if white:
                    draw.rectangle([x * 8, y * 18, x * 8 + 7, y * 18 + 17], fill="white")
                    dots = HALVES.get(glyph) or DOTS[glyph]
                    high = 18 * 2 // len(dots)
                    for n, dot in enumerate(dots):
                        if dot:
                            left, top = x * 8 + n % 2 * 4, y * 18 + n // 2 * high
                            draw.rectangle([left, top, left + 3, top + high - 1], fill="black")
                x += 1
    found = zxingcpp.read_barcode(picture)
    return found.text if found is not None else None


async def opened(pilot: object, app: WaTuiApp) -> None:
    await until(pilot, lambda: app.state.connected)  # type: ignore[arg-type]
    app.push_screen(QrScreen(app.monitor, Place("qr", ONBOARDING)))
    await until(pilot, lambda: isinstance(app.screen, QrScreen))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "plain"),
    [((80, 24), False), ((80, 24), True), ((120, 40), True), ((200, 60), False), ((60, 50), False)],
)
async def test_what_is_drawn_scans(
    size: tuple[int, int], plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    app = monitor()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == TEXT)
        assert "valid for 41 s" in text(pilot)


@pytest.mark.parametrize("plain", [False, True])
async def test_without_unicode_it_is_drawn_with_grounds_alone(
    plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    app = monitor(ui=Ui(ascii=True))
    async with app.run_test(size=(160, 66)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == TEXT)
        assert text(pilot).isascii()
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: "It needs 154 x 60 at least." in " ".join(text(pilot).split()))


@pytest.mark.parametrize(("modules", "letters"), [(53, 200), (57, 240), (61, 300), (65, 340)])
async def test_at_80x24_every_code_of_whatsapp_fits(modules: int, letters: int) -> None:
    content = "a" * letters
    assert qr.from_text(content).size == modules
    daemon = FakeDaemon()
    daemon.codes[ONBOARDING] = code(content)
    app = monitor(daemon)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == content)


async def test_where_it_does_not_fit_it_says_what_it_needs_and_a_resize_shows_it() -> None:
    app = monitor()
    async with app.run_test(size=(60, 18)) as pilot:
        await opened(pilot, app)
        needs = "the terminal has 60 columns and 18 rows. It needs 66 x 21 at least, and 95 x 31 for square"
        await until(pilot, lambda: needs in " ".join(text(pilot).split()))
        assert not app.screen.query_one(CodeView).display
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: decoded(app) == TEXT)


async def test_words_that_follow_others_at_once_get_their_room() -> None:
    app = monitor()
    async with app.run_test(size=(60, 18)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "does not fit" in text(pilot))
        label = next(each for each in app.screen.query(Static) if "does not fit" in str(each.content))
        box = label.parent
        assert isinstance(box, Widget)
        _say(label, "short", Ink.TEXT)
        # As when another label's update has everything laid out just now.
        box._clear_arrangement_cache()
        app.screen._refresh_layout()
        _say(label, "one " * 40, Ink.TEXT)
        await until(pilot, lambda: label.size.height > 1)


async def test_w_saves_the_picture(tmp_path: Path) -> None:
    app = monitor(pictures=tmp_path)
    async with app.run_test(size=(60, 18)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "does not fit" in text(pilot))
        await pilot.press("w")
        path = tmp_path / "wa-tui-qr-eu-1-user_7_instance_onboarding.png"
        await until(pilot, path.exists)
        assert [found.text for found in zxingcpp.read_barcodes(Image.open(path))] == [TEXT]
        assert app.notice is not None and str(path) in app.notice.text
        app.monitor.pictures = tmp_path / "none"
        await pilot.press("w")
        await until(pilot, lambda: app.notice is not None and "was not saved" in app.notice.text)


async def test_a_rotated_code_is_followed() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == TEXT)
        other = TEXT.replace("Qx7", "Zz9")
        daemon.codes[ONBOARDING] = code(other, "77aa")
        daemon.change(ONBOARDING, qr="77aa")
        await until(pilot, lambda: decoded(app) == other)


async def test_connected_says_the_phone_and_any_key_closes() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == TEXT)
        daemon.change(ONBOARDING, status="authenticated", qr=None)
        await until(pilot, lambda: "✓ scanned" in text(pilot))
        assert not app.screen.query_one(CodeView).display
        daemon.change(ONBOARDING, status="connected", qr=None, phone_number="4915255500099")
        await until(pilot, lambda: "● connected as +4915255500099" in text(pilot))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert daemon.asked == []


async def test_only_a_person_renews_and_only_once_the_code_expired() -> None:
    daemon, at = FakeDaemon(), [NOW]
    daemon.codes[ONBOARDING] = code()
    app = WaTuiApp(daemon.connect, clock=lambda: at[0])
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == TEXT)
        await pilot.press("r")
        await until(pilot, lambda: app.notice is not None and "can still be scanned" in app.notice.text)
        assert daemon.asked == []
        at[0] += timedelta(seconds=42)
        await until(pilot, lambda: "This code has expired." in text(pilot))
        assert decoded(app) is None and daemon.asked == []
        await pilot.press("r")
        await until(pilot, lambda: daemon.asked)
        assert daemon.asked[0].action == "refresh_qr"
        daemon.codes[ONBOARDING] = QrView(
            digest="9", payload=TEXT + "2", expires_at=at[0] + timedelta(seconds=60)
        )
        daemon.change(ONBOARDING, qr="9")
        await until(pilot, lambda: decoded(app) == TEXT + "2")


async def test_a_code_that_cannot_be_read_says_so_and_can_be_saved(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    blank = io.BytesIO()
    Image.new("1", (200, 200), 1).save(blank, "png")
    daemon.codes[ONBOARDING] = code("data:image/png;base64," + base64.b64encode(blank.getvalue()).decode())
    app = monitor(daemon, pictures=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "w saves the picture as the gateway sent it." in text(pilot))
        await pilot.press("w")
        await until(pilot, lambda: list(tmp_path.iterdir()))


async def test_no_code_yet_waits_and_a_failing_daemon_is_named() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    del daemon.codes[ONBOARDING]
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: "Waiting for eu-1 to make a code …" in text(pilot))

        async def fails(gateway: str, session_id: str) -> QrView | None:
            raise DaemonGone("no daemon answers at /run/x.sock")

        daemon.qr = fails  # type: ignore[method-assign]
        daemon.change(ONBOARDING, qr="other")
        await until(pilot, lambda: "no daemon answers at /run/x.sock" in text(pilot))
        daemon.push(Delta(removed=[ONBOARDING]))
        await until(pilot, lambda: "There is no such session any more." in text(pilot))
        await pilot.press("space")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_the_countdown_repaints_its_label_alone() -> None:
    at: list[datetime] = [NOW]
    daemon = FakeDaemon()
    daemon.codes[ONBOARDING] = code()
    app = WaTuiApp(daemon.connect, clock=lambda: at[0])
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == TEXT)
        await pilot.pause()
        view = app.screen.query_one(CodeView)
        drawn: list[int] = []
        render = view.render_line

        def render_line(y: int) -> Strip:
            drawn.append(y)
            return render(y)

        view.render_line = render_line  # type: ignore[method-assign]
        at[0] += timedelta(seconds=1)
        await until(pilot, lambda: "valid for 40 s" in text(pilot))
        assert drawn == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"credentials": "stored"}, "It needs no scan"),
        ({"credentials": "unknown", "detail": "connection refused"}, "no code for it (connection refused)"),
        ({"credentials": "needs_scan"}, "has to be scanned again"),
    ],
)
async def test_where_no_code_ever_was_none_has_expired(changes: dict[str, str], said: str) -> None:
    app = monitor()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.state.connected)
        session = app.state.sessions[ONBOARDING]
        down = msgspec.structs.replace(
            session, status="disconnected", reason=None, qr=None, qr_expires_at=None, **changes
        )
        app.state.apply(Delta(sessions=[down]))
        app.daemon.codes.clear()  # type: ignore[union-attr]
        app.push_screen(QrScreen(app.monitor, Place("qr", ONBOARDING)))
        await until(pilot, lambda: said in text(pilot))
        assert "expired" not in text(pilot)


@pytest.mark.parametrize("size", [(80, 24), (60, 27), (79, 23)])
async def test_a_code_of_glyphs_that_some_fonts_lack_says_what_to_do_and_the_size_it_names_needs_none(
    size: tuple[int, int],
) -> None:
    app = monitor()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        await until(pilot, lambda: decoded(app) == TEXT)
        told = " ".join(re.sub(r"[^ -~·\n]|▌|▐|█", " ", text(pilot)).split())
        found = re.search(r"boxes\? w saves a picture · (\d+)x(\d+) needs none", told)
        assert found is not None, told
        await pilot.resize_terminal(int(found[1]), int(found[2]))
        await until(pilot, lambda: "boxes?" not in text(pilot) and decoded(app) == TEXT)
        assert set("▀▄█ ") >= set("".join(app.screen.query_one(CodeView)._placed.lines))


def test_the_size_that_is_named_is_the_smallest_there_is() -> None:
    for letters in (200, 240, 300, 340):
        matrix = qr.from_text("a" * letters)
        placed = place(matrix, 80, 23)
        assert isinstance(placed, Placed) and placed.plain is not None
        columns, rows = placed.plain.columns, placed.plain.rows
        assert columns == 80 and rows + 1 <= 42
        now = place(matrix, columns, rows)
        assert isinstance(now, Placed) and now.plain is None
        less = place(matrix, columns, rows - 1)
        assert isinstance(less, Placed) and less.plain is not None


LOGGED_OUT = {
    "status": "disconnected",
    "credentials": "needs_scan",
    "reason": "logout",
    "qr": None,
    "action": None,
}


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({}, True),
        ({"status": "auth_failed"}, True),
        ({"reason": "banned"}, False),
        ({"credentials": "stored"}, False),
        ({"status": "qr_pending"}, False),
        ({"status": "connected"}, False),
        ({"desired": "offline"}, False),
    ],
    ids=str,
)
@pytest.mark.parametrize("how", ["key", "command"])
async def test_one_that_was_logged_out_gets_a_new_code_in_one_step(
    changes: dict[str, str], asks: bool, how: str
) -> None:
    under = Hands(ONBOARDING)
    async with under.app.run_test(size=(120, 40)) as pilot:
        await under.ready(pilot)
        under.daemon.codes.clear()
        under.daemon.change(ONBOARDING, **(LOGGED_OUT | changes))
        await until(pilot, lambda: under.app.state.sessions[ONBOARDING].qr is None)
        put_cursor(under.grid, ONBOARDING)
        await pilot.press(*(["o"] if how == "key" else ["colon", *"qr onboarding", "enter"]))
        await until(pilot, lambda: isinstance(under.app.screen, QrScreen))
        if asks:
            await until(pilot, lambda: under.asked == [("refresh_qr", ONBOARDING[1])])
        else:
            await pilot.pause()
            assert under.asked == []


async def test_read_only_looks_and_asks_for_nothing() -> None:
    under = Hands(ONBOARDING, read_only=True)
    async with under.app.run_test(size=(120, 40)) as pilot:
        await under.ready(pilot)
        under.daemon.codes.clear()
        under.daemon.change(ONBOARDING, **LOGGED_OUT)
        await until(pilot, lambda: under.app.state.sessions[ONBOARDING].qr is None)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(under.app.screen, QrScreen))
        await pilot.pause()
        assert under.asked == [] and under.said == ""


@pytest.mark.parametrize("credentials", ["stored", "needs_scan", "unknown"])
@pytest.mark.parametrize(
    ("need", "gateway", "said"),
    [
        (("banned", "number banned by WhatsApp", "call its owner"), {}, "To do: call its owner."),
        (("browser_unable", "browser cannot start: disk full", ""), {}, "To do: mend what is named there"),
        (None, {"state": "down", "advice": "start it on db-3"}, "To do: start it on db-3."),
    ],
)
async def test_what_no_scan_mends_says_its_own_way_out(
    need: tuple[str, str, str] | None, gateway: dict[str, str], said: str, credentials: str
) -> None:
    app = monitor()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.state.connected)
        session = app.state.sessions[ONBOARDING]
        attention = None
        if need is not None:
            attention = Attention(code=AttentionCode(need[0]), text=need[1], action=need[2])
        down = msgspec.structs.replace(
            session, status="disconnected", reason=None, qr=None, qr_expires_at=None,
            attention=attention, credentials=credentials,
        )  # fmt: skip
        host = msgspec.structs.replace(app.state.gateways[ONBOARDING[0]], **gateway)
        app.state.apply(Delta(sessions=[down], gateways=[host]))
        app.daemon.codes.clear()  # type: ignore[union-attr]
        app.push_screen(QrScreen(app.monitor, Place("qr", ONBOARDING)))
        await until(pilot, lambda: said in text(pilot))
        assert "reconnects it" not in text(pilot) and "asks" not in text(pilot)
        if credentials == "stored":
            await pilot.press("r")
            await until(pilot, lambda: "it needs no scan; " in text(pilot))
            assert "reconnects it" not in text(pilot)
