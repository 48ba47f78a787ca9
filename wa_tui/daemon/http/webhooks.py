"""A short way for webhooks.

A webhook that comes whole needs no task and no ASGI messages: it goes from the parser to the receiver, and its answer
from the recorder to the socket. Anything unusual (a large body, one in chunks or compressed, `Expect`) goes uvicorn's
way.

A gateway sends the same head with every webhook, but for the length: bytes that were parsed once on a connection mean
the same again, and are not parsed anew.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from wa_tui.daemon.receiving.envelope import MISTAKE, Answer, error
from wa_tui.daemon.receiving.receiver import Receiver
from wa_tui.daemon.receiving.refusals import Refusals
from wa_tui.daemon.receiving.signatures import Signed, parted, signed

from . import bounds
from .connection import Connection
from .requests import Stage
from .room import Room
from .uvicorn_internals import STATUS_LINE

log = logging.getLogger("wa_tui.daemon")

_DIGITS = range(1, 5)
"""Of a length in bytes: a body of up to 9,999 takes the short way, and needs no holding back."""

_HEADS = 32
"""Heads that are remembered for a connection: bodies differ in their length."""

_REMEMBERED = 2048
"""Bytes of a head that is."""


class _Webhook:
    """One webhook, from its head to its answer."""

    __slots__ = ("body", "head", "keep_alive", "key", "length", "route", "sender")

    def __init__(
        self,
        key: bytes | None,
        route: str | None,
        length: int,
        sender: str | None,
        *,
        keep_alive: bool = True,
        head: Signed | None = None,
    ) -> None:
        self.key = key
        self.route = route
        self.length = length
        self.sender = sender
        self.keep_alive = keep_alive
        self.head = head
        self.body = b""


class Protocol(Connection):
    """One connection; ``receiver`` takes the webhooks."""

    def __init__(self, receiver: Receiver, refusals: Refusals, room: Room, *args: Any, **kwargs: Any) -> None:
        super().__init__(refusals, room, *args, **kwargs)
        self._receiver = receiver
        self._webhook: _Webhook | None = None
        """The webhook that is on its way here, or not answered yet."""
        self._heads: dict[bytes, tuple[bytes | None, str | None, int, str | None]] = {}
        """The key, the gateway that the route names, the length of the body, and the sender that a head means."""
        self._signs = False
        """Some of these are of signed webhooks, without what is another for each."""

    def data_received(self, data: bytes) -> None:
        """Take in what came: a webhook with a head like one before, or anything else."""
        if self._stage is Stage.IDLE and not self._held.data and not self.flow.write_paused:
            end = data.find(b"\r\n\r\n") + 4
            repeated, head = parted(data[:end]) if self._signs else (data[:end], None)
            known = self._heads.get(repeated)
            if known is not None and len(data) - end == known[2]:
                self.cycle = None
                self._stage = Stage.WHOLE
                self._webhook = webhook = _Webhook(*known, head=head)
                webhook.body = data[end:]
                self._receive(webhook)
                return
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End: a webhook that was taken in stays so, but nobody is answered."""
        self._webhook = None
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._webhook = None

    def _choose(self, headers: dict[bytes, bytes]) -> None:
        """Have a plain webhook go the short way."""
        length = headers.get(b"content-length", b"")
        self._body_s = bounds.LARGE_BODY_S if self._receiver.takes_media(self.url) else bounds.BODY_S
        if (
            self._receiver.is_contracts(self.url, headers.get(b"x-api-key"))
            and self.parser.get_method() == b"POST"
            and len(headers) == len(self.headers)
            and len(length) in _DIGITS
            and b"content-encoding" not in headers
            and not self.expect_100_continue
        ):
            keep_alive = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
            sender = self._receiver.sender(self._peer, headers.get(b"x-forwarded-for"))
            known = (headers.get(b"x-api-key"), self._receiver.targets[self.url], int(length), sender)
            head = signed(headers)
            self._webhook = _Webhook(*known, keep_alive=keep_alive, head=head)
            if keep_alive and len(self._head) <= _REMEMBERED:
                self._remember(known, head)
        else:
            super()._choose(headers)

    def _remember(self, known: tuple[bytes | None, str | None, int, str | None], head: Signed | None) -> None:
        """Know a head when it comes again; of a signed one what its sender repeats."""
        repeated, read = parted(self._head) if head is not None else (self._head, None)
        if read != head:
            # It is written in another way than the short one reads.
            return
        self._signs |= head is not None
        if len(self._heads) == _HEADS:
            self._heads.clear()
        self._heads[repeated] = known

    def on_body(self, body: bytes) -> None:
        """Take in a part of a body."""
        if self._webhook is not None:
            self._webhook.body += body
        else:
            super().on_body(body)

    def _complete(self) -> None:
        if self._webhook is not None:
            self._receive(self._webhook)
        else:
            super()._complete()

    def _keep_no_longer(self) -> None:
        if self._webhook is not None:
            self._webhook.keep_alive = False
        else:
            super()._keep_no_longer()

    def _receive(self, webhook: _Webhook) -> None:
        try:
            answer = partial(self._answer, webhook)
            self._receiver.receive(
                webhook.key, webhook.route, webhook.body, answer, webhook.sender, webhook.head
            )
        except Exception:
            log.exception("A webhook could not be taken in, which is a mistake of ours")
            self._answer(webhook, error(500, MISTAKE))

    def _answer(self, webhook: _Webhook, answer: Answer) -> None:
        """Send an answer in one piece, once, while its webhook is the one that waits for it."""
        if self._webhook is not webhook:
            return
        self._webhook = None
        if self.transport.is_closing():
            return
        lines = [b"%b: %b\r\n" % field for field in (*self.server_state.default_headers, *answer.fields)]
        if not webhook.keep_alive:
            lines.append(b"connection: close\r\n")
        self.transport.write(b"".join((STATUS_LINE[answer.status], *lines, b"\r\n", answer.body)))
        if not webhook.keep_alive:
            self.transport.end()
        self.on_response_complete()
