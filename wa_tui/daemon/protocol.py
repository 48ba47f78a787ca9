"""HTTP on a connection: uvicorn's protocol, with a short way for webhooks and half as many writes.

A webhook that comes whole needs no task and no ASGI messages: it goes from the parser to the receiver, and its answer
from the recorder to the socket. Anything unusual (a large body, one in chunks, `Expect`) goes uvicorn's way.

A gateway sends the same head with every webhook, but for the length: bytes that were parsed once on a connection mean
the same again, and are not parsed anew.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from .envelope import MISTAKE, Answer, error
from .receiver import Receiver

log = logging.getLogger("wa_tui.daemon")

_DIGITS = range(1, 5)
"""Of a length in bytes: a body of up to 9,999 takes the short way, and needs no holding back."""

_HEADS = 32
"""Heads that are remembered for a connection: bodies differ in their length."""


class _Joining:
    """A transport that sends an answer's head together with its body: each write is a system call."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.bare = transport
        self.is_closing = transport.is_closing
        self._write = transport.write
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            self._write(self._head + data)
            self._head = b""
        elif data.endswith(b"\r\n\r\n") and data.startswith(_FINAL):
            self._head = data
        else:
            self._write(data)

    def flush(self) -> None:
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self.bare.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


_FINAL = tuple(b"HTTP/1.1 %d" % hundreds for hundreds in (2, 3, 4, 5))
"""How a final answer's head begins, and that of `100 Continue` does not."""


class _Webhook:
    """A webhook on a connection, in place of uvicorn's cycle of request and response."""

    __slots__ = ("body", "disconnected", "keep_alive", "key", "length", "response_complete", "route")

    message_event = asyncio.Event()  # nobody waits for it

    def __init__(self, key: bytes | None, route: str | None, length: int, *, keep_alive: bool) -> None:
        self.key = key
        self.route = route
        self.length = length
        self.keep_alive = keep_alive
        self.body = b""
        self.disconnected = self.response_complete = False


class Protocol(HttpToolsProtocol):
    """One connection; ``receiver`` takes the webhooks."""

    transport: Any
    cycle: Any

    def __init__(self, receiver: Receiver, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._receiver = receiver
        self._between = True
        """Whether nothing of a request is here that is not complete."""
        self._heads: dict[bytes, tuple[bytes | None, str | None, int]] = {}
        """The key, the gateway that the route names, and the length of the body that a head means."""
        self._peer: str | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(_Joining(transport))  # type: ignore[arg-type]
        self._peer = self.client[0] if self.client else None

    def data_received(self, data: bytes) -> None:
        """Take in what came: a webhook with a head like one before, or anything else."""
        if not self._between:
            super().data_received(data)
            return
        end = data.find(b"\r\n\r\n") + 4
        known = self._heads.get(data[:end])
        if known is not None and len(data) - end == known[2] and self._is_free():
            self._unset_keepalive_if_required()
            self.cycle = webhook = _Webhook(*known, keep_alive=True)
            webhook.body = data[end:]
            self._take(webhook)
            return
        before = self.cycle
        super().data_received(data)
        webhook = self.cycle
        if type(webhook) is _Webhook and webhook is not before and webhook.keep_alive:
            self._remember(webhook, data, end)

    def _remember(self, webhook: _Webhook, data: bytes, end: int) -> None:
        """Remember a webhook's head, if the data were that webhook and nothing else."""
        if end < len(b"\r\n\r\n") or len(data) - end != webhook.length:
            return
        if len(self._heads) == _HEADS:
            self._heads.clear()
        self._heads[data[:end]] = (webhook.key, webhook.route, webhook.length)

    def on_response_complete(self) -> None:
        """Send what has no body."""
        self.transport.flush()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over."""
        self.transport = self.transport.bare
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """Begin a request; what uvicorn needs beyond this is made where it goes uvicorn's way."""
        self._between = False
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        """Choose a request's way."""
        if self.url in self._receiver.targets and self._is_plain():
            headers = dict(self.headers)
            length = headers.get(b"content-length", b"")
            if len(headers) == len(self.headers) and len(length) in _DIGITS:
                keep_alive = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
                route = self._receiver.targets[self.url]
                self.cycle = _Webhook(headers.get(b"x-api-key"), route, int(length), keep_alive=keep_alive)
                return
        url, headers_seen, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect
        self.headers += headers_seen  # the list that uvicorn's scope has
        super().on_headers_complete()

    def _is_plain(self) -> bool:
        """Tell whether a request is a POST like any other, and nothing of the connection's is unanswered."""
        return (
            self.parser.get_method() == b"POST"
            and not (self.expect_100_continue or self.parser.should_upgrade())
            and self._is_free()
        )

    def _is_free(self) -> bool:
        """Tell whether every request is answered, and the answers are on their way."""
        return not self.flow.write_paused and (self.cycle is None or self.cycle.response_complete)

    def on_body(self, body: bytes) -> None:
        """Take in a part of a body."""
        if type(self.cycle) is _Webhook:
            self.cycle.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take in a webhook that is whole."""
        self._between = True
        webhook = self.cycle
        if type(webhook) is _Webhook:
            self._take(webhook)
        else:
            super().on_message_complete()

    def _take(self, webhook: _Webhook) -> None:
        try:
            self._receiver.take(
                webhook.key, webhook.route, webhook.body, partial(self._answer, webhook), self._peer
            )
        except Exception:
            log.exception("A webhook could not be taken in, which is a mistake of ours")
            self._answer(webhook, error(500, MISTAKE))

    def _answer(self, webhook: _Webhook, answer: Answer) -> None:
        """Send an answer in one piece, once, and let uvicorn know."""
        if webhook.response_complete:
            return
        webhook.response_complete = True
        if webhook.disconnected or self.transport.is_closing():
            return
        lines = [b"%b: %b\r\n" % field for field in (*self.server_state.default_headers, *answer.fields)]
        if not webhook.keep_alive:
            lines.append(b"connection: close\r\n")
        self.transport.write(b"".join((STATUS_LINE[answer.status], *lines, b"\r\n", answer.body)))
        if not webhook.keep_alive:
            self.transport.close()
        self.on_response_complete()
