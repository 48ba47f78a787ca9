"""OpenWA over HTTP, as its API specification and OpenAPI document describe it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wa_tui.identity.kinds import GatewayKind
from wa_tui.identity.sessions import in_path
from wa_tui.model.facts import UserId
from wa_tui.model.registers import Proof, Status

from ..adapter import Adapter, Place
from ..backend import LIMIT, LIST_LIMIT, Backend, chat_of, understood, was_known
from ..deadlines import Deadlines
from ..errors import Call, Garbled, InvalidRequest, RefusalCause, Refused
from ..protocol import (
    GONE,
    Capability,
    ClientStatus,
    Health,
    Listed,
    Listing,
    Sent,
    Started,
    Targets,
)
from ..reading import plain
from ..reading.fields import read
from .answers import Row, content_of, fields_of, row_of, rows_of
from .hooks import Hook, hooks_of
from .webhooks import EVENTS, FORMAT, MESSAGE_EVENTS

CAPABILITIES = frozenset(
    {
        Capability.LIST_STATUS,
        Capability.STOP,
        Capability.LOGOUT,
        Capability.DELETE,
        Capability.PAIRING_CODE,
        Capability.SEND_MEDIA,
        Capability.WEBHOOK_SETUP,
    }
)

_PAGE = 1000
"""Sessions of a page of the list, at most."""

_NAME = re.compile(r"[a-zA-Z0-9-]{3,50}")
_Hooks = list[Hook]
_MEDIA = {"image": "send-image", "video": "send-video", "audio": "send-audio", "document": "send-document"}


class OpenWa(Backend):
    """A `GatewayClient` for OpenWA. A session is called by its name; OpenWA's own id of it, a UUID, stays in here."""

    kind = GatewayKind.OPENWA
    proof = Proof.CLAIMED

    def __init__(self, place: Place, *, slots: int = 24, deadlines: Deadlines | None = None) -> None:
        super().__init__(place, place.key_in("x-api-key"), CAPABILITIES, slots=slots, deadlines=deadlines)
        self._ids: dict[str, str] = {}
        """UUIDs by name, as last told."""
        self._names: dict[str, str] = {}

    def refusal_of(self, session_id: str) -> str | None:
        """Return why it takes no session of that name."""
        if _NAME.fullmatch(session_id):
            return None
        return f"OpenWA takes no session named {session_id[:60]!r}: 3 to 50 letters, digits and hyphens"

    def known_as(self, theirs: str) -> str | None:
        """Return the name of a session by its UUID, as webhooks have it; ``None`` before a list told it."""
        return self._names.get(theirs)

    async def health(self) -> Health:
        """Ask how the service is; it wants no key, and does not tell since when it runs."""
        call = self._call("GET", "/api/health")
        answer = await self._exchange(call, self._deadlines.health, headers={}, health=True)
        content = fields_of(call, content_of(call, answer, basic=self._basic), answer.body)
        self.version = plain.name(content.get("version"))
        return Health(None, read(content, "timestamp", plain.instant, str, self.decoration))

    async def list(self) -> Listing:
        """Return every session it knows, running or not, page by page."""
        found: dict[str, Row] = {}
        unreadable = offset = 0
        while True:
            call = self._call("GET", f"/api/sessions?limit={_PAGE}&offset={offset}")
            content = await self._ask(call, self._deadlines.list, limit=LIST_LIMIT)
            rows, left_out = rows_of(call, content, self.decoration)
            unreadable += left_out
            found |= {row.name: row for row in rows}
            offset += len(rows) + left_out
            if len(rows) + left_out < _PAGE:
                break
        self.unreadable_rows = unreadable
        self._ids = {row.name: row.id for row in found.values()}
        self._names = {row.id: row.name for row in found.values()}
        return [Listed(row.name, row.status, row.phone_number) for row in found.values()]

    async def status(self, session_id: str) -> ClientStatus:
        """Ask what OpenWA believes of a session: it offers no question to the client itself."""
        call = self._call("GET", "", session_id)
        row = await self._find(session_id)
        if row is None:
            return GONE
        qr = await self._qr(row, session_id) if row.status is Status.QR_PENDING else None
        return row.checked(call, qr)

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Start a session, one that OpenWA does not know after creating it; it starts in the background."""
        row = await self._find(session_id)
        if row is None:
            row = await self._create(session_id)
        call = self._call("POST", f"/api/sessions/{in_path(row.id)}/start", session_id, starts=True)
        started = self._row(call, await self._ask(call, self._deadlines.init))
        return Started(started.status or Status.INITIALIZING, phone_number=started.phone_number)

    async def disconnect(self, session_id: str) -> bool:
        """Stop a session; its credentials stay."""
        return await self._change(session_id, "POST", "/stop")

    async def logout(self, session_id: str) -> bool:
        """Unlink the account; a session that does not run is refused."""
        return await self._change(session_id, "POST", "/logout")

    async def delete(self, session_id: str) -> bool:
        """Forget a session and its credentials; the phone goes on showing the linked device."""
        return await self._change(session_id, "DELETE", "")

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text; its answer says that the client took it, not that it arrived."""
        return await self._send(session_id, "send-text", {"chatId": chat_of(recipient), "text": message})

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file, which OpenWA fetches by its URL."""
        content = {"chatId": chat_of(recipient), "url": media_url}
        if caption:
            content["caption"] = caption
        return await self._send(session_id, _MEDIA.get(media_type, "send-document"), content)

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Ask for a pairing code; the session must be showing a QR code."""
        call = await self._named(session_id, "POST", "/pairing-code")
        content = await self._ask(call, self._deadlines.init, content={"phoneNumber": phone_number})
        code = plain.name(content.get("pairingCode")) if isinstance(content, dict) else None
        if code is None:
            raise Garbled(call, "told no pairing code")
        return code

    async def webhook_targets(self, ours: str, key: str, *, messages: bool = True) -> Targets:
        """Return each session's webhooks; OpenWA does not tell the secrets that they are signed with."""
        wanted = _events(messages)
        names = [row.session_id for row in await self.list()]
        return [hook.target(name, ours, wanted) for name in names for hook in await self._webhooks(name)]

    async def set_webhook_target(
        self, ours: str, key: str, session_id: str | None, *, messages: bool = True
    ) -> None:
        """Add our webhook to a session, signed with ``key``, or change the one that it has; others' stay beside it."""
        names = [row.session_id for row in await self.list()] if session_id is None else [session_id]
        content = {"url": ours, "events": list(_events(messages)), "secret": key}
        for name in names:
            known = next((hook.id for hook in await self._webhooks(name) if hook.url == ours), None)
            method, path = ("POST", "/webhooks") if known is None else ("PUT", f"/webhooks/{in_path(known)}")
            call = await self._named(name, method, path)
            await self._ask(call, self._deadlines.disconnect, content=content)

    async def _webhooks(self, session_id: str) -> _Hooks:
        call = await self._named(session_id, "GET", "/webhooks")
        return hooks_of(await self._ask(call, self._deadlines.list))

    async def _create(self, session_id: str) -> Row:
        call = self._call("POST", "/api/sessions", session_id, starts=True)
        if (refusal := self.refusal_of(session_id)) is not None:
            raise InvalidRequest(call, refusal, "give it another id")
        return self._row(call, await self._ask(call, self._deadlines.init, content={"name": session_id}))

    async def _change(self, session_id: str, method: str, path: str) -> bool:
        """Ask for a change of one session; ``False`` where OpenWA does not know it."""
        row = await self._find(session_id)
        if row is None:
            return False
        call = self._call(method, f"/api/sessions/{in_path(row.id)}{path}", session_id)
        return await was_known(self._ask(call, self._deadlines.disconnect))

    async def _send(self, session_id: str, path: str, content: Mapping[str, Any]) -> Sent:
        call = await self._named(session_id, "POST", f"/messages/{path}")
        answered = await self._ask(call, self._deadlines.send, content=content)
        fields = answered if isinstance(answered, dict) else {}
        timestamp = read(fields, "timestamp", plain.instant, int, self.decoration)
        message_id = read(fields, "messageId", plain.message_id, str, self.decoration)
        return Sent(message_id, None if timestamp is None else timestamp // 1000)

    async def _qr(self, row: Row, session_id: str) -> str | None:
        """Return the current code's picture, ``None`` where it has none any more."""
        call = self._call("GET", f"/api/sessions/{in_path(row.id)}/qr", session_id)
        try:
            content = await self._ask(call, self._deadlines.status)
        except Refused:
            return None
        return plain.payload(content.get("qrCode")) if isinstance(content, dict) else None

    async def _named(self, session_id: str, method: str, path: str) -> Call:
        """Return a request about a session by its UUID, which is asked for where no list has told it."""
        uuid = self._ids.get(session_id)
        if uuid is None:
            row = await self._find(session_id)
            if row is None:
                call = self._call(method, f"/api/sessions/…{path}", session_id)
                raise Refused(call, "OpenWA knows no session of that name", 404, RefusalCause.NOT_FOUND)
            uuid = row.id
        return self._call(method, f"/api/sessions/{in_path(uuid)}{path}", session_id)

    async def _find(self, session_id: str) -> Row | None:
        """Return a session as it is now, ``None`` where OpenWA does not know it."""
        uuid = self._ids.get(session_id)
        path = (
            f"/api/sessions?name={in_path(session_id)}" if uuid is None else f"/api/sessions/{in_path(uuid)}"
        )
        call = self._call("GET", path, session_id)
        try:
            content = await self._ask(call, self._deadlines.status)
        except Refused as refusal:
            if refusal.status_code != 404:
                raise
            self._forget(session_id)
            return None
        if uuid is None:
            rows, _ = rows_of(call, content, self.decoration)
            row = next((each for each in rows if each.name == session_id), None)
        else:
            row = self._row(call, content)
        if row is not None:
            self._ids[row.name], self._names[row.id] = row.id, row.name
        return row

    def _forget(self, session_id: str) -> None:
        uuid = self._ids.pop(session_id, None)
        if uuid is not None:
            self._names.pop(uuid, None)

    def _row(self, call: Call, content: object) -> Row:
        row = row_of(content, self.decoration)
        if row is None:
            raise Garbled(call, "told no session")
        self._ids[row.name], self._names[row.id] = row.id, row.name
        return row

    async def _ask(
        self, call: Call, deadline: float, *, content: Mapping[str, Any] | None = None, limit: int = LIMIT
    ) -> object:
        answer = await self._exchange(call, deadline, content=content, limit=limit)
        return content_of(call, answer, basic=self._basic)


def _events(messages: bool) -> tuple[str, ...]:
    return EVENTS + MESSAGE_EVENTS if messages else EVENTS


async def recognise(place: Place) -> bool:
    """Tell whether OpenWA listens at a place: its health has a version, and no envelope."""
    client = OpenWa(place, slots=1)
    return await understood(client, client.health()) is not None and client.version is not None


ADAPTER = Adapter(GatewayKind.OPENWA, OpenWa, recognise, CAPABILITIES, FORMAT)
