"""WAHA over HTTP: what it can say of a session, and its verbs, which take 3 s mostly."""

from __future__ import annotations

import contextlib
import mimetypes
from collections.abc import Mapping
from typing import Any

from wa_tui.identity.kinds import GatewayKind
from wa_tui.identity.sessions import in_path
from wa_tui.model.facts import UserId
from wa_tui.model.registers import DOWN, Proof, Reason, Status

from ..adapter import Adapter, Place
from ..backend import LIMIT, LIST_LIMIT, Backend, chat_of, file_name, understood, was_known
from ..deadlines import Deadlines
from ..errors import Call, Garbled, GatewayError, RefusalCause, Refused
from ..protocol import GONE, Capability, ClientStatus, Health, Listing, Sent, Started, Step, Targets
from ..reading import plain
from ..reading.fields import read
from .answers import Row, content_of, entries_of, row_of, sent_of
from .states import SCAN
from .webhooks import EVENTS, GROUP_ACKS, KEY_HEADER, MESSAGE_EVENTS, WahaWebhooks

CAPABILITIES = frozenset(
    {
        Capability.LIST_STATUS,
        Capability.STOP,
        Capability.RESTART,
        Capability.LOGOUT,
        Capability.DELETE,
        Capability.UPTIME,
        Capability.RAW_QR,
        Capability.PAIRING_CODE,
        Capability.SEND_MEDIA,
        Capability.WEBHOOK_SETUP,
    }
)
"""After its own restart it starts some of its sessions, and leaves those stopped that had failed."""

_MEDIA = {"image": "sendImage", "video": "sendVideo", "audio": "sendVoice", "document": "sendFile"}
_TYPES = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg; codecs=opus"}
_ANY_TYPE = "application/octet-stream"

_GROUP_ACKS_SINCE = 2026
_Rows = list[Row]


class Waha(Backend):
    """A `GatewayClient` for WAHA, Core and Plus, whatever engine it runs."""

    kind = GatewayKind.WAHA
    proof = Proof.CLIENT

    def __init__(self, place: Place, *, slots: int = 24, deadlines: Deadlines | None = None) -> None:
        super().__init__(place, place.key_in("x-api-key"), CAPABILITIES, slots=slots, deadlines=deadlines)
        self._engine: str | None = None
        """The server's, which a row of the list does not tell."""
        self._began: int | None = None
        """When the server began that told its version, by its clock."""

    async def health(self) -> Health:
        """Ask since when it runs; it wants the key. Its version, engine and tier are asked for once."""
        call = self._call("GET", "/api/server/status")
        answer = await self._exchange(call, self._deadlines.health, health=True)
        content = self._object(call, content_of(call, answer, basic=self._basic))
        began = read(content, "startTimestamp", plain.instant, int, self.decoration)
        uptime = read(content, "uptime", plain.integer, int, self.decoration)
        if began is not None and began != self._began:
            await self._identify(began)
        # It tells the two by one clock: what that shows is the sum.
        return Health(uptime, None if began is None or uptime is None else began + uptime)

    async def answers_ping(self) -> bool:
        """Tell whether it answers as WAHA does, which needs no key."""
        call = self._call("GET", "/ping")
        answer = await self._exchange(call, self._deadlines.health, headers={}, health=True)
        return bool(content_of(call, answer, basic=self._basic) == {"message": "pong"})

    async def list(self) -> Listing:
        """Return every session, those that are stopped too."""
        rows = await self._rows()
        return [row.listed() for row in rows]

    async def status(self, session_id: str) -> ClientStatus:
        """Ask for a session, and for its code where it shows one: else that takes 5 s, and is refused."""
        call = self._call("GET", f"/api/sessions/{in_path(session_id)}", session_id)
        row = await self._row(call)
        if row is None:
            return GONE
        return row.checked(call, await self._code(session_id) if row.word == SCAN else None)

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Start a session, made where there is none; it goes on starting. Core refuses any name but ``default``."""
        call = self._call("POST", f"/api/sessions/{in_path(session_id)}/start", session_id, starts=True)
        try:
            return await self._started(call)
        except Refused as refusal:
            if refusal.cause is not RefusalCause.NOT_FOUND:
                raise
        call = self._call("POST", "/api/sessions", session_id, starts=True)
        return await self._started(call, {"name": session_id, "start": True})

    async def disconnect(self, session_id: str) -> bool:
        """Stop a session, which takes 3 s; one that is stopped is fine."""
        return await self._known("POST", session_id, "/stop")

    async def restart(self, session_id: str) -> Started:
        """Stop a session, and start it: it answers once it starts, after 3 s."""
        call = self._call("POST", f"/api/sessions/{in_path(session_id)}/restart", session_id, starts=True)
        return await self._started(call)

    async def logout(self, session_id: str) -> bool:
        """Unlink the account; it starts again by itself, and shows a code."""
        return await self._known("POST", session_id, "/logout")

    async def delete(self, session_id: str) -> bool:
        """Stop a session, and forget it."""
        return await self._known("DELETE", session_id, "")

    def recipe(self, status: Status, reason: Reason | None, *, gone: bool) -> tuple[Step, ...]:
        """Return what brings a session back; one that was logged out on the phone fails until it is logged out here."""
        if gone:
            return (Step.START,)
        # After the server's own restart such a session is stopped, and fails again once it is started.
        failed = status is Status.AUTH_FAILED and reason is not Reason.PASSKEY
        unlinked = failed or (status in DOWN and reason is Reason.LOGOUT)
        return (Step.LOGOUT, Step.START) if unlinked else (Step.RESTART,)

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text; where the session does not work it is refused after 5 s, untouched."""
        return await self._send("sendText", session_id, {"chatId": chat_of(recipient), "text": message})

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file, which WAHA fetches by its URL; Core refuses most of them."""
        name = file_name(media_url)
        guessed = mimetypes.guess_type(name)[0] or _TYPES.get(media_type, _ANY_TYPE)
        content: dict[str, Any] = {
            "chatId": chat_of(recipient),
            "file": {"url": media_url, "mimetype": guessed, "filename": name or media_type},
        }
        if caption:
            content["caption"] = caption
        return await self._send(_MEDIA.get(media_type, "sendFile"), session_id, content)

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Ask for a code to type on the phone; the session must be showing a QR code."""
        call = self._call("POST", f"/api/{in_path(session_id)}/auth/request-code", session_id)
        content = await self._ask(call, self._deadlines.init, {"phoneNumber": phone_number})
        code = plain.name(content.get("code")) if isinstance(content, dict) else None
        if code is None:
            raise Garbled(call, "told no pairing code")
        return code

    async def webhook_targets(self, ours: str, key: str, *, messages: bool = True) -> Targets:
        """Return where each session's own webhooks go; those of the server's environment it does not tell."""
        rows, wanted = await self._rows(), self._events(messages)
        return [target for row in rows for target in row.targets(ours, key, KEY_HEADER, wanted)]

    async def set_webhook_target(
        self, ours: str, key: str, session_id: str | None, *, messages: bool = True
    ) -> None:
        """Add our webhook to a session's configuration, beside those of others; a session that runs is restarted."""
        if session_id is None:
            raise self._unsupported("be told by its API where all its sessions post to")
        call = self._call("GET", f"/api/sessions/{in_path(session_id)}", session_id)
        row = await self._row(call)
        config = row.config if row is not None else {}
        added = {
            "url": ours,
            "events": list(self._events(messages)),
            "hmac": {"key": key},
            "customHeaders": [{"name": KEY_HEADER, "value": key}],
        }
        others = [each for each in entries_of(config) if each.get("url") != ours]
        call = self._call("PUT", f"/api/sessions/{in_path(session_id)}", session_id)
        content = {"config": config | {"webhooks": [*others, added]}}
        await self._ask(call, self._deadlines.init, content)

    def _events(self, messages: bool) -> tuple[str, ...]:
        """Return what our webhook asks for: an event that a version does not know may cost it all of them."""
        if not messages:
            return EVENTS
        year = (self.version or "").partition(".")[0]
        knows_groups = year.isdecimal() and int(year) >= _GROUP_ACKS_SINCE
        return (*EVENTS, *MESSAGE_EVENTS, *((GROUP_ACKS,) if knows_groups else ()))

    async def _identify(self, began: int) -> None:
        """Ask what it is, which costs no health check its answer."""
        call = self._call("GET", "/api/version")
        with contextlib.suppress(GatewayError):
            answer = await self._exchange(call, self._deadlines.health, health=True)
            content = self._object(call, content_of(call, answer, basic=self._basic))
            version, engine, tier = (plain.name(content.get(each)) for each in ("version", "engine", "tier"))
            self.version = " ".join(filter(None, (version, engine, tier))) or None
            self._engine = engine
            # Core holds the session "default" alone.
            self.limit = 1 if tier == "CORE" else None
            self._began = began

    async def _rows(self) -> _Rows:
        call = self._call("GET", "/api/sessions?all=true")
        content = await self._ask(call, self._deadlines.list, limit=LIST_LIMIT)
        if not isinstance(content, list):
            raise Garbled(call, "told no list of sessions")
        rows = [row_of(each, self._engine, self.decoration) for each in content]
        found = [row for row in rows if row is not None]
        self.unreadable_rows = len(rows) - len(found)
        return found

    async def _row(self, call: Call) -> Row | None:
        """Return a session as it is now, ``None`` where there is none."""
        try:
            content = await self._ask(call, self._deadlines.status)
        except Refused as refusal:
            if refusal.cause is RefusalCause.NOT_FOUND:
                return None
            raise
        row = row_of(content, self._engine, self.decoration)
        if row is None:
            raise Garbled(call, "told no session")
        return row

    async def _code(self, session_id: str) -> str | None:
        """Return the code that a session shows, ``None`` where it has none any more."""
        call = self._call("GET", f"/api/{in_path(session_id)}/auth/qr?format=raw", session_id)
        with contextlib.suppress(Refused):
            content = await self._ask(call, self._deadlines.status)
            return plain.payload(content.get("value")) if isinstance(content, dict) else None
        return None

    async def _started(self, call: Call, content: Mapping[str, Any] | None = None) -> Started:
        """Ask for a start: what it answers is the status that the session begins with."""
        await self._ask(call, self._deadlines.init, content)
        return Started(Status.INITIALIZING)

    async def _known(self, method: str, session_id: str, path: str) -> bool:
        """Ask for a change of one session; ``False`` where there is none of that name."""
        call = self._call(method, f"/api/sessions/{in_path(session_id)}{path}", session_id)
        return await was_known(self._ask(call, self._deadlines.disconnect))

    async def _send(self, verb: str, session_id: str, content: Mapping[str, Any]) -> Sent:
        call = self._call("POST", f"/api/{verb}", session_id)
        answered = await self._ask(call, self._deadlines.send, {"session": session_id, **content})
        return sent_of(answered, self.decoration)

    async def _ask(
        self, call: Call, deadline: float, content: Mapping[str, Any] | None = None, *, limit: int = LIMIT
    ) -> Any:
        answer = await self._exchange(call, deadline, content=content, limit=limit)
        return content_of(call, answer, basic=self._basic)

    def _object(self, call: Call, content: object) -> dict[str, Any]:
        if not isinstance(content, dict):
            raise Garbled(call, "no object")
        return content


async def recognise(place: Place) -> bool:
    """Tell whether what listens at a place answers a ping as WAHA does: with that word, and nothing beside it."""
    waha = Waha(place, slots=1)
    return bool(await understood(waha, waha.answers_ping()))


def webhook_advice(url: str, key: str, messages: bool) -> str:
    """Return what its environment has to say for all sessions; versions that sign nothing show the path's key."""
    events = EVENTS + MESSAGE_EVENTS if messages else EVENTS
    lines = (
        f"WHATSAPP_HOOK_URL={url}/{key}",
        f"WHATSAPP_HOOK_EVENTS={','.join(events)}",
        f"WHATSAPP_HOOK_HMAC_KEY={key}",
    )
    return "In its environment:\n\n" + "\n".join(f"    {line}" for line in lines)


ADAPTER = Adapter(
    GatewayKind.WAHA,
    Waha,
    recognise,
    CAPABILITIES,
    WahaWebhooks(),
    webhook_advice,
    setup_notice="it restarts each session that runs, to take its configuration in",
)
