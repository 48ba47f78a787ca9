"""The code at hand while somebody pairs a phone: fetched, read, and what there is to say about it."""

from __future__ import annotations

import asyncio
from datetime import datetime

from wa_tui import qr
from wa_tui.client import DaemonError
from wa_tui.keys.table import KEY_NAMES, KeyNames
from wa_tui.tui.feed import Daemon
from wa_tui.tui.presenters.pairing import Stage, no_code, seconds_left, stage
from wa_tui.tui.style.inks import Ink
from wa_tui.wire import GatewayView, QrView, SessionKey, SessionView


class Pairing:
    """One session's way to connected: ``code`` is the newest, ``matrix`` what it shows, where that can be read."""

    def __init__(self, key: SessionKey) -> None:
        self.key = key
        self.code: QrView | None = None
        self.matrix: qr.Matrix | None = None
        self.typed: str | None = None
        """The pairing code to be typed on the phone, while it is shown instead of the QR code."""
        self._unreadable: str | None = None
        self._trouble: str | None = None
        self._fetching = False

    async def fetch(self, daemon: Daemon) -> None:
        """Take the current code; what is wrong is said by `detail`."""
        if self._fetching:
            return
        self._fetching = True
        try:
            code = await daemon.qr(*self.key)
            self._trouble = None
            if code is not None and (self.code is None or code.digest != self.code.digest):
                await self._read(code)
            if code is not None:
                self.code = code
        except DaemonError as error:
            self._trouble = str(error)
        finally:
            self._fetching = False

    async def _read(self, code: QrView) -> None:
        self.matrix, self._unreadable = None, None
        try:
            # Opening a picture takes a library and some milliseconds.
            self.matrix = await asyncio.to_thread(qr.parse, code.payload)
        except qr.QRError as error:
            self._unreadable = str(error)

    def stage(self, session: SessionView | None, now: datetime) -> Stage:
        """Tell how far it is."""
        return stage(session, self.code, now)

    def seconds_left(self, now: datetime) -> int | None:
        """Return how long the code still lives, ``None`` where there is none."""
        return None if self.code is None else seconds_left(self.code, now)

    def detail(
        self,
        at: Stage,
        session: SessionView | None,
        names: KeyNames = KEY_NAMES,
        *,
        gateway: GatewayView | None = None,
    ) -> str:
        """Return what is the matter, in the words of each stage; empty where the code says it all.

        ``names`` are what to press for what can be done.
        """
        renew = names.get("qr.renew")
        match at:
            case Stage.GONE:
                return "There is no such session any more. Any key closes."
            case Stage.CONNECTED:
                phone = session.phone_number if session is not None else None
                return f"● connected{' as +' + phone.lstrip('+') if phone else ''}\n\nAny key closes."
            case Stage.NONE if session is not None:
                return no_code(session, names, gateway=gateway)
            case Stage.SCANNED:
                return "✓ scanned · loading the chats …"
            case Stage.EXPIRED:
                asks = f"\n\n{renew} asks {self.key[0]} for a new one." if renew is not None else ""
                return f"This code has expired.{asks}"
            case Stage.SCAN if self._unreadable is not None:
                return f"{self._unreadable}\n\n{names['qr.save']} saves the picture as the gateway sent it."
            case Stage.SCAN:
                return ""
        return self._trouble or f"Waiting for {self.key[0]} to make a code …"

    def ink(self, at: Stage) -> Ink:
        """Return what those words are drawn in."""
        if at in (Stage.CONNECTED, Stage.SCANNED):
            return Ink.GREEN
        return Ink.AMBER if at is Stage.EXPIRED or self._unreadable or self._trouble else Ink.TEXT
