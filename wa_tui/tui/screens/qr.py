"""The QR code to scan, followed from code to code until the phone is connected."""

from __future__ import annotations

import asyncio
import re

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from wa_tui import qr
from wa_tui.client import DaemonError
from wa_tui.tui.feed import Daemon
from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.keys import Context, bar, bindings
from wa_tui.tui.look.palette import Ink
from wa_tui.tui.requests import Notice
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.widgets.code import BELOW, BESIDE, CodeView, place
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.notice import NoticeText
from wa_tui.tui.words.pairing import Stage, no_code, seconds_left, stage, too_small
from wa_tui.tui.words.text import clean
from wa_tui.wire import ActionRequest, QrView, SessionView

_LOOK_AGAIN_S = 5.0
_STEPS = "1  Open WhatsApp on the phone\n2  Settings › Linked devices\n3  Link a device, scan this code"


class QrScreen(FleetScreen[None]):
    """One session's code. The countdown is the only label with seconds, and the only one that ticks."""

    BINDINGS = bindings(Context.QR)
    DEFAULT_CSS = f"""
    QrScreen #room {{ height: 1fr; layout: horizontal; }}
    QrScreen #room.below {{ layout: vertical; }}
    QrScreen #text {{ width: {BESIDE}; height: 100%; padding: 1 1; }}
    QrScreen #room.below #text {{ width: 100%; height: {BELOW}; padding: 0 1; }}
    QrScreen #room.wordy CodeView {{ display: none; }}
    QrScreen #room.wordy #text {{ width: 100%; height: 100%; padding: 1 2; }}
    QrScreen #text Static {{ height: auto; margin-bottom: 1; }}
    QrScreen #room.below Static {{ margin-bottom: 0; }}
    QrScreen #text #seconds {{ height: 1; }}
    QrScreen #name {{ text-style: bold; color: $bright; }}
    QrScreen #steps {{ color: $quiet; }}
    """

    def __init__(self, key: Key) -> None:
        super().__init__()
        self._key = key
        self._code: QrView | None = None
        self._matrix: qr.Matrix | None = None
        self._unreadable: str | None = None
        self._trouble: str | None = None
        self._fetching = False
        self._stage: Stage | None = None
        self._room = Container(id="room")
        self._view = CodeView()
        self._steps = Static("", id="steps", markup=False)
        self._state = Static("", markup=False)
        self._seconds = Static("", id="seconds", markup=False)

    def compose(self) -> ComposeResult:
        """The code, and beside it what to do with it."""
        with self._room:
            yield self._view
            with Vertical(id="text"):
                yield Static(clean(self.monitor.call(self._key)), id="name", markup=False)
                yield self._steps
                yield self._state
                yield self._seconds
                yield NoticeText()
        yield KeyBar()

    def on_mount(self) -> None:
        """Fetch the code, and look whether there is a new one while somebody waits for it."""
        self.query_one(KeyBar).show(bar(Context.QR))
        self.set_interval(1.0, self._tick)
        self.set_interval(_LOOK_AGAIN_S, self._look_again)
        self._draw()
        self._fetch()

    def show_fleet(self, changed: set[Key]) -> None:
        """Follow a rotated code and the session's way to connected."""
        if self._key not in changed:
            return
        session = self.monitor.state.sessions.get(self._key)
        shown = self._code.digest if self._code is not None else None
        if session is not None and session.qr is not None and session.qr != shown:
            self._fetch()
        self._draw()

    def on_resize(self) -> None:
        """Lay the code out anew."""
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Any key closes a screen whose work is done."""
        if self._stage in (Stage.CONNECTED, Stage.GONE) and self.is_current:
            event.stop()
            event.prevent_default()
            self.dismiss(None)

    def _fetch(self) -> None:
        if not self._fetching and self.monitor.daemon is not None and self.monitor.state.connected:
            self._fetching = True
            self.run_worker(self._take_code(self.monitor.daemon))

    async def _take_code(self, daemon: Daemon) -> None:
        try:
            code = await daemon.qr(*self._key)
            self._trouble = None
            if code is not None and (self._code is None or code.digest != self._code.digest):
                await self._read(code)
            if code is not None:
                self._code = code
        except DaemonError as error:
            self._trouble = str(error)
        finally:
            self._fetching = False
        self._draw()

    async def _read(self, code: QrView) -> None:
        self._matrix, self._unreadable = None, None
        try:
            # Opening a picture takes a library and some milliseconds.
            self._matrix = await asyncio.to_thread(qr.parse, code.payload)
        except qr.QRError as error:
            self._unreadable = str(error)

    def _look_again(self) -> None:
        if self._stage in (Stage.WAITING, Stage.EXPIRED, Stage.NONE):
            self._fetch()

    def _tick(self) -> None:
        """Count down; the rest is drawn anew only when the code's time is over."""
        now = self.monitor.clock()
        if stage(self._session, self._code, now) is not self._stage:
            self._draw()
        elif self._stage is Stage.SCAN and self._code is not None:
            self._say_seconds(seconds_left(self._code, now))

    @property
    def _session(self) -> SessionView | None:
        return self.monitor.state.sessions.get(self._key)

    def _draw(self) -> None:
        if not self.is_mounted or not self.size:
            return
        now = self.monitor.clock()
        self._stage = stage(self._session, self._code, now)
        drawing, words, ink = None, self._words(), self._ink()
        wordy, below = True, False
        if self._stage is Stage.SCAN and self._matrix is not None:
            # One row is the keys'; a code of 65 modules needs the other 23 of a small terminal.
            columns, rows = self.size.width, self.size.height - 1
            placed = place(self._matrix, columns, rows)
            if isinstance(placed, qr.TooSmall):
                words, ink = too_small(placed, columns, self.size.height, BESIDE, 1), Ink.AMBER
            else:
                drawing, wordy, below = placed.drawing, False, not placed.beside
        self._room.set_class(wordy, "wordy")
        self._room.set_class(below, "below")
        self._view.show(drawing)
        _say(self._steps, _STEPS if drawing is not None and not below else "")
        _say(self._state, words, ink)
        self._say_seconds(seconds_left(self._code, now) if self._code and self._stage is Stage.SCAN else None)

    def _words(self) -> str:
        """What is the matter, in the words of each stage."""
        session = self._session
        match self._stage:
            case Stage.GONE:
                return "There is no such session any more. Any key closes."
            case Stage.CONNECTED:
                phone = session.phone_number if session is not None else None
                return f"● connected{' as +' + phone.lstrip('+') if phone else ''}\n\nAny key closes."
            case Stage.NONE if session is not None:
                return no_code(session)
            case Stage.SCANNED:
                return "✓ scanned · loading the chats …"
            case Stage.EXPIRED:
                return f"This code has expired.\n\nr asks {self._key[0]} for a new one."
            case Stage.SCAN if self._unreadable is not None:
                return f"{self._unreadable}\n\nw saves the picture as the gateway sent it."
            case Stage.SCAN:
                return ""
        return self._trouble or f"Waiting for {self._key[0]} to make a code …"

    def _ink(self) -> Ink:
        if self._stage is Stage.CONNECTED or self._stage is Stage.SCANNED:
            return Ink.GREEN
        return Ink.AMBER if self._stage is Stage.EXPIRED or self._unreadable or self._trouble else Ink.TEXT

    def _say_seconds(self, seconds: int | None) -> None:
        text = f"valid for {seconds} s" if seconds is not None else ""
        # The label's height is fixed: nothing else has to be laid out for it.
        if self._seconds.content != text:
            self._seconds.update(text, layout=False)

    def action_renew(self) -> None:
        """Ask for a new code; never while one can still be scanned, since that would end the scan."""
        if self._stage in (Stage.SCAN, Stage.SCANNED):
            self.monitor.say(
                Notice("this code can still be scanned; r renews it once it has expired", "warn")
            )
            return
        if self._stage is Stage.NONE and self._session is not None and self._session.credentials == "stored":
            self.monitor.say(Notice("it needs no scan; esc, then r reconnects it", "warn"))
            return
        subject = self.monitor.call(self._key)
        if self.monitor.refuses(f"refresh QR of {subject}"):
            return
        gateway, session_id = self._key
        request = ActionRequest(action="refresh_qr", gateway=gateway, session_id=session_id)
        self.monitor.ask(request, f"of {subject}")

    def action_save(self) -> None:
        """Save the picture; its path is said."""
        if self._code is None:
            self.monitor.say(Notice("there is no code to save", "warn"))
            return
        name = re.sub(r"[^-_.A-Za-z0-9]", "_", f"wa-tui-qr-{self._key[0]}-{self._key[1]}.png")
        try:
            path = qr.save_png(self._code.payload, self.monitor.pictures / name)
        except (OSError, qr.QRError) as error:
            self.monitor.say(Notice(f"the picture was not saved: {error}", "bad"))
        else:
            self.monitor.say(Notice(f"saved as {path}", "good"))


def _say(label: Static, text: str, ink: Ink | None = None) -> None:
    """Update a label only when it says something new."""
    if label.content != text:
        label.update(text)
        label.display = bool(text)
    if ink is not None:
        label.styles.color = label.app.theme_variables[f"ink-{ink.name.lower()}"]
