"""WPPConnect Server over HTTP: a token for each session, made with the server's secret."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from wa_tui.identity.kinds import GatewayKind
from wa_tui.identity.sessions import in_path
from wa_tui.model.facts import UserId
from wa_tui.model.registers import Proof, Reason, Status

from ..adapter import Adapter, Place
from ..backend import LIST_LIMIT, understood
from ..deadlines import Deadlines
from ..errors import HIDDEN, Call, Garbled, GatewayError, RefusalCause, Refused
from ..known_phones import KnownPhones
from ..protocol import Capability, ClientStatus, Health, Listing, Sent, Started
from ..reading import plain
from ..reading.fields import read
from ..shown_codes import ShownCodes
from .answers import Claim, claim_of, content_of, is_alive, names, phone_of, sent_of
from .states import CLOSED
from .tokens import Tokens
from .webhooks import FORMAT

CAPABILITIES = frozenset(
    {
        Capability.STOP,
        Capability.LOGOUT,
        Capability.UPTIME,
        Capability.SELF_RESTORE,
        Capability.RAW_QR,
        Capability.SEND_MEDIA,
    }
)

STARTING = 5.0
"""Seconds in which a start that was answered may show nothing: it answers with the state before it."""

_SERVERS = {"g.us": "isGroup", "lid": "isLid", "newsletter": "isNewsletter"}
"""The flags by which it is told that a recipient is no phone number."""


class WppConnect(Tokens):
    """A `GatewayClient` for WPPConnect Server; the key of its place is the server's secret.

    ``clock`` counts seconds.
    """

    kind = GatewayKind.WPPCONNECT
    proof = Proof.CLIENT

    def __init__(
        self,
        place: Place,
        *,
        slots: int = 24,
        deadlines: Deadlines | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(place, CAPABILITIES, slots=slots, deadlines=deadlines)
        self._clock = clock
        self._codes = ShownCodes(clock)
        self._phones = KnownPhones()
        self._starts: dict[str, float] = {}
        """By session, when we started it and it has not said so yet."""

    async def health(self) -> Health:
        """Ask how the server is; it wants no key."""
        call = self._call("GET", "/healthz")
        answer = await self._exchange(call, self._deadlines.health, health=True)
        content = content_of(call, answer, basic=self._basic)
        uptime = read(content, "uptime", plain.seconds, (int, float), self.decoration)
        if uptime is None:
            raise Garbled(call, "told no uptime")
        timestamp = read(content, "timestamp", plain.instant, int, self.decoration)
        return Health(round(uptime * 1000), timestamp)

    async def list(self) -> Listing:
        """Return the sessions that were ever started and not unlinked: whether any runs is not told."""
        call = self._secret_call("GET", f"/api/{HIDDEN}/show-all-sessions")
        content = await self._ask_by_secret(call, self._deadlines.list, limit=LIST_LIMIT)
        rows, self.unreadable_rows = names(call, content)
        return rows

    async def status(self, session_id: str) -> ClientStatus:
        """Ask what the server believes, and where that is ``CONNECTED``, the session's page whether it is."""
        claim = await self._claim(session_id)
        if claim.status is Status.CONNECTED:
            self._codes.forget(session_id)
            return await self._proven(session_id, claim)
        self._phones.forget(session_id)
        if claim.code is not None and claim.status in (Status.QR_PENDING, Status.DISCONNECTED):
            fresh = self._codes.is_fresh(session_id, claim.code)
            return _checked(
                Status.QR_PENDING,
                qr=claim.code if fresh else None,
                reason=None if fresh else Reason.QR_EXPIRED,
            )
        self._codes.forget(session_id)
        if claim.word == CLOSED and self._is_starting(session_id):
            return _checked(Status.INITIALIZING)
        return _checked(claim.status)

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Start a session that does not run: a second start can launch a second browser. It answers at once."""
        call = self._session("POST", "start-session", session_id, starts=True)
        if self._is_starting(session_id):
            raise Refused(call, "it is being started", 409, RefusalCause.ALREADY_EXISTS)
        self._starts[session_id] = self._clock()
        try:
            claim = await self._claim(session_id)
            if claim.runs:
                detail = f"it runs already, and is {claim.word}"
                raise Refused(call, detail, 409, RefusalCause.ALREADY_EXISTS)
            await self._ask(call, self._deadlines.init, content={"waitQrCode": False})
        except GatewayError as error:
            if error.outcome_known:
                self._starts.pop(session_id, None)
            raise
        return Started(Status.INITIALIZING)

    async def disconnect(self, session_id: str) -> bool:
        """End a session's browser, be it dead or not; ``False`` where none runs."""
        claim = await self._claim(session_id)
        if not claim.runs and not self._is_starting(session_id):
            return False
        self._starts.pop(session_id, None)
        await self._ask(self._session("POST", "close-session", session_id), self._deadlines.disconnect)
        return True

    async def logout(self, session_id: str) -> bool:
        """Unlink the account; a session whose page is not connected is refused, and stays linked."""
        await self._ask(self._session("POST", "logout-session", session_id), self._deadlines.disconnect)
        self._starts.pop(session_id, None)
        return True

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text; its answer says that the page took it, not that it arrived."""
        return await self._send("send-message", session_id, {**_recipient(recipient), "message": message})

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file, which it fetches by its URL."""
        content = _recipient(recipient) | {"path": media_url, "filename": _file_name(media_url)}
        if caption:
            content["caption"] = caption
        return await self._send("send-file", session_id, content)

    async def _proven(self, session_id: str, claim: Claim) -> ClientStatus:
        """Ask a session's page whether it is connected: of a dead browser the server claims it for ever."""
        call = self._session("GET", "check-connection-session", session_id)
        if is_alive(call, await self._ask(call, self._deadlines.status)):
            return _checked(
                Status.CONNECTED,
                ready=True,
                phone_number=await self._phones.of(session_id, partial(self._phone, session_id)),
            )
        self._phones.forget(session_id)
        return _checked(
            Status.DISCONNECTED,
            reason=Reason.BROWSER_DIED,
            detail=f"the server says {claim.word}, its page is not connected",
        )

    async def _claim(self, session_id: str) -> Claim:
        call = self._session("GET", "status-session", session_id)
        claim = claim_of(call, await self._ask(call, self._deadlines.status), self.decoration)
        self.version = claim.version or self.version
        if claim.runs:
            self._starts.pop(session_id, None)
        return claim

    def _is_starting(self, session_id: str) -> bool:
        """Tell whether a start of ours may not show yet."""
        began = self._starts.get(session_id)
        return began is not None and self._clock() - began < STARTING

    async def _phone(self, session_id: str) -> str | None:
        """Ask a connected session for its number."""
        call = self._session("GET", "host-device", session_id)
        return phone_of(await self._ask(call, self._deadlines.health))

    async def _send(self, route: str, session_id: str, content: Mapping[str, Any]) -> Sent:
        call = self._session("POST", route, session_id)
        return sent_of(await self._ask(call, self._deadlines.send, content=content), self.decoration)

    def _session(self, method: str, route: str, session_id: str, *, starts: bool = False) -> Call:
        return self._call(method, f"/api/{in_path(session_id)}/{route}", session_id, starts=starts)


def _checked(
    status: Status,
    *,
    ready: bool = False,
    phone_number: str | None = None,
    qr: str | None = None,
    reason: Reason | None = None,
    detail: str | None = None,
) -> ClientStatus:
    return ClientStatus(
        exists=True,
        status=status,
        ready=ready,
        phone_number=phone_number,
        qr=qr,
        reason=reason,
        detail=detail,
    )


def _recipient(recipient: str) -> dict[str, Any]:
    """Return a recipient as it takes one: what stands before the ``@``, and a flag for what is no phone number."""
    name, _, server = recipient.partition("@")
    flag = _SERVERS.get(server)
    return {"phone": name, "isGroup": False} | ({} if flag is None else {flag: True})


def _file_name(url: str) -> str:
    """Return what a document is called where it arrives."""
    return unquote(PurePosixPath(urlsplit(url).path).name) or "file"


async def recognise(place: Place) -> bool:
    """Tell whether WPPConnect Server listens at a place: its health has an uptime and no envelope."""
    client = WppConnect(place, slots=1)
    return await understood(client, client.health()) is not None


def webhook_advice(url: str, key: str, messages: bool) -> str:
    """Return what its configuration has to say: its webhooks show no key but what their address has."""
    counted = ', "listenAcks": true, "onSelfMessage": true' if messages else ""
    return f'In its config.json, or config.ts:\n\n    "webhook": {{"url": "{url}/{key}"{counted}}}'


ADAPTER = Adapter(GatewayKind.WPPCONNECT, WppConnect, recognise, CAPABILITIES, FORMAT, webhook_advice)
