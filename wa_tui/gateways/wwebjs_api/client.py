"""wwebjs-api over HTTP; every change there is a GET, which nothing may repeat."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from wa_tui.identity.kinds import GatewayKind
from wa_tui.identity.sessions import in_path
from wa_tui.model.facts import UserId
from wa_tui.model.registers import Proof, Reason, Status

from ..adapter import Adapter, Place
from ..backend import LIMIT, LIST_LIMIT, Backend, chat_of, understood
from ..deadlines import Deadlines
from ..errors import (
    Call,
    Garbled,
    InvalidRequest,
    RefusalCause,
    Refused,
)
from ..http.connections import Answer
from ..known_phones import KnownPhones
from ..protocol import Capability, ClientStatus, Health, Listing, Sent, Started, Step
from ..reading.fields import sample
from ..shown_codes import ShownCodes
from .answers import accepted, checked, content_of, names, phone_of, sent_of, text_of
from .webhooks import COUNTED, FORMAT

CAPABILITIES = frozenset(
    {
        Capability.LIST_PRESENCE,
        Capability.STOP,
        Capability.RESTART,
        Capability.LOGOUT,
        Capability.DELETE,
        Capability.SELF_RESTORE,
        Capability.RAW_QR,
        Capability.PAIRING_CODE,
        Capability.SEND_MEDIA,
    }
)

_ID = re.compile(r"[-A-Za-z0-9]+")


class WwebjsApi(Backend):
    """A `GatewayClient` for wwebjs-api.

    ``clock`` counts seconds: it serves a QR code for as long as no other has come, and tells no age of it.
    """

    kind = GatewayKind.WWEBJS_API
    proof = Proof.CLIENT

    def __init__(
        self,
        place: Place,
        *,
        slots: int = 24,
        deadlines: Deadlines | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(place, place.key_in("x-api-key"), CAPABILITIES, slots=slots, deadlines=deadlines)
        self._codes = ShownCodes(clock)
        self._starting: set[str] = set()
        """Sessions whose start is under way: it knows none of them until their browser shows something."""
        self._phones = KnownPhones()

    def refusal_of(self, session_id: str) -> str | None:
        """Return why it takes no session of that name."""
        if _ID.fullmatch(session_id):
            return None
        return f"wwebjs-api takes no session named {session_id[:60]!r}: letters, digits and hyphens only"

    async def health(self) -> Health:
        """Ask whether it answers; it wants no key, and tells neither its clock nor since when it runs."""
        call = self._call("GET", "/ping")
        answer = await self._exchange(call, self._deadlines.health, headers={}, health=True)
        if accepted(call, answer, basic=self._basic).get("message") != "pong":
            raise Garbled(call, f"answered a ping with {sample(answer.body)}")
        return Health(None, None)

    async def list(self) -> Listing:
        """Return the clients that run; one that is still starting is not among them."""
        call = self._call("GET", "/session/getSessions")
        content = await self._done(call, self._deadlines.list, limit=LIST_LIMIT)
        rows, self.unreadable_rows = names(call, content)
        return rows

    async def status(self, session_id: str) -> ClientStatus:
        """Ask a client for its own state, and for its QR code while it is not paired."""
        call = self._session("status", session_id)
        answer = await self._exchange(call, self._deadlines.status)
        found = checked(call, content_of(call, answer, basic=self._basic))
        if found.status is Status.QR_PENDING:
            return await self._with_code(session_id, found)
        self._codes.forget(session_id)
        if not found.exists and session_id in self._starting:
            return replace(found, exists=True, status=Status.INITIALIZING)
        if found.status is Status.CONNECTED:
            phone = await self._phones.of(session_id, partial(self._phone, session_id))
            return replace(found, phone_number=phone)
        self._phones.forget(session_id)
        return found

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Start a client; it answers once the browser runs, and tells nothing of what that shows."""
        return await self._start("start", session_id)

    async def disconnect(self, session_id: str) -> bool:
        """End a client; it says that it did of one that it does not know, too."""
        await self._change("stop", session_id)
        return True

    async def restart(self, session_id: str) -> Started:
        """End a client, be its browser dead or not, and start it anew."""
        return await self._start("restart", session_id)

    async def logout(self, session_id: str) -> bool:
        """Unlink the account and forget the session: there is no one without the other.

        One that does not run is unknown there and is refused: its account stays linked, and its folder where it is.
        """
        await self._change("terminate", session_id)
        return True

    async def delete(self, session_id: str) -> bool:
        """Unlink the account and forget the session; one that does not run is refused."""
        return await self.logout(session_id)

    def recipe(self, status: Status, reason: Reason | None, *, gone: bool) -> tuple[Step, ...]:
        """Start what is gone; a restart brings back what is there, a dead browser too, which a start does not."""
        return (Step.START,) if gone else (Step.RESTART,)

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text; its answer says that the page took it, not that it arrived."""
        return await self._send(session_id, recipient, {"contentType": "string", "content": message})

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file, which it fetches by its URL."""
        content: dict[str, Any] = {"contentType": "MessageMediaFromURL", "content": media_url}
        if caption:
            content["options"] = {"caption": caption}
        return await self._send(session_id, recipient, content)

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Ask for a pairing code; the session must be showing a QR code."""
        call = self._session("requestPairingCode", session_id, method="POST")
        content = await self._done(call, self._deadlines.init, content={"phoneNumber": phone_number})
        return text_of(call, content, "result")

    async def _with_code(self, session_id: str, found: ClientStatus) -> ClientStatus:
        """Add the code that a client shows: none that was seen for longer than one lives."""
        call = self._session("qr", session_id)
        answer = content_of(call, await self._exchange(call, self._deadlines.status), basic=self._basic)
        code = answer.get("qr")
        if not isinstance(code, str) or not code:
            # It has none yet, unless it has given up showing any.
            return found if found.reason is not None else replace(found, status=Status.INITIALIZING)
        if not self._codes.is_fresh(session_id, code):
            return replace(found, reason=Reason.QR_EXPIRED)
        return replace(found, qr=code, reason=None)

    async def _phone(self, session_id: str) -> str | None:
        """Ask a connected client for its number."""
        call = self._session("getClassInfo", session_id, part="client")
        return phone_of(await self._done(call, self._deadlines.health))

    async def _start(self, verb: str, session_id: str) -> Started:
        call = self._session(verb, session_id, starts=True)
        if session_id in self._starting:
            # It would start a second browser on the same profile.
            detail = "a start of it is under way"
            raise Refused(call, detail, 409, RefusalCause.ALREADY_EXISTS)
        self._starting.add(session_id)
        try:
            await self._done(call, self._deadlines.init)
        finally:
            self._starting.discard(session_id)
        return Started(Status.INITIALIZING)

    async def _change(self, verb: str, session_id: str) -> None:
        await self._done(self._session(verb, session_id, alters=True), self._deadlines.disconnect)

    async def _send(self, session_id: str, recipient: str, content: Mapping[str, Any]) -> Sent:
        call = self._session("sendMessage", session_id, method="POST", part="client")
        content = {"chatId": chat_of(recipient), **content}
        return sent_of(await self._done(call, self._deadlines.send, content=content), self.decoration)

    def _session(
        self,
        verb: str,
        session_id: str,
        *,
        part: str = "session",
        method: str = "GET",
        starts: bool = False,
        alters: bool = False,
    ) -> Call:
        """Return a request about one session; raises `InvalidRequest` for an id that wwebjs-api does not take."""
        path = f"/{part}/{verb}/{in_path(session_id)}"
        call = self._call(method, path, session_id, starts=starts, alters=alters)
        if (refusal := self.refusal_of(session_id)) is not None:
            raise InvalidRequest(call, refusal, "give it another id")
        return call

    async def _done(
        self, call: Call, deadline: float, *, content: Mapping[str, Any] | None = None, limit: int = LIMIT
    ) -> dict[str, Any]:
        answer: Answer = await self._exchange(call, deadline, content=content, limit=limit)
        return accepted(call, answer, basic=self._basic)


async def recognise(place: Place) -> bool:
    """Tell whether wwebjs-api listens at a place: it answers a ping with its envelope and ``pong``."""
    client = WwebjsApi(place, slots=1)
    return await understood(client, client.health()) is not None


def webhook_advice(url: str, key: str, messages: bool) -> str:
    """Return what its environment has to say: nothing of that can be asked, or set, by its API."""
    along = f"It posts its API_KEY along. Where that is another than {key}, or none, end the address with that key:"
    counted = f"\n\nTo have its messages counted, no {', '.join(sorted(COUNTED))} in its DISABLED_CALLBACKS."
    return (
        f"In its environment:\n\n    BASE_WEBHOOK_URL={url}\n\n{along}\n\n    BASE_WEBHOOK_URL={url}/{key}"
        + (counted if messages else "")
    )


ADAPTER = Adapter(GatewayKind.WWEBJS_API, WwebjsApi, recognise, CAPABILITIES, FORMAT, webhook_advice)
