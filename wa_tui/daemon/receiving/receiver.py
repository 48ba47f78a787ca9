"""The receiver: webhooks, plain ASGI for speed, exactly as contract §2 says.

A webhook is answered 200 once it is committed; 503 with ``Retry-After`` when it could not be. `ForeignReceiver` has
those of gateways that do not keep the contract.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from wa_tui.gateways.contract.webhooks import Body, decode, milliseconds, status_of
from wa_tui.gateways.http.inflating import TooLong, UnknownEncoding, inflated
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.identity.sessions import LONGEST_TAKEN_IN, is_session_id
from wa_tui.model.facts import Unattributed, Webhook
from wa_tui.model.fleet import Fleet
from wa_tui.wire import RefusalKind

from ..clock import Clock
from ..recording.recorder import NotTaken, Recorder
from .attribution import Attributed, Attribution, UnknownGateway, WrongKey
from .bodies import Left, TooLarge, read_body
from .envelope import MISTAKE, Answer, error, success, wrong_key
from .foreign import ForeignReceiver
from .refusals import Refusals
from .requests import UNIVERSAL, Scope, encoding_of, key_of
from .signatures import WINDOW, Secrets, Signed, signed
from .submitting import not_taken
from .webhook_counter import WebhookCounter
from .webhooks import fact_of

log = logging.getLogger("wa_tui.daemon")

LARGEST = 512 * 1024
"""Bytes a webhook may have; a QR code is about 6 kB."""

_ROUTED = re.compile(r"/api/v1/gateways/([^/]+)/webhook")

Answering = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a webhook comes from: its key, the gateway its route names, its address, and whose these are."""

    key: bytes | None
    route: str | None
    peer: str | None
    attributed: Attributed
    head: Signed | None = None


class Receiver:
    """Takes webhooks in; ``relist`` is called with the gateways to list anew after an unattributed one."""

    def __init__(
        self,
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        attribution: Attribution,
        refusals: Refusals,
        counter: WebhookCounter,
        relist: Callable[[list[str]], None],
        foreign: ForeignReceiver,
        secrets: Secrets,
    ) -> None:
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._attribution = attribution
        self._refusals = refusals
        self._counter = counter
        self._relist = relist
        self._foreign = foreign
        self._senders = foreign.senders
        self._secrets = secrets
        self.targets: dict[bytes, str | None] = dict.fromkeys(_targets(UNIVERSAL))
        """The usual request targets of webhooks, and the gateways they name."""

    def add(self, gateway: str) -> None:
        """Take webhooks in on a gateway's own route."""
        self.targets |= dict.fromkeys(_targets(f"/api/v1/gateways/{gateway}/webhook"), gateway)

    def remove(self, gateway: str) -> None:
        """Take no more webhooks in on a gateway's own route."""
        for target in _targets(f"/api/v1/gateways/{gateway}/webhook"):
            self.targets.pop(target, None)

    def takes(self, path: str) -> bool:
        """Tell whether a path is a webhook's, with or without its slash."""
        return _route(path)[0] or self._senders.routes(path)

    def is_contracts(self, target: bytes, key: bytes | None) -> bool:
        """Tell whether a request's target is a webhook's that keeps the contract, so far as its key can tell."""
        return target in self.targets and (not self._senders or bool(self.gateways_of(key)))

    def takes_media(self, target: bytes) -> bool:
        """Tell whether a request's target is that of a gateway which posts messages too, with all that is in them."""
        path = target.partition(b"?")[0]
        return bool(self._senders) and self._senders.routes(path.decode("latin-1"))

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one webhook."""
        key, peer, route = key_of(scope), self.sender_of(scope), _route(scope["path"])[1]
        if self._is_foreign(scope, key, route):
            await self._foreign(scope, receive, send, peer)
            return
        origin = self._origin(scope["method"], key, route, peer, signed(dict(scope["headers"])))
        if isinstance(origin, Answer):
            await origin.send(send)
            return
        body: bytes | None = None
        try:
            body = inflated(await read_body(scope, receive, LARGEST), encoding_of(scope), LARGEST)
        except UnknownEncoding as problem:
            detail = f"Webhooks are taken plain, or compressed with gzip or deflate; this one is {problem}"
            await self._refuse(origin, RefusalKind.ENCODED, 415, detail).send(send)
            return
        except (TooLarge, TooLong):
            pass
        except Left:
            return
        answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._receive(origin, body, answers.put_nowait)
        await (await answers.get()).send(send)

    def receive(
        self,
        key: bytes | None,
        route: str | None,
        body: bytes,
        answer: Answering,
        peer: str | None,
        head: Signed | None = None,
    ) -> None:
        """Take in a POST that is here whole; it is answered at once, or once it is committed."""
        origin = self._origin("POST", key, route, peer, head)
        if isinstance(origin, Answer):
            answer(origin)
        else:
            self._receive(origin, body, answer)

    def sender(self, peer: str | None, forwarded: bytes | None) -> str | None:
        """Return the address that a request comes from, by its connection and its ``X-Forwarded-For``."""
        return self._refusals.sender(peer, forwarded)

    def sender_of(self, scope: Scope) -> str | None:
        """Return the same of a request; ``None`` for the daemon's own socket."""
        client = scope.get("client")
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return self.sender(client[0] if client else None, forwarded[-1] if forwarded else None)

    def gateways_of(self, key: bytes | None) -> tuple[str, ...]:
        """Return the gateways that send a key; none for a wrong one."""
        try:
            return self._attribution.candidates(key)
        except WrongKey:
            return ()

    def without_keys(self, path: str) -> str:
        """Return a path without the keys that gateways put into it: a wrong one is shown."""
        return self._senders.without_keys(path)

    def _is_foreign(self, scope: Scope, key: bytes | None, route: str | None) -> bool:
        if self._senders.routes(scope["path"]):
            return True
        return route is None and not self.gateways_of(key) and bool(self._senders.claim(scope).senders)

    def senders_of(self, key: bytes | None) -> tuple[str, ...]:
        """Return the gateways of any kind that have a key."""
        return (*self.gateways_of(key), *self._senders.with_key(key))

    def _receive(self, origin: _Origin, body: bytes | None, answer: Answering) -> None:
        refusal = self._submit(origin, body, answer)
        if refusal is not None:
            answer(refusal)

    def _ended(
        self, fact: Webhook | Unattributed, names: tuple[str, ...], answer: Answering, result: Any
    ) -> None:
        """Answer a webhook that was committed, or could not be."""
        try:
            given = (
                not_taken(self._refusals, None, names, result)
                if isinstance(result, Exception)
                else self._success(fact, names)
            )
        except Exception:
            log.exception("A webhook could not be answered, which is a mistake of ours")
            given = error(500, MISTAKE)
        answer(given)

    def _success(self, fact: Webhook | Unattributed, names: tuple[str, ...]) -> Answer:
        if isinstance(fact, Unattributed):
            self._counter.count("unattributed", *names)
            self._relist(list(names))
        return success(
            {
                "message": "Session status updated successfully",
                "session_id": fact.session_id,
                "new_status": fact.status.value,
            }
        )

    def _origin(
        self, method: str, key: bytes | None, route: str | None, peer: str | None, head: Signed | None
    ) -> _Origin | Answer:
        """Return where a request comes from, or why it is refused without a look at its body."""
        refuse = self._refusals.note
        if method != "POST":
            refuse(RefusalKind.WRONG_METHOD, peer, self.gateways_of(key), method)
            return error(405, "Method not allowed: webhooks are POSTed", {"allow": "POST"})
        try:
            return _Origin(key, route, peer, self._attribution.of(key, route), head)
        except WrongKey:
            named = self._attribution.named(route)
            return wrong_key(self._refusals.wrong_key(RefusalKind.WRONG_KEY, peer, named))
        except UnknownGateway:
            refuse(RefusalKind.UNKNOWN_ROUTE, peer, self._attribution.candidates(key), route or "")
            return error(404, f"No gateway named {route!r} is configured")

    def _submit(self, origin: _Origin, content: bytes | None, answer: Answering) -> Answer | None:
        """Hand a webhook to the recorder; returns why not."""
        attributed = origin.attributed
        if content is None:
            return self._refuse(
                origin, RefusalKind.TOO_LARGE, 413, f"Body too large: at most {LARGEST} bytes"
            )
        try:
            body, odd = decode(content)
        except Unreadable as problem:
            detail = f"Malformed webhook: {problem}{self._or_of_another(origin)}"
            return self._refuse(origin, RefusalKind.MALFORMED, 400, detail)
        received = self._clock.now()
        if not is_session_id(body.session_id):
            detail = f"Malformed webhook: sessionId must have 1 to {LONGEST_TAKEN_IN} characters"
            return self._refuse(origin, RefusalKind.MALFORMED, 400, detail)
        status = status_of(body.status)
        if status is None:
            detail = f"Unknown status {body.status[:40]!r} of session {body.session_id}"
            return self._refuse(origin, RefusalKind.UNKNOWN_STATUS, 422, detail)
        timestamp = milliseconds(body.timestamp)
        hint = timestamp is None
        if timestamp is None:
            # A time that is none is as none: the fact stays.
            timestamp = received
            if body.timestamp is not None:
                odd = [*odd, "timestamp"]
        if attributed.gateway is None:
            attributed = self._attribution.of(origin.key, origin.route, body.session_id)
        if self._secrets and not self._secrets.admit(attributed.names, origin.head, content):
            return self._wrong_signature(origin)
        body = self._signed_body(body, attributed.gateway, origin.head)
        fact = fact_of(body, attributed, status, timestamp, received, hint=hint)
        try:
            self._recorder.submit((fact,), partial(self._ended, fact, attributed.names, answer))
        except NotTaken as problem:
            return not_taken(self._refusals, origin.peer, attributed.names, problem)
        name = attributed.gateway
        if odd and name is not None:
            self._counter.decorate(name, odd)
        if name is not None and self._fleet.gateway(name).dated_ahead(timestamp, received):
            self._counter.count("ahead", name)
        return None

    def _wrong_signature(self, origin: _Origin) -> Answer:
        later = self._refusals.wrong_key(RefusalKind.WRONG_SIGNATURE, origin.peer, origin.attributed.names)
        return wrong_key(later, "Invalid or missing signature")

    def _signed_body(self, body: Body, gateway: str | None, head: Signed | None) -> Body:
        """Return a webhook that its gateway has signed under the id of that, by which a repetition is known.

        One that was signed long ago, by the gateway's own clock, is counted: what it says is as old as it says.
        """
        if head is None or gateway is None or gateway not in self._secrets:
            return body
        if abs(self._fleet.gateway(gateway).local(self._clock.now()) - head.at) > WINDOW:
            self._counter.count("signed_late", gateway)
        id = head.id.decode()
        return body if body.event_id == id else msgspec.structs.replace(body, event_id=id)

    def _or_of_another(self, origin: _Origin) -> str:
        """Return whose a webhook to everybody's path may be that does not keep the contract, where they share a key."""
        names = self._senders.with_key(origin.key) if origin.route is None else []
        return "".join(f"; one of {name} goes to /api/v1/gateways/{name}/webhook" for name in names)

    def _refuse(self, origin: _Origin, kind: RefusalKind, status: int, detail: str) -> Answer:
        self._refusals.note(kind, origin.peer, origin.attributed.names, detail)
        return error(status, detail)


def _route(path: str) -> tuple[bool, str | None]:
    """Tell whether a path is a webhook's of the contract, and the gateway it names."""
    path = path.removesuffix("/")
    if path == UNIVERSAL:
        return True, None
    match = _ROUTED.fullmatch(path)
    return (True, match.group(1)) if match else (False, None)


def _targets(path: str) -> tuple[bytes, bytes]:
    return path.encode(), f"{path}/".encode()
