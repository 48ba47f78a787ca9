"""The QR code to scan, followed from code to code until the phone is connected."""

from __future__ import annotations

import re

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from wa_tui import qr
from wa_tui.keys.table import Context
from wa_tui.text.cleaning import clean
from wa_tui.tui.bindings import bindings
from wa_tui.tui.feed import Daemon
from wa_tui.tui.intents import Notify, RenewCode
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.pairing import (
    PAIR_STEPS,
    SCAN_STEPS,
    Pairing,
    Stage,
    barred,
    boxed,
    boxes,
    reconnects,
    too_small,
)
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.code import BELOW, BESIDE, CodeText, CodeView, Needed, Placed, place
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.wire import GatewayView, SessionKey, SessionView

_LOOK_AGAIN_S = 5.0
_PAIR = "Pairing code"
_PAIRABLE = (Stage.SCAN, Stage.EXPIRED)


class QrScreen(FleetScreen[None]):
    """One session's code. The countdown is the only label with seconds, and the only one that ticks."""

    BINDINGS = bindings(Context.QR)
    DEFAULT_CSS = f"""
    QrScreen #room {{ height: 1fr; layout: horizontal; align: center middle; }}
    QrScreen #room.below {{ layout: vertical; }}
    QrScreen #text {{ width: {BESIDE}; height: auto; max-height: 100%; padding: 1 1; }}
    QrScreen #room.below #text {{ width: 100%; height: {BELOW}; padding: 0 1; }}
    QrScreen #room.wordy CodeView {{ display: none; }}
    QrScreen #room.wordy #text {{ width: 100%; height: 100%; padding: 1 2; }}
    QrScreen #text Static {{ height: auto; margin-bottom: 1; }}
    QrScreen #room.below Static {{ margin-bottom: 0; }}
    QrScreen #text #seconds {{ height: 1; }}
    QrScreen #name {{ text-style: bold; color: $bright; }}
    """

    def __init__(self, monitor: Monitor, place: Place) -> None:
        super().__init__(monitor, place)
        assert place.key is not None
        self._key: SessionKey = place.key
        self._pairing = Pairing(self._key)
        self._stage: Stage | None = None
        self._pairs_soon = False
        self._room = Container(id="room")
        self._view = CodeView()
        self._text = CodeText(clean(monitor.call(self._key)))

    def compose(self) -> ComposeResult:
        """The code, and beside it what to do with it."""
        with self._room:
            yield self._view
            yield self._text
        yield KeyBar()

    def on_mount(self) -> None:
        """Fetch the code, and look every few seconds whether there is a newer one."""
        self.show_keys(Context.VIEW, Context.QR)
        self.set_interval(1.0, self._tick)
        self.set_interval(_LOOK_AGAIN_S, self._look_again)
        self._draw()
        self._fetch()

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Follow a rotated code and the session's way to connected."""
        if self._key not in changed:
            return
        code, session = self._pairing.code, self._session
        shown = code.digest if code is not None else None
        if session is not None and session.qr is not None and session.qr != shown:
            self._fetch()
        self._draw()

    def on_resize(self) -> None:
        """Lay the code out anew."""
        self._draw()

    def offered(self, keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Leave out what the gateway cannot do."""
        return [one for one in keys if one[1] != _PAIR or self._pairs]

    def on_key(self, event: events.Key) -> None:
        """Any key closes a screen whose work is done."""
        if self._stage in (Stage.CONNECTED, Stage.GONE) and self.is_current:
            event.stop()
            event.prevent_default()
            self.dismiss(None)

    def _fetch(self) -> None:
        if self.monitor.daemon is not None and self.monitor.state.connected:
            self.run_worker(self._take_code(self.monitor.daemon))

    async def _take_code(self, daemon: Daemon) -> None:
        await self._pairing.fetch(daemon)
        self._draw()

    def _look_again(self) -> None:
        # While a code can be scanned, the daemon tells of the next one: `show_fleet` follows it.
        if self._stage in (Stage.WAITING, Stage.EXPIRED, Stage.NONE):
            self._fetch()

    def _tick(self) -> None:
        """Count down; the rest is drawn anew only when the code's time is over."""
        now = self.monitor.clock()
        if self._pairing.stage(self._session, now) is not self._stage:
            self._draw()
        elif self._stage is Stage.SCAN and self._pairing.typed is None:
            self._text.count_down(self._pairing.seconds_left(now))

    @property
    def _session(self) -> SessionView | None:
        return self.monitor.state.sessions.get(self._key)

    @property
    def _gateway(self) -> GatewayView | None:
        return self.monitor.state.gateways.get(self._key[0])

    def _draw(self) -> None:
        if not self.is_mounted or not self.size:
            return
        now = self.monitor.clock()
        at = self._stage = self._pairing.stage(self._session, now)
        if self._pairing.typed is not None and at not in (Stage.GONE, Stage.SCANNED, Stage.CONNECTED):
            self._draw_typed(self._pairing.typed)
            return
        detail = self._pairing.detail(at, self._session, self.key_names, gateway=self._gateway)
        ink = self._pairing.ink(at)
        found = self._place() if at is Stage.SCAN else None
        if isinstance(found, Needed):
            detail, ink = self._too_small(found), Ink.AMBER
        placed = found if isinstance(found, Placed) else None
        if placed is not None and placed.plain is not None and not detail:
            detail, ink = boxes(self._on_screen(placed.plain), self.key_names), Ink.QUIET
        self._lay_out(placed)
        beside = placed is not None and placed.beside
        self._text.show(SCAN_STEPS if beside else "", detail, ink)
        self._text.count_down(self._pairing.seconds_left(now) if at is Stage.SCAN else None)
        self._pair_as_wanted()

    def _draw_typed(self, code: str) -> None:
        """Show the pairing code and the steps on the phone; WhatsApp tells no lifetime of it."""
        self._lay_out(None)
        self._text.show(boxed(code, self.size.width - 4), PAIR_STEPS, Ink.TEXT, steps_ink=Ink.BRIGHT)
        self._text.count_down(None)

    def _lay_out(self, placed: Placed | None) -> None:
        self._room.set_class(placed is None, "wordy")
        self._room.set_class(placed is not None and not placed.beside, "below")
        if placed is not None:
            self._view.styles.width = len(placed.lines[0])
            self._view.styles.height = len(placed.lines)
        self._view.show(placed)

    def _place(self) -> Placed | Needed | None:
        matrix = self._pairing.matrix
        if matrix is None:
            return None
        # A code of 65 modules needs all rows of a small terminal but the keys'.
        return place(matrix, self.size.width, self.size.height - 1, ascii=self.monitor.ascii)

    def _on_screen(self, room: qr.Extent) -> qr.Extent:
        """Return the screen that has this room: one row is the keys'."""
        return qr.Extent(room.columns, room.rows + 1)

    def _too_small(self, needed: Needed) -> str:
        least, square = (
            qr.Extent(one.columns + BESIDE, one.rows + 1) for one in (needed.least, needed.square)
        )
        names = self.key_names
        detail = too_small(least, square, self.size.width, self.size.height, names, ascii=self.monitor.ascii)
        if not self._pairs or "qr.pair" not in names:
            return detail
        return f"{detail} Or press {names['qr.pair']} for a code to type on the phone."

    def action_renew(self) -> None:
        """Ask for a new code; never while one can still be scanned, since that would end the scan."""
        if self._stage in (Stage.SCAN, Stage.SCANNED):
            renew = self.monitor.key("qr.renew")
            note = f"this code can still be scanned; {renew} renews it once it has expired"
            self.say(note, "warn")
            return
        if self._stage is Stage.NONE and self._session is not None and self._session.credentials == "stored":
            need = barred(self._session, self._gateway)
            note = need.sentence if need is not None else reconnects(self.monitor.key_names())
            self.say(f"it needs no scan; {note}", "warn")
            return
        self.post(RenewCode(self._key))

    @property
    def _pairs(self) -> bool:
        return self._gateway is not None and "pairing_code" in self._gateway.capabilities

    def action_pair(self) -> None:
        """Ask for a code to type on the phone instead; from that back to the QR code."""
        if self._pairing.typed is not None:
            self._show_typed(None)
        elif not self._pairs:
            self.say(f"{self._key[0]} makes no pairing codes: scan the QR code", "warn")
        elif self._stage not in _PAIRABLE:
            self.say("a pairing code needs a session that waits for its scan", "warn")
        elif (refused := self._pair_refusal()) is not None:
            self.post(Notify(refused))
        else:
            from wa_tui.tui.screens.forms import PairScreen

            self.app.push_screen(PairScreen(self.monitor, self._key), self._show_typed)

    def _pair_refusal(self) -> Notice | None:
        return self.monitor.refusal(f"pairing code for {self.monitor.call(self._key)}", self._key[0])

    def pair_soon(self) -> None:
        """Ask for a pairing code as soon as the session can have one."""
        self._pairs_soon = True
        self._pair_as_wanted()

    def _pair_as_wanted(self) -> None:
        if self._pairs_soon and self._stage in _PAIRABLE and self.is_current:
            self._pairs_soon = False
            # Later: this is called while the screen is drawn, and a form is another screen.
            self.call_later(self.action_pair)

    def go_up(self) -> bool:
        """Go back from the pairing code to the QR code; tell whether it was shown."""
        typed, self._pairing.typed = self._pairing.typed, None
        self._draw()
        return typed is not None

    def _show_typed(self, code: str | None) -> None:
        self._pairing.typed = code
        self._draw()

    def action_save(self) -> None:
        """Save the picture; its path is said."""
        if self._pairing.code is None:
            self.say("there is no code to save", "warn")
            return
        name = re.sub(r"[^-_.A-Za-z0-9]", "_", f"wa-tui-qr-{self._key[0]}-{self._key[1]}.png")
        try:
            path = qr.save_png(self._pairing.code.payload, self.monitor.pictures / name)
        except (OSError, qr.QRError) as error:
            self.say(f"the picture was not saved: {error}", "bad")
        else:
            self.say(f"saved as {path}", "good")
