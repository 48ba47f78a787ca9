"""A WhatsApp client as a gateway runs one: what it really is, and what its gateway claims."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from wa_tui.simulator import qr
from wa_tui.simulator.settings import Timing


@dataclass(frozen=True, slots=True)
class Ghost:
    """How a client does nothing that says it is connected."""

    deaf: bool = True
    """No event reaches it: no message, no word of what is sent on the phone."""
    mute: bool = True
    """What it sends is accepted and never acknowledged."""
    server: str = "denied"
    """What comes of a question to WhatsApp's server: `fine denied hangs`."""


@dataclass(slots=True, eq=False)
class Account:
    """One WhatsApp account and what is stored of it on disk: it outlives clients and restarts."""

    session_id: str
    user_id: int | str | None
    instance_name: str
    phone: str
    is_primary: bool = False
    credentials: bool = False
    paired: bool = False
    banned: bool = False
    stuck: bool = False
    """Its browser starts and never shows anything."""
    on_disk: bool = True
    """The gateway has a folder, or a row, of it: from there it restores what it restores by itself."""
    held: bool = False
    """A browser that outlived its service holds its profile."""
    ghost: Ghost | None = None
    """How each of its clients is one that says connected and does nothing: no restart helps."""

    def public(self) -> dict[str, Any]:
        """Return what a control plane would know of it."""
        return {
            "sessionId": self.session_id,
            "userId": self.user_id,
            "instanceName": self.instance_name,
            "phoneNumber": self.phone if self.paired else None,
            "isPrimary": self.is_primary,
        }


@dataclass(frozen=True, slots=True)
class Event:
    """What became of a client, in the contract's words; each kind of gateway posts it in its own."""

    status: str
    reason: str | None = None
    error: str | None = None
    code: str | None = None
    """The text of the QR code that it shows."""
    phone: str | None = None


Emit = Callable[["Client", Event], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a client needs of its gateway: delays, randomness, where its events go, and its turn to start."""

    timing: Timing
    rng: random.Random
    emit: Emit
    starting: contextlib.AbstractAsyncContextManager[Any]


@dataclass(slots=True, eq=False)
class Client:
    """One simulated WhatsApp client: what it really is (`truth`) and what the list says of it (`claim`)."""

    account: Account
    around: Surroundings
    truth: str = "initializing"
    claim: str = "initializing"
    code: str | None = None
    """The text of the QR code that it shows."""
    phone: str | None = None
    browser_state: str | None = None
    """What `getState()` says while `truth` is not connected; None when the browser is gone."""
    hanging: bool = False
    sends_although_hanging: bool = False
    destroy_fails: bool = False
    send_error: str | None = None
    ghost: Ghost | None = None
    """How it does nothing although it is connected; a new client is none, unless its account makes it one."""
    _thawed: asyncio.Event | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self) -> asyncio.Task[None]:
        """Begin to start the browser; the task ends with the first QR or the connection."""
        self.ghost = self.account.ghost
        return self.spawn(self._start())

    def become(self, status: str) -> None:
        """Be in `status` from now on without having posted anything on the way."""
        self.truth = self.claim = status
        if status == "connected":
            self.phone = self.account.phone
            self.account.credentials = self.account.paired = True
        elif status == "qr_pending":
            self.account.credentials = False
            self.rotate_code(silent=True)
        elif status == "auth_failed":
            self.account.credentials = False

    def connect(self, *, silent: bool = False) -> None:
        """Be connected with stored credentials, and say so."""
        self._stop()
        self.code = self.browser_state = None
        self.become("connected")
        if not silent:
            self.around.emit(self, Event("connected", phone=self.phone))

    def drop(self, reason: str, *, silent: bool = False, browser_state: str | None = None) -> None:
        """Lose the connection; a silent drop leaves the claim standing and posts nothing."""
        self._stop()
        self.truth, self.code, self.browser_state = "disconnected", None, browser_state
        if not silent:
            self.claim = "disconnected"
            self.around.emit(self, Event("disconnected", reason=reason))

    def fail_authentication(self, error: str) -> None:
        """Have the stored credentials refused."""
        self._stop()
        self.truth = self.claim = "auth_failed"
        self.account.credentials, self.code = False, None
        self.around.emit(self, Event("auth_failed", error=error))

    def rotate_code(self, text: str | None = None, *, silent: bool = False) -> None:
        """Show a new QR, the one of `text` if given, and replace it every `Timing.qr` seconds."""
        self._stop()
        self._show(text or qr.payload(self.around.rng), silent=silent)
        self.spawn(self._rotate())

    def expire_code(self) -> None:
        """Let the QR run out without a next one."""
        self._stop()
        self.code = None

    def keep_code(self) -> None:
        """Go on showing the same QR for ever."""
        self._stop()

    def scan(self) -> None:
        """Have the account's phone scan the QR on show."""
        self._stop()
        self.spawn(self._connect_after(self.around.timing.scan))

    def recover_after(self, seconds: float) -> None:
        """Come back without anybody's help, if still dropped by then."""
        self.spawn(self._recover_after(seconds))

    def recover(self) -> None:
        """Connect again, or show a code where the credentials are gone: nobody is linked without a scan."""
        if self.account.credentials:
            self.connect()
        else:
            self.rotate_code()

    def hang(self, *, sends: bool = False) -> None:
        """Answer nothing from now on; with `sends`, messages still leave before the silence."""
        self.hanging, self.sends_although_hanging = True, sends
        self._thawed = self._thawed or asyncio.Event()

    def unhang(self) -> None:
        """Answer again, also to those who are still waiting."""
        self.hanging = False
        if self._thawed is not None:
            self._thawed.set()
            self._thawed = None

    async def responsive(self) -> None:
        """Wait for as long as the client hangs."""
        while self._thawed is not None:
            await self._thawed.wait()

    def destroy(self) -> None:
        """End the browser: whoever waits for it gets an error, and nothing is posted any more."""
        self._stop()
        self.truth, self.browser_state = "destroyed", None
        self.unhang()

    def spawn(self, step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `step` until the client's next change of state cancels it."""
        task = asyncio.get_running_loop().create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _stop(self) -> None:
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()

    def _show(self, text: str, *, silent: bool) -> None:
        self.truth = self.claim = "qr_pending"
        # Nothing shows a code while it can do without: credentials that were revoked are gone.
        self.account.credentials = False
        self.code = text
        if not silent:
            self.around.emit(self, Event("qr_pending", code=text))

    async def _start(self) -> None:
        async with self.around.starting:
            await asyncio.sleep(self.around.timing.start * self.around.rng.uniform(0.8, 1.2))
        if self.account.stuck:
            return
        if self.account.banned:
            self.drop("TOS_BLOCK")
        elif self.account.credentials:
            self.connect()
        else:
            self.rotate_code()

    async def _rotate(self) -> None:
        while True:
            await asyncio.sleep(self.around.timing.qr)
            self._show(qr.payload(self.around.rng), silent=False)

    async def _recover_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.recover()

    async def _connect_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.connect()
