"""Pairs a phone: fetches and reads a session's code, tells how far that is, and what there is to say."""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import Enum

from wa_tui import qr
from wa_tui.client import DaemonError
from wa_tui.keys.table import KEY_NAMES, KeyNames
from wa_tui.qr import Extent
from wa_tui.text.cleaning import clean
from wa_tui.tui.feed import Daemon
from wa_tui.tui.style.inks import Ink
from wa_tui.wire import (
    GUIDE,
    Attention,
    AttentionCode,
    GatewayView,
    QrView,
    SessionKey,
    SessionView,
    gateway_needs,
    waits_for,
)

SCAN_STEPS = "1  Open WhatsApp on the phone\n2  Settings › Linked devices\n3  Link a device, scan this code"
PAIR_STEPS = (
    "On the phone whose number it is:\n\n1  Open WhatsApp\n2  Settings › Linked devices\n3  Link a device\n"
    "4  Link with phone number instead\n5  Type this code"
)

_MENDED = frozenset({AttentionCode.SCAN_QR, AttentionCode.DOWN, AttentionCode.EXHAUSTED})
"""Needs of a session that a scan or a reconnect does mend."""


class Stage(Enum):
    """How far a pairing is."""

    GONE = "gone"
    NONE = "none"
    WAITING = "waiting"
    SCAN = "scan"
    EXPIRED = "expired"
    SCANNED = "scanned"
    CONNECTED = "connected"


def stage(session: SessionView | None, code: QrView | None, now: datetime) -> Stage:
    """Tell how far a pairing is, from the session's view and the code at hand."""
    if session is None:
        return Stage.GONE
    if session.status == "connected":
        return Stage.CONNECTED
    if session.status == "authenticated":
        return Stage.SCANNED
    if code is not None and now < code.expires_at:
        return Stage.SCAN
    if code is not None or session.reason == "qr_expired":
        return Stage.EXPIRED
    waits = session.status in ("initializing", "qr_pending") or session.action is not None
    return Stage.WAITING if waits or session.qr is not None else Stage.NONE


def barred(session: SessionView, gateway: GatewayView | None) -> Attention | None:
    """Return what neither a scan nor a reconnect mends: the session's own need, or its gateway's."""
    need = session.attention
    if need is not None and need.code not in _MENDED:
        return need
    return next(iter(gateway_needs(gateway)), None) if gateway is not None else None


def no_code(session: SessionView, names: KeyNames = KEY_NAMES, *, gateway: GatewayView | None = None) -> str:
    """Say why a session has no code to scan, and what to press for one, unless that is refused."""
    if (need := barred(session, gateway)) is not None:
        whose = "" if need is session.attention else session.gateway
        return f"It has no code to scan. {_bar(need, whose)}"
    renew = names.get("qr.renew")
    if session.credentials == "needs_scan":
        step = f"{renew} asks {session.gateway} for one."
        state = "It has to be scanned again, and has no code yet."
    elif session.credentials == "stored":
        step = f"{reconnects(names)}."
        state = "It needs no scan: its credentials are stored."
    else:
        why = f" ({clean(session.detail)})" if session.detail else ""
        state, step = f"{session.gateway} has no code for it{why}.", f"{renew} asks for one."
    return f"{state}\n\n{step}" if renew is not None else state


def _bar(need: Attention, whose: str) -> str:
    """Say what keeps a session from its code, and what to do about that."""
    todo = need.action or GUIDE[need.code].todo
    return f"{clean(f'{whose}: {need.text}' if whose else need.text)}.\n\nTo do: {clean(todo)}."


def reconnects(names: KeyNames) -> str:
    """Say how to reconnect instead of scanning."""
    return f"{names['view.back']}, then {names.get('session.reconnect', '')} reconnects it"


def seconds_left(code: QrView, now: datetime) -> int:
    """Whole seconds that a code still lives, at least 0."""
    return max(0, int((code.expires_at - now).total_seconds() + 0.999))


def too_small(
    least: Extent,
    square: Extent,
    columns: int,
    rows: int,
    names: KeyNames = KEY_NAMES,
    *,
    ascii: bool = False,
) -> str:
    """Say what a code needs that the terminal has not, at least and for square modules."""
    needs = f"It needs {least.columns} x {least.rows} at least"
    if square != least:
        needs += f", and {square.columns} x {square.rows} for square modules"
    return (
        f"This code does not fit: the terminal has {columns} columns and {rows} rows. {needs}. "
        f"Enlarge the window, make the font smaller, or press {names['qr.save']} to save the picture."
        f"{' In Unicode it takes half of that each way.' if ascii else ''}"
    )


def boxes(plain: Extent, names: KeyNames = KEY_NAMES) -> str:
    """Say what to do where the font has boxes for the code's glyphs, and which size needs none of them."""
    return f"boxes? {names['qr.save']} saves a picture · {plain.columns}x{plain.rows} needs none"


def wants_code(session: SessionView) -> bool:
    """Tell whether asking for its code means asking for a new one: it was logged out, and nothing is under way."""
    stopped = session.status in ("disconnected", "auth_failed") and session.action is None
    logged_out = session.credentials == "needs_scan" and session.reason not in ("banned", "conflict")
    return stopped and logged_out and session.qr is None and session.desired == "online"


def boxed(code: str, width: int) -> str:
    """Return a pairing code to read from afar: a box for each letter, its halves apart, where there is room."""
    letters = [letter for letter in clean(code) if letter.isalnum()]
    half = len(letters) // 2
    groups = [letters[:half], letters[half:]]
    if 5 * len(letters) + 3 > width:
        return " - ".join(" ".join(group) for group in groups)
    top, middle, bottom = (
        gap.join("".join(form.format(letter) for letter in group) for group in groups)
        for form, gap in (("╭───╮", "   "), ("│ {} │", " - "), ("╰───╯", "   "))
    )
    return "\n".join((top, middle, bottom))


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
            case Stage.EXPIRED if gateway is not None and waits_for(AttentionCode.SCAN_QR, gateway):
                return f"This code has expired. {_bar(gateway_needs(gateway)[0], self.key[0])}"
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
