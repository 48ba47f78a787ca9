"""Evolution API over HTTP: what its memory says is asked, what its database says is a claim."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from wa_tui.identity.kinds import GatewayKind
from wa_tui.identity.sessions import in_path
from wa_tui.model.facts import UserId
from wa_tui.model.registers import DOWN, Proof, Reason, Status

from ..adapter import Adapter, Place
from ..backend import LIMIT, LIST_LIMIT, Backend, file_name, understood, was_known
from ..deadlines import Deadlines
from ..errors import Call, Garbled, NoAnswer, RefusalCause, Refused
from ..http.connections import Answer
from ..protocol import (
    GONE,
    Capability,
    ClientStatus,
    Health,
    Listing,
    Sent,
    Started,
    Step,
    Targets,
    WebhookTarget,
)
from ..reading import plain
from .answers import CREATE, Row, accepted, rows_of, sent_of, started, state_of, version_of
from .states import STATES, Closed, why
from .webhooks import EVENTS, KEY_HEADER, MESSAGE_EVENTS, EvolutionWebhooks

CAPABILITIES = frozenset(
    {
        Capability.LIST_STATUS,
        Capability.RESTART,
        Capability.LOGOUT,
        Capability.DELETE,
        Capability.SELF_RESTORE,
        Capability.RAW_QR,
        Capability.SEND_MEDIA,
        Capability.WEBHOOK_SETUP,
    }
)
"""It has no stop: what ends a socket, and is no restart, unlinks the account. Its health tells no uptime.

A pairing code it makes only as it dials: an instance that waits for its scan shows a QR code by then.
"""


_UNTOLD = Closed()
_STARTING = Started(Status.INITIALIZING)

CLOSES = 2.0
"""Seconds within which a socket that is restarted has closed, in 50 ms mostly."""
_PAUSE = 0.1


class EvolutionApi(Backend):
    """A `GatewayClient` for Evolution API 2; a session's id is its instance's name, which may be any text.

    ``open`` is what the server believes of its socket: no cheap question proves more.
    """

    kind = GatewayKind.EVOLUTION
    proof = Proof.CLAIMED

    def __init__(self, place: Place, *, slots: int = 24, deadlines: Deadlines | None = None) -> None:
        super().__init__(place, place.key_in("apikey"), CAPABILITIES, slots=slots, deadlines=deadlines)
        self._numbers: dict[str, str | None] = {}
        """Phone numbers, which the last list told and a check does not."""

    async def health(self) -> Health:
        """Ask what answers at the root, without a key; it tells its version, and neither uptime nor clock."""
        call = self._call("GET", "/")
        answer = await self._exchange(call, self._deadlines.health, headers={}, health=True)
        version = version_of(accepted(call, answer, basic=self._basic))
        if version is None:
            raise Garbled(call, "what answers there is no Evolution API")
        self.version = version
        return Health(None, None)

    async def list(self) -> Listing:
        """Return every instance of its database, which disagrees with its memory while a socket reconnects."""
        call = self._call("GET", "/instance/fetchInstances")
        answer = await self._answered(call, self._deadlines.list, limit=LIST_LIMIT)
        rows, self.unreadable_rows = rows_of(call, answer.body, self.decoration)
        self._numbers = {row.name: row.number for row in rows}
        return [row.listed() for row in rows]

    async def status(self, session_id: str) -> ClientStatus:
        """Ask its memory, and its database where that alone tells: a code that counts, the reason of a close."""
        state = await self._state(session_id)
        if state is None:
            return GONE
        status = STATES[state]
        if status is Status.CONNECTED:
            return _checked(status, phone_number=self._numbers.get(session_id))
        row = await self._row(session_id)
        if status in DOWN:
            closed = why(state, None) if row is None or state == "refused" else row.closed()
            return _checked(status, closed=closed)
        # In memory it keeps the code by which it was paired: one that reconnects would ask for a scan.
        if row is None or row.is_paired:
            return _checked(status)
        shown = await self._connect(session_id, self._deadlines.status, starts=False)
        return _checked(shown.status, qr=shown.qr)

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Connect an instance, made where there is none; takes 2 s to dial, up to 6 s to make.

        A code that it tells as it dials may be of an earlier pairing: the check that follows tells the one that counts.
        """
        try:
            shown = await self._connect(session_id, self._deadlines.init, starts=True)
        except Refused as refusal:
            if refusal.cause is not RefusalCause.NOT_FOUND:
                raise
        else:
            return shown if shown.qr is None else _STARTING
        call = self._call("POST", CREATE, session_id, starts=True)
        content = {"instanceName": session_id, "qrcode": True, "integration": "WHATSAPP-BAILEYS"}
        return started(call, await self._ask(call, self._deadlines.init, content=content)) or _STARTING

    async def restart(self, session_id: str) -> Started:
        """Close the socket and open it anew, within 2 s; a closed one, which it refuses to restart, is connected."""
        call = self._call("POST", f"/instance/restart/{in_path(session_id)}", session_id, starts=True)
        try:
            await self._ask(call, self._deadlines.init)
        except Refused as refusal:
            if refusal.status_code >= 300:
                raise
            return await self.init(session_id, None)
        # It answers that the old socket is open, before it closes it.
        for _ in range(round(CLOSES / _PAUSE)):
            if await self._state(session_id) != "open":
                break
            await asyncio.sleep(_PAUSE)
        return _STARTING

    async def logout(self, session_id: str) -> bool:
        """Unlink the account; it answers before that is done."""
        return await self._known(self._call("DELETE", f"/instance/logout/{in_path(session_id)}", session_id))

    async def delete(self, session_id: str) -> bool:
        """Unlink the account and forget the instance."""
        return await self._known(self._call("DELETE", f"/instance/delete/{in_path(session_id)}", session_id))

    def recipe(self, status: Status, reason: Reason | None, *, gone: bool) -> tuple[Step, ...]:
        """Return what brings an instance back: a closed one is connected, any other restarted."""
        if gone or status in DOWN or status is Status.UNKNOWN:
            return (Step.START,)
        return (Step.RESTART,)

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text; ``PENDING`` is all that it knows when it answers."""
        return await self._send("sendText", session_id, {"number": recipient, "text": message})

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file by its URL; an audio is a voice message, which has no caption."""
        if media_type == "audio":
            return await self._send(
                "sendWhatsAppAudio", session_id, {"number": recipient, "audio": media_url}
            )
        content = {
            "number": recipient,
            "mediatype": media_type,
            "media": media_url,
            "caption": caption or "",
            "fileName": file_name(media_url) or media_type,
        }
        return await self._send("sendMedia", session_id, content)

    async def webhook_targets(self, ours: str, key: str, *, messages: bool = True) -> Targets:
        """Return where the instances post to that have an address of their own."""
        names = [row.session_id for row in await self.list()]
        found = [await self._target(name, ours, key, _events(messages)) for name in names]
        return [target for target in found if target is not None]

    async def set_webhook_target(
        self, ours: str, key: str, session_id: str | None, *, messages: bool = True
    ) -> None:
        """Have an instance post to us what is said of its connection, with the key in a header."""
        if session_id is None:
            raise self._unsupported("be told by its API where all its instances post to")
        call = self._call("POST", f"/webhook/set/{in_path(session_id)}", session_id)
        target = {
            "enabled": True,
            "url": ours,
            "headers": {KEY_HEADER: key},
            "byEvents": False,
            "base64": False,
            "events": list(_events(messages)),
        }
        await self._ask(call, self._deadlines.disconnect, content={"webhook": target})

    async def _state(self, session_id: str) -> str | None:
        """Return what its memory says of an instance, ``None`` where there is none, or none any more."""
        call = self._call("GET", f"/instance/connectionState/{in_path(session_id)}", session_id)
        try:
            return state_of(call, await self._ask(call, self._deadlines.status))
        except Refused as refusal:
            if refusal.cause is RefusalCause.NOT_FOUND:
                return None
            raise

    async def _target(
        self, session_id: str, ours: str, key: str, wanted: tuple[str, ...]
    ) -> WebhookTarget | None:
        call = self._call("GET", f"/webhook/find/{in_path(session_id)}", session_id)
        content = await self._ask(call, self._deadlines.status)
        url = plain.text(content.get("url")) if isinstance(content, dict) and content.get("enabled") else None
        if url is None:
            return None
        events, headers = content.get("events"), content.get("headers")
        asked = tuple(each for each in events if isinstance(each, str)) if isinstance(events, list) else ()
        carries = isinstance(headers, dict) and headers.get(KEY_HEADER) == key
        lacks = tuple(event for event in wanted if url == ours and event not in asked)
        return WebhookTarget(session_id, url, url == ours and carries and not lacks, asked, lacks=lacks)

    async def _row(self, session_id: str) -> Row | None:
        """Return what the database says of an instance; where it cannot be told, that costs no check its answer."""
        call = self._call("GET", f"/instance/fetchInstances?instanceName={in_path(session_id)}", session_id)
        with contextlib.suppress(Garbled, NoAnswer, Refused):
            answer = await self._answered(call, self._deadlines.status)
            rows, _ = rows_of(call, answer.body, self.decoration)
            return next((row for row in rows if row.name == session_id), None)
        return None

    async def _connect(self, session_id: str, deadline: float, *, starts: bool) -> Started:
        """Connect one that is closed; what one tells that connects already is its code."""
        call = self._call("GET", f"/instance/connect/{in_path(session_id)}", session_id, starts=starts)
        shown = started(call, await self._ask(call, deadline))
        if shown is None:
            raise Refused(call, "it was deleted", 200, RefusalCause.NOT_FOUND, reason=Reason.OTHER)
        return shown

    async def _known(self, call: Call) -> bool:
        """Ask for a change of one instance; ``False`` where there is none of that name."""
        return await was_known(self._ask(call, self._deadlines.disconnect))

    async def _send(self, verb: str, session_id: str, content: Mapping[str, Any]) -> Sent:
        call = self._call("POST", f"/message/{verb}/{in_path(session_id)}", session_id)
        return sent_of(await self._ask(call, self._deadlines.send, content=content))

    async def _ask(self, call: Call, deadline: float, *, content: Mapping[str, Any] | None = None) -> Any:
        answer = await self._exchange(call, deadline, content=content)
        return accepted(call, answer, basic=self._basic)

    async def _answered(self, call: Call, deadline: float, *, limit: int = LIMIT) -> Answer:
        """Ask for a list, which is decoded at one go; raises what any other answer means."""
        answer = await self._exchange(call, deadline, limit=limit)
        if answer.status_code >= 300 or not answer.body.lstrip().startswith(b"["):
            accepted(call, answer, basic=self._basic)
        return answer


def _checked(
    status: Status, *, phone_number: str | None = None, qr: str | None = None, closed: Closed = _UNTOLD
) -> ClientStatus:
    return ClientStatus(
        exists=True,
        status=status,
        ready=status is Status.CONNECTED,
        phone_number=phone_number,
        qr=qr,
        reason=closed.reason,
        detail=closed.detail,
        proof=Proof.CLAIMED,
    )


async def recognise(place: Place) -> bool:
    """Tell whether what listens at a place says at its root that it is an Evolution API."""
    api = EvolutionApi(place, slots=1)
    return await understood(api, api.health()) is not None


def _events(messages: bool) -> tuple[str, ...]:
    return EVENTS + MESSAGE_EVENTS if messages else EVENTS


def webhook_advice(url: str, key: str, messages: bool) -> str:
    """Return what its environment has to say for all instances; it can send no header then."""
    counted = [f"WEBHOOK_EVENTS_{event}=true" for event in MESSAGE_EVENTS if messages]
    lines = (
        "WEBHOOK_GLOBAL_ENABLED=true",
        f"WEBHOOK_GLOBAL_URL={url}/{key}",
        "WEBHOOK_GLOBAL_WEBHOOK_BY_EVENTS=false",
        "WEBHOOK_EVENTS_CONNECTION_UPDATE=true",
        "WEBHOOK_EVENTS_QRCODE_UPDATED=true",
        *counted,
    )
    return "In its environment:\n\n" + "\n".join(f"    {line}" for line in lines)


ADAPTER = Adapter(
    GatewayKind.EVOLUTION, EvolutionApi, recognise, CAPABILITIES, EvolutionWebhooks(), webhook_advice
)
